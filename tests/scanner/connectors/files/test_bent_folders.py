"""Bent folders and archives: every file is read, named as unread, or listed as one without records."""

import random
from urllib.parse import unquote

import bent_folders
import pytest

from detectors.model import Skipped
from scanner.connectors import connect
from scanner.gather.examine import table_rows
from scanner.testing import rows_of


def read(place):
    """Cells, losses, rows by table, ids of the unread and the files without records of a folder."""
    source = connect(str(place), name="s")
    cells, losses, counts, unread = [], [], {}, set()
    for info in source.tables():
        if isinstance(info, Skipped):
            unread.add(unquote(info.id).removeprefix("s/"))
            continue
        sample = source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)
        cells += [str(cell) for row in rows_of(sample.batches) for cell in row]
        losses += sample.losses
        name = unquote(info.ref.id("s")).removeprefix("s/")
        counts[name] = table_rows(info.rows, sample.drawn, sample.losses)
        unread |= {unquote(s.id).removeprefix("s/") for s in sample.skipped}
    return "\n".join(cells), losses, counts, unread, "\n".join(source.other_files())


def faults(place, made):
    """What is wrong with the reading of a folder."""
    for name, body in made.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    cells, losses, counts, unread, aside = read(place)
    found = set()
    if any(value not in cells for value in made.values):
        found.add("a value was lost")
    if set(counts) != set(made.tables):
        found.add(f"tables {sorted(counts)} are not {sorted(made.tables)}")
    wrong = [name for name, rows in made.tables.items() if rows is not None
             and name in counts and (counts[name].low, counts[name].method) != (rows, "exact")]
    if wrong and not made.losses:
        found.add(f"rows of {wrong}")
    if unread != made.unread:
        found.add(f"unread {sorted(unread)} are not {sorted(made.unread)}")
    if missing := [name for name in made.aside if name not in aside and "…" not in aside]:
        found.add(f"not listed: {missing}")
    if missing := made.losses - {loss.kind for loss in losses}:
        found.add(f"not told: {sorted(missing)}")
    return found


@pytest.mark.parametrize("kind", bent_folders.FOLDERS)
def test_bent_folders_are_read_or_accounted_for(kind, tmp_path):
    wrong = {}
    for seed in range(8):
        made = bent_folders.FOLDERS[kind](random.Random(seed))
        if found := faults(tmp_path / str(seed), made):
            wrong[seed] = (sorted(made.files), found)

    assert wrong == {}
