"""The tables of a remembered run: a row each, in full and in outline, so that a command reads what it needs.

The row of the run itself holds the rest of its report. A run of an earlier version is one JSON in its row.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.model import TableId
from reports.formats.json import to_json
from reports.model import Report, TableReport
from reports.outline import FindingKinds, OutlineReader, dump_outline
from reports.serial import build, dump
from scanner.state.reader import StateReader, names_of

if TYPE_CHECKING:
    import sqlalchemy as sa

APART = "tables_apart"                        # key of what a run's row says of tables that have rows
ROWS_AT_ONCE = 200                            # that are written by one statement, at most
BYTES_AT_ONCE = 2**21                         # after which a statement takes no further row
WINDOW = 2**15                                # bytes that compression looks back
MODELS = 8                                    # tables that others are compressed by
KEYS_AT_ONCE = 500                            # that are asked for by one statement
RunHead = Mapping[str, Any]                   # what the row of a run says, as JSON
OutlinesByDigest = MutableMapping[bytes, TableReport]


def state_key(id: str) -> str:
    """Return what stands for an id that may be too long for an index."""
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


class Packing:
    """Compresses rows of a run, which are short and much alike, by a text that is like them.

    model: JSON of some tables; it stands in the row of the run.
    """

    def __init__(self, model: str) -> None:
        self._model = model.encode("utf-8", "surrogatepass")[:WINDOW]
        self._mark = zlib.adler32(self._model).to_bytes(4, "big")
        self._start = zlib.compressobj(zdict=self._model)

    def packed(self, text: bytes) -> bytes:
        """Return a text compressed."""
        packer = self._start.copy()
        return packer.compress(text) + packer.flush()

    def unpacked(self, body: bytes) -> bytes:
        """Return a text that was compressed; raise zlib.error where it is damaged or of another model.

        The two bytes of zlib's head, the mark of the model behind them and the sum at the end are read here
        (RFC 1950): zlib itself sums up the whole model for each text, which takes longer than the text.
        """
        marked = body[1:2] >= b"\x20" and body[1] & 0x20
        if marked and body[2:6] != self._mark:
            raise zlib.error("packed by another model")
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=self._model)
        text = unpacker.decompress(body[6 if marked else 2 :])
        if unpacker.unused_data != zlib.adler32(text).to_bytes(4, "big"):
            raise zlib.error("damaged")
        return text


def as_text(value: Any) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _model_of(tables: Sequence[TableReport]) -> str:
    """Return JSON of some tables of a run, from its whole length, in outline and in full."""
    texts = []
    for table in tables[:: max(1, len(tables) // MODELS)][:MODELS]:
        texts += [as_text(part)[: WINDOW // MODELS // 2]
                  for part in (dump_outline(table, FindingKinds()), dump(table))]
    return b"".join(texts).decode("utf-8", "ignore")


# ---- writing


def write_tables(c: sa.Connection, report: Report) -> dict[str, Any]:
    """Write the tables of a run as rows; return the rest of its report, ready for JSON."""
    import sqlalchemy as sa

    from scanner.state.tables import RUN_TABLE

    kinds, model = FindingKinds(), _model_of(report.tables)
    packing = Packing(model)
    rows: list[dict[str, Any]] = []
    size = 0
    for place, table in enumerate(report.tables):
        outline, body = (
            packing.packed(as_text(value)) for value in (dump_outline(table, kinds), dump(table))
        )
        key = {"run": report.run.id, "id": state_key(table.id), "place": place}
        rows.append({**key, "outline": outline, "body": body})
        size += len(outline) + len(body)
        if len(rows) == ROWS_AT_ONCE or size > BYTES_AT_ONCE:
            c.execute(sa.insert(RUN_TABLE), rows)
            rows, size = [], 0
    if rows:
        c.execute(sa.insert(RUN_TABLE), rows)
    rest = to_json(replace(report, tables=()))
    return {**rest, APART: {"rows": len(report.tables), "kinds": kinds.dump(), "model": model}}


def delete_tables(c: sa.Connection, runs: sa.Select[Any]) -> None:
    """Delete the rows of some runs. runs: a query of their ids."""
    import sqlalchemy as sa

    from scanner.state.tables import RUN_TABLE

    c.execute(sa.delete(RUN_TABLE).where(RUN_TABLE.c.run.in_(runs)))


# ---- reading


def read_tables(c: StateReader, run: str, head: RunHead) -> tuple[TableReport, ...]:
    """Return the tables of a run in full; raise ValueError where rows are missing or damaged."""
    packing = Packing(head[APART]["model"])
    bodies = _column_of_rows(c, run, "body", head)
    return tuple(build(TableReport, json.loads(packing.unpacked(body))) for body in bodies)


def read_outlines(
    c: StateReader, run: str, head: RunHead, records: OutlinesByDigest
) -> tuple[TableReport, ...]:
    """Return the tables of a run in outline; raise ValueError where rows are missing or damaged.

    records: those that were read, to which these are added. A table that is equal in two runs is one record.
    """
    reader, packing = OutlineReader(head[APART]["kinds"]), Packing(head[APART]["model"])
    tables: list[TableReport] = []
    for outline in _column_of_rows(c, run, "outline", head):
        text = packing.unpacked(outline)
        mark = hashlib.blake2b(text, digest_size=16).digest()
        if (table := records.get(mark)) is None:
            table = records[mark] = reader.table(json.loads(text))
        tables.append(table)
    return tuple(tables)


def read_some_tables(
    c: StateReader, run: str, head: RunHead, ids: Collection[TableId]
) -> dict[TableId, TableReport]:
    """Return some tables of a run in full, by id; raise ValueError where one is missing."""
    whole = read_existing_tables(c, run, head, ids)
    if len(whole) != len(set(ids)):
        raise ValueError("tables are missing")
    return whole


def read_existing_tables(
    c: StateReader, run: str, head: RunHead, ids: Collection[str]
) -> dict[TableId, TableReport]:
    """Return those tables of a run in full that have one of the ids, by id."""
    packing = Packing(head[APART]["model"])
    keys = [state_key(id) for id in ids]
    whole: dict[TableId, TableReport] = {}
    for part in _parts(keys):
        names, values = names_of(part)
        query = f"SELECT body FROM run_table WHERE run = :run AND id IN ({names})"  # noqa: S608
        for (body,) in c.rows(query, run=run, **values):
            table: TableReport = build(TableReport, json.loads(packing.unpacked(body)))
            whole[table.id] = table
    return whole


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]


def _column_of_rows(c: StateReader, run: str, name: str, head: RunHead) -> Iterator[bytes]:
    """Yield a column of the rows of a run, in their order; raise ValueError where rows are missing."""
    query = f"SELECT {name} FROM run_table WHERE run = :run ORDER BY place"  # noqa: S608
    n = 0
    for (body,) in c.rows(query, run=run):
        n += 1
        yield body
    if n != head[APART]["rows"]:
        raise ValueError("tables are missing")
