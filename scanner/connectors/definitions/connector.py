"""A file of definitions as a source of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.masking import mask_values
from detectors.message import Msg
from detectors.model import Skipped, TableInfo, TableRef
from detectors.redaction import redact
from scanner.connectors.definitions import DefinitionKind
from scanner.connectors.definitions.ddl import read_definitions, unread_parts
from scanner.connectors.definitions.documents import avro_tables, dbt_tables, json_schema_tables
from scanner.connectors.protocol import Sample, Where
from scanner.connectors.sql.masked_names import shown_refs, with_shown_columns

_ENCODINGS = ("utf-8-sig", "gb18030")


class DefinitionsConnector:
    """The tables that a file defines; no rows."""

    def __init__(self, path: Path, kind: DefinitionKind, name: str) -> None:
        """Read the file. Raise SourceError where it cannot be read, or is not what it says it is."""
        where = redact(str(path))
        if not path.exists():
            raise SourceError(Msg("no such file"), where=where)
        check_regular(path, where)
        try:
            content = path.read_bytes()
        except OSError as e:
            what = Msg("cannot be read ({what})", what=e.strerror or "error")
            raise SourceError(what, where=where) from None
        self._name = name
        self._infos: list[TableInfo | Skipped] = [*_read(content, kind, path, where)]

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield the tables by name, and what could not be understood."""
        infos = [info for info in self._infos if isinstance(info, TableInfo) and info.columns]
        empty = sum(isinstance(info, TableInfo) and not info.columns for info in self._infos)
        if empty:
            what = Msg.plural(
                "{n:,} table of the definition has no columns",
                "{n:,} tables of the definition have no columns",
                n=empty,
            )
            yield Skipped(self._name, what, Msg("scan the database, or describe the columns"))
        own = {ref: shown for shown, ref in shown_refs(info.ref for info in infos).items()}
        for info in sorted(infos, key=lambda info: (info.ref.schema, info.ref.name)):
            shown, _ = with_shown_columns(info)
            yield TableInfo(
                own.get(info.ref, info.ref),
                shown.columns,
                info.comment,
                kind="dictionary",
                foreign_keys=info.foreign_keys,
            )
        yield from (info for info in self._infos if isinstance(info, Skipped))

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Raise SourceError: there are no rows."""
        raise SourceError(Msg("a definition has no rows"), where=f"{self._name}/{ref.name}")

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Any:
        """Raise SourceError: there are no rows."""
        raise SourceError(
            Msg("a definition has no rows"),
            where=f"{self._name}/{ref.name}",
            hint=Msg("state declared counts in the flow"),
        )

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        """Return what is read: nothing."""
        return Msg("nothing to read")

    def close(self) -> None:
        """Nothing is open."""


def _read(content: bytes, kind: DefinitionKind, path: Path, where: str) -> Iterator[TableInfo | Skipped]:
    if kind == "sql":
        definitions = read_definitions(definition_text(content, where))
        yield from definitions.tables.values()
        yield from unread_parts(definitions, path.name)
        return
    try:
        document = json.loads(definition_text(content, where))
    except (ValueError, RecursionError):
        raise SourceError(Msg("not JSON in UTF-8"), where=where) from None
    name = mask_values(path.name.split(".", 1)[0])
    if kind == "dbt":
        yield from dbt_tables(document)
    elif kind == "avsc":
        yield from avro_tables(document, name)
    else:
        yield from json_schema_tables(document, name)


def definition_text(content: bytes, where: str) -> str:
    """Return the text of a file of definitions; raise SourceError where it is in no encoding we know."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(Msg("text in no encoding we know"), where=where, hint=Msg("save it as UTF-8"))
