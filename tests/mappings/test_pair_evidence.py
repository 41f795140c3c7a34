"""Two columns, or the keys of a cell: one person's or several people's, by what rows say."""

from copy import deepcopy

import numpy as np
import pytest

from mappings.pair_evidence import CellEvidence, PairEvidence

DRAW = np.random.default_rng(7)
ONE, OTHER = (DRAW.integers(1, 2**63, 200, np.uint64) for _ in range(2))
TWICE = np.arange(200).repeat(2)
ORDER = DRAW.random(400) < 0.5
# (first column, second column) -> answer
COLUMNS = {
    "no value twice": (ONE, OTHER, "open"),
    "always the same partner": (ONE[TWICE], OTHER[TWICE], "open"),
    "always the same partner, in any order": (
        np.where(ORDER, ONE[TWICE], OTHER[TWICE]), np.where(ORDER, OTHER[TWICE], ONE[TWICE]), "open"),
    "another partner in each row": (ONE[TWICE], DRAW.choice(OTHER, 400), "two"),
    "one population": (ONE[TWICE], DRAW.choice(ONE, 400), "two"),
}


@pytest.mark.parametrize(("first", "second", "answer"), COLUMNS.values(), ids=COLUMNS)
def test_rows_answer_and_the_same_rows_of_a_second_flow_add_nothing(first, second, answer):
    evidence = PairEvidence()
    for half in (slice(None, None, 2), slice(1, None, 2)):
        evidence.add(first[half], second[half])
    again = deepcopy(evidence)
    again.merge(evidence)

    assert evidence.answer == again.answer == answer


@pytest.mark.parametrize(("first", "second", "answer"), COLUMNS.values(), ids=COLUMNS)
def test_ones_own_further_number_is_anothers_only_within_one_population(first, second, answer):
    evidence = PairEvidence(own=True)
    evidence.add(first, second)

    assert evidence.answer == ("two" if np.isin(second, ONE).all() else "one")


@pytest.mark.parametrize(("named", "leaning"), [(False, "one"), (True, "")])
def test_who_always_comes_together_is_likelier_one_where_no_word_names_somebody(named, leaning):
    evidence = PairEvidence(named=named)
    evidence.add(ONE[TWICE], OTHER[TWICE])

    assert evidence.leaning == leaning


def test_accounts_that_always_come_together_are_of_one_person():
    evidence = PairEvidence(accounts=True)
    evidence.add(ONE[TWICE], OTHER[TWICE])

    assert evidence.answer == "one"


# hashes of the keys of each cell -> answer, what is likelier
CELLS = {
    "two numbers, no cell twice": (np.column_stack([ONE, OTHER]), "open", "one"),
    "two numbers, every cell twice": (np.column_stack([ONE[TWICE], OTHER[TWICE]]), "open", "one"),
    "three numbers, no cell twice": (np.column_stack([ONE, OTHER, ONE ^ OTHER]), "open", "two"),
    "three numbers, every cell twice, in any order": (
        DRAW.permuted(np.column_stack([ONE, OTHER, ONE ^ OTHER])[TWICE], axis=1), "open", "one"),
    "ever other company": (np.column_stack([ONE[TWICE], DRAW.choice(OTHER, 400)]), "two", "two"),
}


@pytest.mark.parametrize(("cells", "answer", "leaning"), CELLS.values(), ids=CELLS)
def test_keys_of_one_cell(cells, answer, leaning):
    evidence = CellEvidence()
    evidence.add_cells(cells)

    assert (evidence.answer, evidence.leaning) == (answer, leaning)


@pytest.mark.parametrize("step", [3, 7, 11])
@pytest.mark.parametrize(("named", "answer"), [(True, "two"), (False, "one")])
def test_accounts_in_another_order_are_two_persons_where_words_name_somebody(step, named, answer):
    """`follower_id, followee_id`: each in one row, all in both; `id, user_id` may count alike from 1."""
    accounts = np.arange(1, 101, dtype=np.uint64)
    evidence = PairEvidence(accounts=True, named=named)
    evidence.add(accounts, np.roll(accounts, step))

    assert evidence.answer == answer
