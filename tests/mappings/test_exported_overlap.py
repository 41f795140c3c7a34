"""Who left by the ledger and the persons of a flow: an answer bounds the year and never leaves the truth out.

Companies are made of persons by number, so that how many there are together is certain.
"""

import random
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from mappings.counts import bound_union, change_estimates
from mappings.exported_overlap import (
    SAME_EXPORTED,
    open_exported_overlaps,
    with_exported_overlap,
)
from mappings.model import Estimate, Facts, FlowCount, FlowInput, Ledgered
from mappings.notes import TOTAL_MISFIT
from mappings.rules import in_force
from mappings.stated_total import SENSITIVE_TOGETHER, TOGETHER, stated_misfit, with_stated_total

DAY = date(2026, 11, 2)
COUNTED = ("individuals", "sensitive")


def count_of(persons, sensitive):
    own = len(persons & sensitive)
    return FlowCount(
        Estimate.exactly(len(persons), "declared"), Estimate.exactly(own, "declared"),
        ordinary=Estimate.exactly(len(persons), "declared"),
    )


def world(seed):
    """Flows with their persons, those who left, who is sensitive, and the true answer for each flow."""
    draw = random.Random(seed)
    everybody = range(400)
    sensitive = frozenset(draw.sample(everybody, draw.choice([0, 3, 120])))
    flows, exported, answers = {}, {}, {}
    for i in range(draw.choice([1, 1, 2, 3])):
        own = frozenset(draw.sample(everybody, draw.randrange(1, 200)))
        kind = draw.choice(["none", "yes", "more", "no", "some"])
        others = [p for p in everybody if p not in own]
        if kind == "yes":
            exported[f"f{i}"] = frozenset(draw.sample(sorted(own), draw.randrange(1, len(own) + 1)))
        elif kind == "more":
            exported[f"f{i}"] = own | frozenset(draw.sample(others, 20))
        elif kind == "no":
            exported[f"f{i}"] = frozenset(draw.sample(others, 30))
        elif kind == "some":
            exported[f"f{i}"] = frozenset(draw.sample(everybody, 50))
        answers[f"f{i}"] = {"more": "yes"}.get(kind, kind if kind in ("yes", "no") else "unknown")
        flows[f"f{i}"] = own
    elsewhere = frozenset(draw.sample(everybody, 40)) if draw.random() < 0.3 else frozenset()
    return flows, exported, answers, sensitive, elsewhere


def facts_of(seed, answered=True):
    flows, exported, answers, sensitive, elsewhere = world(seed)
    parts = tuple(
        FlowInput(
            id, count_of(own, sensitive), country="DE",
            facts={SAME_EXPORTED: answers[id]} if answered else {},
        )
        for id, own in flows.items()
    )
    unions = {}
    for size in range(1, len(flows) + 1):
        for ids in combinations(sorted(flows), size):
            now = bound_union([count_of(flows[id], sensitive) for id in ids])
            past = [count_of(exported[id], sensitive) for id in ids if id in exported]
            past += [count_of(elsewhere, sensitive)] if elsewhere else []
            if past or size > 1:
                union = bound_union([now, *past])
                unions[ids] = replace(union, remaining=now) if past else union
    facts = Facts(
        "a", DAY, parts, {"ciio": "no", "important_data": "none"}, unions,
        exported={id: Ledgered(count_of(left, sensitive), (), True) for id, left in exported.items()},
        exported_elsewhere=count_of(elsewhere, sensitive) if elsewhere else None,
    )
    return facts, (flows, exported, answers, sensitive, elsewhere)


def truth(ids, made):
    flows, exported, _, sensitive, elsewhere = made
    everybody = elsewhere.union(*(flows[id] | exported.get(id, frozenset()) for id in ids))
    return {"individuals": len(everybody), "sensitive": len(everybody & sensitive)}


@pytest.mark.parametrize("seed", range(150))
def test_a_true_answer_leaves_the_truth_inside_and_narrows(seed):
    asked, made = facts_of(seed, answered=False)
    answered, _ = facts_of(seed)
    settled = with_exported_overlap(answered)

    assert with_exported_overlap(asked) == asked
    assert with_exported_overlap(settled) == settled
    for ids, union in settled.unions.items():
        before = asked.unions[ids]
        for name, n in truth(ids, made).items():
            estimate, earlier = getattr(union, name), getattr(before, name)
            if name == "sensitive" and any(made[2][id] == "yes" for id in ids):
                continue                      # the sensitive ones are drawn apart: the answer is of both
            assert estimate.low <= n <= estimate.high, (ids, name)
            assert earlier.low <= estimate.low <= estimate.high <= earlier.high


@pytest.mark.parametrize("seed", range(150))
def test_of_one_flow_alone_an_answer_leaves_one_number(seed):
    facts, made = facts_of(seed)
    _, exported, answers, _, elsewhere = made
    for (id,) in (ids for ids in facts.unions if len(ids) == 1):
        if answers[id] != "unknown" and not elsewhere and id in exported:
            union = with_exported_overlap(facts).unions[(id,)]
            assert union.individuals.low == union.individuals.high == truth((id,), made)["individuals"]


@pytest.mark.parametrize("seed", range(60))
def test_it_is_open_of_every_flow_with_stated_numbers_and_of_no_other(seed):
    asked, (_, exported, *_) = facts_of(seed, answered=False)
    linked = replace(asked, exported={id: replace(e, stated=False) for id, e in asked.exported.items()})

    assert {flow for flow, _ in open_exported_overlaps(asked)} == set(exported)
    assert list(open_exported_overlaps(linked)) == []
    for _, ends in open_exported_overlaps(asked):
        assert set(ends) == {"yes", "no"}


@pytest.mark.parametrize("seed", range(60))
def test_the_stated_total_is_taken_where_it_fits_and_refused_elsewhere(seed):
    facts, made = facts_of(seed, answered=False)
    ids = tuple(sorted(made[0]))
    right = truth(ids, made)
    stated = replace(facts, values={
        **facts.values, TOGETHER: str(right["individuals"]), SENSITIVE_TOGETHER: str(right["sensitive"]),
    })
    if len(ids) == 1 and ids not in facts.unions:
        assert with_stated_total(stated, ids) is stated
        return
    union = with_stated_total(stated, ids).unions[ids]

    for name, n in right.items():
        assert (getattr(union, name).low, getattr(union, name).high) == (n, n)
    assert union.ordinary.low <= right["individuals"] <= union.ordinary.high
    bounds = facts.unions[ids]
    for name, estimate in ((TOGETHER, bounds.individuals), (SENSITIVE_TOGETHER, bounds.sensitive)):
        for n in (estimate.low - 1, estimate.high + 1):
            if n >= 0:
                wrong = replace(facts, values={name: str(n)})
                assert with_stated_total(wrong, ids) is wrong
                assert stated_misfit(wrong, ids).code == TOTAL_MISFIT


def test_an_open_end_stays_open():
    """What left before is not known: no answer on those who are known closes it."""
    own, left = Estimate.exactly(80_000, "declared"), Estimate.exactly(50_000, "declared")
    now = FlowCount(own, Estimate.exactly(0))
    union = change_estimates(bound_union([now, FlowCount(left, Estimate.exactly(0))]), high=None)
    facts = Facts(
        "a", DAY, (FlowInput("f", now, facts={SAME_EXPORTED: "no"}), ), {},
        {("f",): replace(union, remaining=change_estimates(now, high=None))},
        exported={"f": Ledgered(FlowCount(left, Estimate.exactly(0)), (), True)},
    )

    assert with_exported_overlap(facts).unions[("f",)].individuals.high is None
    assert in_force(DAY).raw["facts"][SAME_EXPORTED]["scope"] == "flow"
