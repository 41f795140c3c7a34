"""What a push leaves as people have it: numbers they changed, suggestions nobody has decided about,
what an earlier push queued.
"""

import os
from contextlib import suppress
from dataclasses import replace

import atlas_server
import catalog_server
import findings
import pytest
import sqlalchemy as sa
from pushing import ATLAS_MEMBER, CRM, KINDS, MEMBER, Kind, client, every_catalog, push

from detectors.errors import ConfigError, StateError
from mappings.model import Estimate
from reports.catalogs import Payload, find, verdict
from reports.catalogs.conditions import check_conditions, parse_conditions
from reports.catalogs.naming import NamingRule
from reports.catalogs.picking import Selection
from scanner.deliver.outbox import outbox
from scanner.deliver.push_scope import PushScope

COLUMNS = ("crm/public/member/mobile", "crm/public/member/id_no")


@pytest.fixture
def catalog(request):
    kind: Kind = KINDS[getattr(request, "param", "datahub")]
    made = kind.made()
    with catalog_server.serving(made) as url:
        made.url, made.kind = url, kind
        yield made


def counting(n, path="standard_contract_or_certification"):
    """The report with another number of persons; none: nothing flows."""
    flows = (
        ()
        if n is None
        else (findings.flow("crm-hq", *COLUMNS, individuals=Estimate(n - 1, n, n + 1, "sketch"), path=path),)
    )
    return replace(findings.crm(), flows=flows)


def best(catalog):
    return catalog.kind.figures(catalog).get("persons_best")


# ---- numbers -----------------------------------------------------------------------------------------------


@every_catalog
def test_a_number_that_changes_is_changed(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    _, went = push(catalog, tmp_path, counting(20))

    assert best(catalog) == 20 and went.yielded == 0 and went.done == 3


@every_catalog
def test_a_number_a_person_changed_is_left_now_and_later(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    catalog.kind.figures(catalog)["persons_best"] = 7
    _, changed = push(catalog, tmp_path, counting(20))
    _, again = push(catalog, tmp_path, counting(30))

    assert (changed.yielded, again.yielded) == (1, 1) and best(catalog) == 7
    assert catalog.kind.figures(catalog)["persons_low"] == 29  # the others are ours still


@every_catalog
def test_a_number_a_person_took_away_stays_away(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    catalog.kind.figures(catalog).pop("persons_best")
    _, went = push(catalog, tmp_path, counting(20))

    assert best(catalog) is None and went.yielded == 1


@every_catalog
def test_a_number_that_says_what_we_would_write_is_ours_again(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    catalog.kind.figures(catalog)["persons_best"] = 20
    _, same = push(catalog, tmp_path, counting(20))
    _, went = push(catalog, tmp_path, counting(30))

    assert same.yielded == went.yielded == 0 and best(catalog) == 30


@every_catalog
def test_a_number_a_person_changed_is_not_removed_and_others_are(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    catalog.kind.figures(catalog)["persons_best"] = 7
    _, went = push(catalog, tmp_path, counting(None))

    assert dict(catalog.kind.figures(catalog)) == {"persons_best": 7} and (went.yielded, went.removed) == (
        1,
        3,
    )


@every_catalog
@pytest.mark.parametrize("answered", [False, True], ids=["never came", "came, its answer lost"])
def test_a_number_changed_while_the_catalog_was_down_and_then_withdrawn_is_removed(
    catalog, tmp_path, answered
):
    push(catalog, tmp_path, counting(10))
    catalog.faults += [("PATCH" if catalog.kind.name == "datahub" else "POST", 500)] * (0 if answered else 5)
    if answered:
        with pytest.raises(catalog_server.Killed):
            push(
                catalog,
                tmp_path,
                counting(20),
                http=catalog_server.Dying(catalog.url, 2 if catalog.kind.name == "datahub" else 1),
            )
    else:
        assert push(catalog, tmp_path, counting(20))[1].stopped
    assert best(catalog) == (20 if answered else 10)
    _, went = push(catalog, tmp_path, counting(None))

    assert not catalog.kind.figures(catalog) and went.yielded == went.queued == 0


@every_catalog
def test_a_number_changed_twice_before_it_is_heard_of_is_ours(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    for n in (20, 30):
        catalog.faults += [("PATCH" if catalog.kind.name == "datahub" else "POST", 500)] * 5
        assert push(catalog, tmp_path, counting(n))[1].stopped
    catalog.kind.figures(catalog)["persons_best"] = 20  # as if the first had come through
    _, went = push(catalog, tmp_path, counting(40))

    assert best(catalog) == 40 and went.yielded == went.queued == 0


@every_catalog
def test_a_number_a_person_set_back_to_an_older_one_of_ours_is_a_person_s(catalog, tmp_path):
    for n in (10, 20):
        push(catalog, tmp_path, counting(n))
    catalog.kind.figures(catalog)["persons_best"] = 10
    _, went = push(catalog, tmp_path, counting(None))

    assert dict(catalog.kind.figures(catalog)) == {"persons_best": 10} and (went.yielded, went.removed) == (
        1,
        3,
    )


@every_catalog
@pytest.mark.parametrize("after", range(1, 6))
def test_a_withdrawal_killed_anywhere_and_taken_back_leaves_nothing_missing(catalog, tmp_path, after):
    push(catalog, tmp_path, counting(10))
    whole = contents(catalog)
    with suppress(catalog_server.Killed):
        push(
            catalog,
            tmp_path,
            counting(None),
            Selection(),
            leave=False,
            http=catalog_server.Dying(catalog.url, after),
        )
    _, went = push(catalog, tmp_path, counting(10))

    assert contents(catalog) == whole and went.yielded == went.queued == 0


@every_catalog
@pytest.mark.parametrize("n", [10, 30], ids=["as it stood before", "changed once more"])
def test_a_number_queued_and_taken_back_is_looked_at_again(catalog, tmp_path, n):
    push(catalog, tmp_path, counting(10))
    with pytest.raises(catalog_server.Killed):
        push(
            catalog,
            tmp_path,
            counting(20),
            http=catalog_server.Dying(catalog.url, 2 if catalog.kind.name == "datahub" else 1),
        )
    assert best(catalog) == 20
    _, went = push(catalog, tmp_path, counting(n))

    assert best(catalog) == n and went.yielded == went.queued == 0


@every_catalog
def test_what_a_person_changed_is_left_though_its_withdrawal_was_queued(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    catalog.faults += [("PATCH" if catalog.kind.name == "datahub" else "DELETE", 500)] * 5
    assert push(catalog, tmp_path, counting(None))[1].stopped
    catalog.kind.figures(catalog)["persons_best"] = 7
    _, went = push(catalog, tmp_path, counting(10))

    assert best(catalog) == 7 and went.yielded == 1


def contents(catalog):
    """Marks and numbers of ours about members."""
    return sorted(catalog.terms(catalog.kind.member)), dict(catalog.kind.figures(catalog))


@every_catalog
def test_all_over_again_writes_over_what_people_did(catalog, tmp_path):
    push(catalog, tmp_path, counting(10))
    catalog.kind.figures(catalog)["persons_best"] = 7
    with outbox(tmp_path, "datahub", "here") as box:
        box.forget()
    push(catalog, tmp_path, counting(10))

    assert best(catalog) == 10


def test_a_grade_that_somebody_set_on_a_field_before_us_is_left(catalog, tmp_path):
    field = f"urn:li:schemaField:({MEMBER},mobile)"
    theirs = {"propertyUrn": "urn:li:structuredProperty:chujing.grade", "values": [{"string": "core"}]}
    catalog.aspects[field] = {"structuredProperties": {"properties": [theirs]}}
    _, went = push(catalog, tmp_path, findings.crm())

    assert went.yielded == 1 and catalog.properties(field) == {"chujing.grade": ["core"]}


@pytest.mark.parametrize(
    ("given", "stands", "said"),
    [
        ({}, None, "write"),
        ({}, 1, "done"),
        ({}, 7, "write"),
        ({"stood": True}, None, "yield"),
        ({"stood": True}, 7, "yield"),
        ({"stood": True}, 1, "done"),
        ({"stood": True, "before": ({"n": 7},)}, 7, "write"),
        ({"stood": True, "before": ({"n": 7},)}, 8, "yield"),
        ({"remove": True}, None, "done"),
        ({"remove": True}, 1, "write"),
        ({"remove": True}, 7, "yield"),
        ({"stood": True, "before": (None,)}, None, "write"),
        ({"stood": True, "before": (None,)}, 7, "yield"),
        ({"remove": True, "before": ({"n": 7},)}, 7, "write"),
    ],
    ids=str,
)
def test_one_rule_says_what_becomes_of_a_value(given, stands, said):
    assert verdict(Payload("k", "number", "t", {"n": 1}, **given), stands, lambda body: body["n"]) == said


# ---- suggestions -------------------------------------------------------------------------------------------


@every_catalog
def test_suggestions_that_stand_stay_when_a_push_does_not_ask_for_them(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    sent = len(catalog.requests)
    diff, went = push(catalog, tmp_path, findings.crm(), Selection())

    assert diff.empty and diff.awaiting and not went.removed and len(catalog.requests) == sent
    assert catalog.terms(catalog.kind.member) == [catalog.kind.suggested, catalog.kind.accepted]


@every_catalog
@pytest.mark.parametrize("verdict", ["accept", "reject", ""], ids=["accepted", "rejected", "no longer found"])
def test_a_suggestion_that_is_decided_or_gone_goes_without_being_asked_for(catalog, tmp_path, verdict):
    push(catalog, tmp_path, findings.crm())
    said = findings.column("crm/public/member", "id_no", "resident_id", 0.9, "accept").reviewed
    changes = {"reviewed": replace(said, verdict=verdict)} if verdict else {"findings": ()}
    report = findings.with_column(findings.crm(), COLUMNS[1], **changes)
    _, went = push(catalog, tmp_path, report, Selection())
    after, _ = push(catalog, tmp_path, report, Selection())

    marks = [(f, t) for f, t in catalog.terms(catalog.kind.member) if f == "id_no"]
    assert went.removed and after.empty and not after.awaiting
    assert [t.rsplit(":", 1)[-1] for _, t in marks] == (
        ["chujing.accepted.resident_id"] if verdict == "accept" else []
    )


@every_catalog
def test_suggestions_are_taken_away_where_that_is_asked(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    _, went = push(catalog, tmp_path, findings.crm(), Selection(), leave=False)

    assert catalog.terms(catalog.kind.member) == [catalog.kind.accepted] and went.removed


@every_catalog
@pytest.mark.parametrize("after", range(1, 12))
def test_a_push_of_suggestions_killed_anywhere_leaves_the_rest_to_one_that_asks_for_them(
    catalog, tmp_path, after
):
    with pytest.raises(catalog_server.Killed):
        push(catalog, tmp_path, findings.crm(), size=2, http=catalog_server.Dying(catalog.url, after))
    stood = [m for m in catalog.terms(catalog.kind.member) if m == catalog.kind.suggested]
    diff, plain = push(catalog, tmp_path, findings.crm(), Selection())

    assert plain.queued == plain.removed == 0
    assert catalog.terms(catalog.kind.member) == [*stood, catalog.kind.accepted]
    _, went = push(catalog, tmp_path, findings.crm())
    assert went.queued == 0 and catalog.terms(catalog.kind.member) == [
        catalog.kind.suggested,
        catalog.kind.accepted,
    ]


# ---- the queue ---------------------------------------------------------------------------------------------


@every_catalog
@pytest.mark.parametrize(
    "narrow",
    [
        Selection(suggested=True, where=parse_conditions(["sensitive=no"])),
        Selection(suggested=True, min_confidence=0.95),
        Selection(),
    ],
    ids=["by a test", "by confidence", "accepted only"],
)
def test_what_an_earlier_push_queued_waits_where_a_later_one_does_not_name_it(catalog, tmp_path, narrow):
    catalog.faults += [("POST", 500)] * 5
    assert push(catalog, tmp_path, findings.crm())[1].stopped
    diff, went = push(catalog, tmp_path, findings.crm(), narrow)

    assert diff.withheld and went.queued == 0 and not went.refused
    assert catalog.terms(catalog.kind.member) == [catalog.kind.accepted]
    _, rest = push(catalog, tmp_path, findings.crm())
    assert rest.done == len(diff.withheld) and catalog.terms(catalog.kind.member) == [
        catalog.kind.suggested,
        catalog.kind.accepted,
    ]


@every_catalog
def test_one_push_at_a_time(catalog, tmp_path):
    push(catalog, tmp_path, findings.crm())
    with outbox(tmp_path, "datahub", "here") as box, box.alone():
        with box._engine.begin() as c:
            c.execute(sa.text("UPDATE lease SET pid = :other"), {"other": os.getppid()})
        with pytest.raises(StateError, match="another push to this catalog is under way: process"):
            push(catalog, tmp_path, findings.crm())
        with outbox(tmp_path, "datahub", "elsewhere") as other, other.alone():
            assert other.queued() == 0
        assert box.diff([], PushScope(frozenset())).empty  # looking is free
    push(catalog, tmp_path, findings.crm())


# ---- names -------------------------------------------------------------------------------------------------


@every_catalog
def test_tables_that_share_a_name_are_told_once_and_what_stands_there_stays(catalog, tmp_path):
    kind = catalog.kind
    push(catalog, tmp_path, findings.crm())
    other = findings.table("crm/public/MEMBER", findings.column("crm/public/MEMBER", "tel", verdict="accept"))
    both = replace(findings.crm(), tables=(*findings.crm().tables, other))
    state = repr(kind.state(catalog))
    diff, went = push(
        catalog, tmp_path, both, Selection((replace(kind.rule, casing="lower"),), suggested=True)
    )

    (line,) = went.refused
    assert "crm/public/member and crm/public/MEMBER" in line.why
    assert not diff.remove and repr(kind.state(catalog)) == state


@every_catalog
def test_columns_that_share_a_name_are_told_too(catalog, tmp_path):
    two = (findings.column("crm/public/staff", n, verdict="accept") for n in ("Phone", "phone"))
    _, went = push(
        catalog,
        tmp_path,
        findings.report(findings.table("crm/public/staff", *two)),
        Selection((replace(catalog.kind.rule, casing="lower"),)),
    )

    (line,) = went.refused
    assert "crm/public/staff/Phone and crm/public/staff/phone" in line.why and not catalog.terms(
        catalog.kind.staff
    )


@every_catalog
def test_many_changes_at_once_know_what_stood(catalog, tmp_path):
    rule = replace(
        catalog.kind.rule,
        name="crm.{schema}.{table}@main" if catalog.kind.name == "atlas" else "crm.{schema}.{table}",
    )
    for n in range(6):
        catalog.kind.put(
            catalog, catalog.kind.member.replace("member", f"t{n:05}"), *(f"c{i:03}" for i in range(60))
        )
    first = findings.wide(6, 60)
    push(catalog, tmp_path, first, Selection((rule,), suggested=True))
    more = replace(
        findings.wide(7, 60),
        tables=tuple(
            replace(
                t,
                columns=tuple(
                    replace(c, findings=(replace(c.findings[0], grade="important"),)) for c in t.columns
                ),
            )
            for t in findings.wide(7, 60).tables
        ),
    )
    catalog.kind.put(
        catalog, catalog.kind.member.replace("member", "t00006"), *(f"c{i:03}" for i in range(60))
    )
    diff, went = push(catalog, tmp_path, more, Selection((rule,), suggested=True))

    assert len(diff.change) >= 360 and went.yielded == went.queued == 0


# ---- tests -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("sensitive=maybe", '"maybe" is no value of sensitive. known: yes, no, depends'),
        ("tier=cor", 'Did you mean "core"?'),
        ("kind=personal", "personal_information"),
        ("label=resident_if", 'Did you mean "resident_id"?'),
        ("category=personal.basics", 'Did you mean "personal.basic"?'),
        ("grade=hoch", "general"),
        ("source=cmr", 'Did you mean "crm"?'),
        ("sensitiv=yes", 'Did you mean "sensitive"? known: source, table'),
        ("sensitive=yes,grade=impotant", 'Did you mean "important"?'),
    ],
    ids=lambda x: x if "=" in x else "",
)
def test_a_test_nothing_can_pass_is_wrong_usage(test, told):
    with pytest.raises(ConfigError) as e:
        check_conditions(parse_conditions([test]), findings.crm())
    assert told in e.value.line()


@pytest.mark.parametrize(
    "test",
    [
        "sensitive=y*",
        "sensitive=depends",
        "label=bank_*",
        "category=personal.*",
        "grade=core",
        "table=*/nobody",
        "column=x",
        "tier=audit",
    ],
)
def test_a_test_that_something_could_pass_is_taken_though_nothing_does(test):
    check_conditions(parse_conditions([test]), findings.crm())


@pytest.mark.system
def test_grades_of_a_company_s_own_taxonomy_are_not_judged_without_it():
    found = findings.crm()
    check_conditions(
        parse_conditions(["grade=L4"]),
        replace(found, run=replace(found.run, taxonomies=("taxonomies/acme.yaml",))),
    )


# ---- words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lang", "words"),
    [
        ("datahub", "zh", "crm-hq: 申报数据出境安全评估"),
        ("datahub", "en", "crm-hq: security assessment"),
        ("atlas", "zh", "crm-hq: 申报数据出境安全评估"),
        ("atlas", "en", "crm-hq: security assessment"),
    ],
)
def test_paths_are_words_for_people(name, lang, words):
    every = find(name).payloads(counting(10, "security_assessment"), Selection((CRM,), lang=lang))

    assert [words] in [p.body.get("value") or p.body.get("values", {}).get("chujing.path") for p in every]


@pytest.mark.system
@pytest.mark.parametrize("owner", ["urn:li:corpuser:", "urn:li:corpuser: ", ""])
def test_an_owner_without_a_name_is_none(catalog, owner):
    catalog.aspects[MEMBER]["ownership"] = {"owners": [{"owner": owner}] if owner else []}
    assert not list(find("datahub").owners(findings.crm(), Selection((CRM,)), client(catalog)))


@pytest.mark.parametrize("owner", ["", " ", None, 7, ["lin"]], ids=repr)
def test_an_owner_without_a_name_is_none_in_atlas(owner):
    made = KINDS["atlas"].made()
    made.found(ATLAS_MEMBER)["attributes"]["owner"] = owner
    assert not list(
        find("atlas").owners(findings.crm(), Selection((KINDS["atlas"].rule,)), atlas_server.Direct(made))
    )


def test_tables_that_share_a_name_have_its_owner_both():
    made = KINDS["atlas"].made()
    made.found(ATLAS_MEMBER)["attributes"]["owner"] = "lin"
    rule = NamingRule("crm", tables="*", platform="postgres", name="crm.public.member@main")
    assert dict(find("atlas").owners(findings.crm(), Selection((rule,)), atlas_server.Direct(made))) == {
        "crm/public/member": "lin",
        "crm/public/staff": "lin",
    }
