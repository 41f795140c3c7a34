"""From the demo company's scan to decisions, answers, fields, zones and dates;
no data is read after the scan.
"""

import csv
import re
import shutil
from datetime import date

import places
import pytest
import yaml
from findings import review_of
from openpyxl import load_workbook
from typer.testing import CliRunner

import scanner
from detectors.errors import ConfigError, RulesError
from detectors.model import ColumnId, Rows
from mappings import recount
from mappings.counts import NOBODY
from mappings.model import ColumnNames, Estimate, FlowCount, Item
from mappings.recount import FieldEdits
from mappings.rules import in_force
from mappings.zone_matching import judge_scenario, match_columns
from mappings.zone_sheet import read_zone_xlsx, write_template
from mappings.zones import ABOUT_KEYS, COLUMNS, load_zone, parse_zone, zone_names
from reports.messages.render import render
from reports.reviews.collection import Reviews
from reports.wording.figures import method_words
from scanner.cli.app import app
from scanner.config.model import read
from scanner.count import decided_report
from scanner.records import answers
from scanner.review import redecide
from scanner.setup.demo import build_demo
from scanner.state import store
from scanner.workspace import open_workspace

DAY = date(2026, 11, 1)
RUN = CliRunner()


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """The demo company scanned once, with emergency contacts in the staff flow and claims that are open."""
    folder = tmp_path_factory.mktemp("company")
    build_demo(folder, seed=7)
    file = folder / "chujing.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "staff/staff/职务]", "staff/staff/职务, staff/staff/紧急联系人, staff/staff/紧急联系电话]"
    )
    text = text.replace("retention_days: 730", "retention_days: 400").replace(
        "    ciio: {value: no, by: 法务, on: 2026-06-30, how: 未收到认定通知}\n",
        "    processes_minors: {value: no, by: 法务, on: 2026-06-30, how: 会员须成年}\n",
    )
    file.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUJING_KEY", "22" * 32)
        report = scanner.scan(str(file), as_of=DAY)
    store.remember(report, folder)
    return folder, report


@pytest.fixture
def company(scanned, tmp_path):
    """A copy of the scanned company, to be answered in."""
    folder, report = scanned
    for name in ("chujing.yaml", "chujing-answers.yaml", "crm-dictionary.csv"):
        shutil.copy(folder / name, tmp_path / name)
    shutil.copytree(folder / ".chujing", tmp_path / ".chujing")
    return tmp_path, report


def cli(folder, *args):
    return RUN.invoke(app, [*args, "-c", str(folder / "chujing.yaml")], catch_exceptions=True)


def flows(report):
    return {f.flow.id: f for f in report.flows}


def again(folder, **what_if):
    return redecide.decide_again(
        store.last(folder), open_workspace(folder / "chujing.yaml"), redecide.WhatIf(**what_if), None
    )


def test_employees_are_exempt_and_their_emergency_contacts_are_counted(scanned):
    found = flows(scanned[1])["hr-hq"]
    parts = {p.group: p for p in found.parts}

    assert parts["employee"].count.individuals.best == 320
    assert (
        parts["employee"].decision.path == "needs_review"
    )  # the contacts' columns are not in the company's rules
    assert "exempt_art5_2" in parts["employee"].decision.possible
    assert 300 <= parts["emergency_contact"].count.individuals.best <= 640
    assert "exempt_art5_2" not in parts["emergency_contact"].decision.possible
    assert "hr-hq/emergency_contact" in scanned[1].exporter[0].counted


def test_rows_older_than_the_retention_are_counted_with_their_denominator(scanned):
    notes = [n for n in flows(scanned[1])["crm-hq"].count_notes if n.startswith("too_old")]

    (found,) = (n.split("|") for n in notes)
    assert found[1:4] == ["crm/member", "register_time", "2025-09-27"]
    assert 0 < int(found[4].replace(",", "")) < int(found[5].replace(",", "")) == 12_600
    assert "12,600" in render(notes[0], "en")


def test_questions_come_in_order_of_effect(company):
    report = again(company[0], drop=("member/health_note",))
    effect = [
        sum(
            len(d.possible) - len(q.leads_to[a])
            for f in report.flows
            for d in (f.decision, *(p.decision for p in f.parts))
            for q in d.questions
            if (q.fact, q.scope) == (asked.fact, asked.scope)
            for a in q.leads_to
        )
        for asked in report.questions
    ]

    assert [q.fact for q in report.questions] == ["ciio", "fields_necessary", *["left_since_january"] * 2]
    assert effect == sorted(effect, reverse=True)
    # who left before is not known: it may be more than the flows hold
    bands = ("exempt_art5_4", "standard_contract_or_certification", "security_assessment")
    assert report.questions[0].leads_to == {"yes": ("security_assessment",), "no": bands}


def test_what_if_drops_a_field_without_reading_data(company):
    folder, _ = company
    before, after = (
        again(folder, answers={"ciio": "no"}),
        again(folder, answers={"ciio": "no"}, drop=("member/health_note",)),
    )

    assert flows(before)["marketing-sg"].decision.path == "security_assessment"
    assert flows(after)["marketing-sg"].sensitive_individuals.best == 0
    decision = flows(after)["marketing-sg"].decision
    assert decision.possible[0] == "exempt_art5_4"
    assert {q.fact for q in decision.questions} == {"left_since_january"}       # of the flow that runs
    assert flows(after)["crm-hq"].decision.possible[0] == "exempt_art5_4"
    assert flows(after)["marketing-sg"].individuals == flows(before)["marketing-sg"].individuals


def test_what_a_change_is_said_to_lead_to_is_what_deciding_with_it_gives(company):
    folder, _ = company
    report = again(folder, answers={"ciio": "no"})
    found = flows(report)["marketing-sg"]

    assert [c.items for c in found.changes if c.lower] == [
        (Item("drop", ColumnId("crm/member/health_note")),)
    ]
    for c in found.changes:
        other = flows(again(folder, answers={"ciio": "no"}, drop=tuple(i.column for i in c.items)))[
            "marketing-sg"
        ]
        assert (other.decision.path, other.sensitive_individuals.best) == (c.path, c.sensitive)


def test_a_union_histogram_gives_the_persons_that_linking_again_gives(scanned, monkeypatch):
    """Dropping a field of one flow: from the stored histogram of the union,
    and by scanning with the field left out.
    """
    monkeypatch.setenv("CHUJING_KEY", "22" * 32)
    folder, report = scanned
    (union,) = (
        u
        for e in report.exporter
        for u in e.unions
        if u.flows == ("crm-hq", "hr-hq/emergency_contact", "marketing-sg")
    )
    text = (folder / "chujing.yaml").read_text(encoding="utf-8")
    smaller = folder / "smaller.yaml"
    smaller.write_text(text.replace(", crm/member/health_note]", "]"), encoding="utf-8")
    (linked,) = (
        u for e in scanner.scan(str(smaller), as_of=DAY).exporter for u in e.unions if u.flows == union.flows
    )
    changed = decided_report.change_report(report, {"marketing-sg": {ColumnId("crm/member/health_note")}}, {})
    (stored,) = (u for e in changed.exporter for u in e.unions if u.flows == union.flows)

    assert stored.count.individuals == linked.count.individuals
    assert stored.count.sensitive == linked.count.sensitive
    assert union.count.sensitive.best > linked.count.sensitive.best


def test_changes_of_two_flows_at_once_are_bounded_by_each_alone_and_by_what_every_flow_has_left(
    scanned, monkeypatch
):
    monkeypatch.setenv("CHUJING_KEY", "22" * 32)
    folder, report = scanned
    text = (folder / "chujing.yaml").read_text(encoding="utf-8")
    smaller = folder / "smaller.yaml"
    smaller.write_text(
        text.replace(", crm/member/health_note]", "]").replace("crm/member/mobile, ", ""), encoding="utf-8"
    )
    linked = {u.flows: u.count for e in scanner.scan(str(smaller), as_of=DAY).exporter for u in e.unions}
    both = {"marketing-sg": {ColumnId("crm/member/health_note")}, "crm-hq": {ColumnId("crm/member/mobile")}}
    stored = {
        u.flows: u.count for e in decided_report.change_report(report, both, {}).exporter for u in e.unions
    }
    several = [k for k in stored if {"crm-hq", "marketing-sg"} <= set(k)]

    assert several
    for k in several:
        for name in ("individuals", "sensitive"):
            bound, exact = getattr(stored[k], name), getattr(linked[k], name)
            assert bound.low <= exact.low <= exact.best <= exact.high <= bound.high
        assert stored[k].sensitive.high == linked[k].sensitive.high == 0


def test_a_strict_reading_is_bounded_like_the_others():
    def count(n, strict):
        return FlowCount(
            Estimate.exactly(n),
            Estimate.exactly(0),
            strict=FlowCount(Estimate.exactly(n), Estimate.exactly(strict)),
        )

    bound = recount.tighter_union(
        [count(70, 60), count(60, 50)], [count(90, 40), count(80, 30)], [FieldEdits(), FieldEdits()]
    )

    assert bound.strict is not None and (
        bound.individuals.high,
        bound.strict.individuals.high,
        bound.strict.sensitive.high,
    ) == (80, 80, 30)


def test_rows_that_were_all_read_to_count_persons_are_known(scanned):
    _, report = scanned
    rows = {t.id: t.rows for t in report.tables}
    drawn = {t.id: t.drawn for t in report.tables}

    assert drawn["crm/member"].rows_total is None and drawn["crm/member"].rows < 12_600
    assert rows["crm/member"] == Rows(12_600, 12_600, "exact")


def test_where_reviews_leave_bounds_of_what_was_linked_it_is_said_in_words(scanned):
    folder, report = scanned
    gone = {
        "crm/member/id",
        "crm/member/name",
        "crm/member/email",
        "crm/member/mobile",
        "crm/member/birthday",
    }
    made = [
        review_of(c, "reject", "lin", DAY, "no") for t in report.tables for c in t.columns if c.id in gone
    ]
    after = redecide.decide_again(
        report,
        open_workspace(folder / "chujing.yaml"),
        redecide.WhatIf(answers={"ciio": "no"}),
        None,
        Reviews(made),
    )
    (entity,) = after.exporter

    assert (
        len(made) == 5
        and entity.individuals.low < entity.individuals.high
        and entity.individuals.method == "linked"
    )
    assert method_words(entity.individuals, "zh").startswith(
        "扫描时为逐行关联；此后的人工复核改变了计入的字段"
    )
    assert method_words(entity.individuals, "en").startswith(
        "every row linked when scanned; reviews made since"
    )
    assert {
        (f.individuals.low == f.individuals.high, method_words(f.individuals, "en")) for f in after.flows
    } <= {(True, "exact"), (True, "every row linked"), (False, "every row linked")}


def test_facts_are_answered_with_author_and_date_and_settle_the_decision(company):
    folder, _ = company
    done = cli(
        folder, "facts", "set", "ciio=no", "--by", "王敏", "--how", "no notice received", "--on", "2026-11-20"
    )

    assert done.exit_code == 0, done.output
    (last,) = (a for a in answers.read(folder).facts if a.fact == "ciio")
    assert (last.value, last.by, last.on, last.how) == (
        "no",
        "王敏",
        date(2026, 11, 20),
        "no notice received",
    )
    assert "ciio" not in {q.fact for q in again(folder).questions}
    listed = RUN.invoke(app, ["facts", "--lang", "en", "-c", str(folder / "chujing.yaml")])
    assert "ciio = no" in listed.output
    assert "王敏, 2026-11-20, no notice received" in listed.output


def test_answers_are_only_added_to(company):
    folder, _ = company
    before = (folder / answers.FILE).read_text(encoding="utf-8")
    cli(folder, "facts", "set", "ciio=yes", "--by", "a")
    cli(folder, "facts", "set", "ciio=no", "--by", "b")

    assert (folder / answers.FILE).read_text(encoding="utf-8").startswith(before)
    assert open_workspace(folder / "chujing.yaml").config.facts["ciio"] == "no"


WRONG = {
    "an unknown fact": (("facts", "set", "cio=no", "--by", "x"), 'unknown fact "cio"', "ciio"),
    "a value it cannot have": (("facts", "set", "ciio=maybe", "--by", "x"), 'cannot be "maybe"', "yes"),
    "a date in the wrong form": (
        ("facts", "set", "notified_on=10.3.2026", "--by", "x"),
        "10.3.2026",
        "2026-01-31",
    ),
    "no number": (("facts", "set", "domestic_persons=many", "--flow", "crm-hq", "--by", "x"), "many", "1200"),
    "no such flow": (
        ("facts", "set", "emergency=yes", "--flow", "crm-hk", "--by", "x"),
        'no flow "crm-hk"',
        "crm-hq",
    ),
    "it says otherwise in chujing.yaml": (
        ("facts", "set", "labour_rules=no", "--by", "x"),
        '"labour_rules" is "yes"',
        "chujing.yaml",
    ),
    "no such field": (
        ("fields", "justify", "crm-hq", "member/mobil", "--why", "w", "--by", "x"),
        "member/mobil",
        "mobile",
    ),
    "what-if on a column no flow has": (("decide", "--what-if", "drop=member/adress"), "member/adress", ""),
    "what-if answered twice": (("decide", "--what-if", "ciio=yes,ciio=no"), "answered twice", ""),
    "a field list without its columns": (
        ("fields", "import", "hr-hq", "LIST", "--by", "x"),
        "field and basis",
        "",
    ),
}


@pytest.mark.parametrize(("args", "said", "hint"), WRONG.values(), ids=WRONG)
def test_bad_input_is_one_clear_line(company, args, said, hint):
    folder, _ = company
    (folder / "list.csv").write_text("column,why\na,b\n", encoding="utf-8")
    done = cli(folder, *(str(folder / "list.csv") if a == "LIST" else a for a in args))

    assert isinstance(done.exception, ConfigError | RulesError), done.output
    assert said in done.exception.line()
    assert hint in done.exception.line()


def test_contradictory_facts_are_named_with_both_places(company):
    folder, _ = company
    answers.append(
        folder, [{"fact": "collective_contract", "value": "no", "by": "李雷", "on": date(2026, 11, 2)}]
    )

    with pytest.raises(
        ConfigError,
        match='"collective_contract" is "yes" here and "no" in chujing-answers.yaml .李雷, 2026-11-02.',
    ):
        open_workspace(folder / "chujing.yaml")


def test_a_justified_field_has_author_and_date_and_no_longer_stands_before_a_filing(company):
    folder, _ = company
    before = flows(again(folder))["marketing-sg"]
    cli(
        folder,
        "fields",
        "justify",
        "marketing-sg",
        "member/birthday",
        "--why",
        "birthday greetings",
        "--by",
        "王敏",
        "--on",
        "2026-11-03",
    )
    cli(folder, "fields", "drop", "marketing-sg", "member/health_note", "--by", "王敏")
    after = flows(again(folder))["marketing-sg"]
    open_before, open_after = (
        {b.split("|")[1] for b in f.not_ready if b.startswith("field|")} for f in (before, after)
    )

    assert open_before - open_after == {"crm/member/birthday"}
    assert "crm/member/health_note" in open_after  # decided, and still in the flow
    answer = next(v.answer for v in after.fields if v.column == "crm/member/birthday")
    assert (answer.answer, answer.why, answer.by, answer.on) == (
        "justify",
        "birthday greetings",
        "王敏",
        date(2026, 11, 3),
    )
    assert after.dropped == ("crm/member/health_note",)


def test_fields_of_human_resources_are_ticked_from_a_list(company):
    folder, _ = company
    assert {v.verdict for v in flows(again(folder))["hr-hq"].fields if "紧急" in v.column} == {"needs_review"}
    with (folder / "list.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(
            [
                ["字段", "依据"],
                ["staff/紧急联系人", "员工手册第十三条"],
                ["staff/紧急联系电话", "员工手册第十三条"],
            ]
        )
    assert (
        cli(folder, "fields", "import", "hr-hq", str(folder / "list.csv"), "--by", "人力资源部").exit_code
        == 0
    )
    found = flows(again(folder))["hr-hq"]

    assert {v.verdict for v in found.fields} == {"necessary"}
    assert {p.group: p.decision.path for p in found.parts if p.group == "employee"} == {
        "employee": "exempt_art5_2"
    }


def test_the_tree_speaks_both_languages(company):
    folder, _ = company
    zh, en = (
        RUN.invoke(app, ["decide", "--explain", "--lang", lang, "-c", str(folder / "chujing.yaml")]).output
        for lang in ("zh", "en")
    )

    for clause in ("促进和规范数据跨境流动规定 第七条第一款第（二）项", "个人信息保护法 第四十一条"):
        assert clause in zh
        assert clause in en
    assert "不出境 health_note：敏感 10,240 → 0 人" in zh
    assert "without health_note: sensitive persons 10,240 → 0" in en
    assert "exact over all sets of" in en


# ---- zones


def filled(path, rows, **about):
    with path.open("wb") as file:
        write_template(file)
    book = load_workbook(path)
    told = {
        "id": "test_zone",
        "zone": "天津",
        "title": "测试清单",
        "version": "1",
        "issued": "2026-01-01",
        "complete": "yes",
        "sectors": "零售",
        "source": "official table of 2025-05-30",
        "confidence": "verified",
    } | about
    for row in book["清单"].iter_rows():
        row[1].value = told.get(row[0].value)
    for row in rows:
        book["条目"].append([row.get(k) for k in COLUMNS])
    book.save(path)
    return path


ROW = {
    "industry": "零售",
    "scenario": "会员管理",
    "data_category": "会员",
    "description": "会员资料",
    "data_items": "姓名、手机号码",
    "data_kind": "个人信息",
    "count_min": "500,000",
    "required_path": "安全评估",
    "source_page": "p. 3",
}


def test_a_filled_template_becomes_a_list(tmp_path):
    file = filled(
        tmp_path / "list.xlsx",
        [ROW, ROW | {"count_min": 100_000, "count_max": 500_000, "required_path": "标准合同或认证"}],
    )
    done = RUN.invoke(app, ["zones", "import", str(file), "-o", str(tmp_path / "zone.yaml")])
    zone = load_zone(str(tmp_path / "zone.yaml"))

    assert done.exit_code == 0, done.output
    assert zone.complete
    assert [(e.count_min, e.count_max, e.path) for e in zone.entries] == [
        (500_000, None, "security_assessment"),
        (100_000, 500_000, "standard_contract_or_certification"),
    ]


BAD_LISTS = {
    "a missing cell": ([{k: v for k, v in ROW.items() if k != "source_page"}], {}, "出处"),
    "an unknown path": ([ROW | {"required_path": "备案"}], {}, "管理方式"),
    "a number that is none": ([ROW | {"count_min": "十万"}], {}, "人数下限"),
    "a band upside down": ([ROW | {"count_max": 5}], {}, "count_max"),
    "a list without its title": ([ROW], {"title": None}, "title"),
}


@pytest.mark.parametrize(("rows", "about", "said"), BAD_LISTS.values(), ids=BAD_LISTS)
def test_a_list_at_fault_names_the_cell(tmp_path, rows, about, said):
    with pytest.raises(RulesError) as e:
        parse_zone(read_zone_xlsx(filled(tmp_path / "list.xlsx", rows, **about)), "list.xlsx")

    assert said in e.value.line()


@pytest.mark.parametrize("source", [None, "", " ", "无", "不适用", "none", "-"])
def test_a_list_that_does_not_say_where_it_comes_from_is_refused(tmp_path, source):
    shipped = yaml.safe_load((places.ROOT / "mappings/zone_lists/beijing_2024.yaml").read_text("utf-8"))
    stated = parse_zone(shipped, "list.yaml")

    with pytest.raises(RulesError, match="does not say where it comes from") as refused:
        parse_zone({**shipped, "source": source}, "list.yaml")

    assert stated.source and refused.value.where == "list.yaml" and refused.value.hint


def test_a_list_with_a_missing_column_is_refused(tmp_path):
    file = filled(tmp_path / "list.xlsx", [ROW])
    book = load_workbook(file)
    book["条目"].delete_cols(list(COLUMNS).index("data_kind") + 1)
    book.save(file)

    with pytest.raises(RulesError, match='the column "数据性质" is missing'):
        read_zone_xlsx(file)


def test_no_shipped_list_is_whole_and_none_says_outside_by_itself():
    for name in zone_names():
        zone = load_zone(name)
        assert not zone.complete
        for scenario in zone.scenarios:
            found = zone.scenario(scenario)
            if not found.complete:
                assert judge_scenario(found, NOBODY) == ()


def test_columns_are_matched_to_entries_with_the_evidence(tmp_path):
    zone = parse_zone(read_zone_xlsx(filled(tmp_path / "list.xlsx", [ROW])), "list")
    columns = [ColumnNames("a/t/m", "m", "手机号码", "phone_mobile"), ColumnNames("a/t/x", "x", "颜色", "")]
    (found,) = match_columns(zone, columns)

    assert found.columns == (("a/t/m", "item 手机号码"),)


def test_a_zone_list_stands_beside_the_national_rules(company):
    folder, _ = company
    filled(folder / "zone.xlsx", [ROW | {"count_min": 5_000}])
    RUN.invoke(app, ["zones", "import", str(folder / "zone.xlsx"), "-o", str(folder / "zone.yaml")])
    text = (folder / "chujing.yaml").read_text(encoding="utf-8")
    facts = (
        f"facts: {{ftz_list: {folder / 'zone.yaml'}, zone_scenario: 会员管理, sector_listed: yes, "
        f"scenario_listed: yes, list_in_force: yes, filed: yes}}"
    )
    (folder / "chujing.yaml").write_text(
        text.replace("zone: none", "zone: 天津").replace(
            "    purpose: crm\n", f"    purpose: crm\n    claim: ftz\n    {facts}\n"
        ),
        encoding="utf-8",
    )
    found = flows(again(folder, answers={"ciio": "no"}))["crm-hq"].decision

    assert found.path == "security_assessment"
    assert found.extra["national_path"] == ["exempt_art5_4"]
    assert found.because[0].clause == "p. 3"


def test_dates_of_what_was_filed(company):
    folder, _ = company
    with (folder / "chujing.yaml").open("a", encoding="utf-8") as f:
        f.write(
            "\nfilings:\n  - {id: contract-hq, kind: contract, entity: 华澜零售, on: 2026-09-25}\n"
            "  - {id: result, kind: assessment, entity: 华澜零售, on: 2024-07-01, persons_growth: 25}\n"
        )
    done = RUN.invoke(
        app, ["deadlines", "--as-of", "2026-10-01", "--lang", "en", "-c", str(folder / "chujing.yaml")]
    )

    assert "2026-10-15" in done.output
    assert "a condition fails: apply for a new assessment" in done.output
    assert "estimate" in done.output


def test_the_rules_of_the_report_are_those_of_its_day(scanned):
    assert scanned[1].run.rulesets == (in_force(DAY).id,)
    assert ABOUT_KEYS[-1] == "entries"


def test_facts_that_cannot_hold_together_are_refused(company):
    folder, _ = company
    file = folder / "chujing.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("    sector: retail\n", "    sector: retail\n    notified_on: 2026-03-10\n"),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match='"notified_on" is given and "important_data" is "none"'):
        read(file)
    file.write_text(
        text.replace("    purpose: crm\n", "    purpose: crm\n    claim: ftz\n"), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match='"claim" is "ftz" and it is registered in no zone'):
        read(file)


def test_a_flow_that_names_a_column_that_is_gone_is_one_clear_line(company):
    folder, _ = company
    file = folder / "chujing.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("crm/member/email, orders", "crm/member/e_mail, orders"),
        encoding="utf-8",
    )

    with pytest.raises(
        ConfigError, match='flow "crm-hq" names "crm/member/e_mail", which the last scan did not see'
    ):
        again(folder)


def test_answers_about_what_is_gone_are_history(company):
    folder, _ = company
    answers.append(
        folder,
        [
            {"fact": "emergency", "value": "yes", "flow": "old-flow", "by": "a", "on": DAY},
            {"fact": "ciio", "value": "yes", "entity": "old-entity", "by": "a", "on": DAY},
            {"flow": "old-flow", "field": "x/y/z", "answer": "drop", "by": "a", "on": DAY},
            {"flow": "marketing-sg", "field": "crm/member/gone", "answer": "drop", "by": "a", "on": DAY},
        ],
    )

    assert open_workspace(folder / "chujing.yaml").entity_facts == {}
    assert not any(v.answer for v in flows(again(folder))["marketing-sg"].fields)


def test_a_flow_changed_since_the_scan_says_so(company):
    folder, _ = company
    file = folder / "chujing.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("crm/member/email, orders", "orders"), encoding="utf-8"
    )

    assert "changed_since" in flows(again(folder))["crm-hq"].count_notes


def test_chosen_readings_are_listed_among_the_facts_with_who_chose(company):
    listed = cli(company[0], "facts", "--lang", "zh")
    shown = RUN.invoke(app, ["facts", "show", "hr_basis", "--lang", "zh"])

    assert listed.exit_code == shown.exit_code == 0, listed.output + shown.output
    assert re.search("（ordinary_beside_sensitive） = .*法务", listed.output)
    assert "strict" in shown.output and "practice" in shown.output
