"""Tables of a run as rows: what is read of them is what was stored, whole or in outline."""

import gzip
import json
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from generated import hostile, report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.errors import StateError
from detectors.labels import labels
from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnId, Evidence, Label, Rows, TableId
from mappings.model import Assessed
from reports.formats.json import to_json
from reports.load import from_json
from reports.model import ColumnReport, Reviewed, TableReport
from reports.outline import FindingKinds, OutlineReader, dump_outline
from scanner.state import database, store
from scanner.state.run_tables import Packing, as_text

TEXTS = st.text(max_size=12)
NOTES = st.one_of(TEXTS, st.builds(lambda n: Msg("taken from {column}", column=n), TEXTS))
EVIDENCE = st.builds(
    Evidence,
    st.sampled_from(("name", "value", "lineage", "table", "comment")),
    NOTES,
    st.integers(0, 900),
    st.integers(0, 900),
    st.sampled_from(("cells", "distinct", "")),
)
FINDINGS = st.builds(
    ColumnFinding,
    st.just(ColumnId("")),
    st.sampled_from(sorted(labels())),
    TEXTS,
    st.sampled_from(("personal_information", "candidate_important")),
    st.sampled_from(("core", "extended")),
    st.floats(0, 1),
    st.lists(EVIDENCE, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("plain", "hashed")),
)
ASSESSED = st.builds(
    Assessed, FINDINGS, TEXTS, TEXTS, TEXTS, st.sampled_from(("yes", "no", "depends")), TEXTS,
    st.sampled_from(("verified", "recalled")),
)
REVIEWED = st.builds(
    Reviewed, st.sampled_from(("accept", "reject")), st.just(Label("email")), TEXTS,
    st.just(date(2026, 10, 1)), TEXTS, stale=st.sampled_from(("", "values")), against=NOTES,
)
COLUMNS = st.builds(
    ColumnReport,
    TEXTS.map(ColumnId), TEXTS, TEXTS, TEXTS, st.lists(ASSESSED, max_size=3).map(tuple),
    st.integers(0, 900), NOTES, st.booleans(), st.none() | st.integers(0, 9), reviewed=st.none() | REVIEWED,
    kinship=st.booleans(),
)


def in_table(columns, in_place):
    """A table of columns, whose ids begin as its own does where they are in place."""
    table = TableId("crm/t")
    named = []
    for column in columns:
        id = ColumnId(f"{table}/{column.id}" if in_place else column.id)
        found = tuple(replace(a, finding=replace(a.finding, column=id)) for a in column.findings)
        named.append(replace(column, id=id, findings=found))
    return TableReport(table, "scanned", "", Rows(1, 2, "exact"), None, tuple(named))


def pared(assessed):
    """A finding with the evidence that an outline has."""
    kept = [
        e if e.origin == "lineage" else Evidence("value", "", e.matched, e.examined, e.unit)
        for e in assessed.finding.evidence
        if e.origin == "lineage" or e.origin == "value" and e.examined
    ]
    return replace(assessed, finding=replace(assessed.finding, evidence=tuple(kept)))


def as_json(made):
    """A report as one JSON and back, which is how earlier versions kept it."""
    return from_json(json.loads(json.dumps(to_json(made))))


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text(), st.binary(max_size=200), st.data())
def test_a_packed_text_is_read_by_its_model_alone_and_no_damage_goes_unseen(model, other, text, data):
    packing, packed = Packing(model), Packing(model).packed(text)

    assert packing.unpacked(packed) == text
    if packed[1] & 0x20 and model.encode("utf-8", "surrogatepass") != other.encode("utf-8", "surrogatepass"):
        with pytest.raises(zlib.error):
            Packing(other).unpacked(packed)
    place, bit = data.draw(st.integers(2, len(packed) - 1)), data.draw(st.integers(0, 7))
    damaged = bytearray(packed)
    damaged[place] ^= 1 << bit
    with pytest.raises(zlib.error):
        packing.unpacked(packed[:place])
    with suppress(zlib.error):                # the last byte has bits that say nothing
        assert packing.unpacked(bytes(damaged)) == text


@settings(max_examples=150, deadline=None)
@given(st.lists(COLUMNS, max_size=4), st.booleans())
def test_an_outline_has_everything_but_the_words_of_evidence(columns, in_place):
    table, kinds = in_table(columns, in_place), FindingKinds()
    packing = Packing("a model")
    body = json.loads(packing.unpacked(packing.packed(as_text(dump_outline(table, kinds)))))
    outlined = OutlineReader(json.loads(as_text(kinds.dump()))).table(body)

    expected = tuple(replace(c, findings=tuple(map(pared, c.findings))) for c in table.columns)
    assert outlined == replace(table, columns=expected)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(COLUMNS, max_size=3), max_size=3), st.integers(1, 60), st.booleans())
def test_a_report_read_from_rows_is_the_report_that_was_stored(tmp_path_factory, tables, size, with_hostile):
    folder = tmp_path_factory.mktemp("state")
    own = tuple(replace(in_table(c, True), id=TableId(f"odd/t{i}")) for i, c in enumerate(tables))
    made = report(size, 2, extra=(*own, *(hostile() if with_hostile else ())))
    store.remember(made, folder)

    stored = store.last(folder)
    assert stored == as_json(made)
    assert json.dumps(to_json(stored)) == json.dumps(to_json(made))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_of(number, columns=100):
    made = report(columns, 2)
    return replace(made, run=replace(made.run, id=f"run-{number}", started=f"2026-11-{number:02}T01:00:00Z"))


def rows_of_runs(folder):
    with database.connection(folder, create=False) as c:
        return dict(c.execute(sa.text("SELECT run, count(*) FROM run_table GROUP BY run")).all())


def test_tables_that_are_selected_are_whole_and_the_others_in_outline(folder):
    made = as_json(run_of(1))
    store.remember(made, folder)
    first, *others = made.tables
    loaded = store.last(folder, whole=lambda outline: [outline.tables[0].id])

    assert loaded.tables[0] == first
    assert [t.id for t in loaded.tables] == [t.id for t in made.tables]
    for outlined, table in zip(loaded.tables[1:], others, strict=True):
        assert outlined != table
        assert outlined.columns == tuple(
            replace(c, findings=tuple(map(pared, c.findings))) for c in table.columns
        )


def test_one_column_needs_the_row_of_one_table(folder):
    """The rows of other tables may be damaged: they are not looked at in full."""
    store.remember(run_of(1), folder)
    second = as_json(run_of(1)).tables[1]
    with database.connection(folder, create=False) as c:
        c.execute(sa.text("UPDATE run_table SET body = 'x' WHERE place <> 1"))

    assert store.last(folder, whole=lambda outline: [second.id]).tables[1] == second
    with pytest.raises(StateError, match="run run-1 is damaged"):
        store.last(folder)


@pytest.mark.parametrize(
    "damage",
    ["DELETE FROM run_table WHERE place = 1", "UPDATE run_table SET outline = 'x', body = 'x'"],
)
@pytest.mark.parametrize("whole", [None, store.no_table])
def test_rows_that_are_missing_or_damaged_are_said(folder, damage, whole):
    store.remember(run_of(1), folder)
    with database.connection(folder, create=False) as c:
        c.execute(sa.text(damage))

    with pytest.raises(StateError, match="run run-1 is damaged") as e:
        store.last(folder, whole=whole)
    assert "scan again" in e.value.hint


def test_purge_and_the_bound_of_what_is_remembered_take_the_rows_too(folder, monkeypatch):
    monkeypatch.setattr(store, "MOST_REMEMBERED", 2)
    for number in (1, 2, 3):
        store.remember(run_of(number), folder)
    tables = len(run_of(1).tables)
    assert rows_of_runs(folder) == {"run-2": tables, "run-3": tables}

    store.purge(folder, date(2026, 11, 3), ledger=False)
    assert rows_of_runs(folder) == {"run-3": tables}
    store.purge(folder, date(2027, 1, 1), ledger=False)
    assert rows_of_runs(folder) == {}


def test_a_run_that_cannot_be_stored_leaves_no_row(folder):
    store.remember(run_of(1), folder)
    again = replace(run_of(1, 200), exporter=())
    with pytest.raises(StateError):
        store.remember(again, folder)         # the same id

    assert rows_of_runs(folder) == {"run-1": len(run_of(1).tables)}
    assert store.last(folder) == as_json(run_of(1))


def test_a_run_of_the_old_layout_is_read_whole_and_purged(folder):
    """One JSON in the row of the run, as versions before made it."""
    made = run_of(2)
    store.remember(run_of(1), folder)
    body = gzip.compress(json.dumps(to_json(made)).encode())
    with database.connection(folder, create=False) as c:
        c.execute(
            sa.text("INSERT INTO run (id, started, as_of, report) VALUES (:id, :on, '2026-11-01', :body)"),
            {"id": "run-2", "on": made.run.started, "body": body},
        )
    expected = as_json(made)

    assert store.last(folder) == store.last(folder, whole=store.no_table) == expected
    assert store.find(folder, "previous").run.id == "run-1"
    assert store.purge(folder, date(2027, 1, 1), ledger=False)["runs"] == 2
