"""What a read kept and what it lost: every reader accounts for all it was given.

A reader writes into the account of the file or table it reads; whoever asked for the rows says what it holds.
Kinds are a table: `lost` kinds stand among the skipped and change the exit status, the others are doubts,
shown beside the table. Neither holds a value: a place is a line, a cell, a member or a column, never what
stands there.

    file.account.lose("cells_beyond_header", 3, line(20))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from detectors.message import Msg, Text
from detectors.model import Loss


@dataclass(frozen=True, slots=True)
class LossKind:
    """One way in which a read keeps less than it was given.

    words: from (how many, the first place) to what is said and what to do about it.
    is_lost: data was not read; False: it was read, but something about it had to be assumed.
    rows: the number of rows is no longer certain. counts: False where no count of persons depends on it.
    doubtful: lines were read as rows that may be none: persons are counted with and without them.
    """

    words: Callable[[int, Text], tuple[Msg, Msg]]
    is_lost: bool = True
    rows: bool = False
    counts: bool = True
    doubtful: bool = False


@dataclass(slots=True)
class Account:
    """What one read lost so far: by kind, how often, and the first place."""

    _lost: dict[str, tuple[int, Text]] = field(default_factory=dict)
    _places: set[tuple[str, str]] = field(default_factory=set)

    def lose(self, kind: str, n: int = 1, place: Text = "") -> None:
        """Note that `n` things were not kept; the first place stays. Raise KeyError for an unknown kind."""
        KINDS[kind]
        if n > 0:
            earlier, first = self._lost.get(kind, (0, place))
            self._lost[kind] = (earlier + n, first)

    def lose_once(self, kind: str, place: Text, n: int = 1) -> None:
        """Note that something was not kept which is met again and again, e.g. in every part of a file."""
        if (kind, str(place)) not in self._places:
            self._places.add((kind, str(place)))
            self.lose(kind, n, place)

    def fork(self) -> Account:
        """Return an empty account that notes nothing again of what this one noted once; to be merged."""
        return Account(_places=set(self._places))

    def merge(self, other: Account) -> None:
        """Add what another read lost."""
        for kind, (n, place) in other._lost.items():
            self.lose(kind, n, place)
        self._places |= other._places

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was lost, by the order of the kinds."""
        return tuple(_loss(kind, *self._lost[kind]) for kind in KINDS if kind in self._lost)

    @property
    def losses_of_counts(self) -> tuple[Loss, ...]:
        """What was lost, without what changes no count of persons."""
        return tuple(loss for loss in self.losses if KINDS[loss.kind].counts)


def _loss(name: str, n: int, place: Text) -> Loss:
    kind = KINDS[name]
    message, hint = kind.words(n, place)
    return Loss(name, n, message, hint, kind.is_lost, kind.rows)


def line(number: int) -> Msg:
    """Return the place of a line of a file, from 1."""
    return Msg("line {number}", number=str(number))


def cell(name: str) -> Msg:
    """Return the place of a cell of a sheet, e.g. `F45`."""
    return Msg("cell {name}", name=name)


def column(name: str) -> Msg:
    """Return the place of a column."""
    return Msg("column {name}", name=name)


_NAME_ENCODING = Msg("save the whole file as UTF-8, or name its encoding: options: {encoding}",
                     encoding="{encoding: cp1251}")
SAMPLED_LINES = Msg("the lines that were drawn")     # where no line has a number


def _cells_beyond_header(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell beyond the last column was read as part of it, first in {place}",
                   "{n:,} cells beyond the last column were read as part of it, first in {place}",
                   n=n, place=place),
        Msg("give every column a heading"),
    )


def _short_rows(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} row has fewer cells than the others: {place}",
                   "{n:,} rows have fewer cells than the others, first in {place}", n=n, place=place),
        Msg("complete this row; a line feed inside of a cell needs quotes around the cell"),
    )


def _shifted_rows(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} row has more cells than the others, they may stand under other headings: {place}",
                   "{n:,} rows have more cells than the others, they may stand under other headings: "
                   "first in {place}", n=n, place=place),
        Msg("put quotes around a cell that holds a delimiter"),
    )


def _repeated_headings(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line repeats the headings, it was not read as a row: {place}",
                   "{n:,} lines repeat the headings, they were not read as rows: first in {place}",
                   n=n, place=place),
        Msg("if these are several files in one, write each by itself"),
    )


def _totals(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line sums up others, it was not read as a row: {place}",
                   "{n:,} lines sum up others, they were not read as rows: first in {place}",
                   n=n, place=place),
        Msg("nothing needs to be done, if these are sums"),
    )


def _totals_assumed(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line may sum up others, it was read as a row: {place}",
                   "{n:,} lines may sum up others, they were read as rows: first in {place}",
                   n=n, place=place),
        Msg("take sums out of the file"),
    )


def _footers(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line below the rows speaks of the table, it was not read as a row: {place}",
                   "{n:,} lines below the rows speak of the table, they were not read as rows: "
                   "first in {place}", n=n, place=place),
        Msg("nothing needs to be done, if these are signatures, dates or notes"),
    )


def _footers_assumed(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line may speak of the table, it was read as a row: {place}",
                   "{n:,} lines may speak of the table, they were read as rows: first in {place}",
                   n=n, place=place),
        Msg("take signatures, dates and notes out of the file"),
    )


def _zero_bytes(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} byte in the file is zero: what stood there is lost",
                   "{n:,} bytes in the file are zero: what stood there is lost", n=n),
        Msg("export the data again"),
    )


def _broken_quotes(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} row has a fault in its quotes: {place}; cut at delimiters",
                   "{n:,} rows have faults in their quotes, first in {place}; cut at delimiters",
                   n=n, place=place),
        Msg("close or double the quotes there"),
    )


def _other_encoding(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line is in another encoding than the file: {place}; read by that",
                   "{n:,} lines are in another encoding than the file, first in {place}; read by that",
                   n=n, place=place),
        Msg("save the whole file as UTF-8"),
    )


def _undecodable(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} piece of text is in no known encoding: {place}",
                   "{n:,} pieces of text are in no known encoding, first in {place}", n=n, place=place),
        _NAME_ENCODING,
    )


def _mojibake(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell of the first rows is garbled: it was read or written in a wrong encoding",
                   "{n:,} cells of the first rows are garbled: they were read or written in a wrong "
                   "encoding", n=n),
        Msg("export the data again, as UTF-8"),
    )


def _encoding_assumed(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("in which encoding the file is written is not certain: much of its text looks garbled"),
        _NAME_ENCODING,
    )


def _headings_assumed(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("whether {place} holds headings or data is not certain", place=place),
        Msg("write a line of headings above the data"),
    )


def _other_table(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} further line of headings below a blank line ({place}): "
                   "its rows were read as those of the first table",
                   "{n:,} further lines of headings below blank lines (first {place}): "
                   "their rows were read as those of the first table", n=n, place=place),
        Msg("put each table into a file of its own"),
    )


def _cells_assumed(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("its lines may hold several cells; each was read as one"),
        Msg("part the columns by commas or tabs"),
    )


def _json_faults(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} record was not read, it is no JSON: {place}",
                   "{n:,} records were not read, they are no JSON: the first in {place}", n=n, place=place),
        Msg("correct the file, or export it again"),
    )


def _json_keys_twice(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} key stands twice in its object ({place}); both values were read as a list",
                   "{n:,} keys stand twice in their object (the first in {place}); values were read as lists",
                   n=n, place=place),
        Msg("give each value a key of its own"),
    )


def _keys_assumed(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("whether the {n:,} keys of the only object in it name columns is not certain; "
            "they were read as values", n=n),
        Msg("write an array of records"),
    )


def _json_columns_from_part(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("the columns are those of {place} of the file", place=place),
        Msg("split the file, so that each part is read from start to end"),
    )


def _columns_from_parts(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("the columns are those of {place}; one that only others have is not read", place=place),
        Msg("name the other files as a source of their own, if they have more columns"),
    )


def _columns_unlisted(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} column that only some files have was not read: {place}",
                   "{n:,} columns that only some files have were not read, first in {place}",
                   n=n, place=place),
        Msg("put these files into a folder of their own"),
    )


def _text_from_parts(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("encoding, columns and lines are judged by {place}", place=place),
        Msg("a count of persons reads all of it"),
    )


def _titles(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} value above the headings was not read ({place})",
                   "{n:,} values above the headings were not read (from {place} on)", n=n, place=place),
        Msg("look at the lines above the headings"),
    )


def _heading_values(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} value stands among the headings ({place}): it is no heading, and was not read",
                   "{n:,} values stand among the headings ({place}): they are no headings, and were not read",
                   n=n, place=place),
        Msg("give each column a heading; where that line is a record, put a line of headings above it"),
    )


def _title_persons(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} line above the headings names a person and was not examined: {place}",
                   "{n:,} lines above the headings name a person and were not examined, first {place}",
                   n=n, place=place),
        Msg("look at the lines above the headings"),
    )


def _sheet_cells_beyond(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell beside the table was not read: {place}",
                   "{n:,} cells beside the table were not read, first in {place}", n=n, place=place),
        Msg("move them to a sheet of their own"),
    )


def _compression_damaged(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} compressed file is cut off or damaged, what could be unpacked was read: {place}",
                   "{n:,} compressed files are cut off or damaged, what could be unpacked was read: first "
                   "{place}", n=n, place=place),
        Msg("copy the file again"),
    )


def _places_twice(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} row or cell of the sheet has the place of another one ({place}): both were read, "
                   "in the order of the file",
                   "{n:,} rows or cells of the sheet have the place of another one (first {place}): all were "
                   "read, in the order of the file", n=n, place=place),
        Msg("open and save the workbook again"),
    )


def _sheets_unread(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} sheet of the workbook was not read, it is missing or damaged",
                   "{n:,} sheets of the workbook were not read, they are missing or damaged", n=n),
        Msg("open the workbook, see what is in them, and save it again"),
    )


def _sheet_cut(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} sheet is damaged: nothing was read of it from {place} on",
                   "{n:,} sheets are damaged: nothing was read from {place} on", n=n, place=place),
        Msg("open and save the workbook again"),
    )


def _styles_unread(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("the styles of the workbook cannot be read: days may stand as numbers"),
        Msg("open and save the workbook again"),
    )


def _formulas_without_values(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} formula has no stored value, it was not read",
                   "{n:,} formulas have no stored values, they were not read", n=n),
        Msg("open and save the workbook in a program that calculates"),
    )


def _comments_unread(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell has a comment, which was not read",
                   "{n:,} cells have comments, which were not read", n=n),
        Msg("write what they say into a column, or look at them yourself"),
    )


def _parts_beside_cells(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} part of the workbook that holds no cells of its own was not read: {place}",
                   "{n:,} parts of the workbook that hold no cells of its own were not read, first {place}",
                   n=n, place=place),
        Msg("look at them yourself, or write the values into cells"),
    )


def _unreadable_columns(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} column cannot be read: {place}",
                   "{n:,} columns cannot be read, the first is {place}", n=n, place=place),
        Msg("write it again, in a common type"),
    )


def _unreadable_row_groups(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} part of the file cannot be read: {place}",
                   "{n:,} parts of the file cannot be read, the first is {place}", n=n, place=place),
        Msg("it may be damaged; write it again"),
    )


def _other_file(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} file was put behind or before this one, it was not read: {place}",
                   "{n:,} files were put behind or before this one, they were not read: {place}",
                   n=n, place=place),
        Msg("write each by itself"),
    )


def _bytes_behind(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} byte behind the end of the file was not read: {place}",
                   "{n:,} bytes behind the end of the file were not read: {place}", n=n, place=place),
        Msg("look at what was put behind it; write it again"),
    )


def _bytes_between(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} byte of the file belongs to no part that it names, and was not read: {place}",
                   "{n:,} bytes of the file belong to no part that it names, and were not read: {place}",
                   n=n, place=place),
        Msg("another file may be among them: write the file again, or each by itself"),
    )


def _unreadable_cells(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell cannot be read: {place}", "{n:,} cells cannot be read, the first in {place}",
                   n=n, place=place),
        Msg("correct this value at its source"),
    )


def _other_encoding_cells(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell is in another encoding than UTF-8: {place}; read by that",
                   "{n:,} cells are in another encoding than UTF-8, first in {place}; read by that",
                   n=n, place=place),
        Msg("write text as UTF-8"),
    )


def _undecodable_cells(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell of text is in no known encoding: {place}",
                   "{n:,} cells of text are in no known encoding, first in {place}", n=n, place=place),
        Msg("write text as UTF-8"),
    )


def _mojibake_cells(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell is in another encoding than its table declares: {place}; read by that",
                   "{n:,} cells are in another encoding than their table declares, first in {place}; "
                   "read by that", n=n, place=place),
        Msg("declare the encoding the text is really in"),
    )


def _denied_columns(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} column was not read, this account may not: {place}",
                   "{n:,} columns were not read, this account may not: {place}", n=n, place=place),
        Msg("GRANT SELECT on all of them to this account"),
    )


def _columns_unseen(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("this account may read single columns, and cannot see whether there are others"),
        Msg("GRANT SELECT on the whole table to this account"),
    )


def _hidden_rows(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("row-level security hides about {n:,} row: this account sees {place}",
                   "row-level security hides about {n:,} rows: this account sees {place}", n=n, place=place),
        Msg("let an account read it that all rows are visible to, e.g. one with BYPASSRLS"),
    )


def _rows_may_hide(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("row-level security is on for this account: rows may be hidden from it"),
        Msg("let an account read it that all rows are visible to, e.g. one with BYPASSRLS"),
    )


def _rows_by_account(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg("the view shows rows by who asks: some may be hidden from this account"),
        Msg("scan the tables that it reads, or let an account read it that it shows all rows to"),
    )


def _long_cells(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell is longer than 65,536 characters, no more of it was read: {place}",
                   "{n:,} cells are longer than 65,536 characters, no more of them was read: first in "
                   "{place}", n=n, place=place),
        Msg("look at these texts by themselves"),
    )


def _bytes_no_text(n: int, place: Text) -> tuple[Msg, Msg]:
    return (
        Msg.plural("{n:,} cell of bytes is no text, nothing was looked for in it: {place}",
                   "{n:,} cells of bytes are no text, nothing was looked for in them: first in {place}",
                   n=n, place=place),
        Msg("say what they hold in the comment of the column"),
    )


KINDS: Mapping[str, LossKind] = {
    "cells_beyond_header": LossKind(_cells_beyond_header, is_lost=False),
    "short_rows": LossKind(_short_rows, is_lost=False, rows=True),
    "shifted_rows": LossKind(_shifted_rows, is_lost=False, rows=True),
    "repeated_headings": LossKind(_repeated_headings, is_lost=False, counts=False),
    "totals": LossKind(_totals, is_lost=False, counts=False),
    "totals_assumed": LossKind(_totals_assumed, is_lost=False, rows=True, doubtful=True),
    "footers": LossKind(_footers, is_lost=False, counts=False),
    "footers_assumed": LossKind(_footers_assumed, is_lost=False, rows=True, doubtful=True),
    "zero_bytes": LossKind(_zero_bytes, rows=True),
    "broken_quotes": LossKind(_broken_quotes, is_lost=False, rows=True),
    "other_encoding": LossKind(_other_encoding, is_lost=False),
    "undecodable": LossKind(_undecodable),
    "encoding_assumed": LossKind(_encoding_assumed, is_lost=False, rows=True),
    "mojibake": LossKind(_mojibake, is_lost=False),
    "headings_assumed": LossKind(_headings_assumed, is_lost=False, rows=True),
    "other_table": LossKind(_other_table, is_lost=False, rows=True),
    "cells_assumed": LossKind(_cells_assumed, is_lost=False, rows=True),
    "json_faults": LossKind(_json_faults, rows=True),
    "json_keys_twice": LossKind(_json_keys_twice, is_lost=False),
    "keys_assumed": LossKind(_keys_assumed, is_lost=False, rows=True),
    "json_columns_from_part": LossKind(_json_columns_from_part, is_lost=False, rows=True),
    "columns_from_parts": LossKind(_columns_from_parts, is_lost=False, rows=True),
    "columns_unlisted": LossKind(_columns_unlisted),
    "text_from_parts": LossKind(_text_from_parts, is_lost=False),
    "titles": LossKind(_titles),
    "heading_values": LossKind(_heading_values),
    "title_persons": LossKind(_title_persons, is_lost=False),
    "sheet_cells_beyond": LossKind(_sheet_cells_beyond, rows=True),
    "compression_damaged": LossKind(_compression_damaged, rows=True),
    "places_twice": LossKind(_places_twice, is_lost=False, rows=True),
    "sheets_unread": LossKind(_sheets_unread),
    "sheet_cut": LossKind(_sheet_cut, rows=True),
    "styles_unread": LossKind(_styles_unread, is_lost=False),
    "formulas_without_values": LossKind(_formulas_without_values),
    "comments_unread": LossKind(_comments_unread),
    "parts_beside_cells": LossKind(_parts_beside_cells),
    "unreadable_columns": LossKind(_unreadable_columns),
    "unreadable_row_groups": LossKind(_unreadable_row_groups, rows=True),
    "other_file": LossKind(_other_file, rows=True),
    "bytes_behind": LossKind(_bytes_behind, rows=True),
    "bytes_between": LossKind(_bytes_between, rows=True),
    "unreadable_cells": LossKind(_unreadable_cells),
    "undecodable_cells": LossKind(_undecodable_cells),
    "other_encoding_cells": LossKind(_other_encoding_cells, is_lost=False),
    "mojibake_cells": LossKind(_mojibake_cells, is_lost=False),
    "denied_columns": LossKind(_denied_columns),
    "columns_unseen": LossKind(_columns_unseen, is_lost=False, counts=False),
    "hidden_rows": LossKind(_hidden_rows, rows=True),
    "rows_may_hide": LossKind(_rows_may_hide, is_lost=False, rows=True),
    "rows_by_account": LossKind(_rows_by_account, is_lost=False, rows=True),
    "long_cells": LossKind(_long_cells, is_lost=False, counts=False),
    "bytes_no_text": LossKind(_bytes_no_text, is_lost=False, counts=False),
}
