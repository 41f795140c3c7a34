"""What is filled into the parts of a form from a scan, by the name the form has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mappings.countries import country_title
from mappings.model import Estimate
from reports.filings import scenario_words as words
from reports.filings.blocks import TO_FILL_IN, PaperBlock, PaperLine, PaperTable, to_write
from reports.filings.forms import FilingForm
from reports.filings.items import item_names
from reports.filings.pack import Pack
from reports.filings.scenario import FilingScenario
from reports.wording.decision import path_names
from reports.wording.facts import fact_words, facts_of
from reports.wording.figures import number

ITEMS = ("序号", "数据项名称", "内容描述", "出境必要性", "示例", "备注")
ITEM_WIDTHS = (11, 25, 31, 38, 23, 18)        # millimetres; 146 fit between the margins
NECESSITY_COLUMNS = (2, 3, 4)                 # of ITEMS: cells that people may word otherwise
SYSTEMS = (
    "场景", "境内存储的系统平台、数据中心（包含云服务）", "数据处理者域名及网络地址",
    "境外接收方域名及网络地址", "数据出境方式", "出境后存储的系统平台、数据中心",
)
SYSTEM_WIDTHS = (14, 29, 26, 26, 22, 29)
PERSONS = (
    "场景", "数据处理者", "当年已出境", "本次拟出境", "其中敏感个人信息",
    "未来第1年", "未来第2年", "未来第3年",
)
PERSON_WIDTHS = (23, 23, 19, 19, 17, 15, 15, 15)
RECIPIENTS = ("境外接收方", "国家或者地区", "涉及场景")
RECIPIENT_WIDTHS = (70, 36, 40)
ENTITIES = ("数据处理者", "场景", "自然人数（去重）", "其中敏感个人信息")
ENTITY_WIDTHS = (44, 44, 30, 28)
TOTAL = "合计（跨场景去重）"
NOT_YET = "尚未出境"


def item_rows(scenario: FilingScenario) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the official six-column table, numbered."""
    return tuple(
        (str(i), item.name, item.description, item.necessity, item.example, item.remarks)
        for i, item in enumerate(scenario.items, 1)
    )


def _measures(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    yield PaperLine(form.measures)


def _scenarios(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    """Yield each scenario: whose it is, to whom, whose data; in a renewal what is not as it was filed."""
    for no, s in words.numbered(pack.scenarios):
        group = words.group_titles(s.flows, pack.report.run.as_of) or f"{TO_FILL_IN}个人信息主体的类别"
        yield PaperLine(
            f"{no}：{s.title}。数据处理者：{'、'.join(s.entities)}；境外接收方：{words.recipient_words(s)}；"
            f"所涉个人：{group}。"
        )
        if pack.renewal:
            yield PaperLine(_change_line(no, s))


def _change_line(no: str, scenario: FilingScenario) -> str:
    changes = words.change_words(scenario)
    if not changes:
        return f"{no}与上次申报相比：无变化。"
    return f"{no}与上次申报相比：{changes}。{TO_FILL_IN}说明变化的原因。"


def _purposes(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    for no, s in words.numbered(pack.scenarios):
        period = words.period_words(s.flows) or f"{TO_FILL_IN}出境频率"
        retention = words.retention_words(s.flows) or f"{TO_FILL_IN}境外保存期限"
        items = f"出境范围为数据项清单所列{len(s.items)}项；" if s.items else ""
        yield PaperLine(
            f"{no}：出境目的为{s.purpose}；{items}"
            f"出境方式为{words.mode_words(s.flows)}。"
        )
        if not s.items:
            yield PaperLine(f"{no}的出境范围：{TO_FILL_IN}数据项尚未查明。")
        yield PaperLine(f"{no}的境外保存期限：{retention}。")
        yield PaperLine(f"{no}的出境频率：{period}。")


def _items(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    for no, s in words.numbered(pack.scenarios):
        yield PaperLine(f"{no}出境数据项清单：{s.title}", "caption")
        rows = item_rows(s) or (("1", f"{TO_FILL_IN}数据项尚未查明", *(TO_FILL_IN,) * 3, ""),)
        yield PaperTable(ITEMS, rows, ITEM_WIDTHS, NECESSITY_COLUMNS)
        if any(f.fields_to_settle for f in s.flows):
            n = len({p.column for f in s.flows for p in f.fields_to_settle})
            yield to_write(f"{no}另有{n}个字段是否属于个人信息尚待复核，复核后重新生成本清单。")
        if any(f.unresolved for f in s.flows):
            yield to_write(f"{no}有部分内容未能对应到字段，查明后重新生成本清单。")
    yield PaperLine("注：示例均为虚构。" + "".join(_others(pack)), "note")


def _others(pack: Pack) -> Iterator[str]:
    """Yield how many fields leave in which nothing personal was detected: they stand in no list of items."""
    for no, s in words.numbered(pack.scenarios):
        listed = {column for item in s.items for column in item.columns}
        n = len({str(column) for flow in s.flows for column in flow.columns} - listed)
        if n:
            yield f"{no}另有{n}个出境字段未检出个人信息，未列入。"


def _systems(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    """Yield the table of systems, and how the data travel."""
    rows = tuple(
        (
            no, words.system_names(s.flows) or TO_FILL_IN, TO_FILL_IN, TO_FILL_IN,
            words.mode_words(s.flows), TO_FILL_IN,
        )
        for no, s in words.numbered(pack.scenarios)
    )
    yield PaperTable(SYSTEMS, rows, SYSTEM_WIDTHS)


def _onward(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    for no, s in words.numbered(pack.scenarios):
        names = words.onward_names(s.flows)
        if names:
            yield PaperLine(f"{no}：境外接收方向以下境外其他接收方提供：{names}。")
        else:
            yield PaperLine(f"{no}：{TO_FILL_IN}列明其他接收方、目的和范围；确认不提供的，写明“不提供”。")


def _persons(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    """Yield persons by scenario and entity, with the basis of every number in notes."""
    rows: list[tuple[str, ...]] = []
    bases: list[str] = []
    for entity in pack.entities:
        own = [(no, s) for no, s in words.numbered(pack.scenarios) if entity in s.persons]
        for no, s in own:
            rows.append((no, entity, _exported_words(s, entity), *_count_cells(s.persons[entity])))
            everybody, sensitive = s.persons[entity]
            basis = words.basis_words(everybody) + _declared_words(s, entity)
            basis += words.sensitive_basis(sensitive)
            bases.append(f"{no}（{entity}）：{basis}")
        if len(own) > 1:
            total = pack.total_of(entity)
            cells = _count_cells(total) if total else (TO_FILL_IN,) * 5
            exported = {_exported_words(s, entity) for _, s in own}
            rows.append((TOTAL, entity, NOT_YET if exported == {NOT_YET} else TO_FILL_IN, *cells))
            if total:
                basis = words.basis_words(total[0]) + words.sensitive_basis(total[1])
                bases.append(f"{TOTAL}（{entity}）：{basis}")
    yield PaperTable(PERSONS, tuple(rows), PERSON_WIDTHS)
    day = words.date_words(pack.report.run.as_of)
    yield PaperLine(f"注：单位为人，按自然人去重，统计基准日为{day}。", "note")
    yield PaperLine("“本次拟出境”为该日场景所涉人数，其依据如下：", "note")
    yield from (PaperLine(basis + "。", "note") for basis in bases)
    for line in _forecast_lines(pack):
        yield PaperLine(line, "note")


def _count_cells(counts: tuple[Estimate, Estimate]) -> tuple[str, ...]:
    """Return persons, those with sensitive items, and three years to be estimated."""
    return (*map(words.person_cell, counts), *(TO_FILL_IN,) * 3)


def _exported_words(scenario: FilingScenario, entity: str) -> str:
    """Return an entity's persons of a scenario that left since 1 January by the ledger, where it says so."""
    flows = [f for f in scenario.flows if f.flow.entity == entity]
    if len(flows) == 1 and flows[0].exported is not None:
        return words.person_cell(flows[0].exported.count.individuals)
    if all(f.flow.status == "planned" and f.exported is None for f in flows):
        return NOT_YET
    return TO_FILL_IN


def _declared_words(scenario: FilingScenario, entity: str) -> str:
    stated = [f.flow.declared for f in scenario.flows if f.flow.entity == entity and f.flow.declared]
    return "".join(f"（{d.by}于{words.date_words(d.on)}填报，依据：{d.evidence}）" for d in stated)


def _forecast_lines(pack: Pack) -> Iterator[str]:
    for year in pack.report.exporter:
        for forecast in year.forecast if year.entity in pack.entities else ():
            kind = "敏感个人信息" if forecast.counter == "sensitive" else "一般个人信息"
            yield (
                f"预估参考：{year.entity}按出境台账的节奏，至{words.date_words(forecast.on)}"
                f"约{number(forecast.persons.best)}人（{kind}）。"
            )


def _sensitivity(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    for no, s in words.numbered(pack.scenarios):
        yield PaperLine(f"{no}所涉敏感个人信息：{words.sensitive_names(s)}。")
        ages = {words.children(flow) for flow in s.flows}
        if "yes" in ages:
            low = number(max(flow.minors.low for flow in s.flows))
            yield PaperLine(f"{no}含不满十四周岁未成年人的个人信息，至少{low}人，均按敏感个人信息处理。")
        elif "unknown" in ages:
            yield PaperLine(
                f"{no}是否含不满十四周岁未成年人的个人信息：{TO_FILL_IN}现有数据不能判断年龄，查明后填写。"
            )


def _recipients(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    parties: dict[tuple[str, str], list[tuple[str, FilingScenario]]] = {}
    for no, s in words.numbered(pack.scenarios):
        parties.setdefault(s.party, []).append((no, s))
    rows = tuple(
        (
            own[0][1].recipient or TO_FILL_IN, country_title(own[0][1].country) or TO_FILL_IN,
            "、".join(no for no, _ in own),
        )
        for own in parties.values()
    )
    yield PaperTable(RECIPIENTS, rows, RECIPIENT_WIDTHS)


def _group(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    """Yield who applies for the group, who chose that, each one's counts, why the scenarios are similar."""
    if not pack.is_combined:
        return
    yield PaperLine(
        "本次由集团公司作为申报主体，就同属一家集团公司的境内多家公司的相似数据出境业务场景合并申报或者备案"
        "（数据出境安全管理政策问答（2025年4月）问8）。"
    )
    yield PaperLine(f"申报主体：{TO_FILL_IN}集团公司全称、统一社会信用代码，与各公司的股权关系。")
    yield PaperLine(f"合并的决定：{_choice_words(pack)}。")
    rows = tuple(
        (entity, no, *map(words.person_cell, s.persons[entity]))
        for entity in pack.entities
        for no, s in words.numbered(pack.scenarios)
        if entity in s.persons
    )
    yield PaperTable(ENTITIES, rows, ENTITY_WIDTHS)
    yield PaperLine("注：各公司的人数分别列示，未相加；单位为人，依据见本报告人数部分的注。", "note")
    yield from (PaperLine(line) for line in _similarity_lines(pack))


def _choice_words(pack: Pack) -> str:
    choice = pack.choice
    if not (choice.by and choice.on):
        return f"{TO_FILL_IN}由何人于何时决定"
    grounds = f"，依据：{choice.how}" if choice.how else ""
    return f"由{choice.by}于{words.iso_words(choice.on)}决定{grounds}"


def _similarity_lines(pack: Pack) -> Iterator[str]:
    """Yield, by purpose, what the scenarios of several entities have in common; alone ones are for people."""
    by_purpose: dict[str, list[FilingScenario]] = {}
    for s in pack.scenarios:
        by_purpose.setdefault(s.purpose, []).append(s)
    for purpose, own in by_purpose.items():
        entities = dict.fromkeys(entity for s in own for entity in s.entities)
        if len(entities) < 2:
            only = next(iter(entities))
            yield f"“{purpose}”场景仅{only}一家涉及：{TO_FILL_IN}说明与其他场景相似的理由，否则单独申报。"
            continue
        items = item_names([item for s in own for item in s.items])
        shared = "、".join(dict.fromkeys(items.split("、")))
        yield (
            f"场景相似的理由：{'、'.join(entities)}均以“{purpose}”为目的提供数据，数据项为{shared}。"
            f"{TO_FILL_IN}补充业务相似的说明。"
        )


def _exemption(pack: Pack, form: FilingForm) -> Iterator[PaperBlock]:
    """Yield the article that exempts each scenario and the answers it rests on; open paths are for people."""
    for no, s in words.numbered(pack.scenarios):
        for flow in s.flows:
            decision = flow.decision
            reasons = [r for r in decision.because if r.path == decision.path and not r.supposed]
            if not (decision.certain and decision.path.startswith("exempt") and reasons):
                paths = path_names(decision.possible, "zh")
                yield PaperLine(f"{no}：{TO_FILL_IN}路径尚未确定，可能为：{paths}。")
                continue
            facts = "；".join(filter(None, (fact_words(facts_of(r), "zh") for r in reasons)))
            clauses = "、".join(dict.fromkeys(words.clause_words(r.clause) for r in reasons))
            yield PaperLine(f"{no}：依据{clauses}" + (f"（{facts}）" if facts else "") + "。")


FILLS: Mapping[str, Callable[[Pack, FilingForm], Iterator[PaperBlock]]] = {
    "measures": _measures,
    "scenarios": _scenarios,
    "purposes": _purposes,
    "items": _items,
    "systems": _systems,
    "onward": _onward,
    "persons": _persons,
    "sensitivity": _sensitivity,
    "recipients": _recipients,
    "group": _group,
    "exemption": _exemption,
}
