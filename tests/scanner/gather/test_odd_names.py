"""Views are traced whatever the columns and tables beside them are called."""

import sqlite3

import pytest

from detectors.model import ColumnId
from scanner.connectors import connect
from scanner.gather.query_lineage import view_origins
from scanner.gather.table_catalogue import TableCatalogue

NAMES = (":x", "?", "@x", "{{x}}", "{%x", "$1", "--", "/*", "x y;", "%s", "it's", "a--b", "`", "", "1", ";",
         "(", "[]", "select", "手机号", "\\", "$$", "#", "a.b", "::")


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_costs_no_view(name, tmp_path):
    quoted = name.replace('"', '""')
    with sqlite3.connect(tmp_path / "x.db") as db:
        db.execute(f'CREATE TABLE t (tel TEXT, "{quoted}" TEXT)')
        db.execute(f'CREATE TABLE "u{quoted}" (tel TEXT)')
        db.execute("CREATE VIEW v AS SELECT tel AS phone FROM t")
        db.execute(f'CREATE VIEW w AS SELECT "{quoted}" AS other FROM t')  # noqa: S608
    db.close()
    tables = {info.ref.id("s"): info for info in connect(f"sqlite:///{tmp_path / 'x.db'}").tables()}
    catalogue = TableCatalogue(tables)

    plain = view_origins(next(tid for tid, info in tables.items() if info.ref.name == "v"), catalogue)
    view_origins(next(tid for tid, info in tables.items() if info.ref.name == "w"), catalogue)

    t = next(info for info in tables.values() if info.ref.name == "t")
    assert plain["phone"].columns == (ColumnId(t.ref.column("s", ("tel",))),)
