"""The tables that were listed, and names looked up among them.

>>> pick_id("member/mobile", ["crm/member/mobile", "erp/staff/mobile"], COLUMN)
'crm/member/mobile'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from detectors.errors import ConfigError, nearest
from detectors.ids import source_of, table_of
from detectors.message import Msg
from detectors.model import ColumnId, ColumnInfo, TableId, TableInfo
from scanner.connectors.series import names


@dataclass(frozen=True, slots=True)
class Entity:
    """What a word is to name, and what people read when it names none, or several: messages of the word."""

    none: Callable[[str], Msg]
    several: Callable[[str], Msg]


def _entity(entity: Msg) -> Entity:
    return Entity(
        lambda word: Msg('no {entity} "{name}" was found', entity=entity, name=word),
        lambda word: Msg('{entity} "{name}" is ambiguous', entity=entity, name=word),
    )


COLUMN, TABLE, VIEW = _entity(Msg("column")), _entity(Msg("table")), _entity(Msg("view"))


@dataclass(frozen=True, slots=True)
class TableCatalogue:
    """Every table that was listed, by id, whether or not its rows were read.

    complete: False while a source could not be opened, so that a name may lie in what is not listed.
    """

    tables: Mapping[TableId, TableInfo]
    complete: bool = True

    @property
    def columns(self) -> tuple[ColumnId, ...]:
        """Ids of all columns, table after table."""
        return tuple(column for tid, info in self.tables.items() for column in column_ids(tid, info))

    def column(self, column_id: ColumnId) -> ColumnInfo:
        """Return a column by its id, which must be listed."""
        tid = table_of(column_id)
        info = self.tables[tid]
        ids = column_ids(tid, info)
        return info.columns[ids.index(column_id)]

    def find_column(self, word: str) -> tuple[ColumnId, TableId, str]:
        """Return (id, table, name) of the column a word names.

        Raise ConfigError when it names none or several.
        """
        column_id = ColumnId(pick_id(word, self.columns, COLUMN))
        return column_id, table_of(column_id), self.column(column_id).name

    def listed_names(self, words: Iterable[str], ids: Sequence[str], entity: Entity) -> list[str]:
        """Return the words that name one of the ids.

        Raise ConfigError for the first that does not, unless it may lie in a source that is not listed.
        """
        listed = []
        for word in words:
            try:
                pick_id(word, ids, entity)
            except ConfigError:
                if self.complete:
                    raise
            else:
                listed.append(word)
        return listed

    def listed_links(self, links: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the (column, column) links of the configuration both ends of which are listed."""
        ends = set(self.listed_names([end for link in links for end in link], self.columns, COLUMN))
        return [link for link in links if ends.issuperset(link)]


def column_ids(tid: TableId, info: TableInfo) -> tuple[ColumnId, ...]:
    """Return the ids of a table's columns, in their order."""
    source = source_of(tid)
    return tuple(info.ref.column(source, c.parts) for c in info.columns)


def pick_id(word: str, ids: Sequence[str], entity: Entity) -> str:
    """Return the one id that is `word` or ends with `/word`; a shard stands for its table.

    Raise ConfigError naming the choices or the nearest id otherwise.
    """
    if word in ids:
        return word
    hits = [k for k in ids if k.endswith("/" + word)]
    if len(hits) == 1:
        return hits[0]
    hits = hits or [k for k in ids if "{" in k and _is_series_name(k, word)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise ConfigError(entity.several(word), hint=Msg("one of: {names}", names=tuple(sorted(hits)[:5])))
    depth = word.count("/") + 1
    tails = {"/".join(k.split("/")[-depth:]) for k in ids}
    raise ConfigError(entity.none(word), hint=nearest(word, [*ids, *sorted(tails)]))


def _is_series_name(id: str, word: str) -> bool:
    """Does a word name a member of the series in an id, or the series as it was called before?"""
    parts = word.split("/")
    tail = id.split("/")[-len(parts):]
    return len(tail) == len(parts) and all(k == w or names(k, w) for k, w in zip(tail, parts, strict=True))
