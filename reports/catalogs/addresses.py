"""Where the tables of a source are, as other programs name places: platform, host, port, database, files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from reports.catalogs.naming import CatalogTable
from reports.model import SourceReport

# ports of servers whose URL names none
PORTS = {
    "postgres": 5432, "mysql": 3306, "oracle": 1521, "mssql": 1433, "clickhouse": 8123, "hive": 10000,
    "doris": 9030, "starrocks": 9030, "tidb": 4000, "oceanbase": 2881,
}
DATABASE_FIRST = frozenset({"postgres", "mssql", "oracle", "snowflake", "bigquery"})    # schemas below it
BUCKETS = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs", "hdfs": "hdfs", "oss": "oss"}
PACKED = ("gz", "bz2", "xz", "zst")           # compressions of a single file
FILES = "file"                                # platform of files on a disk


@dataclass(frozen=True, slots=True)
class Address:
    """The place of a table. Of a server host and port (0: not known), of files the path.

    database: of the URL or the rule; empty where neither names one. schema: empty for a source without.
    """

    platform: str
    host: str = ""
    port: int = 0
    database: str = ""
    schema: str = ""
    path: str = ""

    @property
    def location(self) -> str:
        """Return the URL of files in a bucket; empty for others."""
        return f"{self.platform}://{self.host}/{self.path}" if self.host and self.path else ""

    @property
    def format(self) -> str:
        """Return the suffix of a file in lower case, that before a compression's; empty for others."""
        suffixes = [suffix[1:].lower() for suffix in PurePosixPath(self.path).suffixes[-2:]]
        return next((suffix for suffix in reversed(suffixes) if suffix not in PACKED), "")


def address_of(place: CatalogTable, source: SourceReport | None) -> Address:
    """Return where a table is, without user and password. source: None where a report no longer has it."""
    platform, schema = place.rule.platform or FILES, place.schema or place.rule.schema
    if source is None or source.kind in ("files", "memory") or source.kind in BUCKETS:
        return _address_of_files(place, source, schema)
    parts = urlsplit(source.url)
    host, port = parts.hostname or "", parts.port or PORTS.get(platform, 0)
    levels = [unquote(level) for level in parts.path.split("/") if level]
    database = place.rule.database or (levels[0] if host and levels else "")
    if platform == "oracle":
        database = place.rule.database or (parse_qs(parts.query).get("service_name") or [database])[0]
    if platform == "bigquery":
        host, port, database = "", 0, place.rule.database or host
        schema = schema or (levels[0] if levels else "")
    elif platform not in DATABASE_FIRST and host:
        database, schema = schema or database, ""
    path = "" if host or platform == "bigquery" else unquote(parts.path)
    return Address(platform, host, port, database, schema, path)


def _address_of_files(place: CatalogTable, source: SourceReport | None, schema: str) -> Address:
    """Return the bucket, if any, and the path of a table that is a file or in one."""
    url = source.url if source is not None else ""
    scheme, _, rest = url.rpartition("://")
    host, path = rest.split("/", 1) if scheme in BUCKETS and "/" in rest else ("", rest)
    file = _path_of_file(PurePosixPath(path), schema, place.name)
    return Address(BUCKETS.get(scheme, FILES), host, path=str(file))


def _path_of_file(source: PurePosixPath, schema: str, table: str) -> PurePosixPath:
    """Return the file of a table: the source itself, or one in it.

    A table in a folder is called as its file is without the suffix, so that is only known of `*.csv`.
    """
    if source.name == table or source.name.startswith(f"{table}."):
        return source
    if "*" not in source.name:
        return source / schema / table
    end = source.name.removeprefix("*")
    return source.parent / schema / (table + end if end.startswith(".") and "*" not in end else table)


def dataset_name(place: CatalogTable, address: Address) -> tuple[str, str]:
    """Return (namespace, name) of a table by OpenLineage's naming of datasets.

    The rule's instance is the namespace if it has one; its template or casing makes the name.
    """
    rule = place.rule
    if address.platform in (*BUCKETS.values(), FILES) and not (rule.name or rule.platform_instance):
        return _namespace(address), address.path
    parts = (address.database, address.schema, place.name)
    joined = rule.cased(".".join(filter(None, parts)))
    name = rule.dotted(place.schema, place.name) if rule.name else joined
    return rule.platform_instance or _namespace(address), name


def _namespace(address: Address) -> str:
    if not address.host:
        stored = address.path if address.platform not in (FILES, "bigquery") else ""
        return f"{address.platform}://{stored}" if stored else address.platform
    port = f":{address.port}" if address.port else ""
    return f"{address.platform}://{address.host}{port}"
