"""Pushes to a catalog that fails in every way it can: nothing lost, nothing twice,
nobody's own mark touched.
"""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import findings
import places
import pytest
from pushing import (
    ACCEPTED,
    CRM,
    DATAHUB,
    MEMBER,
    PROMOTED,
    STAFF,
    SUGGESTED,
    push,
)
from typer.testing import CliRunner

from detectors.errors import ConfigError
from reports.catalogs import Refused, Stopped
from reports.catalogs.picking import Selection
from reports.formats.json import write
from reports.query import parse_conditions
from scanner.cli.app import app
from scanner.deliver.http import Http, Patience
from scanner.deliver.outbox import outbox
from scanner.deliver.push_scope import without_clashes

datahub = DATAHUB.module


@pytest.fixture
def catalog():
    with DATAHUB.serving() as server:
        yield server


@pytest.mark.server
@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_team_s_state_remembers_too(catalog, tmp_path, monkeypatch, request, name):
    monkeypatch.setenv("CHUJING_STATE", request.getfixturevalue(name).admin)
    push(catalog, tmp_path, findings.crm())
    dropped = findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True)
    _, went = push(catalog, tmp_path, dropped)
    diff, _ = push(catalog, tmp_path, dropped)

    assert went.removed == 2 and went.queued == 0 and diff.empty
    assert catalog.terms(MEMBER) == [SUGGESTED]


def test_a_guess_stands_apart_until_a_review_promotes_or_removes_it(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    field = f"urn:li:schemaField:({MEMBER},id_no)"
    assert catalog.properties(field) == {
        "chujing.suggested_grade": ["general"],
        "chujing.suggested_sensitive": ["yes"],
    }

    said = findings.column("crm/public/member", "id_no", "resident_id", 0.9, "accept").reviewed
    push(catalog, tmp_path, findings.with_column(findings.crm(), "crm/public/member/id_no", reviewed=said))
    assert catalog.terms(MEMBER) == [PROMOTED, ACCEPTED]
    assert catalog.properties(field) == {"chujing.grade": ["general"], "chujing.sensitive": ["yes"]}

    no = replace(said, verdict="reject")
    _, went = push(
        catalog, tmp_path, findings.with_column(findings.crm(), "crm/public/member/id_no", reviewed=no)
    )
    assert catalog.terms(MEMBER) == [ACCEPTED] and went.removed == 2
    assert catalog.properties(field) == {}


def test_only_ours_is_removed_and_a_person_s_own_mark_is_left_alone(catalog, tmp_path):
    theirs = {
        "fieldPath": "mobile",
        "glossaryTerms": {"terms": [{"urn": ACCEPTED[1]}, {"urn": "urn:li:glossaryTerm:Contact"}]},
    }
    catalog.aspects[MEMBER]["editableSchemaMetadata"] = {"editableSchemaFieldInfo": [theirs]}
    _, went = push(catalog, tmp_path, findings.crm())
    assert went.yielded == 1

    gone = findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True)
    push(catalog, tmp_path, gone)

    assert ("mobile", "urn:li:glossaryTerm:Contact") in catalog.terms(MEMBER) and ACCEPTED in catalog.terms(
        MEMBER
    )


@pytest.mark.system
def test_a_web_page_at_the_address_is_told_and_nothing_counts_as_written():
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"\n<!doctype html><html>sign in</html>")

        do_POST = do_GET

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        http = Http(f"http://127.0.0.1:{server.server_port}")
        for ask in (
            lambda: http.get("/v2/types/typedefs"),
            lambda: http.send("POST", "/openapi/v3/entity/dataset", []),
        ):
            with pytest.raises(Stopped, match="a web page stands at this address"):
                ask()
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.system
def test_retry_after_is_waited_for(catalog):
    waited = []
    catalog.faults += [("", 429, {"Retry-After": "7"}), ("", 429, {}), ("", 429, {"Retry-After": "99999"})]
    Http(catalog.url, patience=Patience(sleep=waited.append)).get("/openapi/v3/entity/dataset")

    assert waited == [7.0, 1.0, 120.0]


def test_one_entity_that_is_not_taken_does_not_hold_up_the_others(catalog, tmp_path):
    catalog.faults += [("PATCH", 422)] * 2  # the batch, then the first of it alone
    _, went = push(catalog, tmp_path, findings.crm())

    assert {r.why.split(" (")[0] for r in went.refused} == {"the catalog does not accept it"}
    assert went.queued == len(went.refused) == 1 and catalog.terms(MEMBER) == [SUGGESTED, ACCEPTED]


@pytest.mark.parametrize(
    ("asked", "columns"),
    [
        (Selection((CRM,), True), {"mobile", "id_no", "phone"}),
        (Selection((CRM,), True, min_confidence=0.95), {"mobile", "phone"}),
        (Selection((CRM,), True, owner="lin"), {"phone"}),
        (Selection((CRM,), True, where=parse_conditions(["sensitive=yes,category=personal.*"])), {"id_no"}),
        (Selection((CRM,), True, where=parse_conditions(["label=phone*", "table=*/staff"])), {"phone"}),
    ],
    ids=["all", "confidence", "owner", "sensitive", "label and table"],
)
def test_tests_choose_columns(asked, columns):
    assert {
        p.about.rsplit("/", 1)[-1] for p in datahub.payloads(findings.crm(), asked) if p.kind == "field_term"
    } == columns


def test_a_test_that_does_not_exist_names_the_nearest():
    with pytest.raises(ConfigError, match="sensitiv"):
        parse_conditions(["sensitiv=yes"])


def test_two_tables_under_one_name_are_both_refused():
    one, two = (
        findings.table(f"crm/public/{n}", findings.column(f"crm/public/{n}", "phone", verdict="accept"))
        for n in ("User", "user")
    )
    kept, refused = without_clashes(
        datahub.payloads(findings.report(one, two), Selection((replace(CRM, casing="lower"),)))
    )

    assert all(p.lasting for p in kept)
    assert len(refused) == 1 and "crm/public/User and crm/public/user" in refused[0].why
    assert isinstance(refused[0], Refused)


@pytest.mark.system
def test_the_rate_is_kept_by_waiting_before_each_request(catalog):
    now, waited = [0.0], []

    def sleep(s):
        waited.append(s)
        now[0] += s

    http = Http(catalog.url, patience=Patience(rate=4, sleep=sleep, clock=lambda: now[0]))
    for _ in range(5):
        http.get("/openapi/v3/entity/dataset")

    assert waited == [0.25] * 4


def test_a_secret_is_neither_shown_nor_sent_elsewhere(catalog, tmp_path):
    catalog.token = "s3cret-token"
    http = Http(catalog.url, "s3cret-token")
    catalog.faults.append(("", 302, {"Location": "http://127.0.0.1:9/"}))
    with pytest.raises(Stopped) as e:
        http.get("/openapi/v3/entity/dataset")
    assert "s3cret" not in repr(http) + e.value.line()
    assert http.get("/openapi/v3/entity/dataset").good

    with pytest.raises(ConfigError) as e:
        Http("https://me:s3cret-token@catalog.example.com")
    assert "s3cret" not in e.value.line()


# ---- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def folder(catalog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DH_TOKEN", "s3cret-token")
    catalog.token = "s3cret-token"
    (tmp_path / "chujing.yaml").write_text(
        "version: 1\nsources: {crm: {url: 'sqlite:///crm.db'}}\n"
        f"catalogs: {{datahub: {{url: '{catalog.url}', token: {{env: DH_TOKEN}}, "
        "entities: [{source: crm, platform: postgres, database: crm}]}}\n",
        encoding="utf-8",
    )
    _save(findings.crm(), tmp_path)
    return tmp_path


def _save(report, folder):
    with (folder / "report.json").open("w", encoding="utf-8") as file:
        write(report, file)


def run(*args, to="datahub"):
    return CliRunner().invoke(app, ["push", "--to", to, "--report", "report.json", *args])


def test_the_check_says_a_line_an_entity_and_what_it_did_not_look_for(catalog, folder, monkeypatch):
    monkeypatch.setattr("reports.catalogs.near_names.SEARCHED", 2)
    _save(findings.wide(3, 9), folder)
    none = run("--include", "suggested", "--check")
    for n in range(3):
        catalog.dataset(f"urn:li:dataset:(urn:li:dataPlatform:postgres,crm.public.t{n:05},PROD)", "C000")
    fields = run("--include", "suggested", "--check")

    assert len(none.stdout.splitlines()) == 3 and "(crm/public/t00000, 9 columns)" in none.stdout
    assert len([r for r in catalog.requests if "query=" in r[1]]) == 2
    assert "near names were looked up for the first ones only" in none.stderr
    assert "3 entities compared: 3 missing, 0 could not be read" in none.stderr
    assert (
        len(fields.stdout.splitlines()) == 3
        and "lacks 9 columns of crm/public/t00000: c000 (near: C000), c001" in fields.stdout
    )
    assert fields.stdout.count("near:") == 1 and " and 4 more" in fields.stdout


def test_a_name_is_near_by_its_last_part(catalog, folder):
    del catalog.aspects[STAFF]
    assert "near:" not in run("--check").stdout  # a common beginning is no likeness
    other = STAFF.replace("crm.public.staff", "other.db.staff")
    catalog.dataset(other, "phone")
    assert f"; near: {other}" in run("--check").stdout


def test_the_check_tells_what_it_could_not_read(catalog, folder):
    catalog.faults += [("POST", 422)]
    told = run("--include", "suggested", "--check")

    assert told.exit_code == 3 and "2 entities compared: 0 missing, 2 could not be read" in told.stderr
    assert told.stdout.count("could not be read, whether it is there or not: ") == 2


@pytest.mark.parametrize("args", [("--check",), ("--dry-run",), ()], ids=["check", "dry run", "push"])
def test_where_nothing_is_accepted_suggestions_are_offered(catalog, folder, args):
    _save(findings.wide(2, 3), folder)
    assert "nothing is accepted yet; 6 suggestions would go with --include suggested" in run(*args).stderr
    _save(findings.wide(1, 1), folder)
    assert "1 suggestion would go" in run(*args).stderr
    _save(findings.crm(), folder)
    assert "--include suggested" not in run(*args).stderr


def test_suggestions_stay_and_are_taken_away_where_asked(catalog, folder):
    assert run("--include", "suggested").exit_code == 0
    left, dry = run(), run("--dry-run")
    assert left.exit_code == 0 and "nothing to send" in left.stderr and SUGGESTED in catalog.terms(MEMBER)
    assert (
        "2 suggestions written earlier stay until somebody decides" in left.stderr
        and "2 suggestions" in dry.stdout
    )

    assert run("--remove", "suggested").exit_code == 0
    assert catalog.terms(MEMBER) == [ACCEPTED] and "written earlier" not in run().stderr


def test_what_is_queued_and_not_named_waits_and_is_no_failure(catalog, folder):
    catalog.token = "another"
    assert run("--include", "suggested").exit_code == 3
    catalog.token = "s3cret-token"
    narrow = run("--where", "label=phone_mobile")

    assert (
        narrow.exit_code == 0
        and "queued by an earlier push are not named by this one: left in the queue" in narrow.stderr
    )
    assert catalog.terms(MEMBER) == [ACCEPTED]
    assert run("--include", "suggested").exit_code == 0 and catalog.terms(MEMBER) == [SUGGESTED, ACCEPTED]


def test_one_is_singular(catalog, folder):
    _save(
        findings.report(
            findings.table("crm/public/staff", findings.column("crm/public/staff", "phone", verdict="accept"))
        ),
        folder,
    )
    assert "1 entity compared: 0 missing" in run("--check").stderr
    run()
    _save(findings.report(findings.table("crm/public/staff")), folder)
    assert "(1 request)" not in run().stderr  # read, then written
    _save(
        findings.report(
            findings.table("crm/public/staff", findings.column("crm/public/staff", "phone", verdict="accept"))
        ),
        folder,
    )
    assert "1 file written, 0 removed" in run("-o", "contracts", to="odcs").stderr


def test_refusals_of_one_table_are_one_line(catalog, folder):
    catalog.aspects.clear()
    told = run("--include", "suggested")
    assert sorted(line for line in told.stderr.splitlines() if "no such dataset" in line) == [
        "crm/public/member (8 things): no such dataset in the catalog; see chujing push --check",
        "crm/public/staff/phone (2 things): no such dataset in the catalog; see chujing push --check",
    ]


@pytest.mark.parametrize("args", [(), ("--dry-run",), ("--check",)], ids=["push", "dry run", "check"])
def test_a_value_no_finding_can_have_is_wrong_usage(folder, catalog, args):
    result = run("--where", "sensitive=maybe", *args)
    assert (
        isinstance(result.exception, ConfigError)
        and "known: yes, no, depends" in result.exception.line()
        and not catalog.requests
    )


def test_a_second_push_at_the_same_time_says_so(catalog, folder):
    with outbox(folder, "datahub", catalog.url) as box, box.alone():
        result = subprocess.run(
            [sys.executable, "-m", "scanner", "push", "--to", "datahub", "--report", "report.json"],
            cwd=folder,
            text=True,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(places.ROOT), "CHUJING_LANG": "en"},
        )

    assert result.returncode == 2 and result.stderr.startswith(
        "chujing: another push to this catalog is under way: process "
    )
    assert not catalog.requests


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (
            ("--to", "datahub", "--include", "suggested", "--remove", "suggested"),
            "--include suggested or --remove suggested",
        ),
        (("--to", "datahup"), 'Did you mean "datahub"?'),
        (("--to", "odcs"), "-o FILE or -o FOLDER/"),
        (("--to", "datahub", "--rate", "fast"), "--rate 5/s"),
        (("--to", "datahub", "--where", "sensitive"), "--where sensitive=yes"),
        (("--to", "datahub", "--url", "ftp://catalog"), "--url https://"),
    ],
    ids=["both", "name", "files only", "rate", "where", "scheme"],
)
def test_wrong_usage_is_told(folder, args, told):
    result = CliRunner().invoke(app, ["push", "--report", "report.json", *args])

    assert isinstance(result.exception, ConfigError) and told in result.exception.line()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{datahub: {entities: [{source: crn}]}}", 'Did you mean "crm"?'),
        ("{datahub: {entities: [{source: crm, casing: small}]}}", '"casing" cannot be "small"'),
        (
            "{datahub: {entities: [{source: crm, name: '{host}.{table}'}]}}",
            "known: {source} {database} {schema} {table}",
        ),
        ("{datahub: {password: x}}", 'unknown key "password"'),
        ("{datahub: {token: {env: A, file: b}}}", "token needs env or file"),
    ],
    ids=["source", "casing", "template", "key", "token"],
)
def test_catalogs_in_the_configuration_are_read_strictly(tmp_path, text, told):
    from scanner.config.model import read

    head = "version: 1\nsources: {crm: {url: 'sqlite:///crm.db'}}\n"
    (tmp_path / "chujing.yaml").write_text(f"{head}catalogs: {text}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as e:
        read(tmp_path / "chujing.yaml")
    assert told in e.value.line() and "chujing.yaml:3" in e.value.line()


def test_contracts_are_files_of_ours_beside_those_of_others(folder):
    first = run("-o", "contracts", "--include", "suggested", to="odcs")
    (folder / "contracts" / "crm.public.order.odcs.yaml").write_text("kind: DataContract\n", encoding="utf-8")
    member = folder / "contracts" / "crm.public.member.odcs.yaml"
    assert first.exit_code == 0 and "2 files written" in first.stderr
    assert "0 files written" in run("-o", "contracts", "--include", "suggested", to="odcs").stderr

    member.write_text(member.read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")
    left = run("-o", "contracts", to="odcs")
    assert (
        left.exit_code == 3
        and "left alone" in left.stderr
        and member.read_text(encoding="utf-8").endswith("# by hand\n")
    )
    assert run("-o", "contracts", "--again", to="odcs").exit_code == 0

    _save(replace(findings.crm(), tables=findings.crm().tables[:1]), folder)
    assert "1 removed" in run("-o", "contracts", to="odcs").stderr
    assert sorted(p.name for p in (folder / "contracts").iterdir()) == [
        "crm.public.member.odcs.yaml",
        "crm.public.order.odcs.yaml",
    ]


def test_a_datahub_file_holds_everything_and_the_removal_of_what_it_held_before(folder):
    run("-o", "mcps.json", "--include", "suggested")
    first = (folder / "mcps.json").read_text(encoding="utf-8")
    run("-o", "mcps.json", "--include", "suggested")
    assert (folder / "mcps.json").read_text(encoding="utf-8") == first

    run("-o", "mcps.json")
    for _ in range(2):  # the removal stays: nobody knows whether the file was read in between
        ops = [
            op
            for m in json.loads((folder / "mcps.json").read_text(encoding="utf-8"))
            if m["aspectName"] == "editableSchemaMetadata"
            for op in json.loads(m["aspect"]["value"])
        ]
        assert [op["path"].rsplit("/", 1)[-1] for op in ops if op["op"] == "remove"] == [SUGGESTED[1]]
        run("-o", "mcps.json")


@pytest.mark.parametrize("more", [["--dry-run"], ["--check"], []])
def test_a_secret_in_the_address_is_refused_before_anything_is_noted(tmp_path, more):
    with (tmp_path / "report.json").open("w", encoding="utf-8") as file:
        write(findings.crm(), file)
    (tmp_path / "chujing.yaml").write_text(
        f"version: 1\nsources:\n  crm: {{url: {tmp_path}}}\n", encoding="utf-8"
    )
    args = [
        "push",
        "--to",
        "datahub",
        "--url",
        "http://u:hidden-7@127.0.0.1:1",
        "--report",
        str(tmp_path / "report.json"),
        "-c",
        str(tmp_path / "chujing.yaml"),
        *more,
    ]

    with pytest.raises(ConfigError, match="a secret must not stand in a URL") as e:
        CliRunner().invoke(app, args, catch_exceptions=False)
    assert "hidden" not in e.value.line() and not (tmp_path / ".chujing").exists()
