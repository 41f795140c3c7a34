"""The year's ledger in the state: append, read, verify.

What somebody with the state alone can learn: which flows were recorded, when, and how many persons. Not who: a hash is SipHash under a
key that is not in the state, so enumerating every mobile number gives nothing to compare. What somebody with the key and the state can
learn: whether a given number is in a set. What the seals show: a changed, inserted or removed entry. What they cannot show: the whole
state put back to an older copy; keep the seal that `chujing ledger show` prints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, StateError
from detectors.message import Msg
from mappings.ledger import ORDINARY, SENSITIVE, WHOLE, LedgerEntry, PersonSet, from_bytes, seal, to_bytes
from scanner.state import store


def month_bounds(period: str) -> tuple[date, date]:
    """First day, and first day after, of `2026-11`; ConfigError for anything else."""
    try:
        first = date.fromisoformat(f"{period}-01")
    except ValueError:
        raise ConfigError(Msg('"{text}" is no month', text=period), hint=Msg("write it as 2026-11")) from None
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def measured_entry(entity: str, flow: str, period: str, persons: PersonSet, rows: int) -> LedgerEntry:
    """An entry for what was counted now."""
    kinds = tuple(dict.fromkeys(label for label, _ in persons.hashes))
    return LedgerEntry(entity, flow, period, "exact" if persons.below == WHOLE else "sketch", rows, _now(), kinds, persons)


def declared_entry(entity: str, flow: str, period: str, individuals: int, sensitive: int, by: str, evidence: str) -> LedgerEntry:
    """An entry for persons somebody states: nobody can say who they are, so a union with others is an interval."""
    if not 0 <= sensitive <= individuals:
        raise ConfigError(
            Msg("{n} sensitive of {of} individuals", n=sensitive, of=individuals),
            hint=Msg("sensitive persons are part of all persons"),
        )
    people = {f: n for f, n in ((ORDINARY | SENSITIVE, sensitive), (ORDINARY, individuals - sensitive)) if n}
    return LedgerEntry(entity, flow, period, "declared", 0, _now(), (), PersonSet({}, declared=(people,)), by, evidence)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _head(e: LedgerEntry) -> str:
    return json.dumps({"entity": e.entity, "flow": e.flow, "period": e.period, "how": e.how, "rows": e.rows, "recorded": e.recorded,
                       "kinds": e.kinds, "by": e.by, "evidence": e.evidence}, ensure_ascii=False, sort_keys=True)


def append(base: Path, key: bytes, year: int, e: LedgerEntry) -> int:
    """Put an entry at the end of a year; its number. StateError when the end of the ledger was tampered with.

    The same persons of the same flow and period are there already where a run was killed after it had recorded, or nothing changed since:
    their entry's number is given, for rows without any key would otherwise count once for each time.
    """
    import sqlalchemy as sa

    head, body = _head(e), to_bytes(e.persons)
    with store.connection(base, create=True) as connection:
        number, before = _end(connection, key, year, base)
        same = connection.execute(sa.text("SELECT number, head FROM ledger_entry WHERE year = :y AND persons = :p"), {"y": year, "p": body})
        for there, told in same if e.how != "declared" else ():
            if all(json.loads(told)[k] == json.loads(head)[k] for k in ("entity", "flow", "period", "how", "rows")):
                return int(there)
        number += 1
        mark = seal(key, before, head.encode(), body)
        connection.execute(
            sa.text("INSERT INTO ledger_entry (year, number, head, persons, seal) VALUES (:y, :n, :h, :p, :s)"),
            {"y": year, "n": number, "h": head, "p": body, "s": mark},
        )
        connection.execute(sa.text("DELETE FROM ledger_head WHERE year = :y"), {"y": year})
        connection.execute(sa.text("INSERT INTO ledger_head (year, entries, seal) VALUES (:y, :n, :s)"),
                           {"y": year, "n": number, "s": seal(key, mark, str(number).encode())})
    return number


def _end(connection: Any, key: bytes, year: int, base: Path) -> tuple[int, str]:
    """(entries of a year, seal of the last), checked against the sealed head."""
    import sqlalchemy as sa

    row = connection.execute(sa.text("SELECT number, seal FROM ledger_entry WHERE year = :y ORDER BY number DESC"), {"y": year}).first()
    head = connection.execute(sa.text("SELECT entries, seal FROM ledger_head WHERE year = :y"), {"y": year}).first()
    number, mark = (row[0], row[1]) if row else (0, "")
    if (head is None) != (row is None) or head is not None and (head[0] != number or head[1] != seal(key, mark, str(number).encode())):
        raise StateError(
            Msg("the end of the ledger was changed outside chujing"),
            where=Msg("ledger {n} of {place}", n=year, place=base),
            hint=Msg("restore the state from its backup"),
        )
    return number, mark


def entries(base: Path, key: bytes, year: int) -> Iterator[LedgerEntry]:
    """Every entry of a year in order; StateError at the first whose seal does not fit. Nothing where there is no state yet."""
    import sqlalchemy as sa

    if not store.exists(base):
        return
    with store.connection(base, create=False) as connection:
        _end(connection, key, year, base)
        before = ""
        rows = connection.execute(
            sa.text("SELECT number, head, persons, seal FROM ledger_entry WHERE year = :y ORDER BY number"), {"y": year})
        for i, (number, head, body, mark) in enumerate(rows, 1):
            where = Msg("ledger {n}, entry {of}", n=year, of=number)
            if number != i or seal(key, before, head.encode(), body) != mark:
                raise StateError(
                    Msg("it was changed outside chujing, or sealed under another key"),
                    where=where,
                    hint=Msg("restore the state or the hash key from its backup"),
                )
            before = mark
            told = json.loads(head)
            yield LedgerEntry(told["entity"], told["flow"], told["period"], told["how"], told["rows"], told["recorded"],
                        tuple(told["kinds"]), from_bytes(body, where), told["by"], told["evidence"], number)


def last_seal(base: Path, key: bytes, year: int) -> str:
    """The seal of the last entry; empty where there is none."""
    with store.connection(base, create=True) as connection:
        return _end(connection, key, year, base)[1]
