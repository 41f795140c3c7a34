"""Pushes to OpenMetadata, and what people decided there: nobody's own mark touched, nothing lost,
decisions read back as reviews.
"""

import json
import shutil
from dataclasses import replace

import atlas_server
import catalog_server
import findings
import openmetadata_server
import pytest
from bent_answers import Bent, ask, kept, prepared
from pushing import OPENMETADATA, push
from typer.testing import CliRunner

from detectors.errors import ConfigError
from detectors.model import TableRef, quote
from mappings.model import Estimate
from reports.catalogs import CatalogDecision, Response, Stopped, UnclearDecision, find
from reports.catalogs.naming import NamingRule
from reports.catalogs.openmetadata import names, recognizers
from reports.catalogs.picking import Selection
from reports.formats.json import write
from reports.reviews.basis import with_covered_columns
from scanner.cli.app import app
from scanner.deliver.http import Http
from scanner.deliver.outbox import outbox
from scanner.deliver.push_scope import PushScope
from scanner.workspace import Workspace

RULE, MEMBER, STAFF = OPENMETADATA.rule, OPENMETADATA.member, OPENMETADATA.staff
ACCEPTED, GUESSED, PROMOTED = "chujing.phone_mobile", "chujing_suggested.resident_id", "chujing.resident_id"
ALL = Selection((RULE,), suggested=True)
COLUMN = "crm/public/member/id_no"
om = find("openmetadata")


@pytest.fixture
def catalog():
    with OPENMETADATA.serving() as server:
        yield server


def heard(catalog, base, report, asked=ALL):
    with outbox(base, "openmetadata", "here") as box:
        stood = box.delivered_keys()
    return list(om.decisions(report, asked, stood, Http(catalog.url)))


def back(catalog, base, report, asked=ALL):
    """Decisions, and (column, reason) of what was not taken for one."""
    return [
        (s.about, s.verdict, s.by, s.to) if isinstance(s, CatalogDecision) else (s.about, s.why)
        for s in heard(catalog, base, report, asked)
    ]


def manual(fqn, **more):
    """A tag as the catalog's own pages set it."""
    return {"tagFQN": fqn, "labelType": "Manual", "state": "Confirmed", "source": "Classification"} | more


def confirmed(catalog, user, fqn, column):
    """A person takes our tag away and sets it by hand:
    what it says of a standing one the catalog does not keep.
    """
    (held,) = catalog.held["tables"][fqn]["columns"][column]["tags"]
    catalog.by_hand(user, fqn, [{"op": "remove", "path": f"/columns/{column}/tags/0"}])
    catalog.by_hand(
        user, fqn, [{"op": "add", "path": f"/columns/{column}/tags", "value": [manual(held["tagFQN"])]}]
    )


def surer(report, confidence=0.99):
    """The report with another reason on the identity number."""
    found = findings.column("crm/public/member", "id_no", "resident_id", confidence)
    return findings.with_column(report, COLUMN, findings=found.findings)


def counted(low, best, high, path="standard_contract_or_certification"):
    """The report with other head-counts."""
    report, columns = findings.crm(), ("crm/public/member/mobile", COLUMN)
    return replace(
        report,
        flows=(
            findings.flow("crm-hq", *columns, individuals=Estimate(low, best, high, "sketch"), path=path),
        ),
    )


def accepted(report, cid=COLUMN):
    said = findings.column("crm/public/member", "id_no", "resident_id", 0.9, "accept").reviewed
    return findings.with_column(report, cid, reviewed=said)


def test_accepted_is_confirmed_and_suggested_is_automated_with_its_reason(catalog, tmp_path):
    _, went = push(catalog, tmp_path, findings.crm())

    mobile, guess = catalog.tags(MEMBER, "mobile")[ACCEPTED], catalog.tags(MEMBER, "id_no")[GUESSED]
    assert (mobile["labelType"], mobile["state"]) == (
        "Automated",
        "Confirmed",
    ) and "王敏 2026-11-02: 每列看过" in mobile["reason"]
    assert (guess["labelType"], guess["state"]) == (
        "Automated",
        "Suggested",
    ) and "resident_id, 0.9: value" in guess["reason"]
    assert catalog.held["tables"][MEMBER]["extension"] == {
        "chujingPath": "crm-hq: 个人信息出境标准合同或认证",
        "chujingPersonsLow": 11_900,
        "chujingPersonsBest": 12_400,
        "chujingPersonsHigh": 12_900,
    }
    assert set(catalog.held["classifications"]) == {"chujing", "chujing_suggested"}
    assert catalog.held["classifications"]["chujing_suggested"]["displayName"].endswith("疑似·待复核")
    assert went.queued == 0 and not went.refused


def test_what_exists_is_not_overwritten(catalog, tmp_path):
    catalog._make(
        "classifications",
        "chujing",
        {"name": "chujing", "description": "ours", "autoClassificationConfig": {"enabled": False}},
    )
    catalog._make(
        "tags",
        ACCEPTED,
        {"name": "phone_mobile", "classification": "chujing", "description": "written by a steward"},
    )
    catalog.properties = [{"name": "chujingPath", "description": "a steward's words"}, {"name": "steward"}]
    catalog.held["tables"][MEMBER] |= {"extension": {"steward": "kept"}}
    catalog.held["tables"][MEMBER]["columns"][0]["tags"] = [
        {"tagFQN": "PII.Sensitive", "labelType": "Manual", "state": "Confirmed", "source": "Classification"}
    ]
    push(catalog, tmp_path, findings.crm())

    assert catalog.held["classifications"]["chujing"]["description"] == "ours"
    assert catalog.held["tags"][ACCEPTED]["description"] == "written by a steward"
    assert catalog.properties[0]["description"] == "a steward's words"
    assert catalog.held["tables"][MEMBER]["extension"]["steward"] == "kept"
    assert set(catalog.tags(MEMBER, "mobile")) == {"PII.Sensitive", ACCEPTED}
    assert not [r for r in catalog.writes if r[0] == "PUT" and "types" not in r[1]]

    push(catalog, tmp_path, findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True))
    assert set(catalog.tags(MEMBER, "mobile")) == {"PII.Sensitive"}


def test_what_a_person_confirmed_stays_until_the_accepted_tag_takes_its_place(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    confirmed(catalog, "wang.min", MEMBER, 1)
    _, went = push(catalog, tmp_path, findings.with_column(findings.crm(), COLUMN, drop=True))
    assert went.yielded == 1 and catalog.tags(MEMBER, "id_no")[GUESSED]["labelType"] == "Manual"

    for base in ("other", "another"):  # by a push that wrote nothing itself, and by one that forgot
        push(catalog, tmp_path / base, findings.crm())
        push(catalog, tmp_path / base, accepted(findings.crm()))
        assert set(catalog.tags(MEMBER, "id_no")) == {PROMOTED}


def test_a_tag_set_by_hand_is_neither_changed_nor_removed(catalog, tmp_path):
    catalog._make("classifications", "chujing", {"name": "chujing"})
    catalog._make("tags", ACCEPTED, {"name": "phone_mobile", "classification": "chujing"})
    catalog.by_hand(
        "wang.min", MEMBER, [{"op": "add", "path": "/columns/0/tags", "value": [manual(ACCEPTED)]}]
    )
    _, went = push(catalog, tmp_path, findings.crm())
    push(catalog, tmp_path, findings.with_column(findings.crm(), "crm/public/member/mobile", drop=True))

    assert went.yielded == 1 and catalog.tags(MEMBER, "mobile") == {ACCEPTED: manual(ACCEPTED)}


def test_somebody_who_is_quicker_is_not_overwritten(catalog, tmp_path):
    moved = [{"op": "move", "from": "/columns/0", "path": "/columns/2"}]
    catalog.meanwhile = [("wang.min", MEMBER, moved)]
    _, went = push(catalog, tmp_path, findings.crm())

    assert went.queued == 0 and [c["name"] for c in catalog.held["tables"][MEMBER]["columns"]] == [
        "id_no",
        "points",
        "mobile",
    ]
    assert set(catalog.tags(MEMBER, "mobile")) == {ACCEPTED} and set(catalog.tags(MEMBER, "id_no")) == {
        GUESSED
    }


def test_a_table_that_changes_all_the_time_is_left_for_the_next_push(catalog, tmp_path):
    catalog.meanwhile = [
        ("wang.min", MEMBER, [{"op": "add", "path": "/description", "value": str(n)}]) for n in range(3)
    ]
    _, went = push(catalog, tmp_path, findings.crm())
    assert {r.why for r in went.refused} == {
        "changed by somebody else at the same time (412)"
    } and went.queued == 6

    _, went = push(catalog, tmp_path, findings.crm())
    assert went.queued == 0 and set(catalog.tags(MEMBER, "mobile")) == {ACCEPTED}


@pytest.mark.parametrize(
    "fault", [(500,), (503,), (429, {"Retry-After": "7"}), ("hang",)], ids=lambda f: f"{f[0]}"
)
def test_a_passing_fault_of_a_read_is_outlasted(catalog, tmp_path, fault):
    catalog.faults.append(("GET", *fault))
    _, went = push(catalog, tmp_path, findings.crm(), timeout=0.3 if "hang" in fault else 30)

    assert (
        went.queued == 0
        and not went.stopped
        and catalog.terms(MEMBER) == [("id_no", GUESSED), ("mobile", ACCEPTED)]
    )


def test_what_is_said_to_be_there_and_is_not_is_made_by_the_next_push(catalog, tmp_path):
    catalog.faults.append(("POST", 409))
    assert push(catalog, tmp_path, findings.crm())[1].queued
    _, went = push(catalog, tmp_path, findings.crm())

    assert went.queued == 0 and catalog.terms(MEMBER) == [("id_no", GUESSED), ("mobile", ACCEPTED)]


def test_what_the_catalog_lacks_is_refused_by_name_and_comes_when_it_has_it(catalog, tmp_path):
    del catalog.held["tables"][STAFF]
    catalog.held["tables"][MEMBER]["columns"].pop(0)
    _, went = push(catalog, tmp_path, findings.crm())
    assert {(r.about, r.why.split(";")[0]) for r in went.refused} == {
        ("crm/public/member/mobile", "no such column in the catalog"),
        ("crm/public/staff/phone", "no such table in the catalog"),
    }
    assert set(catalog.tags(MEMBER, "id_no")) == {GUESSED}

    catalog.table(STAFF, "phone")
    catalog.held["tables"][MEMBER]["columns"].insert(0, {"name": "mobile"})
    _, went = push(catalog, tmp_path, findings.crm())
    assert went.queued == 0


def test_another_page_at_the_address_is_told_and_nothing_is_lost(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "answer", lambda *_: (200, "<!doctype html>"))
    _, went = push(catalog, tmp_path, findings.crm())

    assert went.done == 0 and went.queued and "its url ends with /api" in went.stopped


def test_nested_columns_carry_tags_too(catalog, tmp_path):
    tid = "crm/public/order"
    report = findings.report(findings.table(tid, findings.column(tid, "receiver.phone", verdict="accept")))
    catalog.table("crm_pg.crm.public.order", "id", ("receiver", "name", "phone"))
    push(catalog, tmp_path, report)

    assert set(catalog.tags("crm_pg.crm.public.order", "receiver", "phone")) == {ACCEPTED}


def reason(catalog):
    return catalog.tags(MEMBER, "id_no")[GUESSED]["reason"]


def test_a_changed_reason_arrives_though_the_catalog_keeps_standing_tags(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    diff, went = push(catalog, tmp_path, surer(findings.crm()))
    assert (
        len(diff.change) == 1
        and went.done == 1
        and went.queued == 0
        and "resident_id, 1.0: value" in reason(catalog)
    )

    sent = len(catalog.requests)
    push(catalog, tmp_path, surer(findings.crm()))
    assert len(catalog.requests) == sent
    assert set(catalog.tags(MEMBER, "mobile")) == {ACCEPTED}


@pytest.mark.parametrize("after", range(1, 8))
def test_killed_between_taking_a_tag_away_and_setting_it_again_the_next_push_sets_it(
    catalog, tmp_path, after
):
    push(catalog, tmp_path, findings.crm())
    with pytest.raises(catalog_server.Killed), outbox(tmp_path, "openmetadata", "here") as box:
        box.enqueue(box.diff(list(om.payloads(surer(findings.crm()), ALL)), PushScope(frozenset({"crm"}))))
        box.deliver(om.push, catalog_server.Dying(catalog.url, after))
        raise catalog_server.Killed
    _, went = push(catalog, tmp_path, surer(findings.crm()))

    assert went.queued == went.yielded == 0 and "resident_id, 1.0: value" in reason(catalog)


def test_somebody_who_takes_a_tag_away_while_it_is_set_again_has_the_last_word(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    catalog.meanwhile = [("wang.min", MEMBER, [{"op": "remove", "path": "/columns/1/tags/0"}])]
    _, went = push(catalog, tmp_path, surer(findings.crm()))

    assert went.yielded == 1 and went.queued == 0 and not catalog.tags(MEMBER, "id_no")


def test_a_table_that_was_made_anew_gets_what_changes(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    catalog.table(MEMBER, "mobile", "id_no", "points")  # nobody took the tags away
    _, went = push(catalog, tmp_path, surer(findings.crm()))

    assert went.yielded == 0 and "resident_id, 1.0: value" in reason(catalog)


def test_a_catalog_that_says_it_took_a_tag_away_and_did_not_is_asked_no_more_than_a_few_times(
    catalog, tmp_path, monkeypatch
):
    push(catalog, tmp_path, findings.crm())
    usual = catalog.answer
    monkeypatch.setattr(
        catalog, "answer", lambda method, *more: (200, {}) if method == "PATCH" else usual(method, *more)
    )
    _, went = push(catalog, tmp_path, surer(findings.crm()))

    assert {r.about for r in went.refused} == {COLUMN} and [r[0] for r in catalog.requests].count("PATCH") < 8


@pytest.mark.parametrize("nested", [False, True], ids=["alone", "one of two of this name"])
def test_of_nested_columns_of_one_name_none_is_put_back_that_a_person_may_have_cleared(
    catalog, tmp_path, nested
):
    tid, fqn, path = "crm/public/order", "crm_pg.crm.public.order", "receiver.phone"
    first = findings.report(findings.table(tid, findings.column(tid, path)))
    catalog.table(fqn, ("receiver", "phone"), ("payer", "phone" if nested else "mobile"))
    push(catalog, tmp_path, first)
    catalog.by_hand("ingestion-bot", fqn, [{"op": "remove", "path": "/columns/0/children/0/tags/0"}])
    if nested:
        there = "/columns/1/children/0/tags"
        catalog.by_hand(
            "li.na", fqn, [{"op": "add", "path": there, "value": [manual("chujing_suggested.phone_mobile")]}]
        )
        catalog.by_hand("li.na", fqn, [{"op": "remove", "path": f"{there}/0"}])
    _, went = push(
        catalog, tmp_path, findings.report(findings.table(tid, findings.column(tid, path, confidence=0.5)))
    )

    assert went.yielded == nested and bool(catalog.tags(fqn, "receiver", "phone")) is not nested


def test_one_tag_that_is_not_taken_refuses_itself_alone(catalog, tmp_path):
    tid, fqn, labels = "crm/public/wide", "crm_pg.crm.public.wide", findings.LABELS
    columns = [findings.column(tid, f"c{n:02}", findings.LABELS[n % 4]) for n in range(32)]
    columns[17] = findings.column(tid, "c17", "email")
    report = findings.report(findings.table(tid, *columns))
    catalog.table(fqn, *(c.name for c in columns))
    catalog.bad = {"chujing_suggested.email"}
    _, went = push(catalog, tmp_path, report)

    assert [(r.about, r.why[:44]) for r in went.refused] == [
        (f"{tid}/c17", "the catalog does not understand it (400): is")
    ]
    assert went.queued == 1 and [len(catalog.tags(fqn, c.name)) for c in columns] == [
        n != 17 for n in range(32)
    ]
    assert {t for c in columns for t in catalog.tags(fqn, c.name)} == {
        f"chujing_suggested.{x}" for x in labels
    }

    patches = [r for r in catalog.writes if r[0] == "PATCH"]
    assert len(patches) <= 2 * 5 + 1  # in halves


def test_a_promotion_that_is_not_taken_leaves_what_a_person_set(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    confirmed(catalog, "wang.min", MEMBER, 1)
    catalog.bad = {PROMOTED}
    _, went = push(catalog, tmp_path, accepted(findings.crm()))

    assert {r.about for r in went.refused} == {COLUMN} and set(catalog.tags(MEMBER, "id_no")) == {GUESSED}


# ---- numbers -----------------------------------------------------------------------------------------------


def numbers(catalog):
    return catalog.held["tables"][MEMBER].get("extension")


def test_numbers_come_back_to_a_table_that_was_made_anew(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    catalog.table(MEMBER, "mobile", "id_no", "points")
    _, went = push(catalog, tmp_path, counted(1, 2, 3))

    assert went.yielded == 0 and numbers(catalog)["chujingPersonsBest"] == 2


def test_a_changed_number_costs_a_read_and_a_patch(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    sent = len(catalog.requests)
    push(catalog, tmp_path, counted(1, 2, 3))

    assert [r[0] for r in catalog.requests[sent:]] == ["GET", "PATCH"]


# ---- answers -----------------------------------------------------------------------------------------------

SOUND = {"id": "x", "version": 0.1, "columns": []}
ODD_COLUMNS = {
    "a column without a name": {"tags": []},
    "a tag that is a text": {"name": "mobile", "tags": ["x"]},
    "a tag without a name": {"name": "mobile", "tags": [{"labelType": "Manual"}]},
    "a reason that is a list": {"name": "mobile", "tags": [{"tagFQN": ACCEPTED, "reason": []}]},
    "children that are text": {"name": "mobile", "children": "abc"},
    "a child that is null": {"name": "mobile", "children": [None]},
}
ODD = {  # part of an address -> what may be wrong there
    "/tables/name/": {name: SOUND | {"columns": [c]} for name, c in ODD_COLUMNS.items()}
    | {"an extension that is a list": SOUND | {"extension": [1]}},
    "/tags/name/": {
        "recognisers that are an object": SOUND | {"recognizers": {}},
        "a recogniser without a name": SOUND | {"recognizers": [{}]},
        "an exception without a link": SOUND | {"recognizers": [{"name": "x", "exceptionList": [{}]}]},
    },
    "/metadata/types/": {"properties that are text": SOUND | {"customProperties": ["x"]}},
    "/versions": {
        "a version that is no JSON": {"versions": ["{"]},
        "a version that is a list": {"versions": ["[]"]},
        "a change that is a text": {"versions": [{"changeDescription": {"fieldsAdded": ["x"]}}]},
    },
    "/users/name/": {"a bot by word": {"isBot": "yes"}, "a bot by number": {"isBot": 0}},
    "/v1/tasks": {
        "a payload that is a text": {"data": [{"payload": "x"}]},
        "feedback without a link": {"data": [{"payload": {"feedback": {}}}]},
        "a resolver who is a text": {"data": [{"resolution": {"resolvedBy": "li.na"}}]},
        "moved feedback without a link": {
            "data": [{"type": "RecognizerFeedbackApproval", "payload": {"data": {"status": "APPLIED"}}}]
        },
        "a page after that is a number": {"data": [], "paging": {"after": 7}},
    },
    "/v1/feed": {"feedback without a link": {"data": [{"task": {"feedback": {}}}]}},
}


ODD_READS = [
    *((where, "push") for where in ("/tables/name/", "/tags/name/", "/metadata/types/")),
    ("/tables/name/", "check"),
    *((where, "decisions") for where in ODD if where != "/metadata/types/"),
]


def answering(catalog, monkeypatch, where, told):
    """The catalog, but for what it answers at this path."""
    usual = catalog.answer
    monkeypatch.setattr(
        catalog,
        "answer",
        lambda method, path, body: (
            (200, told) if method == "GET" and where in path else usual(method, path, body)
        ),
    )


TOLD = "that is not how OpenMetadata's API answers"


@pytest.mark.parametrize(("where", "does"), ODD_READS, ids=[f"{does} {where}" for where, does in ODD_READS])
def test_an_answer_with_a_part_of_another_shape_is_one_line_and_nothing_is_written(where, does):
    server = prepared(OPENMETADATA, does)
    server.tasks = None if where == "/v1/feed" else server.tasks
    before = kept(server)
    for name, answer in ODD[where].items():
        bent = Bent(server, where, lambda _, answer=answer: Response(200, answer))
        (line,) = ask(OPENMETADATA, does, bent)

        assert TOLD in line and where.rstrip("/") in line and "url ends with /api" in line, name
        assert kept(server) == before, name


@pytest.mark.parametrize("owners", [["lin"], {"name": "lin"}], ids=["a text", "an object"])
def test_an_owner_of_another_shape_is_one_line(owners):
    answer = Response(200, SOUND | {"owners": owners})
    (line,) = ask(
        OPENMETADATA, "owners", Bent(prepared(OPENMETADATA, "owners"), "/tables/name/", lambda _: answer)
    )

    assert TOLD in line


@pytest.mark.parametrize(
    "command",
    [
        "push --to openmetadata --include suggested",
        "push --to openmetadata --include suggested --check",
        "review import --from openmetadata",
        "review owners -o o.csv --from openmetadata",
    ],
)
def test_an_answer_of_another_shape_ends_a_command_with_one_line(catalog, folder, monkeypatch, command):
    if "import" in command:
        run("push", "--to", "openmetadata", "--include", "suggested")
        confirmed(catalog, "wang.min", "crm_pg.default.main.member", 1)
    answering(catalog, monkeypatch, "/tables/name/", {"data": None})
    result = run(*command.split(), "--lang", "en")

    assert result.exit_code == 3 and TOLD in result.stderr, result.exception
    assert not (folder / "reviews.yaml").exists() and not (folder / "o.csv").exists()


def test_what_is_made_and_answered_otherwise_is_told(catalog, tmp_path, monkeypatch):
    usual = catalog.answer
    monkeypatch.setattr(
        catalog,
        "answer",
        lambda method, *more: (200, {"ok": True}) if method == "POST" else usual(method, *more),
    )
    _, went = push(catalog, tmp_path, findings.crm())

    assert TOLD in went.stopped and went.done == 0


# ---- decisions ---------------------------------------------------------------------------------------------


def test_what_people_did_to_our_tags_is_read_back(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    assert back(catalog, tmp_path, report) == []

    confirmed(catalog, "wang.min", MEMBER, 0)
    catalog.by_hand("li.na", MEMBER, [{"op": "remove", "path": "/columns/1/tags/0"}])
    assert back(catalog, tmp_path, report) == [
        ("crm/public/member/mobile", "accept", "wang.min", ""),
        (COLUMN, "reject", "li.na", ""),
    ]


def test_what_a_program_did_decides_nothing(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    confirmed(catalog, "ingestion-bot", MEMBER, 0)
    catalog.by_hand("nightly-bot", MEMBER, [{"op": "remove", "path": "/columns/1/tags/0"}])
    assert back(catalog, tmp_path, report) == []

    catalog.table(MEMBER, "mobile", "id_no", "points")  # made anew: no tags, and nobody took them away
    assert back(catalog, tmp_path, report) == []


def test_another_of_our_tags_set_by_hand_is_the_right_label(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    catalog._make("classifications", "chujing", {"name": "chujing"})
    for label in ("bank_card", "person_name"):
        catalog._make("tags", f"chujing.{label}", {"name": label})
    theirs = [
        manual(f"chujing.{x}", appliedBy="li.na", appliedAt="2026-11-20T04:00:00Z")
        for x in ("bank_card", "person_name")
    ]
    catalog.by_hand(
        "li.na",
        MEMBER,
        [
            {"op": "replace", "path": "/columns/1/tags", "value": theirs[:1]},
            {"op": "add", "path": "/columns/2/tags", "value": theirs[1:]},
        ],
    )

    assert back(catalog, tmp_path, report) == [
        (COLUMN, "relabel", "li.na", "bank_card"),
        ("crm/public/member/points", "relabel", "li.na", "person_name"),
    ]


def test_of_what_was_rejected_here_only_another_opinion_is_read(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm(verdict=""))
    confirmed(catalog, "wang.min", MEMBER, 0)
    catalog.by_hand("li.na", MEMBER, [{"op": "remove", "path": "/columns/1/tags/0"}])
    no = findings.column("crm/public/member", "x", verdict="reject").reviewed
    report = findings.with_column(findings.crm(verdict=""), "crm/public/member/mobile", reviewed=no)
    report = findings.with_column(report, COLUMN, reviewed=replace(no, label="resident_id"))

    assert back(catalog, tmp_path, report) == [("crm/public/member/mobile", "accept", "wang.min", "")]


def feedback(table, column, tag="chujing_suggested.phone_mobile", **more):
    return {
        "entityLink": f"<#E::table::{table}::columns::{column}>",
        "tagFQN": tag,
        "feedbackType": "FALSE_POSITIVE",
        "status": "PENDING",
        "sampleValues": ["13900001234"],
        "createdBy": {"name": "wang.min"},
        "createdAt": 1_793_600_000_000,
        "userReason": "WRONG_DATA_TYPE",
    } | more


def task(told, resolved="Approved", by="li.na"):
    """A task of the catalog's, resolved as this by somebody; "" for an open one."""
    done = {"type": resolved, "resolvedBy": {"name": by} if by else None, "resolvedAt": 1_793_700_000_000}
    return {
        "type": "RecognizerFeedbackApproval",
        "status": resolved or "Open",
        "payload": {"feedback": told},
    } | ({"resolution": done} if resolved else {})


RELABEL = {"feedbackType": "INCORRECT_CLASSIFICATION", "suggestedTag": "chujing.phone_landline"}


def excepted(catalog, fqn, link, by="wang.min"):
    """What an applied feedback leaves on the recognisers of a tag:
    neither the right label nor who approved.
    """
    exception = {
        "entityLink": link,
        "reason": "WRONG_DATA_TYPE",
        "addedBy": {"name": by},
        "addedAt": 1_793_600_000_000,
    }
    for r in catalog.held["tags"][fqn]["recognizers"]:
        r.setdefault("exceptionList", []).append(exception)


def test_feedback_that_a_reviewer_approved_is_read_from_tasks_and_its_samples_are_not(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report, replace(ALL, recognizers=True))
    told = feedback(MEMBER, "mobile", **RELABEL)
    catalog.tasks = [
        task(feedback(STAFF, "phone"), "Rejected"),
        task(feedback(MEMBER, "id_no", GUESSED), ""),
        task(told),
    ]
    catalog.page = 1
    excepted(catalog, "chujing_suggested.phone_mobile", told["entityLink"])

    (said,) = heard(catalog, tmp_path, report)
    assert (said.about, said.verdict, said.by, said.on, said.to, said.why) == (
        "crm/public/member/mobile",
        "relabel",
        "li.na",
        "2026-11-03T10:00:00Z",
        "phone_landline",
        "OpenMetadata: WRONG_DATA_TYPE",
    )
    assert "13900001234" not in repr(said)


def test_tasks_that_came_from_a_feed_are_believed_only_where_they_say_so_themselves(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    moved = [feedback(STAFF, "phone", status="REJECTED"), feedback(MEMBER, "mobile", status="APPLIED")]
    catalog.tasks = [task(f) | {"payload": {"data": f}} for f in moved]

    assert back(catalog, tmp_path, report) == [("crm/public/member/mobile", "reject", "wang.min", "")]


def test_feedback_before_tasks_is_read_from_the_feed(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    every = [feedback(MEMBER, "mobile", status="APPLIED", **RELABEL), feedback(STAFF, "phone")]
    catalog.tasks, catalog.feed = (
        None,
        [{"task": {"type": "RecognizerFeedbackApproval", "feedback": f}} for f in every],
    )

    assert back(catalog, tmp_path, report) == [
        ("crm/public/member/mobile", "relabel", "wang.min", "phone_landline")
    ]


def test_an_exception_without_a_task_was_approved_as_it_was_handed_in_and_stays(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report, replace(ALL, recognizers=True))
    excepted(catalog, GUESSED, f"<#E::table::{MEMBER}::columns::id_no>", "li.na")
    assert back(catalog, tmp_path, report) == [(COLUMN, "reject", "li.na", "")]

    catalog.by_hand("li.na", MEMBER, [{"op": "remove", "path": "/columns/1/tags/0"}])
    push(
        catalog, tmp_path / "elsewhere", report
    )  # a push that knows nothing of it does not put it back either
    assert not catalog.tags(MEMBER, "id_no")


def test_pages_that_never_end_are_told(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "_page", lambda *_: (200, {"data": [], "paging": {"after": "7"}}))
    with pytest.raises(Stopped, match="its pages never end"):
        heard(catalog, tmp_path, findings.crm())


def test_what_nobody_signed_is_no_decision_and_is_told(catalog, tmp_path):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    catalog.tasks = [task(feedback(STAFF, "phone"), by="")]
    confirmed(catalog, "", MEMBER, 0)
    catalog.by_hand("", MEMBER, [{"op": "remove", "path": "/columns/1/tags/0"}])

    assert back(catalog, tmp_path, report) == [
        ("crm/public/member/mobile", "nobody"),
        (COLUMN, "nobody"),
        ("crm/public/staff/phone", "nobody"),
    ]


def test_a_state_that_changed_is_no_decision(catalog, tmp_path):
    report, catalog.user = findings.crm(verdict=""), "lin"  # who pushed with a token of their own
    push(catalog, tmp_path, report)
    catalog.by_hand(
        "wang.min", MEMBER, [{"op": "replace", "path": "/columns/0/tags/0/state", "value": "Confirmed"}]
    )
    assert (
        catalog.tags(MEMBER, "mobile")["chujing_suggested.phone_mobile"]["state"] == "Suggested"
    )  # answered 200, not kept

    catalog.held["tables"][MEMBER]["columns"][0]["tags"][0]["state"] = (
        "Confirmed"  # not by the catalog's pages
    )
    assert back(catalog, tmp_path, report) == []


def test_a_nested_column_is_decided_where_its_name_is_the_only_one_in_the_table(catalog, tmp_path):
    tid, fqn = "crm/public/order", "crm_pg.crm.public.order"
    report = findings.report(
        findings.table(
            tid, *(findings.column(tid, n) for n in ("receiver.phone", "receiver.mobile", "payer.phone"))
        )
    )
    catalog.table(fqn, ("receiver", "phone", "mobile"), ("payer", "phone"))
    push(catalog, tmp_path, report)
    catalog.by_hand(
        "li.na",
        fqn,
        [{"op": "remove", "path": f"/columns/{c}/tags/0"} for c in ("0/children/0", "0/children/1")],
    )

    assert back(catalog, tmp_path, report) == [
        (f"{tid}/receiver.phone", "leaf"),
        (f"{tid}/receiver.mobile", "reject", "li.na", ""),
    ]


def test_columns_and_tables_that_are_one_in_the_catalog_are_not_decided(catalog, tmp_path):
    tid, twins = "crm/public/member", ("crm/public/Order", "crm/public/ORDER")
    report = findings.report(
        findings.table(tid, *(findings.column(tid, n) for n in ("Mobile", "MOBILE", "tel"))),
        *(findings.table(t, findings.column(t, "phone")) for t in twins),
    )
    catalog.table("crm_pg.crm.public.order", "phone")
    catalog.table(MEMBER, "mobile", "tel")
    for n, label in (("classifications", "chujing"), ("tags", "chujing.bank_card")):
        catalog._make(n, label, {"name": label})
    theirs = [manual("chujing.bank_card", appliedBy="li.na")]
    catalog.by_hand(
        "li.na", MEMBER, [{"op": "add", "path": f"/columns/{n}/tags", "value": theirs} for n in (0, 1)]
    )
    catalog.by_hand(
        "li.na", "crm_pg.crm.public.order", [{"op": "add", "path": "/columns/0/tags", "value": theirs}]
    )

    assert back(catalog, tmp_path, report, Selection((replace(RULE, casing="lower"),))) == [
        (f"{tid}/Mobile", "clash"),
        (f"{tid}/MOBILE", "clash"),
        (f"{tid}/tel", "relabel", "li.na", "bank_card"),
        *((t, "clash") for t in twins),
    ]


@pytest.mark.parametrize(
    "at", ["20 Nov", 10**20, -5, 0, True, {"a": 1}, "9999-12-31T23:59:59-08:00", float("nan")]
)
def test_a_day_that_cannot_be_is_not_said(catalog, tmp_path, at):
    report = findings.crm(verdict="")
    push(catalog, tmp_path, report)
    catalog.held["tables"][MEMBER]["columns"][0]["tags"] = [
        manual("chujing_suggested.phone_mobile", appliedBy="wang.min", appliedAt=at)
    ]

    (said,) = heard(catalog, tmp_path, report)
    assert (said.verdict, said.by, said.on) == ("accept", "wang.min", "")


# ---- recognisers -------------------------------------------------------------------------------------------


def test_our_patterns_become_recognisers_and_what_a_steward_set_on_them_stays(catalog, tmp_path):
    asked = Selection((RULE,), True, recognizers=True)
    _, went = push(catalog, tmp_path, findings.crm(), asked)
    held = catalog.held["tags"]["chujing_suggested.phone_mobile"]
    patterns = {r["name"]: r for r in held["recognizers"]}
    assert went.queued == 0 and "chujing_mobile" in patterns and held["autoClassificationEnabled"]
    assert catalog.held["classifications"]["chujing_suggested"]["autoClassificationConfig"]["enabled"]
    assert "autoClassificationConfig" not in catalog.held["classifications"]["chujing"]

    patterns["chujing_mobile"] |= {"enabled": False, "confidenceThreshold": 0.9}
    patterns["chujing_mobile"]["recognizerConfig"]["patterns"][0]["regex"] = "an older pattern"
    held["recognizers"].insert(0, {"name": "theirs", "recognizerConfig": {"type": "pattern"}})
    push(catalog, tmp_path, findings.crm(), asked)
    with outbox(tmp_path, "openmetadata", "here") as box:
        box.forget()
    push(catalog, tmp_path, findings.crm(), asked)
    now = {r["name"]: r for r in catalog.held["tags"]["chujing_suggested.phone_mobile"]["recognizers"]}
    assert now["chujing_mobile"]["enabled"] is False and now["chujing_mobile"]["confidenceThreshold"] == 0.9
    assert (
        now["chujing_mobile"]["recognizerConfig"]["patterns"][0]["regex"] != "an older pattern"
        and "theirs" in now
    )
    assert len(now) == len(patterns) + 1

    diff, _ = push(catalog, tmp_path, findings.crm())  # without them: they stay
    assert diff.empty


def test_recognisers_find_what_the_detectors_find():
    """As the catalog uses them: a pattern, its flags, and the score from which it counts."""
    import regex

    from detectors.registry import value_detectors

    made = {
        p.body["recognizer"]["recognizerConfig"]["patterns"][0]["name"]: p.body["recognizer"]
        for p in om.payloads(findings.crm(), replace(ALL, recognizers=True))
        if p.kind == "recognizer"
    }
    for d in (d for d in value_detectors() if d.name in made):
        config = made[d.name]["recognizerConfig"]
        flags = sum(
            f
            for name, f in (("dotAll", regex.S), ("multiline", regex.M), ("ignoreCase", regex.I))
            if config["regexFlags"][name]
        )
        for example in d.examples:
            assert regex.search(config["patterns"][0]["regex"], example, flags), (d.name, example)
        counts = config["patterns"][0]["score"] >= made[d.name]["confidenceThreshold"]
        assert config["context"] if not counts else d.is_valid is None  # a weak pattern needs a word near it
    assert len(made) > 20 and "person_name" not in made


# ---- the command -------------------------------------------------------------------------------------------


CONFIG = "version: 1\nsources: {crm: {url: 'sqlite:///crm.db'}}\n"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A folder with a small database, scanned once."""
    import sqlite3

    made = tmp_path_factory.mktemp("scanned")
    with sqlite3.connect(made / "crm.db") as db:
        db.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, mobile TEXT, city TEXT)")
        db.executemany(
            "INSERT INTO member (mobile, city) VALUES (?, ?)", [(f"139{n:08}", "杭州") for n in range(40)]
        )
    (made / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(made)
        assert run("scan", "--quiet").exit_code == 0
    return made


@pytest.fixture
def folder(catalog, scanned, tmp_path, monkeypatch):
    """A scanned folder whose catalog is this one."""
    shutil.copytree(scanned, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chujing.yaml").write_text(
        f"{CONFIG}catalogs: {{openmetadata: {{url: '{catalog.url}', entities: "
        "[{source: crm, platform_instance: crm_pg, schema: main}]}}\n",
        encoding="utf-8",
    )
    catalog.table("crm_pg.default.main.member", "id", "mobile", "city")
    return tmp_path


def run(*args):
    return CliRunner().invoke(app, list(args))


def test_from_a_scan_to_the_catalog_to_a_review_and_back(catalog, folder):
    table = "crm_pg.default.main.member"
    assert run("push", "--to", "openmetadata", "--include", "suggested").exit_code == 0
    assert set(catalog.tags(table, "mobile")) == {"chujing_suggested.phone_mobile"}

    confirmed(catalog, "wang.min", table, 1)
    first = run("review", "import", "--from", "openmetadata", "--lang", "en")
    assert first.exit_code == 0 and "1 recorded, 0 known already" in first.stderr
    assert "wang.min" in (folder / "reviews.yaml").read_text(encoding="utf-8")
    assert "0 recorded" in run("review", "import", "--from", "openmetadata", "--lang", "en").stderr

    assert (
        run("push", "--to", "openmetadata", "--include", "suggested").exit_code == 0
    )  # the review counts at once
    assert set(catalog.tags(table, "mobile")) == {"chujing.phone_mobile"}
    sent = len(catalog.writes)
    assert (
        run("push", "--to", "openmetadata", "--include", "suggested").exit_code == 0
        and len(catalog.writes) == sent
    )


def test_a_decision_made_here_since_is_not_overruled(catalog, folder):
    table, catalog.clock = "crm_pg.default.main.member", 1_600_000_000_000
    run("push", "--to", "openmetadata", "--include", "suggested")
    confirmed(catalog, "wang.min", table, 1)
    assert run("review", "reject", "member/mobile", "--by", "li.na", "--why", "hotline").exit_code == 0
    told = run("review", "import", "--from", "openmetadata", "--lang", "en")

    assert told.exit_code == 0 and "0 recorded" in told.stderr
    assert "wang.min" not in (folder / "reviews.yaml").read_text(encoding="utf-8")


def test_a_catalog_that_lets_us_in_no_more_records_nothing(catalog, folder):
    catalog.faults += [("", 401)] * 2
    for args in (("import",), ("owners", "-o", "o.csv")):
        told = run("review", *args, "--from", "openmetadata")
        assert told.exit_code == 3 and "does not know the token" in told.stderr
    assert not (folder / "reviews.yaml").exists() and not (folder / "o.csv").exists()


def test_a_decision_there_that_yields_to_one_here_is_named(catalog, folder):
    table, catalog.clock = "crm_pg.default.main.member", 1_600_000_000_000
    run("push", "--to", "openmetadata", "--include", "suggested")
    confirmed(catalog, "wang.min", table, 1)
    assert run("review", "reject", "member/mobile", "--by", "li.na", "--why", "hotline").exit_code == 0
    told = run("review", "import", "--from", "openmetadata", "--lang", "en").stderr
    line = next(x for x in told.splitlines() if x.startswith("crm/member/mobile"))

    assert "wang.min decided accept in openmetadata on 2020-09-13, left; li.na decided reject here on" in line
    assert "0 recorded" in told and "1 no newer than what was decided here, left" in told


def test_decisions_that_yield_are_named_up_to_some_and_counted_beyond(folder):
    from scanner.records.reviews import Review, Reviews
    from scanner.review import decisions, overruled

    tid = "crm/public/wide"
    report = findings.report(findings.table(tid, *(findings.column(tid, f"c{n:02}") for n in range(30))))
    here = [Review("li.na", findings.DAY, "reject", (c.id,), why="no") for c in report.tables[0].columns]
    at = decisions.Desk(Workspace(folder, reviews=Reviews(here)), report, (), findings.DAY)
    said = [
        CatalogDecision(c.id, "relabel", "wang.min", "2026-11-01T00:00:00Z", to="email")
        for c in report.tables[0].columns
    ]
    unsaid = [UnclearDecision(f"{tid}/c{n:02}", "leaf") for n in range(5)]
    decided = decisions.reviews_from_catalog(at, said, "openmetadata")
    lines = list(overruled.overruled_lines(decided.overruled, unsaid, "openmetadata", "zh"))

    assert len(lines) == overruled.MOST_DECISIONS + 2 and lines[-2] == "另有 6 项"
    assert lines[0] == (
        f"{tid}/c00：wang.min 于 2026-11-01 在 openmetadata 决定「改判 电子邮件地址」，未采用；"
        "此处 li.na 于 2026-11-02 决定「否定」"
    )
    assert lines[-1].startswith("5 个嵌套字段") and f"{tid}/c02 …" in lines[-1]

    later = [replace(s, on="2026-11-05T00:00:00Z") for s in said]
    assert decisions.reviews_from_catalog(at, later, "openmetadata").overruled == ()


@pytest.mark.parametrize(
    ("here", "yields"),
    [
        ({"verdict": "reject", "table": "crm/public/wide", "why": "no"}, True),
        ({"verdict": "reject", "pattern": "crm/*", "why": "no"}, True),
        ({"verdict": "justify", "columns": ("crm/public/wide/c0",), "why": "delivery"}, False),
    ],
    ids=["a table", "a pattern", "a reason alone"],
)
def test_what_was_decided_here_of_a_whole_table_stands_too_and_a_mere_reason_decides_nothing(
    folder, here, yields
):
    from scanner.records.reviews import Review, Reviews
    from scanner.review import decisions

    tid = "crm/public/wide"
    report = findings.report(findings.table(tid, findings.column(tid, "c0")))
    made = with_covered_columns(Review("li.na", findings.DAY, **here), report)
    at = decisions.Desk(Workspace(folder, reviews=Reviews([made])), report, (), findings.DAY)
    heard = decisions.reviews_from_catalog(
        at,
        [CatalogDecision(f"{tid}/c0", "relabel", "wang.min", "2026-11-01T00:00:00Z", to="email")],
        "openmetadata",
    )

    assert (len(heard.overruled), len(heard.new)) == (int(yields), int(not yields))


def test_what_nobody_signed_is_counted_by_the_command(catalog, folder):
    table = "crm_pg.default.main.member"
    run("push", "--to", "openmetadata", "--include", "suggested")
    confirmed(catalog, "", table, 1)
    told = run("review", "import", "--from", "openmetadata", "--lang", "en").stderr

    assert (
        "1 column has marks there that nobody signed: not taken for decisions (crm/member/mobile)" in told
        and "0 recorded" in told
    )


def test_a_pattern_we_no_longer_make_goes_with_a_push_of_patterns_and_stays_without(
    catalog, folder, monkeypatch
):
    args = ("push", "--to", "openmetadata", "--include", "suggested")

    def patterns():
        return {r["name"] for t in catalog.held["tags"].values() for r in t.get("recognizers", [])}

    run(*args, "--recognizers")
    catalog.held["tags"]["chujing_suggested.phone_mobile"]["recognizers"].append(
        {"name": "theirs", "recognizerConfig": {}}
    )
    before, fewer = patterns(), [d for d in recognizers.usable_detectors() if d.name != "mobile"]
    monkeypatch.setattr(recognizers, "usable_detectors", lambda: fewer)
    assert run(*args).exit_code == 0 and patterns() == before
    assert run(*args, "--recognizers").exit_code == 0 and patterns() == before - {"chujing_mobile"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("review", "import"), "name a file or a catalog"),
        (("review", "import", "--from", "odcs"), "known: openmetadata"),
        (("push", "--to", "odcs", "--recognizers"), "--recognizers is for openmetadata"),
        (("push", "--to", "openmetadata", "-o", "x.json"), "writes no files"),
    ],
    ids=["neither", "no decisions", "no recognisers", "no files"],
)
def test_wrong_usage_is_told(folder, args, told):
    result = run(*args)

    assert isinstance(result.exception, ConfigError) and told in result.exception.line()


def test_names_are_quoted_and_spelled_out_as_the_catalog_does():
    assert names.table(RULE, "public", "2026.orders") == 'crm_pg.crm.public."2026.orders"'
    assert (
        names.table(NamingRule("crm", name="svc.{database}.{table}", database="a.b"), "", "t")
        == 'svc."a.b".t'
    )
    assert names.table(RULE, "public", 'a::b>"c"\t') == (
        "crm_pg.crm.public.a__reserved__colon__b__reserved__arrow____reserved__quote__c__reserved__quote____reserved__tab__"
    )
    assert json.dumps(names.split('a."b.c".d')) == '["a", "b.c", "d"]'


def test_the_service_keeps_its_case():
    assert names.table(NamingRule("crm", casing="upper"), "", "member") == "crm.default.default.MEMBER"
    assert (
        names.table(
            NamingRule("crm", platform_instance="Crm_PG", database="crm", casing="upper"), "public", "m"
        )
        == "Crm_PG.CRM.PUBLIC.M"
    )
    assert (
        names.table(NamingRule("crm", name="Svc.{database}.{table}", database="Db", casing="lower"), "", "T")
        == "Svc.db.t"
    )


def test_tables_and_columns_with_any_names_are_found_and_decided(catalog, tmp_path):
    name = 'a::b>"c"'
    tid = TableRef(name, "public").id("crm")
    column = replace(findings.column(tid, "x"), id=f"{tid}/{quote(name)}")
    report, kept = findings.report(findings.table(tid, column)), names.stored_name(name)
    fqn = f"crm_pg.crm.public.{kept}"
    catalog.table(fqn, kept)
    _, went = push(catalog, tmp_path, report, replace(ALL, recognizers=True))
    assert went.queued == 0 and set(catalog.tags(fqn, kept)) == {"chujing_suggested.phone_mobile"}

    catalog.tasks = [task(feedback(fqn, kept))]
    assert back(catalog, tmp_path, report) == [(column.id, "reject", "li.na", "")]


def test_the_report_can_be_named(catalog, folder):
    with (folder / "other.json").open("w", encoding="utf-8") as file:
        write(findings.crm(), file)
    told = run("push", "--to", "openmetadata", "--report", "other.json", "--dry-run")

    assert "column_tag   crm/public/member/mobile" in told.stdout and not catalog.requests


# ---- owners ------------------------------------------------------------------------------------------------


def _owned_openmetadata():
    made = openmetadata_server.OpenMetadata()
    made.table("crm_pg.crm.public.member", "mobile")
    made.held["tables"]["crm_pg.crm.public.member"]["owners"] = [
        {"name": "crm-team", "type": "team"},
        {"name": "lin", "type": "user"},
    ]
    return made


def _owned_datahub():
    made = catalog_server.Catalog()
    made.dataset("urn:li:dataset:(urn:li:dataPlatform:postgres,crm_pg.crm.public.member,PROD)", "mobile")
    (has,) = made.aspects.values()
    has["ownership"] = {"owners": [{"owner": "urn:li:corpGroup:crm-team"}, {"owner": "urn:li:corpuser:lin"}]}
    return made


def _owned_atlas():
    made = atlas_server.AtlasServer()
    made.table("rdbms_table", "crm.public.member@crm_pg", "mobile")["attributes"]["owner"] = "lin"
    return made


@pytest.mark.parametrize(
    ("to", "made"),
    [("openmetadata", _owned_openmetadata), ("datahub", _owned_datahub), ("atlas", _owned_atlas)],
    ids=["openmetadata", "datahub", "atlas"],
)
def test_owners_come_from_the_catalog_into_a_file_and_count(folder, to, made):
    with catalog_server.serving(made()) as url:
        found = dict(
            find(to).owners(findings.crm(), Selection((replace(RULE, platform="postgres"),)), Http(url))
        )
    assert found == {"crm/public/member": "lin"}


@pytest.mark.parametrize("owners", [[], [{"name": "", "type": "user"}], [{"name": "  ", "type": "team"}]])
def test_where_the_catalog_names_no_owner_no_file_is_written_and_that_is_said(catalog, folder, owners):
    catalog.held["tables"]["crm_pg.default.main.member"]["owners"] = owners
    done = run("review", "owners", "--from", "openmetadata")

    assert done.exit_code == 3 and not (folder / "owners.csv").exists()
    assert "names an owner of none" in done.stderr and "push --to openmetadata --check" in done.stderr


def test_a_file_of_owners_is_written_once_and_read_by_the_queue(catalog, folder):
    catalog.held["tables"]["crm_pg.default.main.member"]["owners"] = [{"name": "lin", "type": "user"}]
    assert run("review", "owners", "--from", "openmetadata").exit_code == 0
    assert (folder / "owners.csv").read_text(encoding="utf-8") == "pattern,owner\ncrm/member,lin\n"

    text = (folder / "chujing.yaml").read_text(encoding="utf-8")
    (folder / "chujing.yaml").write_text(text + "owners: owners.csv\n", encoding="utf-8")
    assert "crm/member/mobile  lin" in run("review", "todo", "--owner", "lin").stdout
    assert "already there" in run("review", "owners", "--from", "openmetadata").exception.line()


def test_the_first_pattern_that_fits_names_the_owner_exact_or_not():
    from reports.reviews.owners import with_owners

    report = findings.crm()
    for rows, told in (
        ([("crm/*", "li.na"), ("crm/public/member", "lin")], "li.na"),
        ([("crm/public/member", "lin"), ("crm/*", "li.na")], "lin"),
        ([("*/staff", "x"), ("crm/public/member", "lin"), ("crm/public/member", "late")], "lin"),
        ([("hr/*", "x")], ""),
    ):
        assert with_owners(report, rows).tables[0].owner == told
