"""Bent JSON and workbooks: every value is read or accounted for, no count is exact and wrong, and good files
stay certain.
"""

import random

import bent
import bent_documents
import bent_workbooks
import pytest

from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.files.workbook_comments import comments_by_sheet
from scanner.gather.examine import table_rows
from scanner.testing import rows_of


def faults(folder, made):
    """What is wrong with the reading of a file."""
    (folder / made.file).write_bytes(made.body)
    source = connect(str(folder / made.file))
    cells, losses, counts, columns = [], [], [], []
    for info in source.tables():
        if isinstance(info, Skipped):
            return {f"not read: {info.reason}"}
        names = tuple(c.name for c in info.columns)
        sample = source.sample(info.ref, names, 100_000, 1)
        cells += [cell or "" for row in rows_of(sample.batches) for cell in row]
        losses += sample.losses
        counts.append(table_rows(info.rows, sample.drawn, sample.losses))
        columns.append(names)
    return set(_faults(made, "\n".join(cells), losses, counts, columns))


def _faults(made, cells, losses, counts, columns):
    is_exact = all(count.method == "exact" for count in counts)
    if sum(value not in cells for value in made.values) > sum(loss.n for loss in losses if loss.lost):
        yield "a value was lost in silence"
    if is_exact and made.rows is not None and sum(count.low for count in counts) != made.rows:
        yield f"{counts} rows are not {made.rows}"
    if made.names is not None and columns != [made.names]:
        yield f"columns {columns} are not {made.names}"
    if missing := made.losses - {loss.kind for loss in losses}:
        yield f"not told: {sorted(missing)}"
    if not made.losses and made.rows is not None and (not is_exact or losses):
        yield f"not exact: {[loss.kind for loss in losses]}"
    if any(value in name for value in made.values for names in columns for name in names):
        yield "a value names a column"


@pytest.mark.parametrize("kind", [*bent_documents.DOCUMENTS, *bent_workbooks.BENT_WORKBOOKS])
def test_bent_documents_are_read_or_accounted_for(kind, tmp_path):
    wrong = {seed: found for seed in range(4)
             if (found := faults(tmp_path, bent.KINDS[kind](random.Random(seed))))}

    assert wrong == {}


def test_comments_of_a_binary_workbook_are_counted():
    assert comments_by_sheet(bent_workbooks.xlsb_notes(3)) == {"s": 3}


@pytest.mark.parametrize("control", [bent_documents.control_json, bent_documents.control_sheet])
def test_good_documents_keep_their_headings_and_their_count(control, tmp_path):
    wrong = {}
    for seed in range(21):
        rng = random.Random(seed)
        make = bent.CONTROLS[seed % len(bent.CONTROLS)]
        good = control(rng, *make(rng, bent.people(rng, rng.choice((3, 10, 60)))))
        if found := faults(tmp_path, good):
            wrong[seed] = found

    assert wrong == {}
