"""Appendix 1 of the standard contract for each exporter and recipient; and what the recipient fills in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mappings.countries import country_title
from reports.filings import scenario_words as words
from reports.filings.blocks import TO_FILL_IN, PaperBlock, PaperLine, PaperTable, PaperText
from reports.filings.forms import form_text
from reports.filings.items import item_names
from reports.filings.pack import Pack
from reports.filings.scenario import FilingScenario

ANSWER = f"{TO_FILL_IN}Please complete"
QUESTION_HEADS = ("序号 No.", "内容 Item", "填写 Answer")
QUESTION_WIDTHS = (14, 68, 64)                # millimetres


def contract_appendix(pack: Pack) -> PaperText:
    """Return 附录一 个人信息出境说明. pack: scenarios of one exporter, or group, with one recipient."""
    form = form_text("contract_appendix")
    recipient = pack.scenarios[0].recipient or TO_FILL_IN
    parties = f"（个人信息处理者：{'、'.join(pack.entities)}；境外接收方：{recipient}）"
    blocks = [
        PaperLine(form["title"], "title"), PaperLine(form["subtitle"], "title"),
        PaperLine(parties, "subtitle"), PaperLine(form["lead"]),
    ]
    for key, head in form["heads"].items():
        blocks.append(PaperLine(head, "item"))
        blocks += [PaperLine(text) for text in _answers(pack, APPENDIX[key])]
    return PaperText("个人信息出境标准合同附录一", tuple(blocks), terms=_parties(pack))


def _answers(pack: Pack, answer: Callable[[FilingScenario], str]) -> Iterator[str]:
    """Yield the answer of each scenario; where there are several, each with its purpose."""
    for s in pack.scenarios:
        yield f"{s.purpose}：{answer(s)}" if len(pack.scenarios) > 1 else answer(s)


def _parties(pack: Pack) -> tuple[str, ...]:
    return (*pack.entities, *dict.fromkeys(s.recipient for s in pack.scenarios))


def _scale(scenario: FilingScenario) -> str:
    several = len(scenario.persons) > 1
    parts = []
    for entity, (everybody, sensitive) in scenario.persons.items():
        name = f"{entity}：" if several else ""
        parts.append(
            f"{name}{words.person_words(everybody)}，其中敏感个人信息{words.person_words(sensitive)}"
        )
    return "；".join(parts) + "（按自然人去重）。"


def _place(scenario: FilingScenario) -> str:
    return f"{country_title(scenario.country)}{TO_FILL_IN}具体地点"


APPENDIX: dict[str, Callable[[FilingScenario], str]] = {
    "purpose": lambda s: f"{s.purpose}。{TO_FILL_IN}补充具体目的",
    "method": lambda s: f"{TO_FILL_IN}境外接收方的收集、存储、使用、加工等方式",
    "scale": _scale,
    "kinds": lambda s: item_names(s.items),
    "sensitive": words.sensitive_names,
    "onward": lambda s: words.onward_names(s.flows) or f"{TO_FILL_IN}列明名称；确认不提供的，写明“不适用”",
    "transfer": lambda s: f"{words.mode_words(s.flows)}。{TO_FILL_IN}传输的具体方式",
    "retention": lambda s: f"{words.retention_words(s.flows)}（{TO_FILL_IN}  年  月  日至  年  月  日）",
    "place": _place,
    "other": lambda s: f"{TO_FILL_IN}没有的，写明“无”",
}


# ---- the recipient's side

def recipient_form(pack: Pack) -> PaperText:
    """Return the recipient's side of appendix 1 as a form to send, in Chinese and English."""
    form = form_text("recipient_form")
    first = pack.scenarios[0]
    blocks: list[PaperBlock] = [
        *(PaperLine(title, "title") for title in form["titles"]),
        PaperLine(form["subtitle"], "subtitle"),
        PaperLine(f"个人信息处理者（Exporter）：{'、'.join(pack.entities)}"),
        PaperLine(f"境外接收方（Recipient）：{words.recipient_words(first)}"),
        PaperLine(form["ask"], "draft"),
    ]
    rows = tuple(
        (
            str(i), f"{about['zh']}\n{about['en']}",
            "\n".join([*_stated_answers(pack, about.get("known", "")), ANSWER]),
        )
        for i, about in enumerate(form["questions"], 1)
    )
    blocks.append(PaperTable(QUESTION_HEADS, rows, QUESTION_WIDTHS))
    blocks.append(PaperLine(form["signature"], "draft"))
    return PaperText("境外接收方信息表", tuple(blocks), terms=_parties(pack))


def _stated_answers(pack: Pack, key: str) -> Iterator[str]:
    """Yield what the exporter already states of a question, for the recipient to confirm."""
    if key:
        for answer in _answers(pack, APPENDIX[key]):
            own = answer.partition(TO_FILL_IN)[0].rstrip("（")
            if own and not own.endswith("："):
                yield own
