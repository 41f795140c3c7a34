"""The year's ledger: each person once over months, flows and kinds of keys;
sketches near the truth; seals.
"""

import numpy as np
import pytest

import worlds
from detectors.errors import StateError
from mappings.histogram import count_tally
from mappings.ledger import ORDINARY, SENSITIVE, PersonSet, head_counts, limit_size, person_set, union_of_sets
from mappings.ledger_bytes import entry_seal, from_bytes, to_bytes
from mappings.model import Estimate


def drawn(seed, n, flags=ORDINARY):
    hashes = np.random.default_rng(seed).integers(0, 1 << 64, n, np.uint64, endpoint=False) & ~np.uint64(15)
    return PersonSet({("resident_id", "resident_id"): np.unique(hashes) | np.uint64(flags)})


def test_the_same_person_exported_twice_counts_once_and_keeps_what_was_sensitive():
    year = head_counts(
        union_of_sets(
            [person_set({"phone_mobile": [16, 32, 48]}), person_set({"phone_mobile": [48, 64]}, SENSITIVE)]
        )
    )

    assert (year.individuals.low, year.individuals.best, year.individuals.high) == (4, 4, 4)
    assert year.sensitive.best == 2
    assert year.ordinary.best == 3
    assert year.ordinary_only.best == 2


def test_kinds_that_cannot_be_linked_make_an_interval():
    year = head_counts(
        union_of_sets([person_set({"resident_id": [16, 32]}), person_set({"phone_mobile": [48, 64, 80]})])
    ).individuals

    assert (year.low, year.best, year.high) == (3, 5, 5)


def test_two_keys_of_one_person_stay_one_person_in_later_months():
    january = PersonSet(
        {("user_id", "u"): np.array([16 | 4], np.uint64)}, {("user_id", "u"): np.array([[32, 16]], np.uint64)}
    )
    february = PersonSet({("user_id", "u"): np.array([32 | 4], np.uint64)})

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
    whole = union_of_sets([drawn(1, 500), person_set({"phone_mobile": [16, 32]}, SENSITIVE)])
    again = from_bytes(to_bytes(whole), "here")

    assert head_counts(again) == head_counts(whole)


@pytest.mark.parametrize(
    "raw", [b"", b"{}\n", b'{"version": 1}\n', to_bytes(person_set({"email": [16, 32]}))[:-3], b"\xff\x00\n"]
)
def test_a_damaged_entry_is_said(raw):
    with pytest.raises(StateError, match="damaged"):
        from_bytes(raw, "here")


def test_an_entry_of_a_newer_version_is_said():
    with pytest.raises(StateError, match="newer"):
        from_bytes(to_bytes(person_set({"email": [16]})).replace(b'"version": 1', b'"version": 9'), "here")


def test_a_seal_covers_the_entry_the_one_before_and_the_key():
    one = entry_seal(b"k", "", b"a", b"b")

    assert (
        len({
            one, entry_seal(b"k", "", b"ab", b""), entry_seal(b"z", "", b"a", b"b"),
            entry_seal(b"k", one, b"a", b"b"),
        }) == 4
    )


def test_an_interval_of_the_ledger_is_never_exact():
    alone, two_kinds = person_set({"email": [16]}), person_set({"email": [16], "phone_mobile": [32]})

    assert head_counts(alone).individuals.method == "exact"
    assert head_counts(two_kinds).individuals == Estimate(1, 2, 2, "linked")
