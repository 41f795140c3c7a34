"""Which findings go into a catalog, under which of its names, and as what: a person's word or a machine's guess."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from detectors.errors import ConfigError, RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.model import Kind, Tier, unquote
from detectors.renamed import old_attributes, old_names
from mappings.flow_report import FlowReport
from mappings.model import Assessed, Sensitive
from mappings.taxonomy import load_taxonomy
from reports.messages import words
from reports.model import ColumnReport, Report, TableReport, primary, standing

Casing = Literal["keep", "lower", "upper"]
TESTED = ("source", "table", "column", "label", "category", "grade", "sensitive", "kind", "tier")


@dataclass(frozen=True, slots=True)
class NamingRule:
    """How the tables of a source are called in a catalog. The first rule that fits a table counts."""

    source: str
    tables: str = "*"                         # pattern on schema/table, as in `include`
    platform: str = ""                        # postgres, mysql, hive ...: the catalog's own word
    type: str = ""                            # Atlas: type of the entity of a table, e.g. azure_sql_table
    platform_instance: str = ""               # DataHub: instance; Atlas: cluster; OpenMetadata: database service
    env: str = "PROD"
    database: str = ""
    schema: str = ""                          # for a source without schemas
    name: str = ""                            # template of the whole name, e.g. {database}.{schema}.{table}@main
    casing: Casing = "keep"

    def fits(self, source: str, schema: str, table: str) -> bool:
        path = f"{schema}/{table}" if schema else table
        return source == self.source and any(fnmatch.fnmatchcase(p, self.tables) for p in (path, table))

    def dotted(self, schema: str, table: str) -> str:
        """`database.schema.table` without the parts that are empty, or as the template says; in the catalog's case."""
        parts = {"database": self.database, "schema": schema or self.schema, "table": table, "source": self.source}
        text = self.name.format_map(parts) if self.name else ".".join(p for p in list(parts.values())[:3] if p)
        return {"lower": text.lower(), "upper": text.upper()}.get(self.casing, text)

    def cased(self, name: str) -> str:
        """A column's name in the catalog's case."""
        return {"lower": name.lower(), "upper": name.upper()}.get(self.casing, name)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a push shall hold: accepted findings, and suggested ones where asked; of the columns that pass every test."""

    entities: tuple[NamingRule, ...] = ()
    suggested: bool = False
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)      # of TESTED: patterns of which one must fit
    owner: str = ""
    min_confidence: float = 0.0
    recognizers: bool = False                 # the patterns too, where a catalog can use them
    lang: str = "zh"                          # of texts that people read in the catalog


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table of ours and the rule that names it."""

    table: TableReport
    source: str
    schema: str
    name: str
    rule: NamingRule


@old_attributes(found="assessed")
@dataclass(frozen=True, slots=True)
class Pick:
    """A column with the finding that goes into the catalog."""

    place: CatalogTable
    column: ColumnReport
    assessed: Assessed
    accepted: bool                            # by a person
    stamp: str                                # when it was decided or found, ISO 8601 UTC

    @property
    def path(self) -> tuple[str, ...]:
        """Elements of the column's path; several for a nested field."""
        return path_of(self.column)

    @property
    def guesses(self) -> tuple[str, ...]:
        """`Payload.guesses` of what this is written as."""
        return () if self.accepted else (guess(self.column, self.assessed),)

    @property
    def title(self) -> tuple[str, str]:
        """The label in Chinese and in English."""
        known = labels().get(self.assessed.finding.label)
        return (known.zh, known.en) if known else (self.assessed.finding.label, self.assessed.finding.label)

    @property
    def reason(self) -> str:
        """Why it stands there: who accepted it, or what it was seen by. Changes with the verdict, not with every sample."""
        r = self.column.reviewed
        if self.accepted and r is not None:
            return f"{r.by} {r.on:%Y-%m-%d}" + (f": {r.why}" if r.why else "")
        f = self.assessed.finding
        return f"{f.detector}, {f.confidence:.1f}: {', '.join(sorted({e.origin for e in f.evidence}))}"


def path_of(column: ColumnReport) -> tuple[str, ...]:
    """Elements of a column's path; several for a nested field."""
    return tuple(unquote(p) for p in column.id.rsplit("/", 1)[-1].split("."))


def catalog_tables(report: Report, asked: Selection) -> Iterator[CatalogTable]:
    """Every table with the name parts of its id and the rule that fits; a source without rules keeps its names. Each shard is one there."""
    for t in report.tables:
        source, *schema, name = (unquote(p) for p in t.id.split("/"))
        above = schema[0] if schema else ""
        for one in t.members if "{" in name and t.members else (name,):
            mine = (e for e in asked.entities if e.fits(source, above, one))
            if (rule := next(mine, None)) is not None or not any(e.source == source for e in asked.entities):
                yield CatalogTable(t, source, above, one, rule or NamingRule(source, platform=_kind(report, source)))


def picks(report: Report, asked: Selection) -> Iterator[tuple[CatalogTable, list[Pick]]]:
    """Tables with the columns that go into the catalog; tables without one are left out."""
    for place in catalog_tables(report, asked):
        if chosen := [p for c in place.table.columns if (p := _pick(report, place, c, asked)) is not None]:
            yield place, chosen


def guess(column: ColumnReport, found: Assessed) -> str:
    """A suggestion as a push remembers it: the column and its label."""
    return f"{column.id}|{found.finding.label}"


def guesses(report: Report) -> frozenset[str]:
    """Every suggestion that holds: found, and neither accepted nor rejected."""
    return frozenset(guess(c, p) for t in report.tables for c in t.columns if standing(c) == "suggested" and (p := primary(c)) is not None)


def excluded_ids(report: Report, asked: Selection) -> frozenset[str]:
    """Ids this push does not speak of: columns kept out by a test, and their tables where nothing else is left of them.
    What stands in the catalog about them is left as it is."""
    out: set[str] = set()
    for t in report.tables:
        kept = [c.id for c in t.columns if (p := primary(c)) is not None and not _passes(t, p, asked)]
        out.update(kept)
        if kept and not any((p := primary(c)) is not None and _passes(t, p, asked) for c in t.columns):
            out.add(t.id)
    return frozenset(out)


def unread_ids(report: Report) -> frozenset[str]:
    """Ids of sources, tables and columns that could not be read: nothing is known of what lies in them."""
    return frozenset({s.id for s in report.skipped} | {t.id for t in report.tables if t.status == "skipped"})


def flows_of(report: Report, table: TableReport) -> list[FlowReport]:
    """Flows that take columns of a table."""
    head = table.id + "/"
    return [f for f in report.flows if any(c.startswith(head) for c in f.columns)]


def figures(report: Report, table: TableReport, lang: str = "") -> tuple[list[str], Mapping[str, int]]:
    """Of the flows from a table: "flow: path" of each, and persons of the largest, as persons_low, _best and, where all have one, _high.

    lang: of the path's words; empty for its code.
    """
    flows = flows_of(report, table)
    counted = [f.individuals for f in flows if f.individuals.method != "unknown"]
    persons: dict[str, int] = {}
    if counted:
        persons = {"persons_low": max(e.low for e in counted), "persons_best": max(e.best for e in counted)}
        highs = [e.high for e in counted if e.high is not None]
        persons |= {"persons_high": max(highs)} if len(highs) == len(counted) else {}
    return sorted(f"{f.flow.id}: {words.t('path.' + f.decision.path, lang) if lang else f.decision.path}" for f in flows), persons


def conditions(texts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """`sensitive=yes,category=personal.*` as names with patterns; the same name twice: either."""
    out: dict[str, tuple[str, ...]] = {}
    known = Msg("known: {names}", names=tuple(TESTED))
    for part in (p.strip() for text in texts for p in text.split(",") if p.strip()):
        name, equals, pattern = part.partition("=")
        if not equals:
            raise ConfigError(
                Msg('"{text}" is no test', text=part), hint=Msg("--where sensitive=yes,category=personal.*")
            )
        if name not in TESTED:
            raise ConfigError(
                Msg('nothing is called "{name}"', name=name),
                hint=" ".join(x for x in (nearest(name, TESTED), known) if x),
            )
        out[name] = (*out.get(name, ()), pattern)
    return out


def check(where: Mapping[str, tuple[str, ...]], report: Report) -> None:
    """ConfigError for a test that nothing can ever pass: a value that this report, its taxonomy and the detectors do not know."""
    known = _testable_values(report)
    for name, patterns in where.items():
        for pattern in patterns:
            if (values := known.get(name)) and not fnmatch.filter(values, pattern):
                shown = (*values[:12], "…") if len(values) > 12 else tuple(values)
                hint = Msg("known: {names}", names=shown)
                raise ConfigError(
                    Msg('"{text}" is no value of {name}', text=pattern, name=name),
                    hint=" ".join(x for x in (nearest(pattern, values), hint) if x),
                )


def _testable_values(report: Report) -> Mapping[str, Sequence[str]]:
    """Values that tests may name, by TESTED; of tables and columns any."""
    found = [p for t in report.tables for c in t.columns if (p := primary(c)) is not None]
    known: dict[str, Sequence[str]] = {"sensitive": get_args(Sensitive), "kind": get_args(Kind), "tier": get_args(Tier)}
    known["source"] = sorted(s.id for s in report.sources)
    known["label"] = sorted({*labels(), *(p.finding.label for p in found)})
    try:
        standards = [load_taxonomy(name) for name in report.run.taxonomies]
    except RulesError:                        # a company's own, not here: any value may be one of its
        return known
    entries = [e for s in standards for e in s.entries.values()]
    known["category"] = sorted({*(e.category.id for e in entries), *(p.category for p in found)})
    known["grade"] = list(dict.fromkeys([*(g for s in standards for g in s.grades), *(p.grade for p in found)]))
    return known


def _pick(report: Report, place: CatalogTable, column: ColumnReport, asked: Selection) -> Pick | None:
    found, stands = primary(column), standing(column)
    if found is None or stands not in ("accepted", "suggested") or not _passes(place.table, found, asked):
        return None
    if stands == "suggested" and not asked.suggested:
        return None
    decided = column.reviewed
    if stands == "accepted" and decided is not None:
        return Pick(place, column, found, True, f"{decided.on:%Y-%m-%d}T00:00:00Z")
    read = report.run.tables.get(place.table.id)
    return Pick(place, column, found, False, read.at if read is not None else report.run.finished)


def _passes(table: TableReport, found: Assessed, asked: Selection) -> bool:
    if asked.owner and table.owner != asked.owner or found.finding.confidence < asked.min_confidence:
        return False
    f = found.finding
    values = {
        "source": table.id.split("/", 1)[0], "table": table.id, "column": f.column, "label": f.label, "category": found.category,
        "grade": found.grade, "sensitive": found.sensitive, "kind": f.kind, "tier": f.tier,
    }
    return all(any(fnmatch.fnmatchcase(values[n], p) for p in patterns) for n, patterns in asked.where.items())


def _kind(report: Report, source: str) -> str:
    kind = next((s.kind for s in report.sources if s.id == source), "")
    return {"postgresql": "postgres", "mariadb": "mysql"}.get(kind.split("+", 1)[0], kind.split("+", 1)[0])


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
