"""The year's ledger as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mappings.ledger_entries import LedgerEntry, count_entries
from reports.messages.words import t
from reports.wording.figures import method_words, number, persons


def ledger_lines(entries: Sequence[LedgerEntry], seal: str, year: int, lang: str) -> Iterator[str]:
    """Yield the entries in order, then the distinct persons by entity and of the group, and the last seal.

    seal: of the last entry; "" where there is none.
    """
    if not entries:
        yield t("ledger.empty", lang, year=year)
        return
    for entry in entries:
        yield _entry_line(entry, lang)
    for entity in dict.fromkeys(e.entity for e in entries):
        yield _total_line(
            "ledger.total", [e for e in entries if e.entity == entity], lang, entity=entity, year=year
        )
    if len({e.entity for e in entries}) > 1:
        yield _total_line("ledger.group", entries, lang, year=year)
    yield t("ledger.seal", lang, seal=seal)


def _entry_line(entry: LedgerEntry, lang: str) -> str:
    count = count_entries([entry])
    is_linked = entry.how == "exact"
    words = method_words(count.individuals, lang) if is_linked else t(f"method.{entry.how}", lang)
    how = words + (f" ({entry.by}: {entry.evidence})" if entry.by else "")
    return t(
        "ledger.entry",
        lang,
        number=entry.number,
        period=entry.period,
        flow=entry.flow,
        people=persons(count.individuals, lang),
        sensitive=persons(count.sensitive, lang),
        how=how,
        kinds=", ".join(entry.kinds) or "-",
        recorded=entry.recorded,
    )


def _total_line(words: str, entries: Sequence[LedgerEntry], lang: str, **more: object) -> str:
    count = count_entries(entries)
    individuals, sensitive = persons(count.individuals, lang), persons(count.sensitive, lang)
    return t(words, lang, people=individuals, sensitive=sensitive, n=number(len(entries)), **more)
