"""What a reader makes of a bent file, beside what is true of it: one judgement for every format."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.errors import ChujingError
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.gather.examine import table_rows
from scanner.testing import rows_of

SILENT = "a value was lost in silence"
WRONG = "exact and wrong"
ENDED = "the scan ended"
NAMED = "a value names a column"
REFUSED = "not read"
HEADING = "other columns"
SHIFTED = "cells under another heading"
UNTOLD = "not told"
HEDGED = "not exact without need"
GOALS = (SILENT, WRONG, ENDED, NAMED)         # none of these, in any file


@dataclass(frozen=True)
class Reading:
    """A file as it was read. rows: counted, a value a table. refused: reasons of what was not read."""

    columns: list[tuple[str, ...]]
    tables: list[list[tuple]]
    losses: list
    rows: list
    refused: list[str]

    @property
    def text(self) -> str:
        return "\n".join(cell or "" for rows in self.tables for row in rows for cell in row)

    @property
    def is_exact(self) -> bool:
        return not self.refused and all(rows.method == "exact" for rows in self.rows)


def read(path) -> Reading:
    """Return what is read of a file or folder; what cannot be is said, as a scan says it."""
    reading = Reading([], [], [], [], [])
    source = connect(str(path))
    for info in source.tables():
        if isinstance(info, Skipped):
            reading.refused.append(str(info.reason))
            continue
        names = tuple(c.name for c in info.columns)
        try:
            sample = source.sample(info.ref, names, 100_000, 1)
        except ChujingError as e:
            reading.refused.append(str(e.message))
            continue
        reading.columns.append(names)
        reading.tables.append(rows_of(sample.batches))
        reading.losses.extend(sample.losses)
        reading.rows.append(table_rows(info.rows, sample.drawn, sample.losses))
    return reading


def faults(folder, bent) -> dict[str, str]:
    """Return what is wrong with the reading of a file: words of the table above, each with details."""
    (folder / bent.file).write_bytes(bent.body)
    try:
        reading = read(folder / bent.file)
    except ChujingError as e:
        return {} if getattr(bent, "may_be_refused", False) else {REFUSED: str(e.message)}
    except Exception as e:
        return {ENDED: f"{type(e).__name__}: {e}"}
    return dict(_faults(bent, reading))


def _faults(bent, reading):
    text = reading.text
    missing = sum(value not in text for value in bent.values)
    lost = sum(loss.n for loss in reading.losses if loss.lost)
    kinds = [loss.kind for loss in reading.losses]
    if reading.refused:
        if not getattr(bent, "may_be_refused", False):
            yield REFUSED, "; ".join(reading.refused)
        return
    if missing > lost:
        yield SILENT, f"{missing} values missing, {lost} told as lost"
    total = sum(rows.low for rows in reading.rows)
    if reading.is_exact and bent.rows is not None and total != bent.rows:
        yield WRONG, f"{total} rows are not {bent.rows}"
    private = (*bent.values, *getattr(bent, "people", ()))
    names = {name for names in reading.columns for name in names}
    if names & getattr(bent, "contents", set()) or any(value in name for value in private for name in names):
        yield NAMED, str(reading.columns)
    if bent.names is not None and reading.columns != [bent.names]:
        yield HEADING, f"{reading.columns} are not {bent.names}"
    if untold := bent.losses - set(kinds):
        yield UNTOLD, str(sorted(untold))
    is_certain = not bent.losses and bent.rows is not None and not getattr(bent, "is_open", False)
    if is_certain and (not reading.is_exact or set(kinds) - {"title_persons"}):
        yield HEDGED, str(kinds)
    if (cells := getattr(bent, "cells", None)) and not kinds and reading.columns == [bent.names]:
        columns = zip(bent.names, zip(*reading.tables[0], strict=True), strict=True)
        wrong = [name for name, column in columns
                 if name in cells and [(cell or "").strip() for cell in column] != cells[name]]
        if wrong:
            yield SHIFTED, str(wrong)
