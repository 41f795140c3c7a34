"""Persons expected over systems: near the truth where keys are filled in by chance, else none."""

import random
from collections import Counter

import pytest

from mappings.expected_persons import SystemKeys, Systems, expected_persons

PEOPLE = 8_000


def world(seed, kinds_of, fill_of):
    """Return (persons in any system, the systems) of a population whose segments overlap differently.

    kinds_of: kinds of keys by system. fill_of: share filled in, of a kind, a system and how many one is in.
    """
    draw = random.Random(seed)
    segments = [[draw.choice((0.05, 0.2, 0.5, 0.9)) for _ in kinds_of] for _ in range(4)]
    memberships = []
    for _ in range(PEOPLE):
        shares = draw.choice(segments)
        if mask := sum(1 << i for i, share in enumerate(shares) if draw.random() < share):
            memberships.append(mask)
    keys = []
    for kind in sorted({kind for kinds in kinds_of for kind in kinds}):
        sets: Counter[int] = Counter()
        for mask in memberships:
            several = mask.bit_count() > 1
            filled = sum(
                1 << i for i, kinds in enumerate(kinds_of)
                if kind in kinds and mask >> i & 1 and draw.random() < fill_of(kind, i, several)
            )
            sets[filled] += filled > 0
        keys.append(SystemKeys(kind, tuple(sorted((s, n) for s, n in sets.items() if n))))
    persons = tuple(sum(mask >> i & 1 for mask in memberships) for i in range(len(kinds_of)))
    return len(memberships), Systems(tuple(f"s{i}" for i in range(len(kinds_of))), persons, tuple(keys))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kinds", [("phone",), ("phone", "mail")])
def test_where_all_systems_share_a_key_the_figure_is_near(seed, kinds):
    truth, systems = world(seed, [kinds] * 5, lambda kind, i, several: 0.55 + 0.08 * i)
    expected = expected_persons(systems)

    assert expected.outcome == "given" and not expected.bridged
    assert abs(expected.persons - truth) <= 0.03 * truth
    assert expected.high - expected.low <= 0.15 * truth


@pytest.mark.parametrize("seed", range(4))
def test_systems_compared_through_a_third_have_a_wide_interval_that_holds_the_truth(seed):
    kinds_of = [("phone",), ("phone", "mail"), ("mail",)]
    truth, systems = world(seed, kinds_of, lambda kind, i, several: 0.8)
    expected = expected_persons(systems)

    assert expected.outcome == "given" and expected.bridged
    assert expected.low <= truth <= expected.high


def test_where_two_keys_disagree_there_is_no_figure():
    _, systems = world(
        1, [("phone", "mail")] * 4,
        lambda kind, i, several: 0.8 if kind == "phone" else 0.2 if several else 0.9,
    )

    assert expected_persons(systems).outcome == "disagree"


def test_where_a_system_shares_no_key_there_is_no_figure():
    _, systems = world(1, [("phone",), ("phone",), ("mail",)], lambda kind, i, several: 0.9)

    assert expected_persons(systems).outcome == "unshared"


def test_of_one_system_nothing_is_expected():
    assert expected_persons(Systems(("s",), (100,), ())) is None
