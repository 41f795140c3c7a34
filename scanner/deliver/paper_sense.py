"""Whether what people wrote in a paper goes with the decision and the figures it rests on.

Read are dates, periods, numbers of persons of years to come, and sentences that say that nothing may leave or
that children are, or are not, among the persons. What words mean beyond that is for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from detectors.message import Msg
from mappings.calendar import add_months
from mappings.names import fold_name, is_empty
from mappings.rules import in_force, path_rank
from reports.filings import scenario_words as words
from reports.filings.blocks import PaperText
from reports.filings.fills import PERSONS
from reports.filings.pack import Pack
from reports.filings.papers import PaperKind
from reports.filings.scenario import FilingScenario
from scanner.deliver.paper_places import PaperPlaces, Written, bare
from scanner.deliver.paper_reading import ReadPaper

VALID_MONTHS = 3                              # of a report on a form, by note two of the forms
SLACK_DAYS = 2                                # of a period, beside a day for each year: both ends count
DATE = re.compile(r"(?<![\d./-])(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})(?![\d./-])\s*日?")
PERIOD = re.compile(rf"{DATE.pattern}\s*(?:至|到|~|～|—+|-)\s*{DATE.pattern}")
FORECASTS = tuple(i for i, head in enumerate(PERSONS) if head.startswith("未来"))
CHILDREN = "(?:不满|未满)(?:十四|14)周?岁|未成年人|儿童"
_HOLDS = re.compile(
    f"(?:(?<![不未无])(?:涉及|包含|含有|含|包括|均为|都是|系|为)|^)[^，。；]{{0,8}}(?:{CHILDREN})"
)
_HOLDS_NONE = re.compile(
    f"(?:(?:不|未|没有|无)(?:涉及|包含|含有|含|包括|存在|有)|没有|无)[^，。；]{{0,8}}(?:{CHILDREN})"
)
_STOPS = re.compile(
    "(?:不具备|没有|缺乏|无)必要性|不必要|(?:不得|不应当?|不能|不宜|不可|禁止|停止)(?:向境外提供|出境)|风险不可(?:接受|控)"
)
_OF_THE_EXPORT = re.compile("结论|(?:本|该|此|上述|拟议?)(?:次|项)?(?:数据|个人信息)?(?:出境|提供|场景)")
_SUPPOSED = re.compile("不存在|未发现|并非|如果?|若|一旦|否则|除非|防止|避免|未经|以外|之外|范围外|其他")
# what a sentence may say that is due for the export -> paths of which it is so
_MECHANISMS = {
    "数据出境安全评估|申报安全评估": frozenset({"security_assessment", "own_security_assessment"}),
    "标准合同备案|备案个人信息出境标准合同|(?:订立|签订|备案)(?:并备案)?个人信息出境标准合同|个人信息(?:出境|保护)认证":
        frozenset({"standard_contract_or_certification", "gba_standard_contract"}),
}
_DUE = "(?:应当?|须|需要?|拟|将|已|选择|采用|采取|适用|通过|履行|进行|申报|符合|达到|属于)"
_NOT_DUE = re.compile("不|未|无|免|毋|非|尚|如|若|一旦|倘|除|以外|之外|可能|依据|根据|按照|参照|《")
_EXEMPT = re.compile(
    "(?:属于|适用|符合|予以|可以?|享受)[^，。；]{0,20}(?:免予|豁免)|免予(?:申报|订立|通过)|(?:无需|不需|不必)申报"
)
_ITEM = re.compile("第五条(?:第一款)?第?[（(]?([一二三四])[）)]?项")
_ITEM_PATHS = {number: f"exempt_art5_{n}" for n, number in enumerate("一二三四", 1)}
_PERSONS_IN_ALL = re.compile(
    r"(?:涉及|共计|合计|总计|累计)[^，。；\d]{0,16}?(\d[\d,]*(?:\.\d+)?)(万|亿)?余?(?:名|位)?"
    "(?:人|自然人|个人信息主体|用户|客户|员工)"
)


def contradictions(
    kind: PaperKind, pack: Pack, expected: PaperText, paper: ReadPaper, today: date
) -> Iterator[Msg]:
    """Yield what people wrote in a paper that cannot be so, or not beside the decision and its figures."""
    written = list(PaperPlaces.of(expected).written(paper))
    yield from _date_faults(paper.name, [each.text for each in written])
    if expected.cover is not None:
        yield from _cover_faults(kind, paper, today)
    yield from _period_faults(pack, paper.name, written)
    yield from _sentence_faults(pack, paper.name, written)
    yield from _decision_faults(pack, paper.name, written)
    yield from _forecast_faults(pack, paper)


# ---- dates


def _day(parts: Sequence[str]) -> date | None:
    try:
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError:
        return None


def _date_faults(file: str, texts: Iterable[str]) -> Iterator[Msg]:
    """Yield the dates of no calendar, and periods that end before they begin."""
    for text in texts:
        for match in DATE.finditer(text):
            if _day(match.groups()) is None:
                yield Msg('{file}: "{text}" is no date', file=file, text=match[0])
        for match in PERIOD.finditer(text):
            first, last = _day(match.groups()[:3]), _day(match.groups()[3:])
            if first and last and last < first:
                yield Msg('{file}: the period "{text}" ends before it begins', file=file, text=match[0])


def _cover_faults(kind: PaperKind, paper: ReadPaper, today: date) -> Iterator[Msg]:
    """Yield what is wrong with the date on a cover: none, one to come, one of a report that is too old."""
    lines: list[str] = []
    for block in paper.blocks:
        if isinstance(block, str):
            if bare(block) == bare("说明："):
                break
            lines.append(block)
    dates = [line for line in lines if re.search("年.*月.*日", line)]
    if not dates:
        yield Msg("{file}: the cover bears no date", file=paper.name)
    for match in (match for line in dates for match in DATE.finditer(line)):
        day = _day(match.groups())
        if day is not None and day > today:
            yield Msg("{file}: its date {day} is yet to come", file=paper.name, day=day)
        elif day is not None and kind.mechanism != "exempt" and add_months(day, VALID_MONTHS) < today:
            yield Msg(
                "{file}: its date {day} is more than three months ago; what it reports must be newer",
                file=paper.name, day=day,
            )


def _period_faults(pack: Pack, file: str, written: Iterable[Written]) -> Iterator[Msg]:
    """Yield the periods that are longer than the days the data are kept abroad."""
    days = {flow.flow.retention_days for scenario in pack.scenarios for flow in scenario.flows}
    for each in written:
        days_abroad = next((n for n in days if n and f"{n}天" in each.own), None)
        for match in PERIOD.finditer(each.text) if days_abroad else ():
            first, last = _day(match.groups()[:3]), _day(match.groups()[3:])
            most = (days_abroad or 0) + SLACK_DAYS + (days_abroad or 0) // 365
            if days_abroad and first and last and (last - first).days > most:
                yield Msg(
                    '{file}: the period "{text}" is longer than the {days} days the data are kept',
                    file=file, text=match[0], days=days_abroad,
                )


# ---- sentences


def _sentence_faults(pack: Pack, file: str, written: Iterable[Written]) -> Iterator[Msg]:
    ages = {words.children(flow) for scenario in pack.scenarios for flow in scenario.flows}
    for sentence in (part for each in written for part in re.split("[。；;\n]", fold_name(each.text))):
        clauses = re.split("[，,：:]", sentence)
        holds = any(_HOLDS.search(c) and not _HOLDS_NONE.search(c) for c in clauses)
        denied = any(_HOLDS_NONE.search(c) for c in clauses)
        if _STOPS.search(sentence) and _OF_THE_EXPORT.search(sentence) and not _SUPPOSED.search(sentence):
            yield Msg('{file}: "{text}" is not what the decision says', file=file, text=sentence[:60])
        if (holds and "yes" not in ages) or (denied and ages == {"yes"}):
            yield Msg(
                '{file}: "{text}" is not what the figures say of persons under 14', file=file,
                text=sentence[:60],
            )


# ---- mechanisms, clauses and persons


def _decision_faults(pack: Pack, file: str, written: Iterable[Written]) -> Iterator[Msg]:
    """Yield sentences that name another mechanism, clause of exemption or more persons than the decision."""
    flows = [flow for scenario in pack.scenarios for flow in scenario.flows]
    paths = {path for flow in flows for path in flow.decision.possible}
    ends = [flow.individuals.high for flow in flows]
    most = None if None in ends else sum(filter(None, ends))
    for sentence in (part for each in written for part in re.split("[。；;\n]", fold_name(each.text))):
        if _names_other_path(sentence, paths):
            yield Msg('{file}: "{text}" is not what the decision says', file=file, text=sentence[:60])
        for match in _PERSONS_IN_ALL.finditer(sentence):
            persons = _persons(f"{match[1]}{match[2] or ''}")
            if most is not None and persons is not None and persons > most:
                yield Msg(
                    '{file}: "{text}" names more persons than the {most} that were counted',
                    file=file, text=match[0], most=most,
                )


def _names_other_path(sentence: str, paths: set[str]) -> bool:
    """Does a sentence say that something is due, or exempt, that no possible path is?"""
    exempt = {path for path in paths if path.startswith("exempt")}
    clauses = re.split("[，,：:]", sentence)
    for clause in clauses:
        if not exempt and _EXEMPT.search(clause) and not re.search("不属于|不适用|不符合|未|如|若", clause):
            return True
        cited = _ITEM.search(clause)
        if cited and _ITEM_PATHS[cited[1]] not in paths and not re.search("不|未|如|若|非", clause):
            return True
        for mechanism, of_paths in _MECHANISMS.items():
            due = re.search(f"{_DUE}[^，。；]{{0,12}}(?:{mechanism})", clause)
            if due and not paths & of_paths and not _NOT_DUE.search(clause):
                return True
    return False


# ---- persons of years to come


def _forecast_faults(pack: Pack, paper: ReadPaper) -> Iterator[Msg]:
    """Yield the persons expected within three years that reach the line of a more demanding path."""
    thresholds = in_force(pack.report.run.as_of).raw["thresholds"]
    paths = {path for s in pack.scenarios for flow in s.flows for path in flow.decision.possible}
    if not paths <= {each["path"] for each in thresholds}:
        return                                # not by numbers alone
    highest = max(map(path_rank, paths))
    lines = [e["min"] for e in thresholds if e["counter"] == "ordinary" and path_rank(e["path"]) > highest]
    for rows in paper.blocks:
        if isinstance(rows, str) or not lines or tuple(map(bare, rows[0])) != tuple(map(bare, PERSONS)):
            continue
        for row in rows[1:]:
            for i in FORECASTS:
                persons = _persons(row[i]) if len(row) == len(PERSONS) else None
                if persons is not None and persons >= min(lines):
                    yield Msg(
                        '{file}: {row}: "{head}": {persons} persons reach the line of {line} persons, above '
                        "what the paper is for",
                        file=paper.name, row=row[0], head=PERSONS[i], persons=persons, line=min(lines),
                    )


def _persons(cell: str) -> int | None:
    """Return a number of persons as people write it; None for what is none."""
    match = re.fullmatch(r"(?:约|预计)?([\d,]+(?:\.\d+)?)(万|亿)?人?", fold_name(cell))
    if match is None or not match[1].replace(",", ""):
        return None
    return round(float(match[1].replace(",", "")) * {"万": 10_000, "亿": 100_000_000}.get(match[2], 1))


# ---- recipients further on, in one paper and another

ONWARD_PROMPTS = {"list": "列明名称；确认不提供的", "report": "列明其他接收方、目的和范围；"}
_NAMES_APART = re.compile(r"[、，,；;。\n]|以及|[（(][^（）()]*[）)]")
_NOBODY = re.compile("不(?:再|会|向|涉及|适用)?[^，。；]{0,20}提供|不适用|不涉及")
PaperAtHand = tuple[Pack, PaperText, ReadPaper]


def onward_differences(lists: Iterable[PaperAtHand], reports: Sequence[PaperAtHand]) -> Iterator[Msg]:
    """Yield the further recipients that an appendix names and a report does not, or the other way round.

    lists: appendices, one a recipient; reports: papers on the forms.
    """
    for pack, expected, paper in lists:
        answers = _onward_answers(expected, paper, ONWARD_PROMPTS["list"])
        if not answers:
            continue
        text = "、".join(each.text for each in answers)
        names = [name.strip() for name in _NAMES_APART.split(text) if bare(name)]
        for other, other_expected, report in reports:
            owns = {f"{no}：" for no, s in words.numbered(other.scenarios) if _same_party(s, pack)}
            stated = _onward_answers(other_expected, report, ONWARD_PROMPTS["report"])
            theirs = [each.text for each in stated if each.own in owns]
            if theirs and _is_none(text) != all(map(_is_none, theirs)):
                yield Msg("{file}: further recipients are not as in {other}", file=paper.name,
                          other=report.name)
            elif not _is_none(text) and theirs:
                whole = bare(report.text)
                for name in (name for name in names if bare(name) not in whole):
                    yield Msg(
                        '{file}: "{name}" is not named in {other}', file=paper.name, name=name,
                        other=report.name,
                    )


def _onward_answers(expected: PaperText, paper: ReadPaper, prompt: str) -> list[Written]:
    places = PaperPlaces.of(expected)
    places_of_it = {(place.head, place.own) for place in places.places if place.prompt.startswith(prompt)}
    return [each for each in places.written(paper) if (each.head, each.own) in places_of_it]


def _same_party(scenario: FilingScenario, pack: Pack) -> bool:
    return scenario.party == pack.scenarios[0].party


def _is_none(text: str) -> bool:
    """Does an answer say that nobody further gets the data?"""
    plain = text.strip(" 。.；;")
    return is_empty(plain) or _NOBODY.search(plain) is not None
