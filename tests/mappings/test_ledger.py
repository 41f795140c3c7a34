"""The year's ledger: each person once over months, flows and kinds of keys;
sketches near the truth; seals.
"""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worlds
from detectors.errors import StateError
from mappings.entity_year import with_past_exports
from mappings.histogram import count_tally
from mappings.ledger import (
    AGED,
    ALL_FLAGS,
    DEPENDS,
    ORDINARY,
    SENSITIVE,
    UNDER_14,
    PersonSet,
    head_counts,
    limit_size,
    person_set,
    union_of_sets,
)
from mappings.ledger_bytes import from_bytes, to_bytes
from mappings.ledger_entries import entry_seal
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.open_ages import with_open_ages


def drawn(seed, n, flags=ORDINARY | AGED):
    hashes = np.random.default_rng(seed).integers(0, 1 << 64, n, np.uint64, endpoint=False) & ~np.uint64(31)
    return PersonSet({("resident_id", "resident_id"): np.unique(hashes) | np.uint64(flags)})


def test_the_same_person_exported_twice_counts_once_and_keeps_what_was_sensitive():
    year = head_counts(
        union_of_sets(
            [
                person_set({"phone_mobile": [32, 64, 96]}),
                person_set({"phone_mobile": [96, 128]}, SENSITIVE | AGED),
            ]
        )
    )

    assert (year.individuals.low, year.individuals.best, year.individuals.high) == (4, 4, 4)
    assert year.sensitive.best == 2
    assert year.ordinary.best == 3
    assert year.ordinary_only.best == 2


def test_kinds_that_cannot_be_linked_make_an_interval():
    year = head_counts(
        union_of_sets([person_set({"resident_id": [32, 64]}), person_set({"phone_mobile": [96, 128, 160]})])
    ).individuals

    assert (year.low, year.best, year.high) == (3, 5, 5)


def test_two_keys_of_one_person_stay_one_person_in_later_months():
    january = PersonSet(
        {("user_id", "u"): np.array([32 | 20], np.uint64)},
        {("user_id", "u"): np.array([[64, 32]], np.uint64)},
    )
    february = PersonSet({("user_id", "u"): np.array([64 | 20], np.uint64)})

    assert head_counts(union_of_sets([january, february])).individuals.best == 1


def test_a_flow_counted_and_its_set_agree():
    for seed in range(10):
        counter = worlds.counter(worlds.make(seed, 500))
        found, kept = count_tally(counter.tally()), head_counts(counter.persons())

        assert kept.individuals.best == found.individuals.best
        assert kept.sensitive.best == found.sensitive.best
        assert kept.minors.best == found.minors.best
        assert kept.individuals.low <= found.individuals.low
        assert kept.individuals.high >= found.individuals.high


def test_exporting_the_same_world_every_month_adds_nobody():
    world = worlds.make(5, 500)
    year = union_of_sets([worlds.counter(world).persons() for _ in range(3)])

    once = count_tally(worlds.counter(world).tally()).individuals.best - sum(
        worlds.counter(world).persons().keyless.values()
    )
    assert head_counts(year).individuals.best - sum(year.keyless.values()) == once


def test_sketches_add_up_near_the_truth():
    right = 0
    for seed in range(40):
        months = [limit_size(drawn(seed * 10 + i, 20_000), 1_000, 4_096) for i in range(4)]
        e = head_counts(union_of_sets(months)).individuals
        right += e.low <= 80_000 <= e.high
        assert abs(e.best - 80_000) / 80_000 < 0.08
    assert right >= 36


def test_an_entry_survives_being_stored():
    whole = union_of_sets([drawn(1, 500), person_set({"phone_mobile": [32, 64]}, SENSITIVE | AGED)])
    again = from_bytes(to_bytes(whole), "here")

    assert head_counts(again) == head_counts(whole)


@pytest.mark.parametrize(
    "raw", [b"", b"{}\n", b'{"version": 1}\n', to_bytes(person_set({"email": [32, 64]}))[:-3], b"\xff\x00\n"]
)
def test_a_damaged_entry_is_said(raw):
    with pytest.raises(StateError, match="damaged"):
        from_bytes(raw, "here")


def test_an_entry_of_a_newer_version_is_said():
    with pytest.raises(StateError, match="newer"):
        from_bytes(to_bytes(person_set({"email": [32]})).replace(b'"version": 2', b'"version": 9'), "here")


def test_a_seal_covers_the_entry_the_one_before_and_the_key():
    one = entry_seal(b"k", "", b"a", b"b")

    assert (
        len({
            one, entry_seal(b"k", "", b"ab", b""), entry_seal(b"z", "", b"a", b"b"),
            entry_seal(b"k", one, b"a", b"b"),
        }) == 4
    )


def test_an_interval_of_the_ledger_is_never_exact():
    alone, two_kinds = person_set({"email": [32]}), person_set({"email": [32], "phone_mobile": [64]})

    assert head_counts(alone).individuals.method == "exact"
    assert head_counts(two_kinds).individuals == Estimate(1, 2, 2, "linked")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 15), st.booleans()), min_size=1, max_size=30))
def test_whoever_tells_no_age_may_be_under_14_until_a_month_tells_it(exports):
    """exports: (person, flags, is the age known?), each of a month of its own."""
    sets = [
        person_set({"email": [64 * n]}, flags | (AGED if has_age else 0)) for n, flags, has_age in exports
    ]
    count, flags_of = head_counts(union_of_sets(sets)), {}
    for n, flags, has_age in exports:
        flags_of[n] = flags_of.get(n, 0) | flags | (AGED if has_age else 0)
    is_aged = [bool(flags & (AGED | UNDER_14)) for flags in flags_of.values()]
    is_sensitive = [bool(flags & (SENSITIVE | UNDER_14)) for flags in flags_of.values()]
    either = [sensitive or not aged for aged, sensitive in zip(is_aged, is_sensitive, strict=True)]

    assert count.sensitive.best == sum(is_sensitive)
    if either == is_sensitive and all(is_aged):
        assert count.if_young is None or count.if_young.sensitive.best == sum(is_sensitive)
    else:
        assert count.if_young.sensitive.best == sum(either)
        assert either == is_sensitive or count.sensitive.method != "exact"


def test_a_year_with_an_old_entry_is_as_open_as_its_persons():
    """What flows hold now tells every age; what left before does not, until the company denies it."""
    now = FlowCount(Estimate.exactly(50), Estimate.exactly(0))
    for has_age in (True, False):
        past = person_set({"email": [64 * n for n in range(1, 31)]}, ORDINARY | (AGED if has_age else 0))
        year = with_past_exports(now, [past], some_unread=False)
        flow = FlowInput("f", now)
        opened, denied = (
            with_open_ages(Facts("a", date(2026, 11, 2), (flow,), values, {("f",): year})).unions[("f",)]
            for values in ({}, {"processes_minors": "no"})
        )

        assert (opened.sensitive.low, opened.sensitive.high) == (0, 0 if has_age else 30)
        assert (denied.sensitive.low, denied.sensitive.high) == (0, 0)


def test_an_entry_of_the_first_version_tells_no_age():
    """Four flags below the hash then; what is told now is told of the same persons."""
    hashes = np.random.default_rng(3).integers(0, 1 << 64, 200, np.uint64, endpoint=False)
    flags = np.random.default_rng(4).integers(1, 8, 200).astype(np.uint64)
    first = {("email", "email"): np.sort((hashes & ~np.uint64(15)) | flags)}
    raw = to_bytes(PersonSet(first, declared=({ORDINARY: 3},))).replace(b'"version": 2', b'"version": 1')
    old = from_bytes(raw, "here")
    now = PersonSet({("email", "email"): np.sort((hashes & ~ALL_FLAGS) | np.uint64(ORDINARY | AGED))})
    count, again = head_counts(old), head_counts(union_of_sets([old, now]))

    assert count.individuals.best == again.individuals.best == 203
    assert count.sensitive.best == again.sensitive.best == int((flags & np.uint64(SENSITIVE) != 0).sum())
    assert count.if_young.sensitive.best == 200
    assert again.if_young is None
    assert (count.strict is None) is not bool((flags & np.uint64(DEPENDS)).any())
