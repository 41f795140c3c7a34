"""What a zone's list asks for: its scenario, the band of persons and the evidence of each column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from detectors.labels import is_among, labels
from mappings.model import PATHS, ColumnNames, Confidence, FlowCount, ZoneMatch
from mappings.zones import Zone, ZoneEntry, ZoneScenario


@dataclass(frozen=True, slots=True)
class Band:
    """What a list asks at one end of a count."""

    path: str
    fact: str
    source: str
    confidence: Confidence


def judge_scenario(scenario: ZoneScenario, count: FlowCount) -> tuple[Band, ...]:
    """Return what the entries on personal information ask at both ends of a count.

    Empty where the list, as far as it is known, cannot say, as between and above its bands. Entries on
    important data bind only what was notified or published, which the decision asks before.
    """
    entries = [e for e in scenario.entries if e.kind != "important_data"]
    bands: dict[str, Band] = {}
    ends: tuple[Literal["low", "high"], ...] = ("low", "high")
    for end in ends:
        hits = [(e, n) for e in entries if e.holds(n := e.count_of(count, end))]
        if hits:
            bands.setdefault((band := _band_of_hits(hits)).path, band)
        elif scenario.complete and entries and all(_is_below(e, e.count_of(count, end)) for e in entries):
            low = min(e.count_min for e in entries)
            outside = Band("exempt_ftz", f"below {low:,}", entries[0].page, entries[0].confidence)
            bands.setdefault(outside.path, outside)
        else:
            return ()
    return tuple(bands.values())


def _is_below(entry: ZoneEntry, persons: int | None) -> bool:
    return persons is not None and persons < entry.count_min


def _band_of_hits(hits: Sequence[tuple[ZoneEntry, int | None]]) -> Band:
    """The band of the most demanding entry that holds its persons."""
    entry, persons = max(hits, key=lambda hit: PATHS.index(hit[0].path))
    most = f"{entry.count_max - 1:,}" if entry.count_max else "∞"
    number = "unbounded" if persons is None else f"{persons:,}"
    return Band(entry.path, f"{number} in {entry.count_min:,}–{most}", entry.page, entry.confidence)


def match_columns(zone: Zone, columns: Iterable[ColumnNames], scenario: str = "") -> tuple[ZoneMatch, ...]:
    """Return the entries for which columns speak, most columns first: evidence, for a person to judge."""
    listed = list(columns)
    matches = []
    for entry in zone.entries:
        if not scenario or entry.scenario == scenario:
            speaking = tuple((c.id, why) for c in listed if (why := _evidence(entry, c)))
            if speaking:
                matches.append(_zone_match(zone, entry, speaking))
    return tuple(sorted(matches, key=lambda m: -len(m.columns)))


def _zone_match(zone: Zone, e: ZoneEntry, columns: tuple[tuple[str, str], ...]) -> ZoneMatch:
    scenario = zone.scenario(e.scenario)
    return ZoneMatch(
        zone.id,
        e.scenario,
        e.category,
        e.kind,
        e.path,
        e.count_min,
        e.count_max,
        e.page,
        e.confidence,
        columns,
        complete=scenario is not None and scenario.complete,
    )


def _evidence(entry: ZoneEntry, column: ColumnNames) -> str:
    """Why a column speaks for an entry: its label, or an item in its names; empty where it does not."""
    if column.label and is_among(column.label, entry.labels):
        return f"label {column.label}"
    title = labels()[column.label].zh if column.label in labels() else ""  # type: ignore[index]
    for item in entry.items:
        if len(item) >= 2 and _is_item_named(item, column, title):
            return f"item {item}"
    return ""


def _is_item_named(item: str, column: ColumnNames, title: str) -> bool:
    """Does an item stand in a column's name or comment, or the comment or the label's title in it?"""
    if item in column.comment or item in column.name or (title and item in title):
        return True
    return any(text in item for text in (column.comment, title) if text)
