"""What the tables of a source say of each other reaches the examination, and what a result rests on."""

from dataclasses import replace

from detectors.model import ColumnInfo, TableId, TableInfo, TableRef
from scanner.connectors.protocol import ExaminationTask
from scanner.gather.carry_over import TableMarks
from scanner.gather.examine import examine_cells
from scanner.gather.inherit import table_links
from scanner.gather.table_catalogue import TableCatalogue


def table(name, *columns):
    infos = (ColumnInfo(c, "bigint", primary_key=c == "id") for c in columns)
    return TableInfo(TableRef(name), tuple(infos))


PATIENT, VISIT = table("patient", "id", "real_name", "mobile"), table("visit", "id", "patient_id", "f7")


def catalogue(*names):
    tables = {"patient": PATIENT, "visit": VISIT}
    return TableCatalogue({TableId(name): tables[name.split("/")[1]] for name in names})


def test_a_key_points_at_a_table_of_its_own_source_only():
    together = table_links(catalogue("a/patient", "a/visit"), ())
    apart = table_links(catalogue("a/patient", "b/visit"), ())
    assert together["a/visit"].columns["patient_id"].subject == "person"
    assert apart["b/visit"].columns == {}


def test_a_link_of_the_configuration_is_a_key():
    links = table_links(catalogue("a/patient", "a/visit"), [("visit/f7", "patient/id")])
    assert links["a/visit"].columns["f7"].how == "declared"


def test_a_result_rests_on_what_other_tables_say_of_its_own():
    marks = TableMarks({TableId("a/visit"): VISIT}, "context", {"a": "sqlite://"})
    alone = table_links(catalogue("a/visit"), ())["a/visit"]
    among = table_links(catalogue("a/patient", "a/visit"), ())["a/visit"]
    tasks = [ExaminationTask(TableId("a/visit"), VISIT, {}, links) for links in (alone, among, among)]
    first, second, third = map(marks.mark, tasks)
    assert first != second == third


def test_a_table_is_judged_by_the_other_tables_of_its_source():
    plumber = TableInfo(TableRef("plumber"), (*PATIENT.columns, ColumnInfo("gender")))
    job = table("repair", "id", "plumber_id", "duration")
    tables = {TableId("a/plumber"): plumber, TableId("a/repair"): job}
    task = ExaminationTask(TableId("a/repair"), job, {}, table_links(TableCatalogue(tables), ())["a/repair"])

    def certainty(task):
        column = next(c for c in examine_cells(task, {}).columns if c.name == "plumber_id")
        return max((a.finding.confidence for a in column.findings), default=0.0)

    assert certainty(task) > certainty(replace(task, links=None))
