"""A counter that nobody stated is unknown: every number that fits stays possible and is asked for."""

from datetime import date
from itertools import combinations, product

import pytest

from detectors.errors import ConfigError
from detectors.labels import label_word
from mappings.counts import UNSTATED, declared_count
from mappings.decide import decide
from mappings.model import Declared, Estimate, Facts, FlowCount, FlowInput
from mappings.readiness import OTHER_ACTS
from mappings.rules import in_force, path_rank
from mappings.taxonomy import load_taxonomy
from scanner.records.stated_facts import parse_stated_facts

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
HEAD = "facts: {ciio: 'no', important_data: none}\n"
FIGURES = {  # whole statements: persons of every kind
    "few": {"individuals": 5_000, "ordinary": 5_000, "ordinary_only": 5_000, "sensitive": 0, "minors": 0},
    "some sensitive": {
        "individuals": 50_000, "ordinary": 49_900, "ordinary_only": 49_000, "sensitive": 1_000, "minors": 30,
    },
    "many": {
        "individuals": 400_000, "ordinary": 400_000, "ordinary_only": 380_000, "sensitive": 20_000,
        "minors": 0,
    },
    "nobody": {"individuals": 0, "ordinary": 0, "ordinary_only": 0, "sensitive": 0, "minors": 0},
}


def decision(*flows, together=None):
    stated = [f"{{id: f{i}, recipient: HQ, {_inline(flow)}}}" for i, flow in enumerate(flows)]
    text = HEAD + "flows:\n" + "".join(f"- {flow}\n" for flow in stated)
    text += f"together: {{{_inline(together)}}}\n" if together is not None else ""
    (facts,) = parse_stated_facts(text.replace(", }", "}"), "facts.yaml", RULES, {}, DAY).facts
    return decide(facts, RULES)


def _inline(figures):
    return ", ".join(f"{name}: {n}" for name, n in figures.items())


def subsets(figures):
    for size in range(len(figures) + 1):
        for names in combinations(figures, size):
            yield {name: figures[name] for name in names}


@pytest.mark.parametrize("whole", FIGURES.values(), ids=FIGURES)
def test_what_is_left_out_leaves_the_path_of_the_whole_possible(whole):
    right = set(decision(whole).flows["f0"].possible)
    for figures in subsets(whole):
        found = decision(figures).flows["f0"]

        assert right <= set(found.possible), figures
        assert found.certain is (len(found.possible) == 1), figures
        if not found.certain and right != set(found.possible):
            assert {q.fact for q in found.questions} & OTHER_ACTS, figures


@pytest.mark.parametrize(("one", "other"), product(FIGURES.values(), repeat=2), ids=str)
def test_persons_together_never_lose_those_of_each_flow(one, other):
    persons = max(one["individuals"], other["individuals"])
    sensitive = max(one["sensitive"], other["sensitive"])
    whole = {"individuals": persons, "sensitive": sensitive}
    least = set(decision(one, other, together=whole).entity.possible)

    assert least <= set(decision(one, other, together={"individuals": persons}).entity.possible)
    assert least <= set(decision(one, other, together={}).entity.possible)
    with pytest.raises(ConfigError):
        decision(one, other, together={"individuals": one["individuals"] + other["individuals"] + 1})


@pytest.mark.parametrize(("sensitive", "minors"), product((None, 0, 20), (None, 0, 20)))
def test_a_declared_count_keeps_blanks_open(sensitive, minors):
    count = declared_count(Declared(300, sensitive, "lin", DAY, "list", minors), "declared")

    assert count.sensitive.low == (sensitive if sensitive is not None else minors or 0)
    assert count.sensitive.high == (sensitive if sensitive is not None else 300)
    assert count.minors.high == (minors if minors is not None else count.sensitive.high)


@pytest.mark.parametrize(("one", "other"), [(99_999, 10), (60_000, 60_000), (999_990, 20)])
def test_an_overlap_that_matters_is_asked_for_and_settled_in_one_line(one, other):
    flows = [{"individuals": n, "sensitive": 0} for n in (one, other)]

    assert "persons_together" in {q.fact for q in decision(*flows).entity.questions}
    for persons in (max(one, other), one + other):
        assert decision(*flows, together={"individuals": persons}).entity.certain


@pytest.mark.parametrize("counter", ["individuals", "sensitive"])
def test_an_interval_across_a_line_is_asked_for(counter):
    figures = {"individuals": 2_000, "sensitive": 0} | {counter: "{low: 0, high: 1500000}"}
    figures["individuals"] = "{low: 2000, high: 1500000}"

    assert {q.fact for q in decision(figures).flows["f0"].questions} & OTHER_ACTS


@pytest.mark.parametrize("label", load_taxonomy().entries)
def test_a_sensitive_kind_has_sensitive_persons(label):
    kind = f"kinds: [{label_word(label).zh}]"
    text = HEAD + "flows:\n- {id: f, recipient: HQ, individuals: 500, " + kind
    sensitive = load_taxonomy().entries[label].sensitive == "yes"

    (facts,) = parse_stated_facts(text + "}\n", "facts.yaml", RULES, {}, DAY).facts
    assert facts.flows[0].count.sensitive.low == int(sensitive)
    if sensitive:
        with pytest.raises(ConfigError):
            parse_stated_facts(text + ", sensitive: 0}\n", "facts.yaml", RULES, {}, DAY)


def test_a_kind_that_is_none_is_refused_by_name():
    text = HEAD + "flows:\n- {id: f, recipient: HQ, individuals: 5, sensitive: 0, kinds: [病例册]}\n"

    with pytest.raises(ConfigError, match="病例册"):
        parse_stated_facts(text, "facts.yaml", RULES, {}, DAY)


SIZES = (1, 9_999, 10_000, 99_999, 100_000, 100_001, 999_999, 1_000_000, 1_009_999)


@pytest.mark.parametrize("persons", SIZES)
@pytest.mark.parametrize("stance", ["strict", "practice"])
def test_blank_sensitive_persons_allow_what_some_number_of_them_allows(persons, stance):
    """Neither more nor less: no path that no split gives, and the lowest is that of some split."""
    known = {"ciio": "no", "important_data": "none", "readings": stance}

    def possible(sensitive):
        everybody = Estimate.exactly(persons)
        blank = Estimate(0, 0, persons, "declared", UNSTATED)
        some = blank if sensitive is None else Estimate.exactly(sensitive)
        flow = FlowInput("f", FlowCount(everybody, some, Estimate.exactly(0)))
        decided = decide(Facts("a", DAY, (flow,), known), RULES)
        return decided.flows["f"]

    splits = {0, 1, 9_999, 10_000, persons - 999_999, persons - 99_999, persons}
    each = {path for n in splits if 0 <= n <= persons for path in possible(n).possible}
    blank = possible(None)

    assert min(map(path_rank, blank.possible)) == min(map(path_rank, each))
    assert max(map(path_rank, blank.possible)) == max(map(path_rank, each))
    if not blank.certain:
        assert "sensitive_persons" in [question.fact for question in blank.questions]
