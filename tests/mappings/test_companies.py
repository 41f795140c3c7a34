"""Laws of the decision over generated companies: none may be broken by any of them."""

import random

import pytest
from companies import LAWS, company


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_no_company_breaks_a_law(law):
    broken = {seed: found for seed in range(60) if (found := list(law(company(random.Random(seed)))))}

    assert broken == {}
