"""What a push leaves as people have it: numbers they changed, suggestions nobody has decided about,
what an earlier push queued.
"""

from dataclasses import replace

import atlas_server
import findings
import pytest
from pushing import ATLAS, ATLAS_MEMBER, CRM, DATAHUB, MEMBER, client, push

from detectors.errors import ConfigError
from mappings.model import Estimate
from reports.catalogs import Payload, find, verdict
from reports.catalogs.naming import NamingRule
from reports.catalogs.picking import Selection
from reports.query import check_conditions, parse_conditions

COLUMNS = ("crm/public/member/mobile", "crm/public/member/id_no")


@pytest.fixture
def catalog():
    with DATAHUB.serving() as server:
        yield server


def counting(n, path="standard_contract_or_certification"):
    """The report with another number of persons; none: nothing flows."""
    flows = (
        ()
        if n is None
        else (findings.flow("crm-hq", *COLUMNS, individuals=Estimate(n - 1, n, n + 1, "sketch"), path=path),)
    )
    return replace(findings.crm(), flows=flows)


# ---- numbers -----------------------------------------------------------------------------------------------


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


# ---- the queue ---------------------------------------------------------------------------------------------


# ---- names -------------------------------------------------------------------------------------------------


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
    ("lang", "words"), [("zh", "crm-hq: 申报数据出境安全评估"), ("en", "crm-hq: security assessment")]
)
@pytest.mark.parametrize("name", ["datahub", "atlas"])
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
    made = ATLAS.build()
    made.found(ATLAS_MEMBER)["attributes"]["owner"] = owner
    assert not list(find("atlas").owners(findings.crm(), Selection((ATLAS.rule,)), atlas_server.Direct(made)))


def test_tables_that_share_a_name_have_its_owner_both():
    made = ATLAS.build()
    made.found(ATLAS_MEMBER)["attributes"]["owner"] = "lin"
    rule = NamingRule("crm", tables="*", platform="postgres", name="crm.public.member@main")
    assert dict(find("atlas").owners(findings.crm(), Selection((rule,)), atlas_server.Direct(made))) == {
        "crm/public/member": "lin",
        "crm/public/staff": "lin",
    }
