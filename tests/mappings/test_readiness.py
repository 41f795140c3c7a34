"""Readiness: nothing empty, unresolved, open or unknown passes; each obstacle names what settles it."""

from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.flow_report import PossibleField
from mappings.ledger_cover import EXPORT_UNKNOWN, exported_count, is_ledgered
from mappings.model import (
    PATHS,
    UNKNOWN,
    Decision,
    Declared,
    Estimate,
    FieldVerdict,
    Flow,
    FlowCount,
    Ledgered,
    Question,
    Recipient,
    law_text,
)
from mappings.readiness import STOPS, flow_readiness
from reports.messages.render import render

DAY = date(2026, 11, 2)
FILED = "standard_contract_or_certification"


def decision(*possible, questions=()):
    return Decision(possible[0] if len(possible) == 1 else "needs_review", possible, len(possible) == 1,
                    questions=questions)


def verdict(kind):
    return FieldVerdict("crm/t/c", "phone_mobile", kind, law_text("理由"), "", "verified")


@dataclass(frozen=True)
class Reported:
    """A flow that is ready, as long as nothing is changed."""

    flow: Flow = Flow(id="crm", entity="a", recipient=Recipient("HQ", "DE"), purpose="crm")
    decision: Decision = field(default_factory=lambda: decision(FILED))
    fields: tuple = (verdict("necessary"),)
    individuals: Estimate = Estimate.exactly(150_000)
    unresolved: tuple = ()
    personal: str = "yes"
    fields_to_settle: tuple = ()


QUESTION = Question("ciio", law_text("？"), law_text(""), {})
LACKS = {
    "no recipient": ({"flow": Flow("crm", "a", Recipient(" "), "crm")}, ["flow"]),
    "a part that leads to no column": ({"unresolved": ("total()",)}, ["fields"]),
    "a column that may be personal": ({"personal": "unknown"}, ["fields"]),
    "a field without a reason": ({"fields": (verdict("not_shown"),)}, ["fields"]),
    "a possible column": ({"fields_to_settle": (PossibleField("crm/t/d", "employer", "no"),)}, ["fields"]),
    "an open fact": ({"decision": decision(FILED, "security_assessment", questions=(QUESTION,))}, ["facts"]),
    "an open count": ({"individuals": Estimate(1, 2, None, "sketch")}, ["count"]),
    "nothing at all": ({"fields": (), "individuals": UNKNOWN}, ["flow", "count"]),
}


def test_a_flow_that_lacks_nothing_is_ready():
    assert flow_readiness(Reported()).is_ready


@pytest.mark.parametrize(("change", "steps"), LACKS.values(), ids=LACKS)
def test_what_is_lacking_is_named_at_its_step(change, steps):
    found = flow_readiness(Reported(**change))

    assert not found.is_ready
    assert [o.step for o in found.obstacles] == steps
    acts = ("chujing", "fill in the recipient", "name the fields", "name its fields")
    assert all(any(act in render(o.note, "en") for act in acts) for o in found.obstacles)


@pytest.mark.parametrize("path", sorted(STOPS))
@pytest.mark.parametrize("other", PATHS)
def test_what_may_have_to_stop_is_never_ready(path, other):
    assert flow_readiness(Reported(decision=decision(*{path, other}))).aim == "stop"


# ---- what the ledger covers

STATED = Declared(10, 0, "王敏", DAY, "x")


def flow(status, since=None, until=None):
    return Flow("crm", "a", Recipient("HQ"), "crm", status=status, since=since, until=until, declared=STATED)


COVERED = {
    "planned: nothing left": (flow("planned"), (), True),
    "stopped last year": (flow("stopped", until=date(2025, 12, 20)), (), True),
    "stopped, nobody knows when": (flow("stopped"), ("2026-01",), False),
    "its months are there": (
        flow("stopped", date(2026, 3, 5), date(2026, 4, 2)), ("2026-03", "2026-04"), True,
    ),
    "a month is missing": (flow("stopped", date(2026, 3, 5), date(2026, 4, 2)), ("2026-03",), False),
    "running since September": (flow("active", date(2026, 9, 1)), ("2026-09", "2026-10"), True),
    "running, without a ledger": (flow("active", date(2026, 9, 1)), (), False),
    "began this month": (flow("active", date(2026, 11, 1)), (), True),
}


@pytest.mark.parametrize(("own", "periods", "covered"), COVERED.values(), ids=COVERED)
def test_the_ledger_covers_the_months_a_flow_ran(own, periods, covered):
    assert is_ledgered(own, periods, DAY) is covered


@given(
    status=st.sampled_from(["active", "stopped"]), since=st.dates(date(2025, 1, 1), DAY) | st.none(),
    until=st.dates(date(2025, 1, 1), DAY) | st.none(), months=st.sets(st.integers(1, 12)),
    persons=st.integers(0, 9) | st.none(),
)
def test_what_the_ledger_does_not_cover_has_no_upper_end(status, since, until, months, persons):
    periods = tuple(f"2026-{month:02d}" for month in sorted(months))
    count = FlowCount(Estimate.exactly(persons or 0), Estimate.exactly(0))
    own = flow(status, since, until if status == "stopped" else None)
    exported = None if persons is None else Ledgered(count, periods)
    covered = is_ledgered(own, periods if exported else (), DAY)

    found = exported_count(own, exported, DAY).individuals

    assert (found.high is None) is (not covered)
    assert (found.note == EXPORT_UNKNOWN) is (not covered)
    assert found.low == (persons or 0)
