"""What a push speaks of, and which of its payloads have a place in the catalog to themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detectors.message import Msg, Word
from detectors.model import unquote
from reports.catalogs import Payload, Refused, tables_of
from reports.catalogs.picking import Selection, excluded_ids, guesses, unread_ids
from reports.model import Report


@dataclass(frozen=True, slots=True)
class PushScope:
    """What a report speaks of. Things of ours about anything else are left as they stand."""

    sources: frozenset[str]
    aside: frozenset[str] = frozenset()       # columns and tables it says nothing about
    unread: frozenset[str] = frozenset()      # columns, tables and sources of whose insides it says nothing
    guesses: frozenset[str] = frozenset()     # suggestions that hold and are not asked for: they stay

    def covers(self, about: str) -> bool:
        """Return whether it speaks of a column or table. about: its id."""
        source, *rest = about.split("/")
        containers = ("/".join([source, *rest[:n]]) for n in range(len(rest) + 1))
        return (
            unquote(source) in self.sources
            and about not in self.aside
            and not any(container in self.unread for container in containers)
        )

    def is_open_suggestion(self, payload: Payload) -> bool:
        """Return whether a payload is a suggestion that stays until somebody decides about it."""
        return bool(payload.guesses) and self.guesses.issuperset(payload.guesses)


def scope_of(
    report: Report,
    selection: Selection,
    payloads: Iterable[Payload],
    refused: Iterable[Refused],
    *,
    leave: bool,
) -> PushScope:
    """Return what a push speaks of.

    payloads: before `without_clashes`; refused: by it. leave: suggestions that are not asked for stay where
    they stand.
    """
    shared = {r.key for r in refused}
    sources = {s.id for s in report.sources}
    if selection.recognizers:
        sources.add("")                       # recognisers are about no source
    return PushScope(
        frozenset(sources),
        excluded_ids(report, selection) | {p.about for p in payloads if p.entity in shared},
        unread_ids(report),
        guesses(report) if leave and not selection.suggested else frozenset(),
    )


def without_clashes(payloads: Iterable[Payload]) -> tuple[list[Payload], list[Refused]]:
    """Return (payloads whose place is theirs alone, entities that two of our columns or tables would share).

    An entity that two tables would share is refused for both, whichever columns they have: `key` of what is
    refused is that entity.
    """
    every = list(payloads)
    shared = {**_shared_by_columns(every), **_shared_by_tables(every)}
    alone = [p for p in {p.key: p for p in every}.values() if p.entity not in shared]
    return alone, [_refusal(entity, owners) for entity, owners in shared.items()]


def _shared_by_columns(payloads: Iterable[Payload]) -> Mapping[str, tuple[str, ...]]:
    """Return entities with the two columns or tables of ours that would write the same thing there."""
    first: dict[str, str] = {}
    shared: dict[str, tuple[str, ...]] = {}
    for p in payloads:
        if p.about and (other := first.setdefault(p.key, p.about)) != p.about:
            shared[p.entity] = (other, p.about)
    return shared


def _shared_by_tables(payloads: Iterable[Payload]) -> Mapping[str, tuple[str, ...]]:
    """Return entities with the tables of ours that would be one there."""
    abouts: dict[str, dict[str, None]] = {}
    for p in payloads:
        if p.about:
            abouts.setdefault(p.entity, {})[p.about] = None
    tables = {entity: tuple(dict.fromkeys(tables_of(of).values())) for entity, of in abouts.items()}
    return {entity: owners for entity, owners in tables.items() if len(owners) > 1}


def _refusal(entity: str, owners: tuple[str, ...]) -> Refused:
    owner_list = " and ".join(owners)
    why = Msg(
        "two of ours have this name there: {near}; see entities and casing in catalogs:",
        near=Word(owner_list, f"“{owner_list}”"),
    )
    return Refused(entity, owners[0], why)
