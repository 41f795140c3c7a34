"""Free-trade-zone lists (数据出境管理清单（负面清单）): strict schema, bands of persons in a scenario, fields matched with evidence.

Shipped lists (`mappings/zone_lists/`) hold what could be sourced and say so with `complete: no`. A company brings the official table itself
(`chujing zones import`). Nothing is called outside a list, or outside a scenario of it, that is not whole. Being in a zone whose list does
not name the sector changes nothing.

Source: 促进和规范数据跨境流动规定 第六条.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg
from mappings.model import PATHS, ColumnNames, Confidence, FlowCount, ZoneMatch
from mappings.yaml_files import check_keys, load_yaml, shipped_names

FOLDER = "zone_lists"
DataKind = Literal["important_data", "personal_information", "sensitive_personal_information"]
KINDS: tuple[DataKind, ...] = ("important_data", "personal_information", "sensitive_personal_information")
REQUIRED = ("industry", "scenario", "data_category", "description", "data_kind", "required_path", "source_page")
COLUMNS: Mapping[str, str] = {                # as in the XLSX template
    "industry": "行业领域", "scenario": "业务场景", "data_category": "数据类别", "data_subcategory": "数据子类",
    "description": "基本特征与描述", "data_items": "数据项示例", "data_kind": "数据性质", "count_min": "人数下限（含）",
    "count_max": "人数上限（不含）", "count_basis": "计数口径", "required_path": "管理方式", "carve_out": "例外", "source_page": "出处",
}
ABOUT = ("id", "zone", "title", "version", "issued", "status", "ciio_excluded", "sectors", "complete", "whole_scenarios", "source",
         "confidence", "entries")
_WORDS = {
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
    ciio_excluded: bool
    sectors: tuple[str, ...]
    complete: bool
    source: str
    confidence: Confidence
    entries: tuple[ZoneEntry, ...]
    whole_scenarios: tuple[str, ...] = ()

    def has_sector(self, sector: str) -> bool:
        """Does the list name this sector? Sectors are compared as written, in either direction of containment."""
        return bool(sector) and any(sector in s or s in sector for s in self.sectors)

    def scenario(self, name: str) -> ZoneScenario | None:
        """The entries of a scenario; None when the list has none of that name."""
        found = tuple(e for e in self.entries if e.scenario == name)
        return ZoneScenario(name, found, self.complete or name in self.whole_scenarios) if found else None

    @property
    def scenarios(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e.scenario for e in self.entries))


@dataclass(frozen=True, slots=True)
class Band:
    """What a list asks at one end of a count."""

    path: str
    fact: str
    source: str
    confidence: Confidence


def zone_names() -> tuple[str, ...]:
    """Names of the lists that ship."""
    return shipped_names(FOLDER)


@cache
def load_zone(name: str) -> Zone:
    """Read a list by name or path; RulesError on unknown or missing keys, values and bands that make no sense."""
    raw, where = load_yaml(FOLDER, name)
    return parse_zone(raw, where)


def parse_zone(raw: Mapping[str, Any], where: str) -> Zone:
    """A list out of its plain form."""
    check_keys(raw, ABOUT, where)
    for key in ("id", "zone", "title", "version", "issued", "complete", "source", "confidence", "sectors", "entries"):
        if key not in raw:
            raise RulesError(Msg('"{name}" is missing', name=key), where=where)
    entries = tuple(_entry(e, Msg("{place}, entry {n}", place=where, n=i)) for i, e in enumerate(raw["entries"], 1))
    whole = tuple(raw.get("whole_scenarios", ()))
    for name in whole:
        if name not in {e.scenario for e in entries}:
            raise RulesError(
                Msg('whole_scenarios: no entry of the scenario "{name}"', name=name),
                where=where,
                hint=nearest(name, [e.scenario for e in entries]),
            )
    return Zone(
        str(raw["id"]),
        raw["zone"],
        raw["title"],
        str(raw["version"]),
        str(raw["issued"]),
        raw.get("status", "in_force"),
        _yes(raw.get("ciio_excluded", True)),
        tuple(raw["sectors"]),
        _yes(raw["complete"]),
        raw["source"],
        raw["confidence"],
        entries,
        whole,
    )


def _yes(value: object) -> bool:
    return value in (True, "yes", "是")


def _entry(raw: Mapping[str, Any], where: str) -> ZoneEntry:
    check_keys(raw, (*COLUMNS, "labels", "confidence"), where)
    for key in REQUIRED:
        if not str(raw.get(key) or "").strip():
            raise RulesError(Msg('"{name}" ({head}) is missing', name=key, head=COLUMNS[key]), where=where)
    kind: Any
    kind, path = (_WORDS.get(str(raw[k]).strip(), str(raw[k]).strip()) for k in ("data_kind", "required_path"))
    basis = _WORDS.get(str(raw.get("count_basis") or "per_scenario"), str(raw.get("count_basis") or "per_scenario"))
    for value, choices, key in ((kind, KINDS, "data_kind"), (path, PATHS, "required_path"), (basis, ("per_scenario", "per_processor"),
                                                                                            "count_basis")):
        if value not in choices:
            raise RulesError(
                Msg('"{name}" ({head}) cannot be "{value}"', name=key, head=COLUMNS[key], value=value),
                where=where,
                hint=nearest(value, choices) or Msg("one of: {names}", names=tuple(choices)),
            )
    low, high = (_whole(raw.get(k), k, where) for k in ("count_min", "count_max"))
    if high is not None and high <= (low or 0):
        raise RulesError(Msg("count_max is not above count_min"), where=where)
    items = raw.get("data_items") or ()
    if isinstance(items, str):
        items = [i.strip() for i in items.replace("，", "、").replace(",", "、").replace("；", "、").split("、") if i.strip()]
    for label in raw.get("labels", ()):
        if label not in labels():
            raise RulesError(
                Msg('no detector makes the label "{name}"', name=label),
                where=where,
                hint=nearest(label, labels()),
            )
    return ZoneEntry(
        industry=str(raw["industry"]),
        scenario=str(raw["scenario"]),
        category=str(raw["data_category"]),
        description=str(raw["description"]),
        kind=kind,
        path=path,
        page=str(raw["source_page"]),
        sub=str(raw.get("data_subcategory") or ""),
        items=tuple(items),
        labels=tuple(raw.get("labels", ())),
        count_min=low or 0,
        count_max=high,
        basis=basis,
        carve_out=str(raw.get("carve_out") or ""),
        confidence=raw.get("confidence", "secondary"),
    )


def _whole(value: Any, key: str, where: str) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).replace(",", "").replace("，", "").removesuffix(".0")
    if not text.isdecimal():
        raise RulesError(
            Msg(
                '"{name}" ({head}) must be a whole number of persons, not "{value}"',
                name=key,
                head=COLUMNS[key],
                value=value,
            ),
            where=where,
        )
    return int(text)


def judge_scenario(scenario: ZoneScenario, count: FlowCount) -> tuple[Band, ...]:
    """What the entries on personal information ask at both ends of the count; empty where the list, as far as it is known, cannot say.

    Entries on important data bind only what was notified or published, which the decision asks before.
    """
    rows = [e for e in scenario.entries if e.kind != "important_data"]
    found: dict[str, Band] = {}
    for end in ("low", "high"):
        hits = []
        for e in rows:
            n = getattr(count.sensitive if e.kind == "sensitive_personal_information" else count.individuals, end)
            if (n is None and e.count_max is None) or (n is not None and e.count_min <= n and (e.count_max is None or n < e.count_max)):
                hits.append((PATHS.index(e.path), e, n))
        if hits:
            _, e, n = max(hits, key=lambda h: h[0])
            top = f"{e.count_max - 1:,}" if e.count_max else "∞"
            found.setdefault(e.path, Band(e.path, f"{'unbounded' if n is None else n} in {e.count_min:,}–{top}", e.page, e.confidence))
        elif scenario.complete and rows:
            low = min(e.count_min for e in rows)
            found.setdefault("exempt_ftz", Band("exempt_ftz", f"below {low:,}", rows[0].page, rows[0].confidence))
        else:
            return ()
    return tuple(found.values())


def match_columns(zone: Zone, columns: Iterable[ColumnNames], scenario: str = "") -> tuple[ZoneMatch, ...]:
    """Entries for which columns speak. Evidence, for a person to judge; most columns first."""
    rows = [(i, e) for i, e in enumerate(zone.entries) if not scenario or e.scenario == scenario]
    found = []
    mine = list(columns)
    for i, e in rows:
        hits = tuple((cid, why) for cid, name, comment, label in mine if (why := _evidence(e, name, comment, label)))
        if hits:
            found.append((i, _match(zone, e, hits)))
    return tuple(m for _, m in sorted(found, key=lambda f: (-len(f[1].columns), f[0])))


def _match(zone: Zone, e: ZoneEntry, columns: tuple[tuple[str, str], ...]) -> ZoneMatch:
    scenario = zone.scenario(e.scenario)
    return ZoneMatch(zone.id, e.scenario, e.category, e.kind, e.path, e.count_min, e.count_max, e.page, e.confidence, columns,
                     scenario is not None and scenario.complete)


def _evidence(entry: ZoneEntry, name: str, comment: str, label: str) -> str:
    if label and label in entry.labels:
        return f"label {label}"
    title = labels()[label].zh if label in labels() else ""  # type: ignore[index]
    for item in entry.items:
        if len(item) >= 2 and (
            item in comment or item in name or comment and comment in item or title and (title in item or item in title)
        ):
            return f"item {item}"
    return ""


def _as_coded(kind: str, word: str) -> str:
    return f"({word} entries)" if kind == "entries" else word


def summary(zone: Zone, said: Callable[[str, str], str] = _as_coded) -> Sequence[str]:
    """A list in a few lines. said: (kind, code) -> words, of its extent, state, confidence and number of entries."""
    extent, state = said("extent", "complete" if zone.complete else "partial"), said("state", zone.status)
    head = f"{zone.id}  {zone.title}  {zone.issued}  {extent}  {state}  [{said('confidence', zone.confidence)}]"
    return [head, f"    {'、'.join(zone.sectors)}  {said('entries', str(len(zone.entries)))}"]
