"""Free-trade-zone lists (数据出境管理清单（负面清单）): bands of persons by scenario, fields with evidence.

Shipped lists (`mappings/zone_lists/`) hold what could be sourced and say so with `complete: no`. A company
brings the official table itself (`chujing zones import`). Nothing is called outside a list, or outside a
scenario of it, that is not whole. Being in a zone whose list does not name the sector changes nothing.

Source: 促进和规范数据跨境流动规定 第六条.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from detectors.errors import ChujingError, RulesError, nearest
from detectors.message import Msg, Text
from mappings.model import PATHS, Confidence, FlowCount
from mappings.names import is_empty
from mappings.yaml_files import check_keys, check_label, load_yaml, once_a_text, shipped_names

FOLDER = "zone_lists"
DataKind = Literal["important_data", "personal_information", "sensitive_personal_information"]
Stated = Literal["yes", "no", "unknown"]
DATA_KINDS: tuple[DataKind, ...] = (
    "important_data", "personal_information", "sensitive_personal_information",
)
COUNT_BASES = ("per_scenario", "per_processor")  # over what persons are counted
COLUMNS: Mapping[str, str] = {  # as in the XLSX template
    "industry": "行业领域", "scenario": "业务场景", "data_category": "数据类别",
    "data_subcategory": "数据子类", "description": "基本特征与描述", "data_items": "数据项示例",
    "data_kind": "数据性质", "count_min": "人数下限（含）", "count_max": "人数上限（不含）",
    "count_basis": "计数口径", "required_path": "管理方式", "carve_out": "例外", "source_page": "出处",
}
REQUIRED_COLUMNS = (
    "industry", "scenario", "data_category", "description", "data_kind", "required_path", "source_page",
)
ABOUT_KEYS = (
    "id", "zone", "title", "version", "issued", "until", "status", "ciio_excluded", "sectors", "complete",
    "whole_scenarios", "source", "confidence", "entries",
)
REQUIRED_ABOUT_KEYS = (
    "id", "zone", "title", "version", "issued", "complete", "source", "confidence", "sectors", "entries",
)
_GARBLED = re.compile("[\ufffd\x80-\x9f\ue000-\uf8ff]|锟斤拷|烫烫|屯屯|\\?{3,}")
# what a source can be looked up by: a number, a day, an address, or the title of a publication
_SOURCE = re.compile(r"\d|[a-z]\.[a-z]|《.+》|公告|通告|通知|公报|notice|gazette", re.IGNORECASE)
_CODES_BY_WORD = {                            # words of the official tables -> codes
    "数据出境安全评估": "security_assessment",
    "安全评估": "security_assessment",
    "标准合同或认证": "standard_contract_or_certification",
    "重要数据": "important_data",
    "个人信息": "personal_information",
    "敏感个人信息": "sensitive_personal_information",
    "按场景": "per_scenario",
    "按数据处理者": "per_processor",
}


@dataclass(frozen=True, slots=True)
class ZoneEntry:
    """A row of a list. count_min inclusive, count_max exclusive, in persons; 0 and None: any number."""

    industry: str
    scenario: str
    category: str
    description: str
    kind: DataKind
    path: str
    page: str
    sub: str = ""
    items: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    count_min: int = 0
    count_max: int | None = None
    basis: str = "per_scenario"
    carve_out: str = ""
    confidence: Confidence = "secondary"

    def count_of(self, count: FlowCount, end: Literal["low", "high"]) -> int | None:
        """Return the persons of a count the entry speaks of, at one end; None where there is no upper end."""
        estimate = count.sensitive if self.kind == "sensitive_personal_information" else count.individuals
        return estimate.low if end == "low" else estimate.high

    def holds(self, persons: int | None) -> bool:
        """Does the band hold so many persons? None: without end."""
        if persons is None:
            return self.count_max is None
        return self.count_min <= persons and (self.count_max is None or persons < self.count_max)


@dataclass(frozen=True, slots=True)
class ZoneScenario:
    """The entries of one scenario. complete: who matches none of them is outside the list."""

    name: str
    entries: tuple[ZoneEntry, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Zone:
    """A list. complete: every entry of the official text is here."""

    id: str
    zone: str
    title: str
    version: str
    issued: str
    status: str
    ciio_excluded: Stated                     # does it leave out critical infrastructure
    sectors: tuple[str, ...]
    complete: bool
    source: str
    confidence: Confidence
    entries: tuple[ZoneEntry, ...]
    whole_scenarios: tuple[str, ...] = ()
    until: str = ""                           # the last day on which it was in force; empty: none is known

    def is_published(self, day: date) -> bool:
        """Is it known to have been approved, filed and not yet replaced on a day?

        Its status says in force, in force as of a month, which says nothing of a later one, or what took
        its place.
        """
        month = re.fullmatch("in_force_as_of_([0-9]{4})_([0-9]{2})", self.status)
        if month is not None:
            return f"{day:%Y-%m}" <= "-".join(month.groups())
        return self.status.startswith(("in_force", "superseded", "absorbed"))

    @property
    def is_other_text(self) -> bool:
        """Does its status say that it is no list in force, and none that was: a draft, a repealed one?"""
        return bool(self.status) and not self.status.startswith(("in_force", "superseded", "absorbed"))

    def is_in_force(self, day: date) -> bool:
        """Do the dates of the list hold a day? One that was superseded holds none after its last day."""
        if not self.until and self.status.startswith(("superseded", "absorbed")):
            return False
        return self.issued <= day.isoformat() and (not self.until or day.isoformat() <= self.until)

    def day_fault(self, day: date) -> Text | None:
        """Return why the list is not in force on a day; None where its dates and status hold the day."""
        if self.issued > day.isoformat():
            return Msg('the list "{name}" was issued on {day} only', name=self.id, day=self.issued)
        if self.is_in_force(day):
            return None
        other = re.sub("^(superseded_by|absorbed_into|superseded|absorbed)_?", "", self.status)
        if other and self.until:
            return Msg(
                'the list "{name}" was replaced by "{other}"; its last day was {day}',
                name=self.id, other=other, day=self.until,
            )
        if other:
            return Msg('the list "{name}" was replaced by "{other}"', name=self.id, other=other)
        return Msg('the list "{name}" is in force no longer', name=self.id)

    def covers(self, zone: str) -> bool:
        """Is a zone, as a company writes it, the one whose territory the list states?"""
        place = re.sub("(中国|自由贸易试验区|自贸试验区|自贸区|自由贸易港|自贸港|[（）()省市])", "", zone)
        return len(place) > 1 and place in self.zone

    def has_sector(self, sector: str) -> bool:
        """Does the list name this sector?

        Sectors are compared as written, in either direction of containment.
        """
        return bool(sector) and any(sector in s or s in sector for s in self.sectors)

    def scenario(self, name: str) -> ZoneScenario | None:
        """The entries of a scenario; None when the list has none of that name."""
        entries = tuple(e for e in self.entries if e.scenario == name)
        return ZoneScenario(name, entries, self.complete or name in self.whole_scenarios) if entries else None

    def lists_sector(self, sector: str) -> bool:
        """Does it hold any entry of a sector; of one that it does not name so, any entry at all?

        A list that ships may name its sectors and hold no entry: nothing can be compared with it.
        """
        if not self.has_sector(sector):
            return bool(self.entries)
        return any(sector in e.industry or e.industry in sector for e in self.entries)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios, in order."""
        return tuple(dict.fromkeys(e.scenario for e in self.entries))


def zone_names() -> tuple[str, ...]:
    """Return the names of the lists that ship."""
    return shipped_names(FOLDER)


@once_a_text
def load_zone(name: str) -> Zone:
    """Read a list by name or path; raise RulesError on unknown or missing keys and senseless values."""
    raw, where = load_yaml(FOLDER, name, "ZoneListKeys")
    return parse_zone(raw, where)


def named_list(name: str) -> Zone | None:
    """Return the list of a name or path; None where there is none of that name, which others say."""
    if is_empty(name):
        return None
    try:
        return load_zone(name)
    except (ChujingError, OSError):
        return None


def denied_day(book: Zone | None, answers: Mapping[str, str], day: date) -> Text | None:
    """Return why a list is not in force on a day though answers say so; None where nothing is against them.

    answers: facts of a flow over those of its company. day: of the decision, of a flow that stopped its last.
    """
    return book.day_fault(day) if book is not None and answers.get("list_in_force") == "yes" else None


def denied_act(book: Zone | None, answers: Mapping[str, str], day: date) -> Text | None:
    """Return why no act carries a list over to another zone on a day though answers say that it reaches it.

    None where nothing is against them. answers, day: as in `denied_day`. Where the act has its own day,
    `zone_in_scope: yes` is no answer to it: the list states its territory, and it is another.
    """
    holds_from = answers.get("list_adopted_on", "")
    is_act = not is_empty(answers.get("list_adopted_by", "")) and _is_date(holds_from)
    if book is None or not is_act or book.covers(answers.get("zone", "")):
        return None
    if book.issued and holds_from < book.issued:
        return Msg("the act is of {day}, before the list of {issued}", day=holds_from, issued=book.issued)
    if answers.get("zone_in_scope") == "yes" and holds_from > day.isoformat():
        return Msg("the act that adopts the list holds from {day} on", day=holds_from)
    return None


def parse_zone(raw: Mapping[str, Any], where: str) -> Zone:
    """Return a list out of its plain form; raise RulesError as `load_zone` does."""
    check_keys(raw, ABOUT_KEYS, where)
    for key in REQUIRED_ABOUT_KEYS:
        if key not in raw:
            raise RulesError(Msg('"{name}" is missing', name=key), where=where)
    if not _SOURCE.search(str(raw["source"] or "")):
        raise RulesError(
            Msg("the list does not say where it comes from"), where=where,
            hint=Msg("source: the official notice, with its day and address"),
        )
    for key in ("zone", "title", "source"):
        if not isinstance(raw[key], str):
            raise RulesError(Msg('"{name}" cannot be "{value}"', name=key, value=raw[key]), where=where)
    for key in ("issued", "until"):
        if key in raw and not _is_date(str(raw[key])):
            raise RulesError(
                Msg('"{name}" cannot be "{value}"', name=key, value=raw[key]), where=where,
                hint=Msg("write the date as 2026-01-31"),
            )
    entries = tuple(
        _entry(e, Msg("{place}, entry {n}", place=where, n=i)) for i, e in enumerate(raw["entries"], 1)
    )
    whole_scenarios = tuple(map(str, raw.get("whole_scenarios", ())))
    scenarios = [e.scenario for e in entries]
    for name in whole_scenarios:
        if name not in scenarios:
            raise RulesError(
                Msg('whole_scenarios: no entry of the scenario "{name}"', name=name),
                where=where, hint=nearest(name, scenarios),
            )
    zone = Zone(
        id=str(raw["id"]),
        zone=raw["zone"],
        title=raw["title"],
        version=str(raw["version"]),
        issued=str(raw["issued"]),
        status=raw.get("status", ""),
        ciio_excluded=_stated(raw.get("ciio_excluded")),
        sectors=tuple(map(str, raw["sectors"])),
        complete=_stated(raw["complete"]) == "yes",
        source=raw["source"],
        confidence=raw["confidence"],
        entries=entries,
        whole_scenarios=whole_scenarios,
        until=str(raw.get("until", "")),
    )
    _check_whole(zone, where)
    return zone


def _check_whole(zone: Zone, where: str) -> None:
    """Raise RulesError for a list that says it is whole and cannot be, and for texts that nobody can read."""
    texts = (zone.title, zone.zone, *zone.sectors, *(
        text for e in zone.entries for text in (e.industry, e.scenario, e.category, e.description, *e.items)
    ))
    garbled = next((n for n, text in enumerate(texts) if is_garbled(text)), None)
    if garbled is not None:
        raise RulesError(
            Msg("the list is garbled: a text in it cannot be read"), where=where,
            hint=Msg("save it as UTF-8 and import it again from the official text"),
        )
    if not zone.complete:
        return
    official = Msg("import the whole official table (chujing zones import), or complete: no")
    if not zone.entries:
        raise RulesError(Msg("the list says that it is whole and has no entry"), where=where, hint=official)
    industries = {e.industry for e in zone.entries}
    for sector in zone.sectors:
        if not any(sector in industry or industry in sector for industry in industries):
            raise RulesError(
                Msg('the list says that it is whole and has no entry of the sector "{name}"', name=sector),
                where=where, hint=official,
            )


def is_garbled(text: str) -> bool:
    """Is a text what a wrong encoding leaves: signs that replace others, or nothing but marks?

    >>> [is_garbled(text) for text in ("零售", "锟斤拷", "é\x9b¶å\x94®", "????", "B2B", "零\ufffd")]
    [False, True, True, True, False, True]
    """
    return bool(_GARBLED.search(text)) or (bool(text.strip()) and not any(c.isalnum() for c in text))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _stated(value: object) -> Stated:
    return "yes" if value in (True, "yes", "是") else "no" if value in (False, "no", "否") else "unknown"


def _entry(raw: Mapping[str, Any], where: str) -> ZoneEntry:
    """A row of a list out of its plain form."""
    check_keys(raw, (*COLUMNS, "labels", "confidence"), where)
    for key in REQUIRED_COLUMNS:
        if not str(raw.get(key) or "").strip():
            raise RulesError(Msg('"{name}" ({head}) is missing', name=key, head=COLUMNS[key]), where=where)
    kind: Any = _code(str(raw["data_kind"]).strip(), "data_kind", DATA_KINDS, where)
    path = _code(str(raw["required_path"]).strip(), "required_path", PATHS, where)
    basis = _code(str(raw.get("count_basis") or COUNT_BASES[0]), "count_basis", COUNT_BASES, where)
    low, high = (_person_number(raw.get(key), key, where) for key in ("count_min", "count_max"))
    if high is not None and high <= (low or 0):
        raise RulesError(Msg("count_max is not above count_min"), where=where)
    for label in raw.get("labels", ()):
        check_label(label, where)
    return ZoneEntry(
        industry=str(raw["industry"]),
        scenario=str(raw["scenario"]),
        category=str(raw["data_category"]),
        description=str(raw["description"]),
        kind=kind,
        path=path,
        page=str(raw["source_page"]),
        sub=str(raw.get("data_subcategory") or ""),
        items=_listed_items(raw.get("data_items") or ()),
        labels=tuple(raw.get("labels", ())),
        count_min=low or 0,
        count_max=high,
        basis=basis,
        carve_out=str(raw.get("carve_out") or ""),
        confidence=raw.get("confidence", "secondary"),
    )


def _code(text: str, key: str, codes: Sequence[str], where: str) -> str:
    """The code of a value, which may be one of the words of the official tables."""
    code = _CODES_BY_WORD.get(text, text)
    if code not in codes:
        raise RulesError(
            Msg('"{name}" ({head}) cannot be "{value}"', name=key, head=COLUMNS[key], value=code),
            where=where, hint=nearest(code, codes) or Msg("one of: {names}", names=tuple(codes)),
        )
    return code


def _listed_items(value: Any) -> tuple[str, ...]:
    """Examples of data items, listed or in one text; what YAML takes for a number or a yes is a text, too."""
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return tuple(item.strip() for item in re.split("[、，,；]", str(value)) if item.strip())


def _person_number(value: Any, key: str, where: str) -> int | None:
    """A number of persons; None where the cell is blank."""
    if value is None or value == "":
        return None
    text = str(value).replace(",", "").replace("，", "").removesuffix(".0")
    if not text.isdecimal():
        raise RulesError(
            Msg(
                '"{name}" ({head}) must be a whole number of persons, not "{value}"',
                name=key, head=COLUMNS[key], value=value,
            ),
            where=where,
        )
    return int(text)
