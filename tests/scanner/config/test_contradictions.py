"""Facts and dates that cannot hold together: one clear line each, in whatever file they stand."""

from datetime import date

import pytest

from detectors.errors import ConfigError
from mappings.names import bare_name
from mappings.rules import in_force
from scanner.config import model
from scanner.config.answer_words import group_words, shown_value, value_of
from scanner.config.contradictions import HAPPENED, flow_contradictions
from scanner.config.stated_flow import StatedFlow
from scanner.records.stated_facts import parse_stated_facts
from scanner.review.redecide import WhatIf, decide_stated

DAY = date(2026, 11, 2)
COMPANY = {"ciio": "no", "important_data": "none"}
# what is stated of the company, of the flow's facts, of the flow itself; the key at fault, what is said of it
CONTRADICTIONS = {
    "two zones in one": ({"zone": "上海、北京"}, {}, {}, "zone", "cannot be"),
    "two zones in one word": ({"zone": "上海和天津自贸区"}, {}, {}, "zone", "cannot be"),
    "a zone on Mars": ({"zone": "火星自贸区"}, {}, {}, "zone", "cannot be"),
    "a zone on Mars, of one flow": ({}, {"zone": "Mars FTZ"}, {}, "zone", "cannot be"),
    "more domestic persons than persons": (
        {}, {"domestic_data_introduced": "yes", "domestic_persons": "40"}, {}, "domestic_persons", "10",
    ),
    "two zones in two places": ({"zone": "上海"}, {"zone": "北京"}, {}, "zone", "two zones"),
    "a zone is claimed and none is there": (
        {"zone": "none"}, {}, {"claim": "ftz"}, "zone", "in no zone",
    ),
    "a day of a notice that never came": (
        {}, {"important_data": "candidate", "notified_on": "2026-03-02"}, {}, "notified_on", "candidate",
    ),
    "approved and never asked for": (
        {}, {"foreign_authority_request": "no", "approval": "yes"}, {}, "approval", "authority",
    ),
    "the bay area in Germany": ({}, {"route": "gba"}, {"country": "DE"}, "route", "gba"),
    "the bay area of a company in Taiwan": ({"route": "大湾区"}, {}, {"country": "TW"}, "route", "gba"),
    "out of the bay area and not": (
        {}, {"route": "gba", "recipient_outside_gba": "否"}, {"country": "HK", "onward": ["Acme (US)"]},
        "recipient_outside_gba", "onward",
    ),
    "a route that is none": ({}, {"route": "foo"}, {}, "route", "route"),
    "a zone is claimed and answered with nothing": (
        {"zone": "否"}, {}, {"claim": "ftz"}, "zone", "in no zone",
    ),
    "applicants are all employees": (
        {}, {"employees_only": "yes"}, {"subject_group": "applicant"}, "employees_only", "applicant",
    ),
    "domestic persons among nothing domestic": (
        {}, {"domestic_data_introduced": "no", "domestic_persons": "4"}, {}, "domestic_persons", "domestic",
    ),
    "ended before it began": (
        {}, {}, {"status": "stopped", "since": "2026-05-01", "until": "2026-02-01"}, "until", "before",
    ),
    "ended and not begun": ({}, {}, {"status": "planned", "until": "2026-02-01"}, "until", "planned"),
    "no entry matched and one asks for something": (
        {}, {"entry_matched": "no", "entry_requires": "security_assessment"}, {}, "entry_requires",
        "no entry",
    ),
    "the list of another zone": (
        {"zone": "上海", "zone_in_scope": "yes"}, {"ftz_list": "tianjin_2024"}, {"claim": "ftz"},
        "zone_in_scope", "天津",
    ),
    "reached from abroad and does not leave": (
        {}, {"leaves_mainland": "no"}, {"country": "CN", "mode": "access_from_abroad"}, "leaves_mainland",
        "mode",
    ),
    "queried inside and leaves": (
        {}, {"leaves_mainland": "yes"}, {"country": "CN", "mode": "access_inside_china"}, "leaves_mainland",
        "mode",
    ),
    "Hong Kong and not in the area": (
        {}, {"recipient_in_gba": "no"}, {"country": "HK"}, "recipient_in_gba", "HK",
    ),
    "out of the bay area by the last word": (
        {}, {"route": "gba", "recipient_outside_gba": "no"}, {"country": "HK", "onward": ["Acme Inc US"]},
        "recipient_outside_gba", "onward",
    ),
    "collected abroad and not": (
        {}, {"collected_abroad": "no"}, {"mode": "collected_abroad"}, "collected_abroad", "mode",
    ),
    "ten million before one": (
        {"million_reached_on": "2026-05-01", "ten_million_reached_on": "2026-02-01"}, {}, {},
        "ten_million_reached_on", "comes before",
    ),
    "no million on a day": (
        {"million_reached_on": "2026-05-01", "holds_one_million": "no"}, {}, {}, "holds_one_million", "day",
    ),
    "small and a million": (
        {"small_processor": "yes", "holds_one_million": "yes"}, {}, {}, "small_processor", "million",
    ),
    "a recipient that is the exporter": (
        {}, {}, {"recipient": "Ａ", "entity": "a"}, "recipient", "exporter itself",
    ),
    "on Mars": ({}, {}, {"country": "火星"}, "country", "country or region"),
}


def mapping(values):
    texts = {k: value if isinstance(value, list) else f"'{value}'" for k, value in values.items()}
    return "{" + ", ".join(f"{key}: {text}" for key, text in texts.items()) + "}"


def as_facts_file(company, facts, flow):
    flow = {"id": "f", "recipient": "HQ", "ordinary": "10", "sensitive": "0"} | flow
    text = mapping(flow)[:-1] + f", facts: {mapping(facts)}}}"
    text = text.replace("'10'", "10").replace("'0'", "0")
    return f"facts: {mapping(COMPANY | company)}\nflows:\n- {text}\n"


def as_configuration(company, facts, flow):
    flow = dict(flow)
    country, name = flow.pop("country", "DE"), flow.pop("recipient", "HQ")
    text = mapping({"id": "f", "entity": "a", "purpose": "crm"} | flow)[:-1]
    stated = "declared: {individuals: 10, by: lin, on: 2026-11-02, evidence: list}"
    return (
        f"version: 1\nexporter: {{id: g, entities: [a], facts: {mapping(COMPANY | company)}}}\n"
        f"flows:\n- {text}, recipient: {{name: {name}, country: {country}}}, {stated},"
        f" facts: {mapping(facts)}}}\n"
    )


def read_facts_file(text, folder=None):
    return parse_stated_facts(text, "facts.yaml", in_force(DAY), {}, DAY)


def read_configuration(text, folder):
    file = folder / "chujing.yaml"
    file.write_text(text, encoding="utf-8")
    return model.read(file)


READERS = {
    "facts file": (as_facts_file, read_facts_file), "chujing.yaml": (as_configuration, read_configuration),
}


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_one_line_that_names_its_place(name, file, tmp_path):
    company, facts, flow, _, said = CONTRADICTIONS[name]
    write, read = READERS[file]

    with pytest.raises(ConfigError) as caught:
        read(write(company, facts, flow), tmp_path)

    [fault] = caught.value.faults
    assert said in str(fault.what) and fault.hint and ":" in str(fault.where)


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_without_the_key_at_fault_it_is_read(name, file, tmp_path):
    company, facts, flow, key, _ = CONTRADICTIONS[name]
    write, read = READERS[file]
    rest = [{k: v for k, v in part.items() if k != key} for part in (company, facts, flow)]

    assert read(write(*rest), tmp_path)


def answers():
    """Every value of every fact, in every way in which it is shown or written."""
    for fact, about in in_force(DAY).raw["facts"].items():
        for value in ({*about["values"]} - {"text", "act", "number", "date", "zone"}) | {"unknown"}:
            shown = {shown_value(value, lang) for lang in ("zh", "en")}
            for text in shown | {value, value.upper(), f" {value} "}:
                yield fact, value, text
        if {"text", "act", "zone"} & set(about["values"]):
            yield from ((fact, "none", text) for text in ("无", "否", "不适用", "N/A"))


@pytest.mark.parametrize("scope", ["entity", "flow"])
def test_what_is_shown_may_be_answered(scope, tmp_path):
    flows = {name for name, about in in_force(DAY).raw["facts"].items() if about["scope"] == "flow"}
    for fact, value, text in answers():
        assert value_of(fact, text) == value, (fact, text)
        if (fact in flows) != (scope == "flow"):
            continue
        one = {fact: text}
        company = {"important_data": "notified"} if fact == "notified_form" else {}
        persons = {"ordinary": "0"} if fact == "nobody_leaves" else {}
        file = as_facts_file(*((company, one) if scope == "flow" else (company | one, {})), persons)
        [facts] = read_facts_file(file).facts
        assert (facts.flows[0].facts if scope == "flow" else facts.values)[fact] == value, (fact, text)


DAYS = ("2026-11-01", "2026-11-02", "2026-11-03")        # before, on and after the day of the decision
# which of them each date may not be
UNFIT = {
    ("planned", "since"): DAYS[:1], ("active", "since"): DAYS[2:], ("stopped", "since"): DAYS[2:],
    ("planned", "until"): DAYS, ("active", "until"): DAYS[:1], ("stopped", "until"): DAYS[2:],
}


@pytest.mark.parametrize(("status", "key"), UNFIT)
def test_a_date_goes_with_the_status_of_its_flow(status, key):
    for day in DAYS:
        flow = {"status": status, "left": "{ordinary: 9, sensitive: 0}", key: day}
        text = as_facts_file({}, {}, flow).replace("'{", "{").replace("}'", "}")
        if status == "planned":
            text = text.replace("left: {ordinary: 9, sensitive: 0}, ", "")
        assert refuses(text) == (day in UNFIT[status, key]), (day, text)


@pytest.mark.parametrize("fact", HAPPENED)
def test_what_happened_did_so_before_the_decision(fact):
    known = {"important_data": "notified"}
    for day in DAYS:
        assert refuses(as_facts_file(known | {fact: day}, {}, {})) == (day > DAYS[1]), day


def refuses(text):
    try:
        read_facts_file(text)
    except ConfigError as error:
        [fault] = error.faults
        assert fault.hint and ":" in str(fault.where)
        return True
    return False


STATED = {
    "more deleted than left": (
        "flows: [{id: f, status: active, ordinary: 900, sensitive: 0, deleted: 500,"
        " left: {ordinary: 100, sensitive: 0}}]"
    ),
    "children of a company without": (
        "facts: {processes_minors: no}\nflows: [{id: f, individuals: 900, sensitive: 9, minors: 5}]"
    ),
    "small and not": "facts: {small_processor: yes}\nflows: [{id: f, ordinary: 500000, sensitive: 0}]",
    "reported before it was known": (
        "facts: {incident_on: 2026-10-29, incident_reported_on: 2026-10-01}\n"
        "flows: [{id: f, ordinary: 9, sensitive: 0}]"
    ),
    "a notice of the future": (
        "as_of: 2026-11-02\nflows: [{id: f, ordinary: 1, sensitive: 0,"
        " facts: {important_data: notified, notified_on: '2027-03-02'}}]"
    ),
    "more children than persons": "flows: [{id: f, individuals: 100, minors: 300}]",
    "nobody over personal columns": "flows: [{id: f, ordinary: 0, sensitive: 0, kinds: [person_name]}]",
    "more left than there are": (
        "flows: [{id: f, status: active, ordinary: 90000, sensitive: 0,"
        " left: {ordinary: 1200000, sensitive: 0}}]"
    ),
    "more with sensitive items left": (
        "flows: [{id: f, status: active, individuals: 90000, sensitive: 5, minors: 0,"
        " left: {individuals: 90000, sensitive: 20000}}]"
    ),
    "left and not begun": "flows: [{id: f, ordinary: 9, sensitive: 0, left: {ordinary: 9, sensitive: 0}}]",
    "a reading of one flow": "flows: [{id: f, ordinary: 9, sensitive: 0, facts: {hr_basis: strict}}]",
}


@pytest.mark.parametrize("text", STATED.values(), ids=STATED)
def test_stated_figures_and_days_that_cannot_be_are_asked_about(text):
    with pytest.raises(ConfigError) as caught:
        read_facts_file(text)

    assert len(caught.value.faults) == 1 and caught.value.faults[0].hint


@pytest.mark.parametrize("purpose", ["hr", "人事管理", "客户关系", "crm", "hr_management", "a b", ""])
def test_a_purpose_in_free_words_is_a_statement_of_a_facts_file(purpose, tmp_path):
    file = tmp_path / "facts.yaml"
    file.write_text(
        "facts: {ciio: 'no', important_data: none}\nflows:\n- {id: f, recipient: HQ, country: DE, minors: 0,"
        f" individuals: 300, sensitive: 0, purpose: '{purpose}'}}\n", encoding="utf-8",
    )
    [flow] = decide_stated(file, WhatIf(), DAY).flows
    assert flow.decision.possible == ("exempt_art5_4",)


@pytest.mark.parametrize("kind", ["contract", "certificate", "assessment"])
@pytest.mark.parametrize(("names", "are_one"), [
    (("HQ", "HQ"), True), (("Acme  SE", "ＡＣＭＥ se"), True), (("HQ", "Cloud"), False),
])
def test_a_contract_is_concluded_with_one_recipient(kind, names, are_one, tmp_path):
    text = as_configuration({}, {}, {"recipient": names[0]})
    own = text[text.index("- {id: 'f'"):].replace("id: 'f'", "id: 'g'").replace(names[0], names[1])
    text += f"{own}filings:\n- {{id: n1, kind: {kind}, entity: a, on: 2026-03-02, flows: [f, g]}}\n"

    if kind != "contract" or are_one:
        assert read_configuration(text, tmp_path).filings
    else:
        with pytest.raises(ConfigError, match="several recipients"):
            read_configuration(text, tmp_path)


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize("group", group_words())
def test_a_subject_group_is_read_by_any_of_its_words(group, file, tmp_path):
    write, read = READERS[file]
    words = group_words()[group]
    for word in (*words, words[2].upper(), f" {words[1]} "):
        stated = read(write({}, {}, {"subject_group": word}), tmp_path)
        [flow] = stated.flows.values() if isinstance(stated.flows, dict) else stated.flows
        assert flow.subject_group == group
    with pytest.raises(ConfigError, match="no subject group") as caught:
        read(write({}, {}, {"subject_group": "火星居民"}), tmp_path)
    assert "employee" in str(caught.value.faults[0].hint)


def test_no_word_means_two_groups():
    words = [bare_name(word) for of_group in group_words().values() for word in {*map(bare_name, of_group)}]

    assert len(words) == len(set(words))


FILED = "filings:\n- {id: n1, kind: assessment, entity: %s, on: 2026-03-02, flows: [f]}\n"


@pytest.mark.parametrize(("together", "entity", "is_fit"), [
    ("no", "a", True), ("no", "b", False), ("yes", "b", True),
])
def test_a_filing_covers_flows_of_its_own_entity(together, entity, is_fit, tmp_path):
    text = as_configuration({"combined_filing": together}, {}, {}).replace("[a]", "[a, b]") + FILED % entity

    if is_fit:
        assert read_configuration(text, tmp_path).filings
    else:
        with pytest.raises(ConfigError, match="another entity"):
            read_configuration(text, tmp_path)


def test_an_id_of_a_filing_stands_once(tmp_path):
    text = as_configuration({}, {}, {}) + FILED % "a" + FILED[len("filings:\n"):] % "a"

    with pytest.raises(ConfigError, match="stands twice"):
        read_configuration(text, tmp_path)


UNTIL = {"": True, "planned": True, "active": False, "stopped": False}     # status -> is a last day a fault


@pytest.mark.parametrize(("status", "is_fault"), UNTIL.items())
def test_a_last_day_without_a_status_is_asked_about(status, is_fault):
    """Left out, it would be planned, and the decision that of a flow which has not begun."""
    flow = StatedFlow("f", status, "2026-01-05", "2026-05-01")

    faults = flow_contradictions(flow, {})
    assert any(fault.path in (("until",), ("status",)) for fault in faults) == is_fault


@pytest.mark.parametrize(("flows", "match"), [
    ("[]", "no flow is told"),
    ("[{id: a, recipient: H, ordinary: 1000000000000, sensitive: 0}]", "more digits"),
    ("[{id: a, recipient: H, ordinary: 99999999999999999999999, sensitive: 0}]", "more digits"),
])
def test_no_flow_and_more_persons_than_there_are_is_one_line(tmp_path, flows, match):
    file = tmp_path / "facts.yaml"
    file.write_text(f"facts: {{ciio: no, important_data: none}}\nflows: {flows}\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=match):
        decide_stated(file, WhatIf(), date(2026, 12, 1))
