"""`catalogs:` in chujing.yaml: where each catalog is, whose token opens it, and how our tables are called there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from reports.catalogs.naming import NamingRule
from scanner.config.yaml_lines import Document, ListOf, MapOf, Record, Text, Whole

if TYPE_CHECKING:
    from scanner.deliver.http import Http

SHAPE = MapOf(
    Record({
        "url": Text(help="address of its REST service, without a secret"),
        "token": Record({"env": Text(help="environment variable"), "file": Text(help="file holding the token alone")}),
        "auth": Text(("bearer", "basic"), help="basic: the token is user:password"),
        "rate": Whole(least=1, help="requests a second, at most"),
        "timeout": Whole(least=1, help="seconds one request may take"),
        "entities": ListOf(
            Record(
                {
                    "source": Text(help="id of our source"),
                    "tables": Text(help="pattern schema/table; default all"),
                    "platform": Text(help="the catalog's word for the kind of system, e.g. postgres"),
                    "type": Text(help="Atlas: type of a table; default hive_table, trino_table or rdbms_table by platform"),
                    "platform_instance": Text(help="DataHub: platform instance; OpenMetadata: service; Atlas: cluster"),
                    "env": Text(help="default PROD"),
                    "database": Text(),
                    "schema": Text(help="for a source without schemas"),
                    "name": Text(help="template of the whole name, e.g. {database}.{schema}.{table}@main"),
                    "casing": Text(("keep", "lower", "upper"), help="how the catalog writes names"),
                },
                required=("source",),
            ),
            help="how the tables of a source are called there; the first rule that fits counts",
        ),
    }),
    help="where findings are pushed to: chujing push",
)


@dataclass(frozen=True, slots=True)
class Catalog:
    """One catalog as configured. The token is looked up when it is used and never shown."""

    url: str = ""
    token_env: str = ""
    token_file: Path | None = None
    basic: bool = False
    rate: int = 0
    timeout: int = 30
    entities: tuple[NamingRule, ...] = field(default=())

    def token(self, to: str) -> str:
        """The token: as configured, else from CHUJING_<CATALOG>_TOKEN; empty where none is configured or set."""
        if self.token_file is not None:
            try:
                return self.token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise ConfigError(Msg("the token cannot be read"), where=str(self.token_file)) from None
        name = self.token_env or f"CHUJING_{to.upper().replace('-', '_')}_TOKEN"
        if self.token_env and name not in os.environ:
            raise ConfigError(
                Msg('environment variable "{name}" is not set', name=name),
                hint=Msg("export {name}=...", name=name),
            )
        return os.environ.get(name, "").strip()


@contextmanager
def open_client(to: str, url: str, mine: Catalog, rate: float, talk: Callable[[str], None]) -> Iterator[Http]:
    """A client of a catalog. rate: requests a second, 0 for as configured; talk: for warnings."""
    from scanner.deliver.http import Http

    token = mine.token(to)
    if token and url.startswith("http://") and not url.startswith(("http://127.", "http://localhost")):
        talk(Msg("the token travels unencrypted (http)"))
    opened = Http(url, token, basic=mine.basic, rate=rate or mine.rate, timeout=mine.timeout)
    try:
        yield opened
    finally:
        opened.close()


def read_catalogs(raw: Mapping[str, Any], doc: Document, base: Path, sources: tuple[str, ...]) -> Mapping[str, Catalog]:
    """The catalogs of chujing.yaml, checked."""
    out = {}
    for name, c in raw.items():
        at = ("catalogs", name)
        token = c.get("token", {})
        if len(token) > 1:
            raise ConfigError(
                Msg("token needs env or file"),
                where=doc.where(*at, "token"),
                hint=Msg("token: {env: DATAHUB_TOKEN}"),
            )
        entities = []
        for i, e in enumerate(c.get("entities", ())):
            here = doc.where(*at, "entities", str(i))
            if sources and e["source"] not in sources:
                raise ConfigError(
                    Msg('no source "{name}"', name=e["source"]),
                    where=here,
                    hint=nearest(e["source"], sources),
                )
            entities.append(_entity(e, here))
        file = base / token["file"] if "file" in token else None
        out[name] = Catalog(c.get("url", ""), token.get("env", ""), file, c.get("auth") == "basic", c.get("rate", 0),
                            c.get("timeout", 30), tuple(entities))
    return out


def _entity(raw: Mapping[str, Any], where: str) -> NamingRule:
    entity = NamingRule(**raw)
    try:
        entity.dotted("schema", "table")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ConfigError(
            Msg('"{name}" is no template', name=entity.name),
            where=where,
            hint=Msg("known: {names}", names="{source} {database} {schema} {table}"),
        ) from None
    return entity
