"""Lines of a dry run: what would be read of each table, and what could not be listed."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.model import Skipped, TableId, TableInfo
from reports.messages.render import render
from reports.messages.words import t
from reports.wording.figures import number
from reports.wording.reading import unread_words


def table_lines(tid: TableId, info: TableInfo, plan: str, lang: str) -> Iterator[str]:
    """Yield a table with its rows and bytes, and the SQL or way of reading, if any."""
    rows, method = info.rows, info.rows.method
    how = t(f"method.{method}", lang) if lang == "zh" else method
    size = t("cli.dry_no_size", lang) if info.bytes is None else t("cli.dry_size", lang, n=number(info.bytes))
    if rows.high is None:
        count = t("cli.dry_no_rows", lang, how=how)
    else:
        count = t("cli.dry_rows", lang, n=number(rows.high), how=how)
    yield t("cli.dry", lang, id=tid, columns=len(info.columns), rows=count, size=size)
    if plan:
        yield "    " + " ".join(render(plan, lang).split())


def skipped_line(skipped: Skipped, lang: str) -> str:
    """Return what could not be listed, and why."""
    return t("cli.dry_skipped", lang, id=skipped.id, why=unread_words(skipped.reason, skipped.hint, lang))
