"""A team's database is read by an account that may only SELECT, on every server, as a file is."""

import pytest
import sqlalchemy as sa
from generated import report

from scanner.state import store


@pytest.mark.server
@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_reader_with_select_alone_reads_what_a_file_holds(tmp_path, monkeypatch, request, name):
    server = request.getfixturevalue(name)
    made = report(100, 2)
    monkeypatch.delenv("CHUJING_STATE", raising=False)
    store.remember(made, tmp_path)
    by_file = answers(tmp_path, made)
    monkeypatch.setenv("CHUJING_STATE", server.admin)
    store.remember(made, tmp_path)
    grant(server, name)
    driver = sa.make_url(server.admin).drivername
    url = sa.make_url(server.reader).set(password=server.password, drivername=driver)
    monkeypatch.setenv("CHUJING_STATE", url.render_as_string(hide_password=False))

    assert answers(tmp_path, made) == by_file


def answers(folder, made):
    return (
        store.runs(folder),
        store.last(folder),
        store.last(folder, whole=store.no_table),
        store.last(folder, whole=lambda outline: [t.id for t in outline.tables[:2]]),
        store.last_of_table(folder, None, made.tables[1].id),
    )


def grant(server, name):
    if name == "postgresql":
        server.fill("GRANT USAGE ON SCHEMA public TO reader",
                    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
