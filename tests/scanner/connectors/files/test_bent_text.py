"""Bent delimited files: every value is read or accounted for, no count is exact and wrong, and good files
stay certain.
"""

import random

import bent
import pytest

from scanner.connectors import connect
from scanner.gather.examine import table_rows
from scanner.testing import rows_of


def read(folder, made):
    """Columns, cells and losses of a file, and how many rows it is said to have."""
    (folder / made.file).write_bytes(made.body)
    source = connect(str(folder / made.file))
    info = next(source.tables())
    names = tuple(c.name for c in info.columns)
    sample = source.sample(info.ref, names, 100_000, 1)
    rows = rows_of(sample.batches)
    return names, rows, sample.losses, table_rows(info.rows, sample.drawn, sample.losses)


def faults(folder, made):
    """What is wrong with the reading of a file."""
    names, rows, losses, count = read(folder, made)
    cells = "\n".join(cell or "" for row in rows for cell in row)
    found = set()
    if not any(loss.lost for loss in losses) and any(value not in cells for value in made.values):
        found.add("a value was lost in silence")
    if sum(value not in cells for value in made.values) > sum(loss.n for loss in losses if loss.lost):
        found.add("more was lost than told")
    if count.method == "exact" and made.rows is not None and count.low != made.rows:
        found.add(f"{count.low} rows are not {made.rows}")
    if made.names is not None and names != made.names:
        found.add(f"columns {names} are not {made.names}")
    if missing := made.losses - {loss.kind for loss in losses}:
        found.add(f"not told: {sorted(missing)}")
    if not made.losses and count.method != "exact":
        found.add(f"not exact: {[loss.kind for loss in losses]}")
    if any(value in name for value in made.values for name in names):
        found.add("a value names a column")
    return found


@pytest.mark.parametrize("kind", [name for name in bent.KINDS if name.startswith("csv: ")])
def test_bent_files_are_read_or_accounted_for(kind, tmp_path):
    wrong = {seed: found for seed in range(6)
             if (found := faults(tmp_path, bent.KINDS[kind](random.Random(seed))))}

    assert wrong == {}


def test_good_files_keep_their_headings_and_their_count(tmp_path):
    wrong = {seed: found for seed in range(40)
             if (found := faults(tmp_path, bent.control(random.Random(seed))))}

    assert wrong == {}
