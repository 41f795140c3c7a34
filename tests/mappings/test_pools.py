"""Rows by key with nothing beside: a pool of desks is a crowd, a log of many people's visits is none."""

import numpy as np
import pytest

from mappings.crowds import in_many_rows

TAILS = {
    "even": lambda draw, n: np.full(n, draw.integers(2, 60)),
    "geometric": lambda draw, n: draw.geometric(draw.uniform(0.05, 0.6), n),
    "poisson": lambda draw, n: 1 + draw.poisson(draw.uniform(0.5, 30), n),
    "power law": lambda draw, n: np.ceil(n * 2 / np.arange(1, n + 1) ** draw.uniform(0.5, 1)).astype(int),
}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("tail", TAILS)
def test_a_log_of_many_people_is_no_pool(tail, seed):
    draw = np.random.default_rng(seed)
    rows = TAILS[tail](draw, int(draw.integers(60, 5_000)))

    assert in_many_rows(rows).sum() <= 0.01 * len(rows)


@pytest.mark.parametrize("seed", range(20))
def test_desks_beside_single_customers_are_a_pool(seed):
    draw = np.random.default_rng(seed)
    desks, singles = draw.integers(8, 30, draw.integers(6, 40)), np.ones(draw.integers(20, 200), int)
    rows = draw.permutation(np.concatenate([desks, singles]))

    assert np.array_equal(in_many_rows(rows), rows > 1)


@pytest.mark.parametrize("seed", range(20))
def test_desks_of_few_beside_a_pool_are_of_it(seed):
    """About half of the people left one of twenty phones: some of these stand in two or three rows."""
    draw = np.random.default_rng(seed)
    desks = np.append(draw.integers(4, 12, 18), draw.integers(2, 4, draw.integers(0, 5)))
    rows = draw.permutation(np.concatenate([desks, np.ones(draw.integers(60, 200), int)]))

    assert np.array_equal(in_many_rows(rows), rows > 1)
