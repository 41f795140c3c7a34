"""How a table was read, or why not and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.message import Text
from detectors.model import Loss
from reports.messages.legacy import recognise_method
from reports.messages.render import render
from reports.messages.words import join_list
from reports.model import Report, TableReport


def unread_words(reason: Text, hint: Text, lang: str) -> str:
    """Return why something was not read and what to do about it, as sentences."""
    return join_list((render(part, lang) for part in (reason, hint) if part), "sentences", lang)


def sampling_words(method: Text, lang: str) -> str:
    """Return how a sample was drawn, and of how many shards; shards may be drawn in several ways."""
    return render(recognise_method(method), lang)


def assumptions(report: Report) -> Iterator[tuple[TableReport, Loss]]:
    """Yield what had to be assumed while values were read, table by table; what was lost is skipped."""
    for table in report.tables:
        yield from ((table, loss) for loss in table.losses if not loss.lost)
