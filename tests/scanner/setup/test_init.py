"""`init` writes a configuration that checks, asks at most eight facts,
and leaves what was skipped unknown.
"""

import sqlite3

import pytest

from detectors.errors import ConfigError
from scanner.config.model import read
from scanner.config.sources import Source
from scanner.setup.init import MAX_QUESTIONS, write_config


@pytest.fixture
def url(tmp_path):
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, mobile TEXT, email TEXT)")
    connection.close()
    return f"sqlite:///{tmp_path / 'crm.db'}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_it_writes_is_in_order(tmp_path, url, lang):
    asked = []

    def ask(question):
        asked.append(question)
        return {0: "no", 2: "retail"}.get(len(asked) - 1, "")

    said = write_config(Source("crm", url), tmp_path / "c.yaml", lang, ask)
    config = read(tmp_path / "c.yaml")

    assert len(asked) <= MAX_QUESTIONS <= 8
    assert (config.facts["ciio"], config.facts["sector"], config.facts["important_data"]) == (
        "no",
        "retail",
        "unknown",
    )
    assert [s.id for s in config.sources] == ["crm"]
    assert "crm/member/mobile" in (tmp_path / "c.yaml").read_text(encoding="utf-8")
    assert any("1" in line for line in said)


def test_what_a_folder_holds_beyond_tables_is_named_with_what_scans_it(tmp_path, url):
    (tmp_path / "members.csv").write_text("mobile\n13700000001\n", encoding="utf-8")
    said = "\n".join(write_config(Source("s", str(tmp_path)), tmp_path / "c.yaml", "en", None))

    assert f"chujing scan {url}" in said
    alone = write_config(Source("crm", url), tmp_path / "d.yaml", "en", None)
    assert "chujing scan sqlite" not in "\n".join(alone)


def test_an_answer_that_is_none_is_refused(tmp_path, url):
    with pytest.raises(ConfigError, match='cannot be "maybe"'):
        write_config(Source("crm", url), tmp_path / "c.yaml", "en", lambda _: "maybe")


def test_it_asks_whose_a_second_number_is_and_leaves_the_line_to_paste(tmp_path):
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("CREATE TABLE couple (a_mobile TEXT, b_mobile TEXT, c_mobile TEXT)")
    connection.close()
    source = Source("crm", f"sqlite:///{tmp_path / 'crm.db'}")

    def ask(question):
        return "spouse" if "b_mobile" in question else ""

    write_config(source, tmp_path / "c.yaml", "en", ask)

    assert read(tmp_path / "c.yaml").subjects == {"crm/couple/b_mobile": "spouse"}
    assert "#  crm/couple/c_mobile: self" in (tmp_path / "c.yaml").read_text(encoding="utf-8")
