"""Files bent in several ways at once: no value is lost in silence, no count exact and wrong, no scan ended,
no value the name of a column; and clean files lose nothing. `make bend` does the same at size.
"""

import random

import bent
import bent_documents
import pytest
from bent_mixed import text
from bent_mixed_documents import document, workbook
from bent_reading import HEADING, REFUSED, SHIFTED, UNTOLD, faults

FAMILIES = {"text": (text, 160), "JSON": (document, 90), "workbook": (workbook, 50)}
EVEN_SO = {HEADING}                           # other columns than a person would choose, where that is all


@pytest.mark.parametrize(("make", "n"), FAMILIES.values(), ids=FAMILIES)
def test_files_bent_in_several_ways_are_read_or_accounted_for(make, n, tmp_path):
    wrong = {}
    for seed in range(n):
        made = make(random.Random(seed))
        found = faults(tmp_path, made)
        if set(found) - EVEN_SO:
            wrong[seed] = made.bends, found

    assert wrong == {}


@pytest.mark.parametrize("format", ["csv", "json", "xlsx"])
def test_clean_files_keep_their_headings_and_stay_exact(format, tmp_path):
    wrong = {}
    for seed in range(70):
        rng = random.Random(1_000 + seed)
        names, body = bent.CONTROLS[seed % len(bent.CONTROLS)](rng, bent.people(rng, rng.choice((3, 10, 60))))
        builders = {"json": bent_documents.control_json, "xlsx": bent_documents.control_sheet}
        plain = bent.csv_of(bent.text_of([names, *body]), [["", row[0]] for row in body], names=tuple(names))
        made = builders[format](rng, names, body) if format in builders else plain
        if found := faults(tmp_path, made):
            wrong[seed] = found

    assert wrong == {}


def test_a_fault_would_be_noticed(tmp_path):
    made = text(random.Random(1))
    lost = {"values": (*made.values, "13999999999"), "rows": 99, "losses": frozenset({"undecodable"})}
    found = faults(tmp_path, type(made)(**{**_fields(made), **lost}))

    assert set(found) & {UNTOLD, SHIFTED, REFUSED, "a value was lost in silence"}


def _fields(made):
    return {name: getattr(made, name) for name in made.__dataclass_fields__}
