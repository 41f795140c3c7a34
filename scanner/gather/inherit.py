"""What a scan has gathered so far, and what its tables say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.columns import Inherited
from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnId, Label, Skipped, TableId, TableInfo
from mappings.model import Assessed
from reports.model import Read, Report, SourceReport, TableReport, primary
from scanner.gather.flow_columns import ColumnOrigin, TableCatalogue, pick

if TYPE_CHECKING:
    from scanner.connectors.protocol import Connector


@dataclass(slots=True)
class Scanned:
    """What a scan has gathered so far; turned into a Report at the end, or when it is interrupted."""

    connectors: dict[str, Connector] = field(default_factory=dict)
    sources: list[SourceReport] = field(default_factory=list)
    infos: dict[TableId, TableInfo] = field(default_factory=dict)
    tables: list[TableReport] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    read: dict[str, Read] = field(default_factory=dict)
    full_row_counts: dict[TableId, int] = field(default_factory=dict) # rows of tables that were read whole to count persons
    failures: dict[str, str] = field(default_factory=dict)            # detector -> kind of exception it raised
    interrupted: bool = False

    @property
    def catalogue(self) -> TableCatalogue:
        return TableCatalogue(self.infos)

    def listed_names(self, names: Iterable[str], known: Sequence[str], what: str, sources: Sequence[str]) -> list[str]:
        """The names that say what was listed. While one of the sources is not open, others may lie in it; else ConfigError for the first.
        """
        out, closed = [], any(s not in self.connectors for s in sources)
        for name in names:
            try:
                pick(name, known, what)
                out.append(name)
            except ConfigError:
                if not closed:
                    raise
        return out

    def listed_links(self, links: Sequence[tuple[str, str]], sources: Sequence[str]) -> list[tuple[str, str]]:
        """The links of the configuration whose ends were listed."""
        ends = set(self.listed_names([end for pair in links for end in pair], self.catalogue.columns, "column", sources))
        return [pair for pair in links if ends.issuperset(pair)]


def link_targets(catalogue: TableCatalogue, links: Sequence[tuple[str, str]]) -> dict[ColumnId, Inherited]:
    """Columns that point at the key of a person table, by foreign key or by `links:`; they are user ids."""
    from detectors.names.tables import table_subject

    person_keys = {
        info.ref.column(tid.split("/", 1)[0], c.parts)
        for tid, info in catalogue.tables.items() if table_subject(info) == "person"
        for c in info.columns if c.primary_key
    }
    targets: dict[ColumnId, Inherited] = {}
    for start, end in link_pairs(catalogue, links):
        if end in person_keys:
            targets[start] = Inherited(Label("user_id"), Msg("points at the key of a person table"))
    return targets


def inherited_labels(
    tid: TableId, info: TableInfo, derived: Mapping[str, ColumnOrigin], found: Mapping[ColumnId, Assessed]
) -> dict[ColumnId, Inherited]:
    """Labels a table takes over: copies and computed values inherit, hashing stays personal, aggregation ends it."""
    out: dict[ColumnId, Inherited] = {}
    for c in info.columns:
        made = derived.get(c.name.casefold())
        sources = [found[s] for s in made.columns if s in found] if made else []
        if made is None or made.how == "aggregated" or not sources:
            continue
        first = max(sources, key=lambda a: a.finding.confidence)
        hashed = ", hashed, still personal information" if made.how == "hashed" else ""
        note = f"{'taken' if made.how == 'copy' else 'made'} from {first.finding.column}{hashed}"
        weight = 0.97 if made.how == "copy" else 0.85
        out[info.ref.column(tid.split("/", 1)[0], c.parts)] = Inherited(
            first.finding.label, note, round(first.finding.confidence * weight, 4), first.finding.tier
        )
    return out


def link_pairs(catalogue: TableCatalogue, links: Sequence[tuple[str, str]]) -> Iterator[tuple[ColumnId, ColumnId]]:
    """(column, column it points at) from foreign keys and from the configuration."""
    for tid, info in catalogue.tables.items():
        source = tid.split("/", 1)[0]
        for fk in info.foreign_keys:
            for own, other in zip(fk.columns, fk.target_columns, strict=False):
                yield info.ref.column(source, (own,)), fk.target.column(source, (other,))
    known = catalogue.columns
    for start, end in links:
        yield ColumnId(pick(start, known, "column")), ColumnId(pick(end, known, "column"))


def primary_findings(report: Report) -> dict[ColumnId, Assessed]:
    """Primary finding of every labelled column."""
    return {c.id: p for t in report.tables for c in t.columns if (p := primary(c))}


