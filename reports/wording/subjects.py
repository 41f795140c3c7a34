"""Whose keys are is open: the columns, and the line of the configuration that settles it."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.message import Msg
from reports.messages.render import render
from reports.messages.words import t
from reports.model import Report

OPEN_NOTES = ("subjects_open", "open_accounts", "equal_accounts")


def subject_lines(report: Report, lang: str) -> Iterator[str]:
    """Yield the lines that settle whose keys are, each once; a note without such a line in full."""
    notes = [note for flow in report.flows for note in flow.count_notes if note.code in OPEN_NOTES]
    lines: dict[str, None] = {}
    for note in notes:
        values = note.message.values if isinstance(note.message, Msg) else {}
        lines[str(values["line"]) if "line" in values else render(note, lang)] = None
    for line in lines:
        yield f"{t('questions.subjects', lang)}  {line}"
