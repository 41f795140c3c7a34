"""Random lines of large plain text files, from all over them, without reading all of it.

A file is cut into pieces of PIECE bytes; a line belongs to the piece it starts in, so each line belongs
to one piece and none is torn.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from detectors.message import Msg, Text
from scanner.connectors.files.source_file import SourceFile

PIECE = 64 << 10
PIECES = 256                                  # opened at most
LONGEST = 4 << 20                             # bytes of a line that are read at once


@dataclass(frozen=True, slots=True)
class LineFile:
    """A file whose lines are its records.

    start: byte of the first record. parse: makes a batch of whole lines without their line feeds.
    are_torn: whether lines look like parts of records, so that lines are no records after all.
    """

    file: SourceFile
    start: int
    parse: Callable[[Sequence[bytes]], pa.RecordBatch]
    are_torn: Callable[[Sequence[bytes]], bool]


class LineSample(NamedTuple):
    """Records drawn from lines, by file, and how they were drawn."""

    batches: list[tuple[LineFile, pa.RecordBatch]]
    method: Text


def draw_lines(files: Sequence[LineFile], rows: int, seed: int) -> LineSample | None:
    """Return about `rows` random records; None where lines turn out to be no records."""
    rng = random.Random(seed)
    pieces = [(line_file, i) for line_file in files for i in range(-(-line_file.file.size // PIECE))]
    opened = sorted(rng.sample(range(len(pieces)), min(PIECES, max(rows, 1), len(pieces))))
    of_a_piece = -(-rows // max(len(opened), 1))
    candidates: list[tuple[LineFile, bytes]] = []
    for number in opened:
        line_file, i = pieces[number]
        lines = [line for line in _lines_starting_in(line_file, i * PIECE) if line.strip()]
        if line_file.are_torn(lines):
            return None
        chosen = sorted(rng.sample(range(len(lines)), min(of_a_piece, len(lines))))
        candidates += [(line_file, lines[k]) for k in chosen]
    chosen = sorted(rng.sample(range(len(candidates)), min(rows, len(candidates))))
    by_file: dict[LineFile, list[bytes]] = {}
    for k in chosen:
        line_file, line = candidates[k]
        by_file.setdefault(line_file, []).append(line)
    for line_file in by_file:
        opened_bytes = PIECE * sum(pieces[number][0] is line_file for number in opened)
        share = Msg("{n:,} KB of {of:,} MB", n=min(opened_bytes, line_file.file.size) >> 10,
                    of=line_file.file.size >> 20)
        line_file.file.account.lose("text_from_parts", 1, share)
    method = Msg("random lines of {n} of {of} pieces of {m} KiB",
                 n=len(opened), of=len(pieces), m=PIECE >> 10)
    return LineSample([(line_file, line_file.parse(lines)) for line_file, lines in by_file.items()], method)


def _lines_starting_in(line_file: LineFile, begin: int) -> Iterator[bytes]:
    """Yield lines that start in [begin, begin + PIECE), without their line feeds."""
    with line_file.file.open() as stream:
        position = max(begin, line_file.start)
        if position >= begin + PIECE:
            return
        if position > line_file.start:        # a line starts here only if one ends right before
            stream.seek(position - 1)
            position += len(stream.readline(LONGEST)) - 1
        else:
            stream.seek(position)
        while position < begin + PIECE and (line := stream.readline(LONGEST)):
            position += len(line)
            yield line.rstrip(b"\r\n")
