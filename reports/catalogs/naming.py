"""How our tables are called in a catalog: by the rules of `catalogs: {NAME: {entities: [...]}}`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from detectors.model import unquote
from reports.model import Report, TableReport
from reports.patterns import fits_any

Casing = Literal["keep", "lower", "upper"]
PLATFORMS = {"postgresql": "postgres", "mariadb": "mysql"}     # a source's kind -> the catalogs' word


@dataclass(frozen=True, slots=True)
class NamingRule:
    """How the tables of a source are called in a catalog. The first rule that fits a table counts."""

    source: str
    tables: str = "*"                         # pattern on schema/table, as in `include`
    platform: str = ""                        # postgres, mysql, hive ...: the catalog's own word
    type: str = ""                            # Atlas: type of the entity of a table, e.g. azure_sql_table
    platform_instance: str = ""               # Atlas: cluster; OpenMetadata: database service
    env: str = "PROD"
    database: str = ""
    schema: str = ""                          # for a source without schemas
    name: str = ""                            # template of the whole name: {database}.{table}@main
    casing: Casing = "keep"

    def fits(self, source: str, schema: str, table: str) -> bool:
        """Return whether the rule is about a table. schema: empty for a source without schemas."""
        path = f"{schema}/{table}" if schema else table
        return source == self.source and fits_any((path, table), (self.tables,))

    def dotted(self, schema: str, table: str) -> str:
        """Return `database.schema.table` without empty parts, or what the template gives; cased.

        Raise KeyError, IndexError, ValueError or AttributeError if the template is none.
        """
        parts = {
            "database": self.database,
            "schema": schema or self.schema,
            "table": table,
            "source": self.source,
        }
        if self.name:
            return self.cased(self.name.format_map(parts))
        return self.cased(".".join(filter(None, (parts["database"], parts["schema"], parts["table"]))))

    def cased(self, name: str) -> str:
        """Return a name in the catalog's case."""
        return {"lower": name.lower(), "upper": name.upper()}.get(self.casing, name)


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """One table as a catalog knows it: our report of it, the parts of its name, the rule that names it."""

    table: TableReport
    source: str
    schema: str                               # empty for a source without schemas
    name: str                                 # of a shard: its own
    rule: NamingRule


def catalog_tables(report: Report, rules: Sequence[NamingRule]) -> Iterator[CatalogTable]:
    """Yield every table with the rule that fits it; each shard is a table there.

    A source without rules keeps its names; a table that no rule of its source fits is left out.
    """
    for table in report.tables:
        source, *schemas, name = (unquote(part) for part in table.id.split("/"))
        schema = schemas[0] if schemas else ""
        for member in table.members if "{" in name and table.members else (name,):
            rule = next((r for r in rules if r.fits(source, schema, member)), None)
            if rule is None and not any(r.source == source for r in rules):
                rule = NamingRule(source, platform=_platform(report, source))
            if rule is not None:
                yield CatalogTable(table, source, schema, member, rule)


def _platform(report: Report, source: str) -> str:
    kind = next((s.kind for s in report.sources if s.id == source), "").split("+", 1)[0]
    return PLATFORMS.get(kind, kind)
