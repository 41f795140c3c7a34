"""Apache Atlas v2: classifications on columns, head-counts and paths as business metadata of tables. Purview through the same calls.

Classifications stand below one of what people accepted and one of what a machine suggests (疑似·待复核), with `propagate=false`: a
suggestion must not travel the lineage. They carry our mark (`kept_by`) and are changed and removed only where they still do. Tables
are found by type and `qualifiedName`, columns by their name among the table's own. A nested field is told of by its column.

In chujing.yaml:

    catalogs:
      atlas:
        url: https://atlas.example.com:21443/api/atlas
        auth: basic                           # CHUJING_ATLAS_TOKEN is user:password
        entities: [{source: lake, platform: hive, platform_instance: prod, casing: lower}]

The type of a table is hive_table for hive, spark and impala, trino_table for trino, else rdbms_table, or what `type` says. Its
`qualifiedName` is `database.schema.table@platform_instance` (hive: `db.table@primary` where no cluster is named), or the template `name`.

Microsoft Purview speaks the same API below `https://ACCOUNT.purview.azure.com/datamap/api/atlas` with a bearer token (of
`https://purview.azure.net`, valid about an hour: a push it cuts short is gone on with next time). Give each rule type and name, e.g.
`{type: azure_sql_table, name: "mssql://SERVER.database.windows.net/{database}/{schema}/{table}"}`; the account needs the role Data
Curator. What differs there: no search below this address, so `--check` names no near tables. A Purview that keeps a classification
without its super type or attributes would lose our mark: such types are refused, and nothing is written unmarked.

Contract: Apache Atlas 3.0 (sources of August 2026), `webapp/.../rest/{EntityREST,TypesREST}.java`, `AtlasEntityStoreV2.java`,
`EntityGraphMapper.java`, and its client apache-atlas 0.0.16; Microsoft's "Atlas 2.2 functionality" for Purview. Never run against a
real server of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from detectors.model import quote
from reports.catalogs import Client, Payload, Pushed, Stopped, Unmatched
from reports.catalogs.atlas import rest
from reports.catalogs.atlas.names import classification, entity, parts, qualified, table_type
from reports.catalogs.atlas.read import GONE, read_tables
from reports.catalogs.atlas.types import MARK, NUMBERS, OURS, definitions, short
from reports.catalogs.picking import CatalogTable, Pick, Selection, catalog_tables, figures, picks
from reports.catalogs.terms import node_title, term
from reports.model import Report

BATCH = 2_000
TITLES = {name: told.split(" ")[0] for name, _, told in NUMBERS}


def payloads(report: Report, asked: Selection) -> Iterator[Payload]:
    """Types in use, then what stands on columns and tables."""
    chosen = list(picks(report, asked))
    on = [p for place, picked in chosen for p in _carried(report, place, picked, asked.lang)]
    counted = [parts(p.entity)[0] for p in on if p.kind != "column_class"]
    yield from definitions([p for _, picked in chosen for p in picked], counted)
    yield from on


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """Types the catalog lacks are made; columns and tables it has are marked. What it lacks is refused, one by one."""
    return rest.push(list(payloads), client)


def check(payloads: Iterable[Payload], client: Client) -> Iterator[Unmatched]:
    """Tables and columns of ours that the catalog lacks, with what it has that is near."""
    return rest.check([p for p in payloads if not p.lasting], client)


def owners(report: Report, asked: Selection, client: Client) -> Iterator[tuple[str, str]]:
    """(table, owner) of tables whose attribute `owner` names one."""
    named: dict[str, list[str]] = {}
    for place in catalog_tables(report, asked):
        named.setdefault(entity(table_type(place), qualified(place)), []).append(place.table.id)
    for name, has in read_tables(list(named), client).items():
        if isinstance(has, str) and has not in GONE:
            raise Stopped(has, where=name)
        if not isinstance(has, str) and has.owner:
            yield from ((table, has.owner) for table in named[name])


def _carried(report: Report, place: CatalogTable, picked: Sequence[Pick], lang: str) -> Iterator[Payload]:
    """What stands on one table and its columns."""
    name = entity(table_type(place), qualified(place))
    together: dict[tuple[str, str], list[Pick]] = {}
    for p in picked:
        together.setdefault((p.path[0], classification(term(p).id)), []).append(p)
    for (column, kind), of in together.items():
        yield _column(name, place.rule.cased(column), kind, of)
    yield from _table(name, place, report, lang)


def _column(name: str, column: str, kind: str, of: Sequence[Pick]) -> Payload:
    """A classification of a column; several fields nested in it with one label have one."""
    best = max(of, key=lambda p: p.assessed.finding.confidence)
    reasons = [f"{'.'.join(p.path)}: {p.reason}" if len(p.path) > 1 else p.reason for p in of]
    t = term(best)
    return Payload(
        f"{name}/{quote(column)}/{kind}", "column_class", name,
        {"column": column, "classification": kind, "attributes": {
            "grade": best.assessed.grade, "sensitive": best.assessed.sensitive, "confidence": round(best.assessed.finding.confidence, 1),
            "reason": short("; ".join(reasons)), "detector": best.assessed.finding.detector, MARK: OURS,
        }},
        about=best.column.id, order=2, stamp=best.stamp, shown=f"{t.zh} ({node_title(t.node)})",
        guesses=tuple(sorted(g for p in of for g in p.guesses)),
    )


def _table(name: str, place: CatalogTable, report: Report, lang: str) -> Iterator[Payload]:
    """What the flows from a table came to."""
    paths, persons = figures(report, place.table, lang)
    values: dict[str, list[str] | int] = {"path": sorted(map(short, paths))} if paths else {}
    for key, value in {**values, **persons}.items():
        yield Payload(f"{name}//{key}", key, name, {"name": key, "value": value}, about=place.table.id, order=2,
                      stamp=report.run.finished, shown=f"{TITLES[key]}: {', '.join(value) if isinstance(value, list) else value}")
