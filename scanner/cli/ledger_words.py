"""The ledger on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reports.messages.words import number, persons, t
from scanner.config import hash_key
from scanner.config.model import Config
from scanner.count import ledger
from scanner.count.ledger import LedgerEntry


def open_ledger(config: Config, year: int) -> tuple[Path, bytes]:
    """(folder of the state, the year's key), the key checked against the state."""
    base = Path(config.file).parent
    key, _ = hash_key.key_of_year(config.key_file, year, base)
    return base, key


def ledger_lines(config: Config | None, year: int, lang: str) -> Iterator[str]:
    """Entries in order, then distinct persons by entity and of the group, and the last seal."""
    assert config is not None
    base, key = open_ledger(config, year)
    book = list(ledger.entries(base, key, year))
    if not book:
        yield t("ledger.empty", lang, year=year)
        return
    for e in book:
        mine = ledger.count_persons([e])
        how = t(f"method.{e.how}", lang) + (f" ({e.by}: {e.evidence})" if e.by else "")
        yield t("ledger.entry", lang, number=e.number, period=e.period, flow=e.flow, people=persons(mine.individuals, lang),
                sensitive=persons(mine.sensitive, lang), how=how, kinds=", ".join(e.kinds) or "-", recorded=e.recorded)
    for entity in dict.fromkeys(e.entity for e in book):
        yield _total("ledger.total", [e for e in book if e.entity == entity], lang, entity=entity, year=year)
    if len({e.entity for e in book}) > 1:
        yield _total("ledger.group", book, lang, year=year)
    yield t("ledger.seal", lang, seal=ledger.last_seal(base, key, year))


def _total(words: str, book: list[LedgerEntry], lang: str, **more: object) -> str:
    people = ledger.count_persons(book)
    return t(words, lang, people=persons(people.individuals, lang), sensitive=persons(people.sensitive, lang), n=number(len(book)), **more)
