"""A secret in any place of a URL: no command prints it, and nothing keeps it but the file a person wrote."""

import shlex
import sqlite3
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import servers
from detectors.redaction import is_well_formed, redact, redact_text, without_secrets
from scanner.cli.app import main

SECRET = "geheimKanarie9f8e7d"
DEAD = "127.0.0.1:{port}"  # nobody listens
PLACES = {
    "a password": f"postgresql://reader:{SECRET}@{DEAD}/hr",
    "a password alone": f"mysql://:{SECRET}@{DEAD}/hr",
    "a password with an @": f"mysql://reader:p@{SECRET}@{DEAD}/hr",
    "a password with a slash": f"mysql://reader:p/{SECRET}@{DEAD}/hr",
    "a password with a question mark": f"mysql://reader:p?{SECRET}@{DEAD}/hr",
    "a password with a hash": f"mysql://reader:p#{SECRET}@{DEAD}/hr",
    "a password in digits and a slash": f"mysql://reader:12/{SECRET}@{DEAD}/hr",
    "a password where the host is missing": f"mysql://reader:{SECRET}/hr",
    "a login behind percent-encoding": f"postgresql://reader%3A{SECRET}%40{DEAD}/hr",
    "a login encoded twice": f"postgresql://reader%253A{SECRET}%2540127.0.0.1/hr",
    "no database": f"postgresql://reader:{SECRET}@{DEAD}",
    "no scheme": f"reader:{SECRET}@{DEAD}/hr",
    "a user that is a token": f"https://{SECRET}@{DEAD}/a.csv",
    "the query": f"postgresql://reader@{DEAD}/hr?password={SECRET}",
    "a second parameter": f"postgresql://reader@{DEAD}/hr?sslmode=disable&sslpassword={SECRET}",
    "options of a session": f"postgresql://reader@{DEAD}/hr?options=-c%20app.key%3D{SECRET}",
    "a parameter that is usually harmless": f"postgresql://reader@{DEAD}/hr?role=a%2F{SECRET}",
    "a parameter without a value": f"postgresql://reader@{DEAD}/hr?{SECRET}",
    "a URL in the query": f"https://{DEAD}/a.csv?next=https://u:{SECRET}@h/",
    "a URL in the path": f"https://{DEAD}/https://u:{SECRET}@h/a.csv",
    "a URL in the path, encoded": f"https://{DEAD}/https%3A%2F%2Fu%3A{SECRET}%40h%2Fa.csv",
    "the fragment": f"https://{DEAD}/a.csv#{SECRET}",
    "a signature": f"https://{DEAD}/a.csv?X-Amz-Signature={SECRET}",
    "a key of a bucket": f"s3://AKIA:{SECRET}@bucket/a",
    "a URL in a scheme of ours": f"delta://s3://AKIA:{SECRET}@bucket/t",
    "the query of a lake's folder": f"delta:///tmp/none/t?token={SECRET}",
    "JDBC": f"jdbc:sqlserver://{DEAD};user=sa;password={SECRET}",
    "JDBC of Oracle": f"jdbc:oracle:thin:scott/{SECRET}@//{DEAD}/svc",
    "a port that is no number": f"mysql://u@host:{SECRET}/",
    "an unknown dialect": f"nosuch://u:{SECRET}@{DEAD}/x?key={SECRET}",
    "a file that is there": f"sqlite:///crm.db?password={SECRET}",
}
# places that are tried with every command; the others with those that open a source
EVERYWHERE = ("the query", "a URL in the path, encoded", "a file that is there")
AT_ONCE = (  # commands that take a URL
    "scan {url} -o r.json",
    "scan {url} --dry-run",
    "scan {url} more",
    "scan {url} --dictionary {url}",
    "plan {url}",
    "init {url} -y -c made.yaml",
    "explain {url}",
    "push --to openlineage --url {url}",
    "scan {url} --json-lines",
    "scan {url} --log text --metrics m.prom -o r.html -o r.xlsx -o r.jsonl",
    "scan --nosuch {url}",
    "scan {url} --only {url}",
    "check -c {url}",
    "{url}",
    "scan --lang {url}",
    "decide {url}",
    "diff {url} {url}",
    "review accept {url} --by x",
)
CONFIGURED = (  # commands that read chujing.yaml, in which the URL stands
    "check",
    "scan -o r.json -o r.html -o r.xlsx",
    "scan --log json",
    "plan --budget 1m",
    "decide --explain",
    "explain db",
    "runs",
    "digest -o d.html",
    "push --to odcs -o odcs",
    "push --to openlineage -o lineage.json",
    "push --to atlas --dry-run",
    "push --to atlas --check --dry-run",
    "flows suggest --text-only",
    "deadlines",
    "review todo",
    "review status",
    "review export -o todo.xlsx",
    "schedule show",
    "schedule export --to cron",
    "schedule export --to airflow",
    "schedule export --to kubernetes",
    "dossier write dossier",
    "audit",
    "baseline show",
    "ledger show",
    "flows export flows.xlsx",
    "scan --full --only other --dry-run",
)
CONFIG = """
version: 1
exporter: {{id: a, entities: [a], facts: {{ciio: no}}}}
sources:
  db: {{url: "{url}", timeout: 2}}
  crm: {{url: "sqlite:///crm.db"}}
flows:
  - {{id: f, entity: a, recipient: {{name: HQ}}, purpose: crm, fields: [crm/member/mobile]}}
schedule: {{nightly: {{cron: "30 2 * * 1"}}}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("CREATE TABLE member (id INTEGER, mobile TEXT)")
    connection.executemany("INSERT INTO member VALUES (?, ?)", [(i, f"1370000{i:04d}") for i in range(20)])
    connection.commit()
    connection.close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(arguments, monkeypatch, capfd):
    """Run one command line in this process; return its exit status and everything it printed."""
    monkeypatch.setattr(sys, "argv", ["chujing", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    printed = capfd.readouterr()
    return end.value.code or 0, printed.out + printed.err


def kept_in(folder, *own):
    """Names of files that hold the secret, or are called by it. own: those a person wrote."""
    files = [f for f in folder.rglob("*") if f.is_file() and f.name not in own]
    return [f.name for f in files if SECRET.encode() in f.read_bytes() or SECRET in str(f)]


@pytest.mark.system
@pytest.mark.parametrize("place", PLACES)
def test_a_secret_in_a_url_is_neither_printed_nor_kept(place, folder, monkeypatch, capfd):
    url = PLACES[place].format(port=servers.free_port())
    at_once, configured = (AT_ONCE, CONFIGURED) if place in EVERYWHERE else (AT_ONCE[:8], CONFIGURED[:3])
    printed = {}
    for command in at_once:
        status, text = run([word.format(url=url) for word in command.split()], monkeypatch, capfd)
        assert status != 1, (command, text)
        printed[command] = text
    (folder / "chujing.yaml").write_text(CONFIG.format(url=url), encoding="utf-8")
    for command in configured:
        status, text = run(shlex.split(command), monkeypatch, capfd)
        assert status != 1, (command, text)
        printed[command] = text

    assert [line for text in printed.values() for line in text.splitlines() if SECRET in line] == []
    assert kept_in(folder, "chujing.yaml") == []


def test_the_configuration_of_these_tests_is_sound(folder, monkeypatch, capfd):
    (folder / "chujing.yaml").write_text(CONFIG.format(url="sqlite:///crm.db"), encoding="utf-8")

    assert run(["check"], monkeypatch, capfd)[0] == 0


def test_a_secret_in_a_url_where_a_file_should_be(folder, monkeypatch, capfd):
    url = f"https://u:{SECRET}@127.0.0.1:1/d.json"
    dictionary = f'sources: {{crm: {{url: "sqlite:///crm.db", dictionary: "{url}"}}}}'
    (folder / "chujing.yaml").write_text(
        f"version: 1\nexporter: {{id: a, entities: [a]}}\n{dictionary}\nflows: []\n", encoding="utf-8"
    )

    read, text = run(["scan", "-o", "r.json"], monkeypatch, capfd)
    written, refused = run(["scan", "-o", url], monkeypatch, capfd)

    assert (read, written) == (2, 2)
    assert SECRET not in text + refused
    assert kept_in(folder, "chujing.yaml") == []
    assert not [path for path in folder.rglob("*") if SECRET in path.name]


@pytest.mark.server
def test_a_password_in_the_query_opens_the_database_and_is_kept_nowhere(
    postgresql, folder, monkeypatch, capfd
):
    postgresql.fill(
        "CREATE TABLE member (mobile TEXT)",
        "INSERT INTO member VALUES ('13700000001')",
        "GRANT SELECT ON member TO reader",
    )
    url = f"{postgresql.reader}?password={postgresql.password}"
    status, text = run(["scan", url, "-o", "r.json"], monkeypatch, capfd)
    made, said = run(["init", url, "-y"], monkeypatch, capfd)
    config = (folder / "chujing.yaml").read_text(encoding="utf-8")
    monkeypatch.setenv("SHOP_PASSWORD", postgresql.password)

    assert (status, made) == (0, 0), text + said
    assert "password: {env: SHOP_PASSWORD}" in config
    assert run(["check"], monkeypatch, capfd)[0] == run(["scan"], monkeypatch, capfd)[0] == 0
    for file in folder.rglob("*"):
        assert not file.is_file() or postgresql.password.encode() not in file.read_bytes(), file
    assert postgresql.password not in text + said


@pytest.mark.parametrize("url", [u.format(port=1) for u in PLACES.values()], ids=PLACES)
def test_what_is_shown_holds_no_secret_and_stays_as_it_is(url):
    assert SECRET not in redact(url) and redact(redact(url)) == redact(url)
    assert SECRET not in redact_text(f'reading "{url}" failed, see {url}.')


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=6)


@given(WORDS, st.sampled_from(["", "@", ":", "/", "?", "#", "%40", "%2F", "::", ";a=", "&b="]), WORDS)
def test_no_character_beside_a_password_shows_it(before, mark, behind):
    url = f"mysql://reader:{before}{mark}{SECRET}{behind}@db.example.com:3306/hr?charset=utf8"

    assert SECRET not in redact(url)


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_can_be_redacted(before, behind):
    for text in (before, f"a://{before}", f"{before}://{behind}@h:1/x?{before}={behind}"):
        assert redact(redact(text)) == redact(text)
        is_well_formed(text)


SHOWN = {
    "a port": "postgresql://reader@db.example.com:5432/hr",
    "IPv6": "postgresql://reader@[::1]:5432/hr",
    "several hosts": "thrift://h1:9083,h2:9083",
    "a file": "sqlite:////var/lib/crm.db",
    "an @ in a path": "https://h:80/a@b.csv",
    "a container": "abfss://c@account.dfs.core.windows.net/p",
    "a partition": "s3://b/user_key=3/x.parquet",
    "harmless parameters": "mysql://reader@db/hr?charset=utf8mb4&ssl_mode=REQUIRED",
    "a path": "exports/2026/*.csv",
    "a drive": r"C:\exports\a@b.csv",
}


@pytest.mark.parametrize("url", SHOWN.values(), ids=SHOWN)
def test_what_is_no_secret_is_shown(url):
    assert redact(url) == url and redact_text(url) == url
    assert "://" not in url or is_well_formed(url)
    assert without_secrets(url) == (url, ())


BROKEN = (
    "mysql://u@host:xx/",
    "mysql://u:p@ss@host/db",
    "postgresql://[::1/db",
    "postgresql://u@h:70000/x",
    "reader:pw@db/hr",
    "mysql://u:pw/db",
)


@pytest.mark.system
@pytest.mark.parametrize("url", BROKEN)
def test_a_malformed_url_is_wrong_usage_in_one_line(url, folder, monkeypatch, capfd):
    (folder / "chujing.yaml").write_text(CONFIG.format(url=url), encoding="utf-8")
    for command in (
        ["scan", url],
        ["scan", url, "--dry-run"],
        ["init", url, "-y", "-c", "n.yaml"],
        ["plan", url],
        ["scan"],
    ):
        status, text = run(command, monkeypatch, capfd)
        assert (status, text.count("\n")) == (2, 1), (command, text)
        assert "Traceback" not in text and ":pw" not in text
    assert not (folder / "n.yaml").exists()
