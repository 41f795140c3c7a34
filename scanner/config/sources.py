"""`sources:` in chujing.yaml: where the data is, how it is opened, which tables are read, how gently."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError
from detectors.masking import mask_values
from detectors.message import Msg
from detectors.redaction import redact
from detectors.surrogates import well_formed
from reports.patterns import fits_any
from scanner.config import secret
from scanner.config.pace import Pace, parse_window
from scanner.config.secret import read_secret
from scanner.config.yaml_lines import Document, ListOf, MapOf, Record, Text, Whole
from scanner.connectors.urls import check_url

SHAPE = MapOf(
    Record(
        {
            "url": Text(help="SQLAlchemy URL, file, folder or glob"),
            "password": secret.SHAPE,
            "dictionary": Text(help="data dictionary: CSV, XLSX or JSON"),
            "include": ListOf(Text(), help="schema/table patterns"),
            "exclude": ListOf(Text()),
            "entity": Text(help="legal entity that holds this data; default: the only one, else the group"),
            "timeout": Whole(least=1, help="seconds one statement may take"),
            "options": MapOf(
                Text(), help="for the driver, the file system or the session, e.g. endpoint_url, queue"
            ),
            "secrets": MapOf(secret.SHAPE, help="options that nobody may see, e.g. key, secret, token"),
            "metastore": Text(help="Hive metastore: thrift://host:9083, or the URL of its database"),
            "metastore_password": secret.SHAPE,
            "connections": Whole(least=1, help="connections held at the same time, at most"),
            "pause": Whole(help="milliseconds to wait after each table"),
            "blackout": ListOf(Text(), help="times without reading, e.g. 09:00-18:30 Asia/Shanghai"),
        },
        required=("url",),
    ),
    help="where the data is",
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where data is. The password is read at use and never shown."""

    id: str
    url: str
    password: str | None = field(default=None, repr=False)
    dictionary: Path | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    timeout: int = 60                         # seconds
    entity: str = ""  # who holds this data; empty: the only entity, else the group
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # with the secret ones among them
    metastore: str = ""
    metastore_password: str | None = field(default=None, repr=False)
    pace: Pace = Pace()

    def selects(self, schema: str, table: str) -> bool:
        """Do include and exclude let a table through? Their patterns are `schema/table` or `table`."""
        names = [f"{schema}/{table}", table] if schema else [table, f"*/{table}"]
        included = not self.include or fits_any(names, self.include)
        return included and not fits_any(names, self.exclude)


def source_name(url: str) -> str:
    """Return a short id for a URL: the name of its database or file, or of a glob's folder."""
    if "://" in url:                          # without the login, the query and the fragment
        url = re.split("[?#;]", re.sub(r"://[^/]*@", "://", redact(url)))[0]
    url = mask_values(url)
    parts = [p for p in url.split("?", 1)[0].replace("\\", "/").split("/") if p and not p.endswith(":")]
    for part in reversed(parts[-2:]):
        if stem := part.split(".", 1)[0].replace("*", ""):
            return well_formed(stem)
    return "source"


def read_source(name: str, raw: Mapping[str, Any], doc: Document) -> Source:
    """Return a source of chujing.yaml; raise ConfigError for a name, secret or time that cannot be."""
    if "/" in name or not name:
        raise ConfigError(
            Msg('a source cannot be called "{name}"', name=name),
            where=doc.where("sources", name),
            hint=Msg("no / in a name"),
        )
    at = ("sources", name)
    base = Path(doc.file).parent
    for key in ("url", "metastore"):
        if "$" not in (address := os.path.expandvars(raw.get(key, ""))):      # all its variables are set
            check_url(address, doc.where(*at, key))
    password = read_secret(raw.get("password"), doc, *at, "password")
    hidden = {k: read_secret(s, doc, *at, "secrets", k) or "" for k, s in raw.get("secrets", {}).items()}
    return Source(
        id=name,
        url=_resolve(raw["url"], base),
        password=password,
        dictionary=base / raw["dictionary"] if raw.get("dictionary") else None,
        include=tuple(raw.get("include", ())),
        exclude=tuple(raw.get("exclude", ())),
        timeout=raw.get("timeout", 60),
        entity=raw.get("entity", ""),
        options=raw.get("options", {}) | hidden,
        metastore=os.path.expandvars(raw.get("metastore", "")),
        metastore_password=read_secret(raw.get("metastore_password"), doc, *at, "metastore_password"),
        pace=_pace(raw, doc.where(*at, "blackout")),
    )


def _pace(raw: Mapping[str, Any], where: str) -> Pace:
    windows = tuple(parse_window(text, where) for text in raw.get("blackout", ()))
    return Pace(raw.get("connections", 2), raw.get("pause", 0), windows)


def _resolve(url: str, base: Path) -> str:
    """A URL with ${VAR} from the environment; files are relative to the folder of chujing.yaml."""
    url = os.path.expandvars(url)
    if url.startswith("spark:"):              # a catalogue, or FORMAT:PATH of the cluster
        return url
    if "://" not in url:
        return url if Path(url).is_absolute() else str(base / url)
    scheme, _, rest = url.partition(":///")
    if scheme.startswith("sqlite") and rest and not rest.startswith("/") and rest != ":memory:":
        return f"{scheme}:///{(base / rest).resolve()}"
    return url


def secret_variables(sources: Mapping[str, Any]) -> Iterator[str]:
    """Yield the environment variables that hold secrets of sources, from their parsed YAML."""
    for raw in sources.values():
        named = (raw.get("password"), raw.get("metastore_password"), *raw.get("secrets", {}).values())
        yield from (place["env"] for place in named if place and "env" in place)
