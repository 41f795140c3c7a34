"""Notice and separate consent of each flow, drafted from it; a version for guardians of children under 14.

What the texts must hold: 个人信息保护法 第十四条、第十五条、第二十三条、第二十九条至第三十一条、第三十九条;
个人信息出境标准合同 第二条第二项至第四项. Consent is specific, explicit and bundled with nothing else:
数据出境安全管理政策法规问答（2026年7月） 问1.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.filings import scenario_words as words
from reports.filings.blocks import TO_FILL_IN, PageBreak, PaperBlock, PaperLine, PaperText, Style, to_write
from reports.filings.items import item_names
from reports.filings.pack import Pack
from reports.filings.scenario import FilingScenario

CONTRACT = "standard_contract_or_certification"
NO_CONSENT = {                                # legal basis -> where the law says that it needs no consent
    "contract": "第十三条第一款第二项（订立、履行个人作为一方当事人的合同所必需）",
    "hr": "第十三条第一款第二项（实施人力资源管理所必需）",
    "statutory": "第十三条第一款第三项（履行法定职责或者法定义务所必需）",
    "emergency": "第十三条第一款第四项（应对突发公共卫生事件或者紧急情况所必需）",
}
DRAFT: Style = "draft"


def notice_and_consent(pack: Pack) -> PaperText:
    """Return the notice of a flow and, where its basis is or may be consent, the separate consent."""
    (scenario,) = pack.scenarios
    blocks = [*_notice(scenario), *_consent(scenario), *_guardian_consent(scenario)]
    terms = (*pack.entities, scenario.recipient, scenario.purpose, *(item.name for item in scenario.items))
    return PaperText("向境外提供个人信息告知书和单独同意书", tuple(blocks), terms=terms)


def _notice(scenario: FilingScenario) -> Iterator[PaperBlock]:
    flow, = {f.flow.id: f for f in scenario.flows}.values()
    entity = flow.flow.entity
    state = "向境外提供" if flow.flow.status == "active" else "拟向境外提供"
    yield PaperLine("向境外提供个人信息告知书", "title")
    yield PaperLine(
        f"{entity}（以下称“我们”）{state}您的个人信息。"
        "依据《中华人民共和国个人信息保护法》第三十九条，现将有关事项告知如下：",
        DRAFT,
    )
    for head, text in _notice_items(scenario):
        yield PaperLine(head, "item")
        yield PaperLine(text, DRAFT)
    yield PaperLine(entity, "right")
    yield PaperLine("年    月    日", "sign")


def _notice_items(scenario: FilingScenario) -> Iterator[tuple[str, str]]:
    """Yield the heads and texts of a notice, numbered."""
    for number, (head, text) in zip("一二三四五六七八九十", _notice_texts(scenario), strict=False):
        yield f"{number}、{head}", text


def _notice_texts(s: FilingScenario) -> Iterator[tuple[str, str]]:
    sensitive = words.sensitive_names(s)
    retention = words.retention_words(s.flows) or f"{TO_FILL_IN}保存期限"
    yield "境外接收方的名称", words.recipient_words(s)
    yield "境外接收方的联系方式", f"{TO_FILL_IN}联系人、电话、电子邮箱"
    yield "处理目的", f"{s.purpose}。{TO_FILL_IN}用个人能理解的语言写明具体目的"
    yield "处理方式", f"{words.mode_words(s.flows)}；{TO_FILL_IN}境外接收方如何存储、使用、加工"
    yield "个人信息的种类", f"{item_names(s.items)}。其中敏感个人信息：{sensitive}。"
    if sensitive != "不涉及":
        yield "提供敏感个人信息的必要性及对个人权益的影响", f"{TO_FILL_IN}必要性；对个人权益的影响"
    yield "境外保存期限", f"{retention}，期限届满后予以删除。"
    onward = words.onward_names(s.flows)
    if onward:
        yield "境外接收方再提供的第三方", f"{onward}。{TO_FILL_IN}第三方的联系方式、处理目的、处理方式"
    yield (
        "您行使权利的方式和程序",
        "您可以向境外接收方查阅、复制、更正、补充、删除您的个人信息，限制或者拒绝其处理，要求其解释处理规则，也可以通过我们提出。"
        f"{TO_FILL_IN}受理渠道、程序和答复期限",
    )
    if CONTRACT in s.flows[0].decision.possible:
        yield (
            "第三方受益人",
            "订立个人信息出境标准合同的，我们与境外接收方在合同中约定您为第三方受益人。您未在30日内明确拒绝的，可以依据合同享有第三方"
            "受益人的权利。您可以要求提供合同副本。",
        )


def _consent(scenario: FilingScenario) -> Iterator[PaperBlock]:
    basis = scenario.flows[0].flow.facts.get("legal_basis", "")
    if basis in NO_CONSENT:
        yield PaperLine(
            f"注：处理的合法性基础为《个人信息保护法》{NO_CONSENT[basis]}，不需取得个人同意，仍应履行告知义务，因此不附单独同意书。",
            "note",
        )
        return
    yield PageBreak()
    yield PaperLine("向境外提供个人信息单独同意书", "title")
    if basis != "consent":
        yield to_write(
            "处理的合法性基础尚未确认。基于个人同意的，保留本同意书；"
            "属于《个人信息保护法》第十三条第一款第二项至第七项规定情形的，删去。",
            DRAFT,
        )
    yield from _consent_text(scenario, "本人", "")
    yield PaperLine("签名：                    日期：    年    月    日", "sign")


def _guardian_consent(scenario: FilingScenario) -> Iterator[PaperBlock]:
    """Yield the version for guardians, where children under 14 are or may be among the persons."""
    flow = scenario.flows[0]
    ages = words.children(flow)
    if ages == "no" or flow.flow.facts.get("legal_basis") in NO_CONSENT:
        return
    yield PageBreak()
    yield PaperLine("向境外提供不满十四周岁未成年人个人信息监护人单独同意书", "title")
    if ages == "unknown":
        yield to_write("现有数据不能判断个人的年龄。查明不涉及不满十四周岁未成年人的，删去本同意书。", DRAFT)
    yield PaperLine(
        "不满十四周岁未成年人的个人信息属于敏感个人信息，依据《个人信息保护法》第二十八条、第三十一条，应当取得未成年人的父母或者其他监护人的同意。",
        DRAFT,
    )
    yield from _consent_text(scenario, "本人作为未成年人的父母或者其他监护人", "该未成年人的")
    yield PaperLine("未成年人姓名：          监护人签名：          与未成年人的关系：", DRAFT)
    yield PaperLine("日期：    年    月    日", "sign")


def _consent_text(s: FilingScenario, who: str, whose: str) -> Iterator[PaperBlock]:
    flow = s.flows[0].flow
    yield PaperLine(
        f"{who}已阅读并理解《向境外提供个人信息告知书》，就下列事项单独作出选择："
        f"{flow.entity}将{whose}{item_names(s.items)}提供给境外接收方{words.recipient_words(s)}，用于{s.purpose}。",
        DRAFT,
    )
    yield PaperLine("□ 同意        □ 不同意", DRAFT)
    yield PaperLine(
        "本同意仅就上述事项作出，不与其他个人信息处理活动捆绑。不同意或者撤回同意，不影响使用不依赖该项提供的产品或者服务。"
        f"撤回同意的方式：{TO_FILL_IN}便捷的撤回方式",
        DRAFT,
    )
