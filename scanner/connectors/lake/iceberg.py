"""Iceberg tables, from a catalogue or a folder: the files of the current snapshot, less deleted rows, through pyiceberg."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import nested, parquet
from scanner.connectors.files.grouping import Group
from scanner.connectors.files.groups import RowGroup
from scanner.connectors.files.places import Place, file_system, shown, telling
from scanner.connectors.lake.options import asked, by_id, endpoint, options_for, renamed, with_credentials
from scanner.connectors.protocol import Access
from scanner.connectors.urls import redact

SERVES = ("iceberg://",)


def connect(url: str, access: Access) -> Any:
    """A catalogue or one table.

    `iceberg+sql:///catalog.db`, `iceberg+rest://host/path`, `iceberg+hive://host:9083`, `iceberg+glue://`; `iceberg://NAME` of pyiceberg's
    own configuration; `iceberg:///folder`, `iceberg+s3://bucket/folder` or the path of a metadata.json for one table.
    """
    from scanner.connectors.files.source import FilesConnector

    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[2]
    if kind in ("sql", "rest", "hive", "glue", "dynamodb") or (kind == "" and "/" not in rest):
        tables = _of_catalogue(kind, rest, redact(url), access)
        return FilesConnector([Group(t[-1], ".".join(t[:-1]), (), table) for t, table in tables], [], access.name, access.connections)
    where = (f"{kind}://{rest}" if kind else rest).rstrip("/")
    table = folder(where, access.options, access.timeout)
    called = re.sub(r"(/metadata)?/[^/]*\.metadata\.json$", "", where).rpartition("/")[2]
    table.table(called)
    return FilesConnector([Group(called, "", (), table)], [], access.name, access.connections)


def folder(where: str, options: Mapping[str, str], timeout: float) -> IcebergTable:
    """The Iceberg table in a folder, or of a metadata.json; nothing is read yet."""
    return IcebergTable(lambda: _static(where, options, timeout), redact(where))


def _static(where: str, options: Mapping[str, str], timeout: float) -> Any:
    from pyiceberg.table import StaticTable

    if not where.endswith(".metadata.json"):
        where = _newest(where, options, timeout)
    return StaticTable.from_metadata(where, _settings(options, timeout))


def _newest(where: str, options: Mapping[str, str], timeout: float) -> str:
    """The newest metadata.json of a table's folder."""
    if "://" in where:
        system, path = file_system(where, options_for("fsspec", options), timeout)
        found = [str(system.unstrip_protocol(p)) for p in system.glob(f"{path.rstrip('/')}/metadata/*.metadata.json")]
    else:
        found = [str(p) for p in Path(where).glob("metadata/*.metadata.json")]
    if not found:
        raise SourceError(
            Msg("no Iceberg table"),
            where=redact(where),
            hint=Msg("the folder above metadata/ is meant, or a metadata.json"),
        )
    return max(found, key=lambda p: (int((re.search(r"/v?(\d+)[^/]*$", p) or ["", "0"])[1]), p))


def _settings(options: Mapping[str, str], timeout: float) -> dict[str, str]:
    given = options_for("iceberg", with_credentials(options))
    limits = {"s3.connect-timeout": f"{min(timeout, 10):g}", "s3.request-timeout": f"{timeout:g}"}
    return limits | ({"s3.endpoint": endpoint(options)} if endpoint(options) else {}) | given


def _of_catalogue(
    kind: str, rest: str, where: str, access: Access,
) -> list[tuple[tuple[str, ...], IcebergTable]]:
    try:
        from pyiceberg.catalog import load_catalog
    except ImportError:
        raise ConfigError(
            Msg("{what} needs {package}", what="Iceberg", package="pyiceberg"),
            where=where,
            hint=Msg("pip install {package}", package="'chujing[lake]'"),
        ) from None
    given = _settings(access.options, access.timeout)
    name = given.pop("catalog", rest if kind == "" else "default")
    if kind:
        given = {"type": kind, "uri": _address(kind, rest, where)} | given
    if access.password:
        given.setdefault("credential", access.password)
    if kind == "sql":
        given["init_catalog_tables"] = "false"                  # a scan creates nothing
        name = access.options.get("catalog") or _only_name(given["uri"], where)
    with telling(where):
        try:
            catalogue = load_catalog(name, **given)
            identifiers = sorted(set(_identifiers(catalogue, ())))
        except ImportError as e:
            raise ConfigError(
                f"this catalogue needs {e.name or 'another package'}",
                where=where,
                hint=Msg("pip install {package}", package=f"'pyiceberg[{kind or 'sql-sqlite'}]'"),
            ) from None
        except ValueError:
            raise ConfigError(
                Msg("the catalogue is not described"), where=where, hint=Msg("options: uri, type, warehouse")
            ) from None
    return [(i, IcebergTable(lambda i=i: catalogue.load_table(i), f"{where} {'.'.join(i)}")) for i in identifiers]   # type: ignore[misc]


def _address(kind: str, rest: str, where: str) -> str:
    """Where the catalogue is, as pyiceberg wants it; a SQLite file is opened read-only."""
    if kind != "sql":
        return {"rest": "https://", "hive": "thrift://"}.get(kind, "") + rest
    path = "/" + rest.lstrip("/")
    if rest and not Path(path).exists():
        raise SourceError(
            Msg("no such catalogue"),
            where=where,
            hint=Msg("iceberg+sql:///absolute/path/catalog.db, or options: uri"),
        )
    return f"sqlite:///file:{path}?mode=ro&uri=true"


def _only_name(uri: str, where: str) -> str:
    """The name a SQL catalogue was made under, where there is one only."""
    import sqlalchemy as sa

    engine = sa.create_engine(uri, hide_parameters=True)
    try:
        with telling(where), engine.connect() as c:
            found = [str(r[0]) for r in c.execute(sa.text("SELECT DISTINCT catalog_name FROM iceberg_tables ORDER BY 1"))]
    finally:
        engine.dispose()
    if len(found) != 1:
        raise ConfigError(
            Msg("{n} catalogues are in this database", n=len(found)),
            where=where,
            hint=Msg("options: catalog, one of {names}", names=tuple(found)),
        )
    return found[0]


def _identifiers(catalogue: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for space in catalogue.list_namespaces(above):
        if len(space) > len(above):
            yield from (tuple(t) for t in catalogue.list_tables(space))
            yield from _identifiers(catalogue, tuple(space))


@dataclass(frozen=True, slots=True)
class Data(Place):
    """A data file of a snapshot, opened by pyiceberg."""

    task: Any = field(default=None, repr=False, compare=False)
    io: Any = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        return shown(self.path)

    @property
    def size(self) -> int:
        return self.told_size

    @property
    def far(self) -> bool:
        return "://" in self.path and not self.path.startswith("file://")

    def source(self) -> Any:
        with telling(self.where):
            return self.io.new_input(self.path).open()


class IcebergTable:
    """One Iceberg table at its current snapshot, which stays the same while it is read."""

    def __init__(self, load: Callable[[], Any], where: str) -> None:
        self._load, self._where = load, where

    @cached_property
    def _table(self) -> Any:
        with telling(self._where):
            try:
                return self._load()
            except ImportError:
                raise ConfigError(
                    Msg("{what} needs {package}", what="Iceberg", package="pyiceberg"),
                    where=self._where,
                    hint=Msg("pip install {package}", package="'chujing[lake]'"),
                ) from None

    @cached_property
    def _schema(self) -> pa.Schema:
        from pyiceberg.io.pyarrow import schema_to_pyarrow

        with telling(self._where):
            return schema_to_pyarrow(self._table.schema())

    @cached_property
    def _places(self) -> tuple[Data, ...]:
        with telling(self._where):
            try:
                tasks = sorted(self._table.scan().plan_files(), key=lambda t: str(t.file.file_path))
            except (ValueError, NotImplementedError) as e:
                if "equality delete" in str(e).lower():
                    raise SourceError(
                        Msg("rows were deleted by equality, which pyiceberg does not read"),
                        where=self._where,
                        hint=Msg("rewrite the data files of the table"),
                    ) from None
                raise
            return tuple(Data(t.file.file_path, None, t.file.file_size_in_bytes, "", self._fixed(t.file), task=t, io=self._table.io)
                         for t in tasks)

    def _fixed(self, file: Any) -> dict[str, Any]:
        """Values of the columns a file is partitioned by as they are; transformed ones say nothing exact."""
        spec, schema = self._table.metadata.specs()[file.spec_id], self._table.schema()
        known = {f.field_id: f.name for f in schema.fields}
        return {known[f.source_id]: file.partition[i] for i, f in enumerate(spec.fields)
                if str(f.transform) == "identity" and f.source_id in known}

    def table(self, name: str) -> TableInfo:
        """What the metadata say of it."""
        places = self._places
        about = self._table.metadata
        snapshot = about.current_snapshot_id
        keys = tuple(f.name for f in self._table.spec().fields)
        return TableInfo(
            TableRef(name), nested.columns(self._schema), comment=self._table.properties.get("comment", ""), kind="file",
            rows=Rows(0, sum(p.task.file.record_count for p in places), "statistics"), bytes=sum(p.size for p in places),
            fingerprint=f"iceberg {about.table_uuid} {snapshot} {about.current_schema_id}", partitioned_by=keys,
            partitions=len({repr(p.task.file.partition) for p in places}) if keys else None,
            owner=self._table.properties.get("owner", ""),
        )

    def files(self) -> Sequence[Data]:
        """Data files of the snapshot, by path as text."""
        return self._places

    def groups(self, place: Data, ref: TableRef) -> list[RowGroup]:
        """Row groups; a file whose rows were deleted or whose columns need the library's help is one group."""
        names = self._names(place)
        if names is None:
            count = sum(b.num_rows for b in self._scanned(place, [self._schema.names[0]]))
            return [RowGroup(place, count, lambda wanted: self._scanned(place, wanted))]
        return [RowGroup(place, g.rows, lambda wanted, g=g: renamed(g.read(asked(wanted, names)), names))   # type: ignore[misc]
                for g in parquet.groups(place, ref)]

    def stream(self, place: Data, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Rows of one data file that were not deleted."""
        names = self._names(place)
        if names is None:
            yield from self._scanned(place, wanted)
        else:
            yield from renamed(parquet.stream(place, ref, asked(wanted, names)), names)

    def _names(self, place: Data) -> dict[str, str] | None:
        """Dotted name in the file -> in the table, by field id; None where the library must read the file."""
        if place.task.delete_files or str(place.task.file.file_format).upper().rpartition(".")[2] != "PARQUET":
            return None
        with parquet.opened(place) as file:
            inside, leaves = by_id(file.schema_arrow), nested.leaves(file.schema_arrow)
        ours = by_id(self._schema)
        defaults = any(getattr(f, "initial_default", None) is not None for f in self._table.schema().fields)
        if len(inside) < len(leaves) or defaults or not set(place.partition) <= {ours[i] for i in inside if i in ours}:
            return None
        return {name: ours[i] for i, name in inside.items() if i in ours}

    def _scanned(self, place: Data, wanted: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """The file as pyiceberg reads it."""
        from pyiceberg.expressions import AlwaysTrue
        from pyiceberg.io.pyarrow import ArrowScan

        schema = self._table.schema()
        called = {c.name: c.parts[0].removesuffix("[]") for c in nested.columns(self._schema)}
        tops = list(dict.fromkeys(called[w] for w in wanted if w in called)) if wanted is not None else []
        shown = schema.select(*tops) if tops else schema
        with telling(place.where):
            for batch in ArrowScan(self._table.metadata, self._table.io, shown, AlwaysTrue()).to_record_batches([place.task]):
                yield nested.flat(batch)
