"""Duties of flows: each with its clause; those that all flows have are listed once."""

from __future__ import annotations

from collections.abc import Sequence

from mappings.flow_report import FlowReport
from mappings.model import Duty
from reports.messages.render import render
from reports.messages.words import heading, t
from reports.wording.law import citation


def duty_words(duty: Duty, lang: str) -> str:
    """Return a duty with its clause."""
    source = citation(duty.source, duty.confidence_of_source, lang)
    space = "" if lang == "zh" and duty.path else " "
    path = heading(f"path.{duty.path}", lang) if duty.path else ""
    return f"{t('duty.' + duty.status, lang)}{space}{path}{render(duty.words, lang)}  {source}"


def shared_duties(flows: Sequence[FlowReport]) -> frozenset[Duty]:
    """Return the duties that all flows with duties have; none where there is only one such flow."""
    duties = [frozenset(flow.duties) for flow in flows if flow.duties]
    return frozenset.intersection(*duties) if len(duties) > 1 else frozenset()
