"""Laws of the decision over generated companies: none may be broken by any of them."""

import random

import pytest
from companies import LAWS, company

# companies by law: every answer to every question is tried of each, so fewer of them
SEEDS = {law.__name__: 60 for law in LAWS} | {"answers_lead_where_they_say": 25}
BROKE_ONCE = {"unknown_is_wider": (1006,), "answers_lead_where_they_say": (206, 208, 3, 22)}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_no_company_breaks_a_law(law):
    seeds = (*range(SEEDS[law.__name__]), *BROKE_ONCE.get(law.__name__, ()))
    companies = ((seed, company(random.Random(seed))) for seed in seeds)
    broken = {seed: found for seed, made in companies if (found := list(law(made)))}

    assert broken == {}
