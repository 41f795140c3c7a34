"""Persons as a file of facts states them: what holds together is taken, what is left out stays unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError
from detectors.labels import label_word, labels
from detectors.message import Msg
from detectors.model import Label
from detectors.yaml_document import Document
from mappings import notes
from mappings.counts import COUNTERS, UNSTATED, bound_union, combine_counts, unstated_minors, unstated_part
from mappings.model import Estimate, FlowCount
from mappings.names import fold_name
from mappings.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from scanner.records.grammar import BoundsKeys, CountKeys, FactFlowKeys


def stated_count(
    keys: FactFlowKeys, doc: Document, path: tuple[str, ...], reading: str = ""
) -> FlowCount:
    """Persons a flow brings to the year: of one that stopped, those that left.

    reading: whether an ID number alone and the like are sensitive, as somebody chose; empty: nobody did.
    """
    count = flow_count(keys, doc, path)
    kinds = ("yes", "depends") if reading == "sensitive" else ("yes",)
    if is_any_sensitive(keys.kinds, kinds) and count.individuals.high != 0:
        count = _with_sensitive_kinds(count, keys, doc, path)
    elif not reading and count.sensitive.high == 0 and is_any_sensitive(keys.kinds, ("depends",)):
        at_least_one = Estimate(1, 1, count.individuals.high, "declared", UNSTATED)
        count = replace(count, strict=replace(count, sensitive=at_least_one))
    if keys.kinds and count.individuals.high == 0:
        raise ConfigError(
            Msg("0 persons over personal columns"), where=doc.where(*path),
            hint=Msg("state how many persons they are about, or remove the columns"),
        )
    if keys.deleted:
        count = replace(count, remaining=_fewer(count, keys.deleted))
    return count


def is_any_sensitive(kinds: Iterable[str], words: Sequence[str] = ("yes",)) -> bool:
    """Is a kind of personal information sensitive by the national standard? Unknown kinds are none.

    words: of the standard that count as such: yes, and depends where a reading takes it so.
    """
    entries = load_taxonomy().entries
    of_kinds = (entries.get(Label(label_of(kind))) for kind in kinds)
    return any(entry is not None and entry.sensitive in words for entry in of_kinds)


def label_of(kind: str) -> str:
    """Return the label of a kind, written as its code or as its title in either language; empty for none."""
    name = fold_name(kind)
    return next(
        (label for label in labels() if name in {fold_name(label), *map(fold_name, _titles(label))}), ""
    )


def _titles(label: str) -> tuple[str, str]:
    word = label_word(label)
    return word.zh, word.en


def _with_sensitive_kinds(
    count: FlowCount, keys: FactFlowKeys, doc: Document, path: tuple[str, ...]
) -> FlowCount:
    """Persons of a flow with a sensitive kind: at least one of them has it. Source: GB/T 45574-2025."""
    if count.sensitive.high == 0:
        what = Msg("no sensitive persons over sensitive kinds")
        if not is_any_sensitive(keys.kinds):
            what = Msg("no sensitive persons over kinds that are sensitive by the reading that was chosen")
        raise ConfigError(
            what, where=doc.where(*path),
            hint=Msg("state how many persons have a sensitive item, or remove the kind"),
        )
    if count.sensitive.low > 0:
        return count
    sensitive = replace(count.sensitive, low=1, best=max(1, count.sensitive.best))
    return replace(count, sensitive=sensitive)


def _fewer(count: FlowCount, deleted: int) -> FlowCount:
    """The same persons, so many fewer of each counter; a smaller one may have lost none or all of them."""

    def fewer(e: Estimate) -> Estimate:
        return replace(
            e, low=max(0, e.low - deleted), best=max(0, e.best - deleted),
            high=None if e.high is None else max(0, e.high - (deleted if e == whole else 0)),
        )

    whole = count.ordinary or count.individuals
    return combine_counts([count], lambda estimates: fewer(estimates[0]))


def flow_count(keys: CountKeys, doc: Document, path: tuple[str, ...]) -> FlowCount:
    """Persons as stated at a path of a document.

    `ordinary` alone stands for both readings of the law; `individuals` alone lets the rules derive them.
    """
    minors, stated = _estimate(keys.minors), _estimate(keys.sensitive)
    ordinary = _estimate(keys.ordinary)
    ordinary_only = _estimate(keys.ordinary_only) or ordinary
    if stated is None and keys.ordinary_only is None and ordinary is not None:
        ordinary_only = unstated_part(ordinary)
    individuals = _estimate(keys.individuals) or _everybody(ordinary or ordinary_only, stated, minors)
    sensitive = stated or _sensitive_rest(individuals, _estimate(keys.ordinary_only), minors)
    minors = minors or unstated_minors(sensitive)
    if individuals.high is not None and max(sensitive.low, minors.low) > individuals.high:
        raise ConfigError(
            Msg("more sensitive persons or minors than persons"),
            where=doc.where(*path),
            hint=Msg("individuals counts everybody"),
        )
    if sensitive.high is not None and minors.low > sensitive.high:
        raise ConfigError(
            notes.MINORS_ARE_SENSITIVE, where=doc.where(*path), hint=Msg("sensitive counts minors, too")
        )
    if keys.individuals is not None:
        parts = _estimate(keys.ordinary), _estimate(keys.ordinary_only)
        if not _add_up(individuals, sensitive, *parts):
            raise ConfigError(
                Msg("sensitive and ordinary persons do not add up to all persons"), where=doc.where(*path),
                hint=Msg("ordinary_only and sensitive make individuals; ordinary may count some of both"),
            )
    return FlowCount(individuals, sensitive, minors, ordinary_only, ordinary)


def together_count(keys: CountKeys, flows: Sequence[FlowCount], doc: Document) -> FlowCount:
    """Persons over all flows as stated; what is not stated lies between the bounds of the flows' own."""
    count, bounds = flow_count(keys, doc, ("together",)), bound_union(flows)
    changed: dict[str, Any] = {}
    for name in COUNTERS:
        own: Estimate | None = getattr(count, name)
        between: Estimate | None = getattr(bounds, name)
        if own is None or between is None:
            continue
        if (own.high is not None and own.high < between.low) or (
            between.high is not None and own.low > between.high
        ):
            raise ConfigError(
                Msg("persons of all flows together do not fit those of each flow"),
                where=doc.where("together"),
                hint=Msg("at least the largest flow's, at most the sum of all flows'"),
            )
        if own.note == UNSTATED:
            changed[name] = _narrowed(own, between)
    return replace(count, **changed)


def _narrowed(own: Estimate, bounds: Estimate) -> Estimate:
    """A counter that nobody stated, within its bounds; it is open no more where these are not."""
    high = min((n for n in (own.high, bounds.high) if n is not None), default=None)
    low = max(own.low, bounds.low)
    best = max(low, own.best, bounds.best)
    return replace(own, low=low, best=best if high is None else min(best, high), high=high, note=bounds.note)


def _add_up(
    everybody: Estimate, sensitive: Estimate, inclusive: Estimate | None, alone: Estimate | None
) -> bool:
    """Can the parts of all persons add up to them?

    inclusive, alone: persons with an ordinary item, and with nothing else; None: not stated.
    """
    ranges: list[tuple[int, int | None]] = []
    if inclusive is not None:
        ranges += [(inclusive.low, everybody.high), (everybody.low, _sum_of_highs(inclusive, sensitive))]
    if alone is not None:
        ranges += [
            (alone.low + sensitive.low, everybody.high), (everybody.low, _sum_of_highs(alone, sensitive)),
        ]
    return all(high is None or low <= high for low, high in ranges)


def _sum_of_highs(one: Estimate, other: Estimate) -> int | None:
    return None if one.high is None or other.high is None else one.high + other.high


def _everybody(ordinary: Estimate | None, sensitive: Estimate | None, minors: Estimate | None) -> Estimate:
    """All persons, where parts of them are stated: no fewer than each, and without an end if one lacks."""
    parts = [e for e in (ordinary, sensitive, minors) if e is not None]
    low, best = max((e.low for e in parts), default=0), max((e.best for e in parts), default=0)
    if ordinary is None or sensitive is None:
        return Estimate(low, best, None, "declared", UNSTATED)
    highs = [e.high for e in parts]
    return Estimate(low, best, None if None in highs else max(n for n in highs if n is not None), "declared")


def _sensitive_rest(
    everybody: Estimate, ordinary_only: Estimate | None, minors: Estimate | None
) -> Estimate:
    """Persons with a sensitive item, where nobody stated them: those who are not said to have none."""
    if ordinary_only is None:
        return unstated_part(everybody, minors)
    high = None if everybody.high is None else max(0, everybody.high - ordinary_only.low)
    least = 0 if ordinary_only.high is None else max(0, everybody.low - ordinary_only.high)
    low = max(least, minors.low if minors is not None else 0)
    return unstated_part(replace(everybody, high=high), Estimate(low, low, high, "declared"))


def _estimate(keys: BoundsKeys | None) -> Estimate | None:
    if keys is None:
        return None
    best = (keys.low + keys.high) // 2 if keys.best is None else keys.best
    return Estimate(keys.low, best, keys.high, "declared")
