"""Numbers under several tenants: one person's or several people's, by what stands beside them."""

from copy import deepcopy

import numpy as np
import pyarrow as pa
import pytest

from mappings.scope_evidence import MOST_TUPLES, ScopeEvidence

DRAW = np.random.default_rng(5)
TENANTS = np.repeat(DRAW.integers(1, 2**63, 4, np.uint64), 50)
NUMBERS = np.tile(np.arange(1, 51), 4)
KEYS = NUMBERS.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
ANYBODY = DRAW.integers(1, 2**63, 200, np.uint64)
NOBODY = np.zeros(200, np.uint64)
HALF = np.where(np.arange(200) % 10 == 0, ANYBODY, NOBODY)
SPARSE = NUMBERS.astype(object) ** 9 + 10**18

# (numbers, what stands beside them) -> answer, what is likelier, proved
WORLDS = {
    "nothing beside": (NUMBERS, [], "open", "two", False),
    "far apart, nothing beside": (NUMBERS**3, [], "open", "two", False),
    "too long to be equal by chance": (SPARSE, [], "one", "two", True),
    "long, and each follows the last": (SPARSE * 0 + 10**18 + NUMBERS, [], "open", "two", False),
    "names agree": (NUMBERS, [KEYS], "one", "two", True),
    "names differ": (NUMBERS, [ANYBODY], "two", "two", False),
    "phones differ, names agree": (NUMBERS, [ANYBODY, KEYS], "one", "two", True),
    "few names": (NUMBERS, [HALF], "open", "two", False),
    "half of the names differ": (NUMBERS, [np.where(NUMBERS % 2, KEYS, ANYBODY)], "open", "two", False),
}


def evidence_of(numbers, beside, which=slice(None)):
    evidence = ScopeEvidence()
    texts = pa.array([str(number) for number in numbers[which]])
    evidence.add_rows(texts, [column[which] for column in (KEYS, TENANTS, *beside)])
    return evidence


@pytest.mark.parametrize(
    ("numbers", "beside", "answer", "leaning", "proved"), WORLDS.values(), ids=WORLDS
)
def test_rows_answer_in_any_parts_and_order(numbers, beside, answer, leaning, proved):
    whole = evidence_of(numbers, beside)
    order = DRAW.permutation(200)
    parts = evidence_of(numbers, beside, order[:70])
    parts.merge(evidence_of(numbers, beside, order[70:]), may_repeat=False)
    again = deepcopy(whole)
    again.merge(whole)

    for each in (whole, parts, again):
        assert (each.answer, each.leaning, each.is_proved) == (answer, leaning, proved)


def test_numbers_in_one_row_each_say_nothing_of_several():
    evidence = evidence_of(NUMBERS, [], slice(0, 50))

    assert (evidence.answer, evidence.is_proved) == ("one", True)


def test_shops_share_their_customers_unless_each_numbers_its_own():
    dense, sparse = evidence_of(NUMBERS, []), evidence_of(NUMBERS**3, [])
    dense.shared = sparse.shared = True

    assert (dense.answer, sparse.answer) == ("open", "one")


def test_more_numbers_than_are_kept_answer_as_all_do():
    n = 2 * MOST_TUPLES
    keys = np.tile(DRAW.integers(1, 2**63, n, np.uint64), 2)
    scopes = np.repeat(np.array([1, 2], np.uint64), n)
    texts = pa.array([str(i) for i in range(1, n + 1)] * 2)
    for beside, answer in ((keys, "one"), (np.arange(1, 2 * n + 1).astype(np.uint64), "two")):
        evidence = ScopeEvidence()
        evidence.add_rows(texts, [keys, scopes, beside])

        assert len(evidence.tuples) <= MOST_TUPLES
        assert evidence.answer == answer


CODED = pa.array([str(number) for number in NUMBERS]).dictionary_encode()


@pytest.mark.parametrize(
    "texts", [pa.array(NUMBERS), pa.array(NUMBERS.astype(float)), CODED], ids=["whole", "floating", "coded"]
)
def test_numbers_of_any_type_are_read(texts):
    evidence = ScopeEvidence()
    evidence.add_rows(texts, [KEYS, TENANTS])

    assert (evidence.least, evidence.most, evidence.answer, evidence.leaning) == (1, 50, "open", "two")


def test_keys_of_nothing_say_nothing():
    evidence = ScopeEvidence()
    evidence.add_rows(pa.nulls(200), [NOBODY, TENANTS])

    assert (evidence.answer, evidence.is_proved) == ("one", True)


@pytest.mark.parametrize("visits", [2, 5])
def test_regions_that_number_their_own_are_open_and_people_who_move_between_them_are_not(visits):
    """Each region has numbers from 1 on, in several rows each; or each person comes to some of many."""
    draw = np.random.default_rng(visits)
    regions = draw.integers(1, 2**63, 5, np.uint64)
    own = [(i, regions[r]) for r, size in enumerate((50, 44, 44, 31, 12)) for i in range(1, size + 1)]
    moving = [(i, r) for i in range(1, 51) for r in draw.choice(regions, visits)]
    answers = []
    for rows in (own * visits, moving * 3):
        numbers = np.array([number for number, _ in rows])
        evidence = ScopeEvidence(shared=True)
        keys = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        evidence.add_rows(pa.array([str(n) for n in numbers]), [keys, np.array([r for _, r in rows])])
        answers.append(evidence.answer)

    assert answers == ["open", "one"]
