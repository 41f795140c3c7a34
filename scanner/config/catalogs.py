"""`catalogs:` in chujing.yaml: where each catalog is, whose token opens it, and our names there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from reports.catalogs.naming import NamingRule
from scanner.config.yaml_lines import Document, ListOf, MapOf, Record, Text, Whole

SHAPE = MapOf(
    Record(
        {
            "url": Text(help="address of its REST service, without a secret"),
            "token": Record(
                {"env": Text(help="environment variable"), "file": Text(help="file holding the token alone")}
            ),
            "auth": Text(("bearer", "basic"), help="basic: the token is user:password"),
            "rate": Whole(least=1, help="requests a second, at most"),
            "timeout": Whole(least=1, help="seconds one request may take"),
            "entities": ListOf(
                Record(
                    {
                        "source": Text(help="id of our source"),
                        "tables": Text(help="pattern schema/table; default all"),
                        "platform": Text(help="the catalog's word for the kind of system, e.g. postgres"),
                        "type": Text(
                            help="Atlas: type of a table; "
                                 "default hive_table, trino_table or rdbms_table by platform"
                        ),
                        "platform_instance": Text(
                            help="DataHub: platform instance; OpenMetadata: service; Atlas: cluster"
                        ),
                        "env": Text(help="default PROD"),
                        "database": Text(),
                        "schema": Text(help="for a source without schemas"),
                        "name": Text(
                            help="template of the whole name, e.g. {database}.{schema}.{table}@main"
                        ),
                        "casing": Text(("keep", "lower", "upper"), help="how the catalog writes names"),
                    },
                    required=("source",),
                ),
                help="how the tables of a source are called there; the first rule that fits counts",
            ),
        }
    ),
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
        """Return the token as configured, else that in CHUJING_<CATALOG>_TOKEN; "" where there is none."""
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


def read_catalogs(raw: Mapping[str, Any], doc: Document, sources: Sequence[str]) -> Mapping[str, Catalog]:
    """Return the catalogs of a parsed chujing.yaml by name.

    Raise ConfigError for a source or template that cannot be.
    """
    return {name: _catalog(name, entry, doc, sources) for name, entry in raw.items()}


def _catalog(name: str, raw: Mapping[str, Any], doc: Document, sources: Sequence[str]) -> Catalog:
    token = raw.get("token", {})
    if len(token) > 1:
        raise ConfigError(
            Msg("token needs env or file"),
            where=doc.where("catalogs", name, "token"),
            hint=Msg("token: {env: DATAHUB_TOKEN}"),
        )
    rules = enumerate(raw.get("entities", ()))
    return Catalog(
        url=raw.get("url", ""),
        token_env=token.get("env", ""),
        token_file=Path(doc.file).parent / token["file"] if "file" in token else None,
        basic=raw.get("auth") == "basic",
        rate=raw.get("rate", 0),
        timeout=raw.get("timeout", 30),
        entities=tuple(
            _entity(r, doc.where("catalogs", name, "entities", str(i)), sources) for i, r in rules
        ),
    )


def _entity(raw: Mapping[str, Any], where: str, sources: Sequence[str]) -> NamingRule:
    if sources and raw["source"] not in sources:
        raise ConfigError(
            Msg('no source "{name}"', name=raw["source"]), where=where, hint=nearest(raw["source"], sources)
        )
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
