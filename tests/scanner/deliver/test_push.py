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

import catalog_server
import findings
import places
import pytest
from pushing import (
    ACCEPTED,
    CRM,
    KINDS,
    MEMBER,
    PROMOTED,
    STAFF,
    SUGGESTED,
    client,
    every_catalog,
    push,
    whole,
)
from typer.testing import CliRunner

from detectors.errors import ConfigError
from detectors.model import Skipped
from mappings.model import Estimate
from reports.catalogs import Refused, Stopped
from reports.catalogs.conditions import parse_conditions
from reports.catalogs.picking import Selection
from reports.formats.json import write
from scanner.cli.app import app
from scanner.deliver.http import Http, Patience
from scanner.deliver.outbox import outbox
from scanner.deliver.push_scope import PushScope, without_clashes

datahub = KINDS["datahub"].module


@pytest.fixture
def catalog(request):
    kind = KINDS[getattr(request, "param", "datahub")]
    made = kind.made()
    with catalog_server.serving(made) as url:
        made.url, made.kind = url, kind
        yield made


@every_catalog
def test_a_second_push_sends_nothing(catalog, tmp_path):
    _, first = push(catalog, tmp_path, findings.crm())
    sent = len(catalog.requests)
    later = replace(findings.crm(), run=replace(findings.crm().run, finished="2026-11-26T02:00:00Z"))
    diff, second = push(catalog, tmp_path, later)

    assert first.done == whole(catalog.kind, findings.crm()) > 10 and first.queued == 0
    assert catalog.terms(catalog.kind.member) == [catalog.kind.suggested, catalog.kind.accepted]
    assert diff.empty and diff.same == first.done
    assert second.done == 0 and len(catalog.requests) == sent


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


@every_catalog
def test_the_default_is_what_a_person_accepted(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm(), Selection())

    assert catalog.terms(catalog.kind.member) == [catalog.kind.accepted]
    assert "suggested" not in json.dumps(catalog.kind.state(catalog))


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


def test_a_term_a_steward_took_away_stays_away_though_its_reason_changes(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    info = next(
        i
        for i in catalog.aspects[MEMBER]["editableSchemaMetadata"]["editableSchemaFieldInfo"]
        if i["fieldPath"] == "id_no"
    )
    info["glossaryTerms"]["terms"] = []
    surer = findings.column("crm/public/member", "id_no", "resident_id", 0.99).findings
    diff, went = push(
        catalog, tmp_path, findings.with_column(findings.crm(), "crm/public/member/id_no", findings=surer)
    )

    assert {p.kind for p in diff.change} == {"field_term", "field_grade"} and went.yielded == 1
    assert catalog.terms(MEMBER) == [ACCEPTED]


def test_a_term_a_steward_took_away_is_not_put_back_and_one_replaced_is_not_taken_away(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    info = next(
        i
        for i in catalog.aspects[MEMBER]["editableSchemaMetadata"]["editableSchemaFieldInfo"]
        if i["fieldPath"] == "mobile"
    )
    info["glossaryTerms"]["terms"] = [{"urn": ACCEPTED[1]}]  # the steward put it there anew, by hand

    push(catalog, tmp_path, findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True))

    assert ACCEPTED in catalog.terms(MEMBER)


@every_catalog
@pytest.mark.parametrize(
    "fault",
    [
        *[
            (n, *f)
            for n in (0, 1)
            for f in ((500,), (502,), (503,), (429, {"Retry-After": "7"}), ("hang",), ("cut",))
        ],
        (0, 409),
        (0, 412),
    ],
    ids=lambda f: f"{('write', 'before')[f[0]]} {f[1]}",
)
def test_a_passing_fault_is_outlasted(catalog, tmp_path, fault):
    catalog.faults.append((catalog.kind.methods[fault[0]], *fault[1:]))
    _, went = push(catalog, tmp_path, findings.crm(), timeout=0.3)

    assert went.queued == 0 and not went.stopped
    assert catalog.terms(catalog.kind.member) == [catalog.kind.suggested, catalog.kind.accepted]


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


@every_catalog
@pytest.mark.parametrize("fault", [500, 429, "hang"])
def test_a_catalog_that_is_down_loses_nothing(catalog, tmp_path, fault):
    kind = catalog.kind
    catalog.faults += [(kind.methods[0], fault)] * 5
    _, down = push(catalog, tmp_path, findings.crm(), timeout=0.2)
    assert (
        kind.held < down.queued == whole(kind, findings.crm()) - down.done and "stays queued" in down.stopped
    )
    assert not catalog.terms(kind.member)

    with outbox(tmp_path, "datahub", "here") as box:
        went = box.deliver(kind.module.push, client(catalog))
    assert went.queued == 0 and catalog.terms(kind.member) == [kind.suggested, kind.accepted]


@every_catalog
@pytest.mark.parametrize("status", [401, 403])
def test_no_entry_is_not_tried_again_and_the_rest_is_queued(catalog, tmp_path, status):
    write = catalog.kind.methods[0]
    catalog.faults.append((write, status))
    _, went = push(catalog, tmp_path, findings.crm())

    assert [r[0] for r in catalog.requests].count(write) == 1
    assert str(status) in went.stopped and "secret detail" not in went.stopped
    assert catalog.kind.held < went.queued == whole(catalog.kind, findings.crm()) - went.done


@every_catalog
def test_a_token_that_expires_in_the_middle(catalog, tmp_path):
    catalog.stop_after = 6
    report = findings.crm()
    _, went = push(catalog, tmp_path, report, size=1)
    assert 0 < went.queued < whole(catalog.kind, report) and "expired" in went.stopped

    catalog.stop_after = None
    _, rest = push(catalog, tmp_path, report, size=1)
    assert rest.queued == 0 and rest.done == went.queued
    assert catalog.terms(catalog.kind.member) == [catalog.kind.suggested, catalog.kind.accepted]
    assert len(catalog.terms(catalog.kind.staff)) == 1


@every_catalog
@pytest.mark.parametrize("after", range(1, 12))
def test_killed_anywhere_and_repeated_nothing_is_twice_and_nothing_is_missing(catalog, tmp_path, after):
    kind = catalog.kind
    wanted = list(kind.module.payloads(findings.crm(), Selection((kind.rule,), suggested=True)))
    scope = PushScope(frozenset({"crm"}))
    with pytest.raises(catalog_server.Killed), outbox(tmp_path, "datahub", "here") as box:
        box.enqueue(box.diff(wanted, scope))
        box.deliver(kind.module.push, catalog_server.Dying(catalog.url, after), 2)
    _, went = push(catalog, tmp_path, findings.crm(), size=2)

    assert went.queued == 0
    assert catalog.terms(kind.member) == [kind.suggested, kind.accepted]
    other = kind.made()
    with catalog_server.serving(other) as url:
        other.url, other.kind = url, kind
        push(other, tmp_path / "other", findings.crm())
    assert _sorted(kind.state(other)) == _sorted(kind.state(catalog))


def _sorted(value):
    if isinstance(value, dict):
        return {k: _sorted(v) for k, v in sorted(value.items())}
    return sorted((_sorted(v) for v in value), key=json.dumps) if isinstance(value, list) else value


@every_catalog
def test_entities_the_catalog_lacks_are_refused_by_name_and_come_when_it_has_them(catalog, tmp_path):
    kind = catalog.kind
    kind.drop(catalog, kind.member)
    _, went = push(catalog, tmp_path, findings.crm())
    assert kind.member not in json.dumps(kind.state(catalog))  # a patch would have made an empty one
    assert {r.about for r in went.refused} == {
        "crm/public/member/mobile",
        "crm/public/member/id_no",
        "crm/public/member",
    }
    assert len(catalog.terms(kind.staff)) == 1

    kind.put(catalog, kind.member, "mobile", "id_no", "points")
    _, went = push(catalog, tmp_path, findings.crm())
    assert went.queued == 0 and catalog.terms(kind.member) == [kind.suggested, kind.accepted]


def test_one_entity_that_is_not_taken_does_not_hold_up_the_others(catalog, tmp_path):
    catalog.faults += [("PATCH", 422)] * 2  # the batch, then the first of it alone
    _, went = push(catalog, tmp_path, findings.crm())

    assert {r.why.split(" (")[0] for r in went.refused} == {"the catalog does not accept it"}
    assert went.queued == len(went.refused) == 1 and catalog.terms(MEMBER) == [SUGGESTED, ACCEPTED]


@every_catalog
def test_what_a_test_keeps_out_stays_as_it_stands(catalog, tmp_path):
    kind = catalog.kind
    push(catalog, tmp_path, findings.crm())
    only = Selection(suggested=True, where=parse_conditions(["sensitive=no"]))
    diff, _ = push(catalog, tmp_path, findings.crm(), only)
    assert not diff.remove and catalog.terms(kind.member) == [kind.suggested, kind.accepted]

    gone = findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True)
    push(catalog, tmp_path, gone, only)
    assert catalog.terms(kind.member) == [kind.suggested]


@every_catalog
def test_what_could_not_be_read_this_time_is_no_reason_to_remove(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    blind = findings.crm()
    blind = replace(
        blind, tables=blind.tables[1:], skipped=(Skipped("crm/public/member", "permission denied"),)
    )
    diff, _ = push(catalog, tmp_path, blind)
    other = findings.report(
        findings.table("hr/public/pay", findings.column("hr/public/pay", "card", verdict="accept"))
    )
    unrelated, _ = push(catalog, tmp_path, other)

    assert diff.beyond == catalog.kind.held and not diff.remove and not unrelated.remove
    assert catalog.terms(catalog.kind.member) == [catalog.kind.suggested, catalog.kind.accepted]


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


def test_a_dry_run_prints_the_difference_and_sends_nothing(catalog, folder):
    first = run("--include", "suggested", "--dry-run")
    assert not catalog.requests
    assert "+ field_term   crm/public/member/id_no  居民身份证号码 (疑似·待复核)" in first.stdout
    assert "23 to add, 0 to change, 0 to remove" in first.stdout

    assert run("--include", "suggested").exit_code == 0
    _save(findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True), folder)
    sent = len(catalog.requests)
    second = run("--include", "suggested", "--dry-run")

    assert (
        "- field_term   crm/public/member/mobile" in second.stdout
        and "0 to add, 0 to change, 2 to remove" in second.stdout
    )
    assert len(catalog.requests) == sent


def test_the_command_says_what_it_did_and_where_it_stopped(catalog, folder):
    done, again = run(), run()
    assert (done.exit_code, again.exit_code) == (0, 0)
    assert "nothing to send" in again.stderr
    assert run("--again").exit_code == 0

    catalog.token = "another"
    stopped = run("--include", "suggested")
    assert stopped.exit_code == 3 and "s3cret" not in stopped.output
    assert "renew it and try again" in stopped.stderr and "queued" in stopped.stderr


def test_the_check_names_what_the_catalog_lacks_and_what_is_near(catalog, folder):
    catalog.aspects.clear()
    catalog.dataset(MEMBER.replace("member", "Member"), "mobile")
    catalog.dataset(STAFF, "Phone")
    told = run("--include", "suggested", "--check")

    assert told.exit_code == 3
    assert f"near: {MEMBER.replace('member', 'Member')}" in told.stdout
    assert f"{STAFF} lacks 1 column of crm/public/staff: phone (near: Phone)" in told.stdout
    assert not catalog.writes


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


def test_a_dry_run_says_of_a_number_what_it_is_was_and_becomes(catalog, folder):
    run()
    flow = findings.flow(
        "crm-hq",
        "crm/public/member/mobile",
        individuals=Estimate(1, 2, 3, "sketch"),
        path="security_assessment",
    )
    _save(replace(findings.crm(), flows=(flow,)), folder)
    lines = run("--dry-run").stdout.splitlines()

    assert "~ dataset_persons_best crm/public/member  自然人数（估计）: 12400 -> 2" in lines
    path = "出境合规路径（测算）: crm-hq: standard contract or certification -> crm-hq: security assessment"
    assert f"~ dataset_path crm/public/member  {path}" in lines


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
