"""What differs between a paper as people left it and the same paper of the report of the day.

What the paper itself says has to stand there in its order: heads, sentences, rows of tables. What follows a
place to write is for people, but may not be empty; so are cells of columns that they may word otherwise, and
drafts, in which only what they are about has to stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detectors.message import Msg
from reports.filings.blocks import FREE, HEADS, TO_FILL_IN, PaperBlock, PaperLine, PaperTable, PaperText
from scanner.deliver.paper_places import PaperPlaces, bare
from scanner.deliver.paper_reading import ReadPaper, TableRows

NUMBER_HEADS = ("序号", "序号 No.")               # of columns that only number the rows
LONGEST_QUOTE = 60                            # characters of a sentence that is quoted


def paper_differences(expected: PaperText, paper: ReadPaper) -> Iterator[Msg]:
    """Yield what is missing, changed, added to tables or left empty, in the order of the paper."""
    yield from _cover_differences(expected, paper)
    yield from _Comparison(expected, paper).differences()
    yield from placeholders(PaperPlaces.of(expected), paper)
    text = bare(paper.text)
    for term in expected.terms:
        if bare(term) not in text:
            yield Msg('{file}: "{name}" is not named', file=paper.name, name=term)


def placeholders(places: PaperPlaces, paper: ReadPaper) -> Iterator[Msg]:
    """Yield the texts of people that only keep a place, such as 待定."""
    if paper.has_hidden_text:
        yield Msg("{file}: text in it is hidden; it counts as not written", file=paper.name)
    for written in places.written(paper):
        if written.is_placeholder:
            yield Msg(
                '{file}: "{text}" only keeps a place that is to be written',
                file=paper.name, text=_quote(f"{written.own}{written.text}"),
            )


def _cover_differences(expected: PaperText, paper: ReadPaper) -> Iterator[Msg]:
    cover = expected.cover
    if cover is None:
        return
    texts = [block for block in paper.blocks if isinstance(block, str)]
    for line in filter(None, (cover.title, cover.subtitle, cover.party, *cover.notes)):
        if not any(_fits(line, text) for text in texts):
            yield Msg('{file}: "{text}" is not in it as it should be', file=paper.name, text=_quote(line))


@dataclass(slots=True)
class _Comparison:
    """A comparison of the expected paper and the actual one, with the place where the next block may be."""

    expected: PaperText
    paper: ReadPaper
    place: int = 0                            # index of the next block that may be matched
    head: str = ""

    def differences(self) -> Iterator[Msg]:
        claimed: set[int] = set()             # blocks that stand for something expected
        blocks = self.expected.blocks
        for i, block in enumerate(blocks):
            if isinstance(block, PaperLine):
                if block.style in HEADS:
                    self.head = block.text
                elif block.style in FREE and _is_head(blocks[i - 1]):
                    yield from self._gap(self._next_line(i))
                yield from self._line(block, self._next_line(i), claimed)
            elif isinstance(block, PaperTable):
                yield from self._grid(block, claimed)
        yield from self._further_tables(claimed)

    def _next_line(self, i: int) -> str:
        """Return what the next sentence of the paper's own begins with; empty at the end."""
        rest = (b for b in self.expected.blocks[i + 1:] if isinstance(b, PaperLine) and b.style not in FREE)
        return next((own for b in rest if (own := _own(b.text))), "")

    def _line(self, line: PaperLine, next_line: str, claimed: set[int]) -> Iterator[Msg]:
        if line.style in FREE:
            return
        if not _own(line.text):
            yield from self._gap(next_line)
            return
        actual = self._find(line, self.place, claimed)
        if actual is None:
            file, text = self.paper.name, _quote(line.text)
            if self._find(line, 0, claimed) is not None:
                yield Msg('{file}: "{text}" does not stand in its place', file=file, text=text)
            else:
                yield Msg('{file}: "{text}" is not in it as it should be', file=file, text=text)
            return
        claimed.add(actual)
        self.place = actual + 1
        filled = self.paper.blocks[actual]
        if TO_FILL_IN in line.text and isinstance(filled, str) and _is_emptied(line.text, filled):
            own = _quote(line.text)
            yield Msg('{file}: nothing is written after "{text}"', file=self.paper.name, text=own)

    def _find(self, line: PaperLine, start: int, claimed: set[int]) -> int | None:
        for i in range(start, len(self.paper.blocks)):
            block = self.paper.blocks[i]
            if isinstance(block, str) and i not in claimed and _fits(line.text, block):
                return i
        return None

    def _gap(self, next_line: str) -> Iterator[Msg]:
        """Yield that nothing was written where people write: the next thing follows at once."""
        following = self.paper.blocks[self.place] if self.place < len(self.paper.blocks) else ""
        is_next = isinstance(following, str) and next_line and bare(following).startswith(next_line)
        if following and not is_next:
            self.place += 1
            return
        head = _quote(self.head)
        yield Msg('{file}: nothing is written under "{head}"', file=self.paper.name, head=head)

    def _grid(self, grid: PaperTable, claimed: set[int]) -> Iterator[Msg]:
        for i in range(self.place, len(self.paper.blocks)):
            rows = self.paper.blocks[i]
            if i not in claimed and not isinstance(rows, str) and _has_heads(rows, grid):
                claimed.add(i)
                self.place = i + 1
                yield from grid_differences(self.paper.name, grid, rows[1:])
                return
        yield Msg(
            '{file}: the table "{heads}" under "{head}" is missing',
            file=self.paper.name, heads="｜".join(grid.heads[:3]), head=_quote(self.head),
        )

    def _further_tables(self, claimed: set[int]) -> Iterator[Msg]:
        """Yield the tables with heads of ours that the paper should not have, or not as often."""
        for i, rows in enumerate(self.paper.blocks):
            if i in claimed or isinstance(rows, str):
                continue
            if any(_has_heads(rows, grid) for grid in self.expected.grids):
                heads = "｜".join(rows[0][:3])
                yield Msg('{file}: there is a table "{heads}" too many', file=self.paper.name, heads=heads)


def grid_differences(file: str, grid: PaperTable, rows: TableRows) -> Iterator[Msg]:
    """Yield the differences between a table and its rows as people left them, heads aside."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if grid.rows and not filled:
        yield Msg('{file}: the table "{heads}" is empty', file=file, heads="｜".join(grid.heads[:3]))
        return
    open_rows = list(filled)
    missing = []
    for row in grid.rows:
        match = next((r for r in open_rows if _row_fits(grid, row, r)), None)
        if match is None:
            missing.append(row)
            continue
        open_rows.remove(match)
        for i, cell in enumerate(row):
            is_emptied = TO_FILL_IN in cell and i not in grid.free and _is_emptied(cell, match[i])
            if cell and grid.heads[i] not in NUMBER_HEADS and (is_emptied or not match[i].strip()):
                yield Msg(
                    '{file}: {row}: the cell "{head}" is empty',
                    file=file, row=_row_name(grid, row), head=grid.heads[i],
                )
    for row in missing:
        yield from _missing_row(file, grid, row, open_rows)
    for actual in open_rows:
        name = _quote(_row_name(grid, actual))
        yield Msg('{file}: the row "{row}" is not in the state', file=file, row=name)
    if len(filled) < len(rows):
        yield Msg('{file}: the table "{heads}" has an empty row', file=file, heads="｜".join(grid.heads[:3]))


def _missing_row(
    file: str, grid: PaperTable, row: Sequence[str], open_rows: list[tuple[str, ...]]
) -> Iterator[Msg]:
    """Yield what became of a row of the state: cells that differ in the row of its name, or it is missing."""
    name = _row_name(grid, row)
    same = next((r for r in open_rows if bare(_row_name(grid, r)) == bare(name)), None)
    if same is None or len(same) != len(row):
        yield Msg('{file}: the row "{row}" is missing', file=file, row=name)
        return
    open_rows.remove(same)
    for i, (cell, actual) in enumerate(zip(row, same, strict=True)):
        if not _cell_fits(grid, i, cell, actual):
            yield Msg(
                '{file}: {row}: "{head}" should be "{value}"',
                file=file, row=name, head=grid.heads[i], value=cell.partition(TO_FILL_IN)[0] or "…",
            )


def _is_head(block: PaperBlock) -> bool:
    return isinstance(block, PaperLine) and block.style in HEADS


def _row_name(grid: PaperTable, row: Sequence[str]) -> str:
    """Return what tells a row from the others: its first two cells that name something."""
    names = [
        cell for i, cell in enumerate(row[: len(grid.heads)])
        if i not in grid.free and grid.heads[i] not in NUMBER_HEADS
    ]
    own = (name.partition(TO_FILL_IN)[0] for name in (names[:1] if grid.free else names[:2]))
    return " ".join(filter(None, own))


def _row_fits(grid: PaperTable, row: Sequence[str], actual: Sequence[str]) -> bool:
    return len(row) == len(actual) and all(_cell_fits(grid, i, row[i], actual[i]) for i in range(len(row)))


def _cell_fits(grid: PaperTable, i: int, cell: str, actual: str) -> bool:
    return i in grid.free or grid.heads[i] in NUMBER_HEADS or not actual.strip() or _fits(cell, actual)


def _has_heads(rows: TableRows, grid: PaperTable) -> bool:
    return bool(rows) and list(map(bare, rows[0])) == list(map(bare, grid.heads))


def _fits(line: str, text: str) -> bool:
    """Does a text say what a line says: the same; before a place to write, at least that?"""
    own = _own(line)
    return bare(text).startswith(own) if TO_FILL_IN in line else bare(text) == own


def _is_emptied(line: str, text: str) -> bool:
    """Is the place to write of a line empty: was the mark taken away, and nothing put there?"""
    return not any(c.isalnum() for c in bare(text)[len(_own(line)):])


def _own(line: str) -> str:
    """What a line says itself, before a place to write, as it is compared."""
    return bare(line.partition(TO_FILL_IN)[0])


def _quote(text: str) -> str:
    own = " ".join(text.partition(TO_FILL_IN)[0].split())
    return own if len(own) <= LONGEST_QUOTE else own[: LONGEST_QUOTE - 1] + "…"
