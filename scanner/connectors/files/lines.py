"""Random lines of large plain text files, from all over them, without reading all of it.

A file is cut into pieces of PIECE bytes; a line belongs to the piece it starts in, so each line belongs to one piece and none is torn.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from scanner.connectors.files.source_file import Place

PIECE = 64 << 10
PIECES = 256                                  # opened at most
LONGEST = 4 << 20                             # bytes of a line that is waited for


@dataclass(frozen=True, slots=True)
class Lines:
    """A file whose lines are its records.

    start: byte of the first record. parse: records of whole lines, without their line feeds. torn: do these lines look like parts of
    records, so that lines are no records after all?
    """

    place: Place
    start: int
    parse: Callable[[Sequence[bytes]], pa.RecordBatch]
    torn: Callable[[Sequence[bytes]], bool]


def draw(files: Sequence[Lines], rows: int, seed: int) -> tuple[list[tuple[Lines, pa.RecordBatch]], str] | None:
    """(record batches by file, how they were drawn), or None where lines turn out to be no records."""
    rng = random.Random(seed)
    pieces = [(f, i) for f in files for i in range(-(-f.place.size // PIECE))]
    opened = sorted(rng.sample(range(len(pieces)), min(PIECES, max(rows, 1), len(pieces))))
    found: list[tuple[Lines, bytes]] = []
    each = -(-rows // max(len(opened), 1))
    for n in opened:
        file, i = pieces[n]
        lines = [line for line in _starting_in(file, i * PIECE) if line.strip()]
        if file.torn(lines):
            return None
        found += [(file, lines[k]) for k in sorted(rng.sample(range(len(lines)), min(each, len(lines))))]
    kept = [found[k] for k in sorted(rng.sample(range(len(found)), min(rows, len(found))))]
    batches = [(f, f.parse([line for g, line in kept if g is f])) for f in dict.fromkeys(f for f, _ in kept)]
    return batches, f"random lines of {len(opened)} of {len(pieces)} pieces of {PIECE >> 10} KiB"


def _starting_in(file: Lines, begin: int) -> Iterator[bytes]:
    """Lines that start in [begin, begin + PIECE)."""
    with file.place.open() as stream:
        at = max(begin, file.start)
        if at >= begin + PIECE:
            return
        if at > file.start:                   # a line starts here only if one ends right before
            stream.seek(at - 1)
            at += len(stream.readline(LONGEST)) - 1
        else:
            stream.seek(at)
        while at < begin + PIECE and (line := stream.readline(LONGEST)):
            at += len(line)
            yield line.rstrip(b"\r\n")
