"""Labelled tables that the judge of columns is fitted on: read from corpora, copied, put into folds."""

from __future__ import annotations

import csv
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from detectors.columns.references import ReferenceGraph, TableLinks
from detectors.model import ColumnInfo, TableInfo, TableRef
from detectors.names.matching import first_phrase

BLIND = ("his", "newbee", "roncoo_pay", "sakila")             # is_labelled to measure by, never read
CHINESE = 0.3                                 # share of its columns that makes a family Chinese
_HAN = re.compile("[\u4e00-\u9fff]")
COPIES, THIN = 4, 4                           # each COPIES-th table is copied; most columns of a thin copy


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """A table of a corpus with the labels of its columns: rows of gold.csv, None for a column without.

    links: what the other tables of its system say of it. is_copy: one with something taken away, which no
    figure counts.
    """

    family: str
    info: TableInfo
    gold: Sequence[Mapping[str, str] | None]
    links: TableLinks | None = None
    is_copy: bool = False


def name_only(table: TableInfo) -> TableInfo:
    """Return the table without any comment."""
    return replace(table, comment="", columns=tuple(replace(c, comment="") for c in table.columns))


def comment_only(table: TableInfo) -> TableInfo:
    """Return the table with names that say nothing."""
    columns = tuple(replace(c, name=f"c{i + 1}") for i, c in enumerate(table.columns))
    return replace(table, ref=replace(table.ref, name="t1"), columns=columns)


def comments_as_names(table: TableInfo) -> TableInfo:
    """Return the table as a sheet has it: what its comments say first stands in the place of the names."""
    columns = tuple(replace(c, name=first_phrase(c.comment) or c.name, comment="") for c in table.columns)
    name = first_phrase(table.comment) or table.ref.name
    return replace(table, ref=replace(table.ref, name=name), comment="", columns=columns)


def read_corpus(folder: Path) -> Iterator[LabelledTable]:
    """Yield the tables of a corpus, system by system, without the blind ones."""
    families = {}
    if (folder / "SYSTEMS.csv").exists():
        families = {row["system"]: row["family"] for row in _rows(folder / "SYSTEMS.csv")}
    gold: dict[str, dict[tuple[str, str], Mapping[str, str]]] = {}
    for row in _rows(folder / "gold.csv"):
        if row["system"] not in BLIND:
            gold.setdefault(row["system"], {})[row["table"].lower(), row["column"].lower()] = row
    for system in sorted(gold):
        schema = json.loads((folder / f"{system}.schema.json").read_text(encoding="utf-8"))
        infos = [_table(table) for table in schema["tables"]]
        graph = ReferenceGraph(infos)
        for info in infos:
            labels = [gold[system].get((info.ref.name.lower(), c.name.lower())) for c in info.columns]
            yield LabelledTable(families.get(system, system), info, labels, graph.links(info))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _table(raw: Mapping[str, object]) -> TableInfo:
    columns = raw["columns"]
    assert isinstance(columns, list)
    infos = tuple(
        ColumnInfo(c["name"], c.get("type") or "", c.get("comment") or "", c.get("nullable", True),
                   bool(c.get("pk")))
        for c in columns
    )
    return TableInfo(TableRef(str(raw["name"])), infos, str(raw.get("comment") or ""))


def with_copies(tables: Sequence[LabelledTable]) -> Iterator[LabelledTable]:
    """Yield every table, and most of them again as if seen alone: without comments, without names, with few
    columns, with comments for names. Chinese headings are read as comments anyway.
    """
    tables = list(tables)
    chinese = chinese_families(tables)
    for table in tables:
        infos = table.info.columns
        comments = sum(bool(c.comment.strip()) for c in infos)
        turn = zlib.crc32(f"{table.family}/{table.info.ref.name}".encode())
        yield table
        if turn % COPIES == 0:
            yield replace(table, info=name_only(table.info), links=None, is_copy=True)
        elif turn % COPIES == 1:
            info = comment_only(table.info) if 2 * comments >= len(infos) else table.info
            yield replace(table, info=info, links=None, is_copy=True)
        elif turn % COPIES == 2 and len(infos) > THIN:
            few = slice(first := turn // COPIES % (len(infos) - THIN), first + 1 + turn % THIN)
            ref = table.info.ref if turn & 8 else replace(table.info.ref, name="")
            info = replace(name_only(table.info), ref=ref, columns=name_only(table.info).columns[few])
            yield replace(table, info=info, gold=table.gold[few], links=None, is_copy=True)
        elif turn % COPIES == 3 and 2 * comments >= len(infos) and table.family not in chinese:
            yield replace(table, info=comments_as_names(table.info), links=None, is_copy=True)


def chinese_families(tables: Iterable[LabelledTable]) -> frozenset[str]:
    """Return the families of which many columns have Chinese in their name, their comment or the table's."""
    columns: Counter[str] = Counter()
    chinese: Counter[str] = Counter()
    for table in tables:
        title = table.info.comment
        columns[table.family] += len(table.info.columns)
        chinese[table.family] += sum(
            _HAN.search(c.name + c.comment + title) is not None for c in table.info.columns
        )
    return frozenset(family for family in columns if chinese[family] >= CHINESE * columns[family])


def fold_of(families: Sequence[str], sizes: Sequence[int], folds: int) -> np.ndarray:
    """Return the fold of each table; families stay together, folds are of about equal size."""
    total: dict[str, int] = {}
    for family, size in zip(families, sizes, strict=True):
        total[family] = total.get(family, 0) + size
    loads, fold = [0] * folds, {}
    for family in sorted(total, key=lambda f: (-total[f], f)):
        fold[family] = int(np.argmin(loads))
        loads[fold[family]] += total[family]
    return np.array([fold[family] for family in families])
