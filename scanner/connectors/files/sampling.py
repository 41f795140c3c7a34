"""Samples of the files of one table: random row groups, random lines of a large text, else a reservoir.

Which rows: `scanner.connectors.sampling` for row groups, `lines` for lines.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg, Text
from detectors.model import Drawn, TableRef
from scanner.connectors.account import Account
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.grouping import FileGroup
from scanner.connectors.files.lines import LineFile, draw_lines
from scanner.connectors.files.row_groups import RowGroup, choose_rows, sampling_method, take_rows
from scanner.connectors.files.rows import gather_rows, select_columns, unify_types
from scanner.connectors.files.side_by_side import Broken, ask_files
from scanner.connectors.files.source_file import SourceFile, total_bytes

READ_ROWS = 2_000_000                         # rows of text that a reservoir is drawn from, at most
READ_BYTES = 2 << 30                          # the same in bytes
LARGE = 512 << 20                             # bytes of text above which lines from all over are sampled


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """About `rows` rows of some columns. ref: the table inside its files.

    connections: files far away that are open at the same time. account: where their readers note what they
    could not keep.
    """

    ref: TableRef
    columns: Sequence[str]
    rows: int
    seed: int
    connections: int
    account: Account = field(default_factory=Account)


@dataclass(frozen=True, slots=True)
class FileSample:
    """Rows of files, how they were drawn, and files that could not be read."""

    batches: list[pa.RecordBatch]
    sampling: Drawn
    broken: Broken


def sample_files(group: FileGroup, request: SampleRequest) -> FileSample:
    """Return about `request.rows` rows. Raise SourceError if none of the files can be read."""
    files = group.files
    if group.has_row_groups:
        sample = _sample_row_groups(group, request)
    elif total_bytes(files) > LARGE and (from_lines := _sample_lines(group, request)):
        sample = from_lines
    else:
        sample = _sample_reservoir(group, request)
    broken, sampling = sample.broken, sample.sampling
    if broken and len(broken) == len(files):
        raise next(iter(broken.values()))
    if broken:
        how = str(sampling.method)            # in English, like its sentence, in every language
        method = Msg("{how}, {n} of {of} files unread", how=how, n=len(broken), of=len(files))
        sampling = replace(sampling, method=method, rows_total=None)
    if not sampling.rows and (lost := [loss for loss in request.account.losses if loss.lost and loss.rows]):
        where = files[0].where if files else group.name
        raise SourceError(Msg("no row can be read: {why}", why=lost[0].message), where=where,
                          hint=lost[0].hint)
    return FileSample(unify_types(sample.batches), sampling, broken)


def _accounted(group: FileGroup, request: SampleRequest) -> list[SourceFile]:
    """Return the files of a group, with the account of a request to write into."""
    return [replace(file, account=request.account) for file in group.files]


def describe_sampling(group: FileGroup, rows: int, seed: int) -> Text:
    """Return in words what `sample_files` would do."""
    files = group.files
    if group.has_row_groups:
        how = Msg("at most 32 row groups, {n} random rows", n=rows)
    elif total_bytes(files) > LARGE:
        how = Msg("random lines of {n} rows", n=rows)
    else:
        how = Msg("reservoir of {n} rows", n=rows)
    first = files[0].where if files else group.name
    return Msg("read {n} file(s) from {file}, {how}, seed {m}", n=len(files), file=first, how=how, m=seed)


def _sample_row_groups(group: FileGroup, request: SampleRequest) -> FileSample:
    def row_groups(file: SourceFile) -> list[RowGroup]:
        return list(group.family.row_groups(file, request.ref))

    by_file, broken = ask_files(_accounted(group, request), row_groups, request.connections)
    groups = [row_group for of_file in by_file for row_group in of_file]
    chosen = choose_rows(groups, request.rows, request.seed)
    batches: list[pa.RecordBatch] = []
    for row_group, positions in chosen:
        file = row_group.file
        if file.path in broken:
            continue
        try:
            with reader_errors(file.where):
                batches += [select_columns(batch, request.columns, file.partition, file.account)
                            for batch in take_rows(row_group, positions, request.columns)]
        except SourceError as e:
            broken[file.path] = e
    method = sampling_method(groups, len(chosen), request.rows)
    rows = sum(batch.num_rows for batch in batches)
    return FileSample(batches, Drawn(method, rows, sum(g.rows for g in groups), request.seed), broken)


def _sample_lines(group: FileGroup, request: SampleRequest) -> FileSample | None:
    """Return random lines from all over; None where lines are no records, or a file cannot be read."""
    if not hasattr(group.family, "lines"):
        return None

    def lines(file: SourceFile) -> LineFile | None:
        line_file: LineFile | None = group.family.lines(file, request.ref)
        return line_file

    by_file, broken = ask_files(_accounted(group, request), lines, request.connections)
    line_files = [line_file for line_file in by_file if line_file is not None]
    if broken or len(line_files) < len(by_file):
        return None
    with reader_errors(group.files[0].where):
        sample = draw_lines(line_files, request.rows, request.seed)
    if sample is None:
        return None
    batches = [select_columns(batch, request.columns, line_file.file.partition, request.account)
               for line_file, batch in sample.batches]
    rows = sum(batch.num_rows for batch in batches)
    return FileSample(batches, Drawn(sample.method, rows, None, request.seed), {})


class _Reservoir:
    """A sample of the rows that pass by; every one of them has the same chance (Vitter 1985, algorithm R)."""

    def __init__(self, rows: int, rng: random.Random) -> None:
        self.chosen: list[tuple[pa.RecordBatch, int]] = []
        self.rows_read = 0
        self.bytes_read = 0
        self._rows, self._rng = rows, rng

    @property
    def is_over(self) -> bool:
        """Whether as much was read as may be."""
        return self.rows_read >= READ_ROWS or self.bytes_read >= READ_BYTES

    def add(self, batch: pa.RecordBatch) -> None:
        """Let the rows of a batch pass by; of the batch nothing is held but the rows that were chosen."""
        self.bytes_read += batch.nbytes
        rows, draw = self._rows, self._rng.randrange
        of_batch: dict[int, int] = {}         # place among the chosen -> row of the batch
        for row in range(batch.num_rows):
            place = self.rows_read + row
            if place >= rows and (place := draw(place + 1)) >= rows:
                continue
            of_batch[place] = row
        self.rows_read += batch.num_rows
        rows_chosen = sorted(of_batch.values())
        if len(rows_chosen) < batch.num_rows:
            batch = batch.take(pa.array(rows_chosen, pa.int64()))
        number = {row: i for i, row in enumerate(rows_chosen)}
        self.chosen += [(batch, 0)] * (min(self.rows_read, rows) - len(self.chosen))
        for place, row in of_batch.items():
            self.chosen[place] = (batch, number[row])


def _sample_reservoir(group: FileGroup, request: SampleRequest) -> FileSample:
    """Return rows that all had the same chance; many large files are read in random order."""
    rng = random.Random(request.seed)
    files = _accounted(group, request)
    is_shuffled = len(files) > 1 and total_bytes(files) > LARGE
    if is_shuffled:
        rng.shuffle(files)
    reservoir = _Reservoir(request.rows, rng)
    broken: dict[str, SourceError] = {}
    opened = 0
    for file in files:
        if reservoir.is_over:
            break
        opened += 1
        try:
            _pour(group, file, request, reservoir)
        except SourceError as e:
            broken[file.path] = e
    rows_read = reservoir.rows_read
    if reservoir.is_over:
        method = Msg("reservoir over the first {n} rows", n=rows_read)
        if is_shuffled:
            method = Msg("reservoir over the first {n} rows of {m} of {of} files, drawn at random",
                         n=rows_read, m=opened, of=len(files))
    else:
        method = Msg("all rows") if rows_read <= request.rows else Msg("reservoir")
    total = None if reservoir.is_over else rows_read
    sampling = Drawn(method, len(reservoir.chosen), total, request.seed)
    return FileSample(gather_rows(reservoir.chosen), sampling, broken)


def _pour(group: FileGroup, file: SourceFile, request: SampleRequest, reservoir: _Reservoir) -> None:
    """Add the rows of a file to a reservoir, until as much was read as may be."""
    for batch in group.stream(file, request.ref, request.columns):
        reservoir.add(select_columns(batch, request.columns, file.partition, file.account))
        if reservoir.is_over:
            break
