"""Laws of the decision over companies that answer contradictorily and at borders: none may be broken."""

import random

import pytest
from contrary_companies import LAWS, contrary_company, judged


@pytest.mark.parametrize("seed", range(6))
def test_no_contrary_company_breaks_a_law(seed, tmp_path):
    made = judged(contrary_company(random.Random(seed)), tmp_path)
    broken = {law.__name__: found for law in LAWS if (found := list(law(made)))}

    assert broken == {}


def test_contrary_companies_are_contrary(tmp_path):
    """Most are refused at first, each at several keys; and all of them are decided without those."""
    made = [judged(contrary_company(random.Random(seed)), tmp_path) for seed in range(100, 110)]
    assert all(each.report.flows for each in made)
    assert sum(bool(each.faults) for each in made) >= 8
    assert sum(len(each.faults) for each in made) >= 40
