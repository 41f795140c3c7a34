"""Iceberg tables, from a catalogue or a folder: what they are called and where they are, through pyiceberg.

The tables themselves are read by `iceberg_table`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, ExtraError, SourceError
from detectors.message import Msg
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.file_systems import open_file_system
from scanner.connectors.files.grouping import FileGroup, Grouping
from scanner.connectors.lake.iceberg_table import IcebergTable
from scanner.connectors.lake.options import check_credentials, endpoint, options_for, with_credentials
from scanner.connectors.protocol import Access, Connector
from scanner.connectors.urls import redact

SERVES = ("iceberg://",)
CATALOGUES = ("sql", "rest", "hive", "glue", "dynamodb")
Identifier = tuple[str, ...]                  # namespaces and name of a table


def connect(url: str, access: Access) -> Connector:
    """Open a catalogue or one table.

    A catalogue: `iceberg+sql:///catalog.db`, `iceberg+rest://host/path`, `iceberg+hive://host:9083`,
    `iceberg+glue://`, or `iceberg://NAME` of pyiceberg's own configuration. One table: `iceberg:///folder`,
    `iceberg+s3://bucket/folder` or the path of a metadata.json. Raise SourceError if it cannot be reached.
    """
    from scanner.connectors.files.source import FilesConnector

    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[2]
    if kind in CATALOGUES or (kind == "" and "/" not in rest):
        tables = _catalogue_tables(kind, rest, redact(url), access)
        groups = [FileGroup(i[-1], ".".join(i[:-1]), (), table) for i, table in tables.items()]
        return FilesConnector(Grouping(groups), access)
    where = (f"{kind}://{rest}" if kind else rest).rstrip("/")
    table = open_folder(where, access)
    name = re.sub(r"(/metadata)?/[^/]*\.metadata\.json$", "", re.split("[?#;]", where)[0]).rpartition("/")[2]
    table.table(name)                         # so that a wrong folder is one clear error now
    return FilesConnector(Grouping([FileGroup(name, "", (), table)]), access)


def open_folder(where: str, access: Access) -> IcebergTable:
    """Return the Iceberg table in a folder, or of a metadata.json; nothing is read yet."""
    return IcebergTable(partial(_load_static, where, access), redact(where))


def _load_static(where: str, access: Access) -> Any:
    from pyiceberg.table import StaticTable

    if not where.endswith(".metadata.json"):
        where = _newest_metadata(where, access)
    settings = _settings(access)
    check_credentials(where.split(":", 1)[0], settings, redact(where))
    return StaticTable.from_metadata(where, settings)


def _newest_metadata(where: str, access: Access) -> str:
    """Return the path of the newest metadata.json in a table's folder, by the number in its name."""
    if "://" in where:
        system, path = open_file_system(where, options_for("fsspec", access.options), access.timeout)
        names = system.glob(f"{path.rstrip('/')}/metadata/*.metadata.json")
        paths = [str(system.unstrip_protocol(name)) for name in names]
    else:
        paths = [str(path) for path in Path(where).glob("metadata/*.metadata.json")]
    if not paths:
        raise SourceError(Msg("no Iceberg table"), where=redact(where),
                          hint=Msg("the folder above metadata/ is meant, or a metadata.json"))
    return max(paths, key=lambda path: (int((re.search(r"/v?(\d+)[^/]*$", path) or ["", "0"])[1]), path))


def _settings(access: Access) -> dict[str, str]:
    """Return options as pyiceberg takes them."""
    own = options_for("iceberg", with_credentials(access.options))
    seconds = access.timeout
    limits = {"s3.connect-timeout": f"{min(seconds, 10):g}", "s3.request-timeout": f"{seconds:g}"}
    address = endpoint(access.options)
    return limits | ({"s3.endpoint": address} if address else {}) | own


def _catalogue_tables(kind: str, rest: str, where: str, access: Access) -> Mapping[Identifier, IcebergTable]:
    """Return the tables of a catalogue by name. kind: of catalogue; rest: of the URL, behind `://`."""
    try:
        from pyiceberg.catalog import load_catalog
    except ImportError:
        raise ExtraError(Msg("{what} needs {package}", what="Iceberg", package="pyiceberg"), where=where,
                         hint=Msg("pip install {package}", package="'chujing[lake]'")) from None
    settings = _settings(access)
    check_credentials(kind, settings, where)
    name = settings.pop("catalog", rest if kind == "" else "default")
    if kind:
        settings = {"type": kind, "uri": _catalogue_address(kind, rest, where)} | settings
    if access.password:
        settings.setdefault("credential", access.password)
    if kind == "sql":
        settings["init_catalog_tables"] = "false"               # a scan creates nothing
        name = access.options.get("catalog") or _only_catalogue(settings["uri"], where)
    with reader_errors(where):
        try:
            catalogue = load_catalog(name, **settings)
            identifiers = sorted(set(_identifiers(catalogue, ())))
        except ImportError as e:
            package = e.name or "another package"
            extra = f"'pyiceberg[{kind or 'sql-sqlite'}]'"
            raise ExtraError(Msg("this catalogue needs {package}", package=package), where=where,
                             hint=Msg("pip install {package}", package=extra)) from None
        except ValueError:
            raise ConfigError(Msg("the catalogue is not described"), where=where,
                              hint=Msg("options: uri, type, warehouse")) from None
    return {i: IcebergTable(partial(catalogue.load_table, i), f"{where} {'.'.join(i)}") for i in identifiers}


def _catalogue_address(kind: str, rest: str, where: str) -> str:
    """Return the address of a catalogue as pyiceberg takes it; a SQLite file is opened read-only."""
    if kind != "sql":
        return {"rest": "https://", "hive": "thrift://"}.get(kind, "") + rest
    path = "/" + rest.lstrip("/")
    if rest and not Path(path).exists():
        raise SourceError(Msg("no such catalogue"), where=where,
                          hint=Msg("iceberg+sql:///absolute/path/catalog.db, or options: uri"))
    return f"sqlite:///file:{path}?mode=ro&uri=true"


def _only_catalogue(uri: str, where: str) -> str:
    """Return the name of the one catalogue in a database. Raise ConfigError unless there is just one."""
    import sqlalchemy as sa

    engine = sa.create_engine(uri, hide_parameters=True)
    query = sa.text("SELECT DISTINCT catalog_name FROM iceberg_tables ORDER BY 1")
    try:
        with reader_errors(where), engine.connect() as connection:
            names = [str(name) for name in connection.execute(query).scalars()]
    finally:
        engine.dispose()
    if len(names) != 1:
        raise ConfigError(Msg("{n} catalogues are in this database", n=len(names)), where=where,
                          hint=Msg("options: catalog, one of {names}", names=tuple(names)))
    return names[0]


def _identifiers(catalogue: Any, namespace: Identifier) -> Iterator[Identifier]:
    """Yield the tables below a namespace."""
    for inner in catalogue.list_namespaces(namespace):
        if len(inner) > len(namespace):
            yield from (tuple(table) for table in catalogue.list_tables(inner))
            yield from _identifiers(catalogue, tuple(inner))
