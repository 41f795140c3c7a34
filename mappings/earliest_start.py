"""When a planned flow could begin at the earliest: an estimate where an authority decides, never a promise.

Source: 数据出境安全评估办法 第七条、第十二条 (completeness, acceptance, assessment; each may take longer).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from mappings.calendar import add_working_days
from mappings.deadlines import Deadline
from mappings.plan import DecidedFlow
from mappings.rules import RuleSet

EARLIEST_START = "earliest_start"


def planned_starts(flows: Iterable[DecidedFlow], rules: RuleSet, as_of: date) -> Iterator[Deadline]:
    """Yield, for each planned flow that may need an assessment, the earliest day if it is applied for today.

    A contract lets a flow begin on the day it takes effect, a certificate on the day it is issued: no date
    follows from today.
    """
    rule = rules.raw["validity"].get("assessment_time")
    if rule is None or not rules.applies(rule):
        return
    on, estimated = add_working_days(as_of, rule["start_working_days"])
    for each in flows:
        if each.flow.status == "planned" and "security_assessment" in each.decision.possible:
            yield Deadline(
                each.flow.id, EARLIEST_START, on, rule["source"], rule["confidence"], estimated,
                flows=(each.flow.id,),
            )
