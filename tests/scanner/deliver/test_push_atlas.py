"""What a push to Atlas or Purview does that others do not: types, bulk requests,
a person's classification beside ours.
"""

import base64
import json
from dataclasses import replace

import atlas_server
import catalog_server
import findings
import pytest
from typer.testing import CliRunner

from reports.catalogs import find
from reports.catalogs.naming import NamingRule
from reports.catalogs.picking import Selection
from reports.formats.json import write
from scanner.cli.app import app
from scanner.deliver.http import Http

atlas = find("atlas")
CRM = NamingRule("crm", platform="postgres", database="crm", platform_instance="main")
MEMBER, STAFF = "crm.public.member@main", "crm.public.staff@main"
ACCEPTED, SUGGESTED, PROMOTED = (
    "chujing.accepted.phone_mobile",
    "chujing.suggested.resident_id",
    "chujing.accepted.resident_id",
)


def payloads(report=None, rule=CRM, suggested=True):
    return list(atlas.payloads(report or findings.crm(), Selection((rule,), suggested)))


def server(**more):
    made = atlas_server.AtlasServer(**more)
    made.table("rdbms_table", MEMBER, "mobile", "id_no", "points")
    made.table("rdbms_table", STAFF, "phone")
    return made


def push(made, wanted):
    client = atlas_server.Direct(made)
    return atlas.push(wanted, client), client


def mark(made, column, name, **attributes):
    """A classification put on a column of members by a person."""
    guid = made.columns(MEMBER)[column]["guid"]
    told = {"typeName": name, "attributes": attributes, "propagate": True, "entityGuid": guid}
    made.entities[guid].setdefault("classifications", []).append(told)
    return told


def test_one_classification_on_many_columns_is_one_request():
    wanted = payloads(findings.wide(30, 40))
    made = atlas_server.holding(wanted)
    went, client = push(made, wanted)
    bulk = [body for _, path, body in client.sent if path.endswith("/bulk/classification")]

    assert not went.refused and sum(len(b["entityGuids"]) for b in bulk) == 1200
    assert len(bulk) == 4 * 2  # labels, 200 columns a request
    assert {b["classification"]["propagate"] for b in bulk} == {False}
    assert len(client.read) == 2 + 1 + 1  # types twice; thirty tables at once


def test_a_promotion_takes_the_guess_away_before_it_puts_the_fact():
    made, before = server(), payloads()
    push(made, before)
    said = findings.column("crm/public/member", "id_no", verdict="accept").reviewed
    after = payloads(findings.with_column(findings.crm(), "crm/public/member/id_no", reviewed=said))
    gone = [p.removal() for p in before if p.body.get("classification") == SUGGESTED]
    new = [p for p in after if p.kind == "type" or p.body.get("classification") == PROMOTED]
    went, client = push(made, [*new, *gone])

    assert not went.refused and made.terms(MEMBER) == [("id_no", PROMOTED), ("mobile", ACCEPTED)]
    assert [m for m, path, _ in client.sent if "/types/" not in path] == ["DELETE", "POST"]


def test_what_changed_is_changed_in_place_and_what_a_steward_set_beside_it_stays():
    made = server()
    push(made, payloads())
    standing = made.columns(MEMBER)["mobile"]["classifications"][0]
    standing |= {"propagate": True, "validityPeriods": [{"endTime": "2027/01/01 00:00:00"}]}
    sure = replace(findings.crm().tables[0].columns[0].reviewed, why="再看过")
    went, client = push(
        made, payloads(findings.with_column(findings.crm(), "crm/public/member/mobile", reviewed=sure))
    )

    ((method, path, body),) = client.sent
    assert (
        method == "PUT"
        and path.endswith("/classifications")
        and "propagate" not in body[0]
        and not went.refused
    )
    (standing,) = made.columns(MEMBER)["mobile"]["classifications"]
    assert standing["attributes"]["reason"] == "王敏 2026-11-02: 再看过"
    assert standing["propagate"] is True and standing["validityPeriods"]


@pytest.mark.parametrize(
    "attributes", [{}, {"grade": "core"}, {"kept_by": "lin"}], ids=["bare", "graded", "taken over"]
)
def test_a_person_s_classification_is_left_alone_now_and_at_removal(attributes):
    made, wanted = server(), payloads()
    theirs = mark(made, "mobile", ACCEPTED, **attributes)
    kept = json.dumps(theirs)
    went, _ = push(made, wanted)
    (mine,) = (p for p in wanted if p.body.get("classification") == ACCEPTED and "member" in p.about)
    gone, client = push(made, [mine.removal()])

    assert went.yielded == gone.yielded == (mine.key,) and not went.refused and not client.sent
    assert json.dumps(made.columns(MEMBER)["mobile"]["classifications"][0]) == kept


def test_a_classification_that_travelled_to_a_column_is_not_on_it():
    made = server()
    mark(made, "mobile", ACCEPTED, kept_by="chujing")["entityGuid"] = "elsewhere"
    made.entities["elsewhere"] = {
        "typeName": "rdbms_column",
        "guid": "elsewhere",
        "attributes": {"name": "x"},
    }
    mine = [p for p in payloads() if p.body.get("column") == "mobile"]
    gone, client = push(made, [p.removal() for p in mine])

    assert gone.done == (mine[0].key,) and not client.sent


def test_one_column_that_is_not_taken_does_not_hold_up_the_others():
    made = server()
    refusing = made.columns(MEMBER)["mobile"]["guid"]
    taken = made._may_add

    def picky(guid, told):
        if guid == refusing:
            raise atlas_server.Refusal(404, "ATLAS-404-00-005")
        taken(guid, told)

    made._may_add = picky
    went, _ = push(made, payloads())

    assert [r.about for r in went.refused] == ["crm/public/member/mobile"] and "404" in went.refused[0].why
    assert "secret" not in went.refused[0].why
    assert made.terms(MEMBER) == [("id_no", SUGGESTED)] and made.terms(STAFF) == [("phone", ACCEPTED)]


def test_types_that_stand_are_kept_as_people_have_them_and_given_what_they_lack():
    made = server()
    push(made, [p for p in payloads() if p.kind == "type"])
    above = made.types["chujing.accepted"]
    above |= {"description": "我们自己的说明", "guid": "g1"}
    above["attributeDefs"] = [a for a in above["attributeDefs"] if a["name"] not in ("reason", "kept_by")]
    above["attributeDefs"].append({"name": "steward", "typeName": "string", "isOptional": True})
    went, client = push(made, payloads())

    assert not went.refused and [m for m, path, _ in client.sent if "/types/" in path] == ["PUT"]
    assert made.types["chujing.accepted"]["description"] == "我们自己的说明"
    assert {a["name"] for a in made.types["chujing.accepted"]["attributeDefs"]} >= {
        "steward",
        "reason",
        "kept_by",
        "grade",
    }
    assert push(made, payloads())[1].sent == []


def test_business_metadata_is_opened_to_one_more_type_of_table():
    made = server()
    push(made, payloads())
    lake = replace(CRM, platform="hive", database="", platform_instance="prod")
    made.table("hive_table", "public.member@prod", "mobile", "id_no")
    went, _ = push(made, payloads(rule=lake))

    assert [r.about for r in went.refused] == ["crm/public/staff/phone"]  # no such table there
    kinds = {a["options"]["applicableEntityTypes"] for a in made.types["chujing"]["attributeDefs"]}
    assert (
        kinds == {'["hive_table", "rdbms_table"]'}
        and made.metadata("public.member@prod")["persons_best"] == 12_400
    )


def test_a_type_of_table_that_is_not_there_holds_up_no_other_type():
    made = server()
    flows = [findings.flow("f", "crm/public/member/mobile", "crm/public/staff/phone")]
    rules = (replace(CRM, tables="public/staff", type="acme_table"), CRM)
    went, _ = push(
        made, list(atlas.payloads(replace(findings.crm(), flows=tuple(flows)), Selection(rules, True)))
    )

    assert {r.about for r in went.refused} == {"chujing", "crm/public/staff", "crm/public/staff/phone"}
    assert (
        made.terms(MEMBER) == [("id_no", SUGGESTED), ("mobile", ACCEPTED)]
        and made.metadata(MEMBER)["persons_low"] == 11_900
    )


PATH = {
    "name": "path",
    "typeName": "string",
    "options": {"applicableEntityTypes": '["rdbms_table"]', "maxStrLength": "50"},
}


@pytest.mark.parametrize(
    ("name", "theirs", "told"),
    [
        (
            "chujing.accepted",
            {"attributeDefs": [{"name": "grade", "typeName": "int"}]},
            "grade of type chujing.accepted there is int, not",
        ),
        ("chujing.accepted.phone_mobile", {"superTypes": ["PII"]}, "does not stand below chujing.accepted"),
        (
            "chujing",
            {"category": "BUSINESS_METADATA", "attributeDefs": [PATH]},
            "path of type chujing there is string",
        ),
        ("chujing", {"category": "ENTITY"}, "a type of another kind has this name"),
    ],
    ids=["attribute", "super type", "metadata", "other kind"],
)
def test_a_type_that_cannot_be_ours_is_refused_and_nothing_is_written_unmarked(name, theirs, told):
    made = server()
    made.types |= {
        "PII": {"category": "CLASSIFICATION", "name": "PII", "attributeDefs": [], "superTypes": []}
    }
    made.types[name] = {
        "category": "CLASSIFICATION",
        "name": name,
        "attributeDefs": [],
        "superTypes": [],
    } | theirs
    went, _ = push(made, payloads())

    assert (
        told
        in {r.key: r.why for r in went.refused}[
            f"type {name}" + (" on rdbms_table" if name == "chujing" else "")
        ]
    )
    marks = [c for e in made.entities.values() for c in e.get("classifications", ())]
    assert all(c["attributes"]["kept_by"] == "chujing" for c in marks)
    assert ("id_no", SUGGESTED) in made.terms(MEMBER)  # what has its types is written
    assert made.metadata(MEMBER) == {} or name != "chujing"
    assert {r.key.rsplit("/", 1)[-1] for r in went.refused if r.about == "crm/public/member"} == (
        {"path", "persons_low", "persons_best", "persons_high"} if name == "chujing" else set()
    )


def test_columns_that_do_not_come_with_their_table_are_read_by_themselves():
    made = server(lean=True)
    went, client = push(made, payloads())

    assert not went.refused and made.terms(MEMBER) == [("id_no", SUGGESTED), ("mobile", ACCEPTED)]
    assert len([p for p in client.read if p.startswith("/v2/entity/bulk?guid=")]) == 2


def test_hive_s_partition_columns_are_columns_and_names_are_in_its_case():
    made = atlas_server.AtlasServer()
    made.table("hive_table", "public.member@prod", "mobile", partitions=("id_no",))
    upper = [
        replace(c, id=c.id.replace(c.name, c.name.upper()), name=c.name.upper())
        for c in findings.crm().tables[0].columns
    ]
    report = findings.report(replace(findings.crm().tables[0], columns=tuple(upper)))
    went, _ = push(
        made, payloads(report, NamingRule("crm", platform="hive", platform_instance="prod", casing="lower"))
    )

    assert not went.refused and made.terms("public.member@prod") == [
        ("id_no", SUGGESTED),
        ("mobile", ACCEPTED),
    ]


def test_deleted_tables_and_columns_are_not_there():
    made = server()
    made.found(STAFF)["status"] = made.columns(MEMBER)["mobile"]["status"] = "DELETED"
    went, _ = push(made, payloads())

    assert {r.about: r.why.split(" in ")[0] for r in went.refused} == {
        "crm/public/staff/phone": "no such table",
        "crm/public/member/mobile": "no such column",
    }


def test_a_table_that_cannot_be_read_is_refused_and_its_marks_are_not_forgotten():
    made, wanted = server(), payloads()
    push(made, wanted)
    client = atlas_server.Direct(made)
    client.get = lambda path: atlas_server.Response(400)
    gone = [p.removal() for p in wanted if p.body.get("column") == "phone"]
    went = atlas.push(gone, client)

    assert not went.done and went.refused[0].why.startswith("the table cannot be read") and made.terms(STAFF)


def test_a_column_that_goes_while_we_read_does_not_hide_the_others():
    made = server(lean=True)
    del made.entities[made.columns(MEMBER)["points"]["guid"]]
    went, _ = push(made, payloads())

    assert not went.refused and len(made.terms(STAFF)) == 1


def test_a_type_of_table_the_catalog_does_not_know_is_told_without_asking_for_each():
    wanted = payloads(findings.wide(60, 1), replace(CRM, type="acme_table"))
    went, client = push(server(), wanted)

    tables = [r for r in went.refused if "see type and platform in catalogs:" in r.why]
    assert len(tables) == 60 and len(client.read) < 10


def test_an_answer_too_long_to_read_is_asked_for_in_halves():
    made, wanted = server(), payloads(findings.wide(8, 2))
    for p in wanted:
        if not p.lasting and p.body["column"] == "c000":
            made.table("rdbms_table", p.entity.split(" ", 1)[1], "c000", "c001")
    client = atlas_server.Direct(made)
    whole = client.get
    client.get = lambda path: (
        whole(path) if path.count("qualifiedName") <= 2 else replace(whole(path), body=None, lacks="long")
    )
    went = atlas.push(wanted, client)

    assert not went.refused and len(went.done) == len(wanted)


@pytest.mark.system
@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a@b.c",
        "a&attr_1:qualifiedName=b",
        "100%",
        "a#b?c",
        "姓名\u202egnp.exe",
        "a b|c",
        "l" * 1_500,
    ],
)
def test_hostile_names_of_tables_and_columns_are_found(name):
    from detectors.model import TableRef, quote

    tid = TableRef(name, "public").id("crm")
    column = replace(findings.column(tid, quote(name), verdict="accept"), name=name)
    made = atlas_server.AtlasServer()
    made.table("rdbms_table", f"crm.public.{name}@main", name, "other")
    with catalog_server.serving(made) as url:
        went = atlas.push(payloads(findings.report(findings.table(tid, column))), Http(url))

    assert not went.refused and made.terms(f"crm.public.{name}@main") == [(name, ACCEPTED)]


def test_a_name_too_long_for_an_address_is_refused_and_the_others_go():
    long = findings.table(
        "crm/public/" + "l" * 10_000, findings.column("crm/public/" + "l" * 10_000, "phone", verdict="accept")
    )
    made = server()
    went, _ = push(made, payloads(replace(findings.crm(), tables=(*findings.crm().tables, long))))

    assert [r.why for r in went.refused] == ["its name is too long to ask the catalog for"] and len(
        made.terms(MEMBER)
    ) == 2


# ---- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = server()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_ATLAS_TOKEN", "admin:s3cret")
    with catalog_server.serving(made) as url, (tmp_path / "report.json").open("w", encoding="utf-8") as file:
        write(findings.crm(), file)
        (tmp_path / "chujing.yaml").write_text(
            "version: 1\nsources: {crm: {url: 'sqlite:///crm.db'}}\n"
            f"catalogs: {{atlas: {{url: '{url}/api/atlas', auth: basic, "
            "entities: [{source: crm, type: rdbms_table, database: crm, platform_instance: main}]}}\n",
            encoding="utf-8",
        )
        file.flush()
        made.decoded = lambda path: path.removeprefix("/api/atlas")
        yield made


def run(*args):
    return CliRunner().invoke(app, ["push", "--to", "atlas", "--report", "report.json", *args])


def test_the_command_speaks_below_a_path_with_user_and_password(folder):
    dry = run("--include", "suggested", "--dry-run")
    assert (
        "+ column_class crm/public/member/id_no  居民身份证号码 (疑似·待复核)" in dry.stdout
        and not folder.requests
    )

    assert run("--include", "suggested").exit_code == 0
    assert folder.terms(MEMBER) == [("id_no", SUGGESTED), ("mobile", ACCEPTED)]
    assert folder.headers["authorization"] == "Basic " + base64.b64encode(b"admin:s3cret").decode()
    assert "nothing to send" in run("--include", "suggested").stderr and "s3cret" not in dry.output
