"""The year's ledger in the state: append, read, verify.

What somebody with the state alone can learn: which flows were recorded, when, and how many persons. Not who:
a hash is SipHash under a key that is not in the state, so enumerating every mobile number gives nothing to
compare. What somebody with the key and the state can learn: whether a given number is in a set. What the
seals show: a changed, inserted or removed entry. What they cannot show: the whole state put back to an older
copy; keep the seal that `chujing ledger show` prints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, StateError
from detectors.message import Msg
from mappings.ledger_entries import LedgerEntry, entry_seal
from scanner.state import database
from scanner.state.reader import open_reader

if TYPE_CHECKING:
    from mappings.ledger import PersonSet

MOST_IN_MEMORY = 128 << 20                         # bytes of a year's entries in memory; more wait on disk
# stored names
SEALED_KEYS = ("entity", "flow", "period", "how", "rows", "recorded", "kinds", "by", "evidence")


@dataclass(frozen=True, slots=True)
class StatedPersons:
    """Head-counts that somebody states for persons exported earlier.

    sensitive: of all, those with sensitive data.
    """

    individuals: int
    sensitive: int
    by: str
    evidence: str


def month_bounds(period: str) -> tuple[date, date]:
    """Return the first day, and the first day after, of `2026-11`; raise ConfigError for anything else."""
    try:
        first = date.fromisoformat(f"{period}-01")
    except ValueError:
        raise ConfigError(Msg('"{text}" is no month', text=period), hint=Msg("write it as 2026-11")) from None
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def check_period(period: str, day: date) -> None:
    """Raise ConfigError for a period that is not of months of the year up to a day."""
    first, _, last = period.partition("..")
    (start, _), (end, _) = month_bounds(first), month_bounds(last or first)
    if end < start:
        raise ConfigError(Msg('the period "{text}" ends before it begins', text=period))
    if start.year != day.year or end > day:
        raise ConfigError(
            Msg('the period "{text}" is not of this year up to {day}', text=period, day=day),
            hint=Msg("--as-of names another day"),
        )


def measured_entry(entity: str, flow: str, period: str, persons: PersonSet, rows: int) -> LedgerEntry:
    """Return an entry for persons that were counted now."""
    from mappings.ledger import NO_THRESHOLD

    kinds = tuple(dict.fromkeys(label for label, _ in persons.hashes))
    how = "exact" if persons.below == NO_THRESHOLD else "sketch"
    return LedgerEntry(entity, flow, period, how, rows, _now(), kinds, persons)


def declared_entry(entity: str, flow: str, period: str, stated: StatedPersons) -> LedgerEntry:
    """Return an entry for persons somebody states.

    Nobody can say who they are, so a union with others is an interval.
    """
    from mappings.ledger import AGED, ORDINARY, SENSITIVE, PersonSet

    sensitive, individuals = stated.sensitive, stated.individuals
    if not 0 <= sensitive <= individuals:
        raise ConfigError(
            Msg("{n} sensitive of {of} individuals", n=sensitive, of=individuals),
            hint=Msg("sensitive persons are part of all persons"),
        )
    # whoever states the sensitive ones counts those under 14 among them
    groups = {AGED | ORDINARY | SENSITIVE: sensitive, AGED | ORDINARY: individuals - sensitive}
    persons = PersonSet({}, declared=({flags: n for flags, n in groups.items() if n},))
    return LedgerEntry(entity, flow, period, "declared", 0, _now(), (), persons, stated.by, stated.evidence)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _sealed_text(e: LedgerEntry) -> str:
    """Return what is sealed of an entry beside its persons, as JSON."""
    return json.dumps({name: getattr(e, name) for name in SEALED_KEYS}, ensure_ascii=False, sort_keys=True)


def append_entry(folder: Path, key: bytes, year: int, e: LedgerEntry) -> int:
    """Put an entry at the end of a year and return its number.

    Raise StateError when the end of the ledger was tampered with. The same persons of the same flow and
    period may be recorded already, where a run was killed after that or nothing changed since: then the
    number of their entry is returned, for rows without any key would otherwise count once for each time.
    """
    import sqlalchemy as sa

    from mappings.ledger_bytes import to_bytes
    from scanner.state.tables import LEDGER_ENTRY, LEDGER_HEAD

    head, body = _sealed_text(e), to_bytes(e.persons)
    with database.connection(folder, create=True) as connection:
        number, last = _ledger_end(connection, key, year, folder)
        if e.how != "declared" and (recorded := _same_entry_number(connection, year, head, body)) is not None:
            return recorded
        number += 1
        mark = entry_seal(key, last, head.encode(), body)
        row = {"year": year, "number": number, "head": head, "persons": body, "seal": mark}
        connection.execute(sa.insert(LEDGER_ENTRY), row)
        connection.execute(sa.delete(LEDGER_HEAD).where(LEDGER_HEAD.c.year == year))
        sealed_end = {"year": year, "entries": number, "seal": entry_seal(key, mark, str(number).encode())}
        connection.execute(sa.insert(LEDGER_HEAD), sealed_end)
    return number


def _same_entry_number(connection: Any, year: int, head: str, body: bytes) -> int | None:
    """Return the number of an entry of the same persons, flow and period; None where there is none."""
    import sqlalchemy as sa

    from scanner.state.tables import LEDGER_ENTRY

    same_persons = (LEDGER_ENTRY.c.year == year) & (LEDGER_ENTRY.c.persons == body)
    query = sa.select(LEDGER_ENTRY.c.number, LEDGER_ENTRY.c.head).where(same_persons)
    entry = json.loads(head)
    for number, text in connection.execute(query):
        other = json.loads(text)
        if all(other[name] == entry[name] for name in ("entity", "flow", "period", "how", "rows")):
            return int(number)
    return None


def _ledger_end(connection: Any, key: bytes, year: int, folder: Path) -> tuple[int, str]:
    """Return (number of entries of a year, seal of the last), checked against the sealed head."""
    import sqlalchemy as sa

    from scanner.state.tables import LEDGER_ENTRY, LEDGER_HEAD

    entry_query = sa.select(LEDGER_ENTRY.c.number, LEDGER_ENTRY.c.seal).where(LEDGER_ENTRY.c.year == year)
    last = connection.execute(entry_query.order_by(LEDGER_ENTRY.c.number.desc())).first()
    head_query = sa.select(LEDGER_HEAD.c.entries, LEDGER_HEAD.c.seal).where(LEDGER_HEAD.c.year == year)
    head = connection.execute(head_query).first()
    number, mark = (last[0], last[1]) if last else (0, "")
    expected = None if last is None else (number, entry_seal(key, str(mark), str(number).encode()))
    if (None if head is None else tuple(head)) != expected:
        raise StateError(
            Msg("the end of the ledger was changed outside chujing"),
            where=Msg("ledger {n} of {place}", n=year, place=folder),
            hint=Msg("restore the state from its backup"),
        )
    return number, mark


def read_entries(folder: Path, key: bytes, year: int) -> Iterator[LedgerEntry]:
    """Yield every entry of a year in order; nothing where there is no state yet.

    Raise StateError at the first whose seal does not fit.
    """
    import sqlalchemy as sa

    from scanner.state.tables import LEDGER_ENTRY

    if not database.state_exists(folder):
        return
    columns = (LEDGER_ENTRY.c.number, LEDGER_ENTRY.c.head, LEDGER_ENTRY.c.persons, LEDGER_ENTRY.c.seal)
    query = sa.select(*columns).where(LEDGER_ENTRY.c.year == year).order_by(LEDGER_ENTRY.c.number)
    with database.connection(folder, create=False) as connection:
        _ledger_end(connection, key, year, folder)
        from mappings.ledger_bytes import from_bytes
        from mappings.stored_hashes import StoredHashes
        from mappings.unit_runs import UnitMemory

        last, size, memory = "", 0, UnitMemory()
        rows = connection.execute(query.execution_options(yield_per=1))          # some are large
        for i, (number, head, body, mark) in enumerate(rows, 1):
            where = Msg("ledger {n}, entry {of}", n=year, of=number)
            is_whole = isinstance(head, str) and isinstance(body, bytes)
            if number != i or not is_whole or entry_seal(key, last, head.encode(), body) != mark:
                raise StateError(
                    Msg("it was changed outside chujing, or sealed under another key"),
                    where=where,
                    hint=Msg("restore the state or the hash key from its backup"),
                )
            last = mark
            raw = json.loads(head)
            fields = {name: raw[name] for name in SEALED_KEYS} | {"kinds": tuple(raw["kinds"])}
            persons, size = from_bytes(body, where), size + len(body)
            if size > MOST_IN_MEMORY:
                persons = replace(persons, hashes=StoredHashes(persons.hashes, memory))
            yield LedgerEntry(**fields, persons=persons, number=number)


def newest_entry(folder: Path, year: int) -> str:
    """Return the moment of the newest entry of a year, unverified; empty where there is none."""
    if not database.state_exists(folder):
        return ""
    query = "SELECT head FROM ledger_entry WHERE year = :year"
    with open_reader(folder) as state:
        moments = [json.loads(head)["recorded"] for (head,) in state.rows(query, year=year)]
    return max(moments, default="")


def last_seal(folder: Path, key: bytes, year: int) -> str:
    """Return the seal of the last entry; empty where there is none."""
    with database.connection(folder, create=True) as connection:
        return _ledger_end(connection, key, year, folder)[1]
