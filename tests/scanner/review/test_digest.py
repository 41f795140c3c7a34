"""The digest: what is new, changed, gone stale, near a line and overdue, for each owner,
as text and as a page.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from findings import review_of
from typer.testing import CliRunner

from detectors.errors import ConfigError
from mappings.model import Decision, Estimate, Margin
from reports.messages.words import t
from reports.model import primary
from reports.page.digest import digest_page
from reports.wording.digest import MOST_LISTED, Digest, DigestItem, digest_text, near_items, passed_lines
from scanner import job
from scanner.cli.app import app
from scanner.config.model import read
from scanner.records import reviews
from scanner.review import redecide
from scanner.review.digest import digest, parse_span, report_at
from scanner.setup.demo import build_demo
from scanner.state import store
from scanner.workspace import Workspace, open_workspace

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\u202e=cmd|' /C calc'!A0"


def whole(*items, lang="en"):
    return Digest(date(2026, 11, 13), date(2026, 11, 20), items, "all decided", lang)


def test_what_presses_comes_first_and_what_nobody_owns_last():
    items = (
        ("new", "", "crm/a/b", "x"),
        ("new", "王敏", "crm/c/d", "x"),
        ("overdue", "王敏", "f-1", "expires"),
    )
    told = digest_text(whole(*(DigestItem(*item) for item in items)))

    assert (
        told.index("== 王敏") < told.index("overdue (1)") < told.index("new (1)") < told.index("== nobody's")
    )


def test_names_cannot_run_in_the_page_or_turn_the_text():
    hostile = whole(DigestItem("new", HOSTILE, HOSTILE, HOSTILE))
    made = digest_page(hostile)

    assert "<script" not in made and "\u202e" not in made + digest_text(hostile)
    assert "&lt;script&gt;" in made and "⟨U+202E⟩" in made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_loads_nothing(lang):
    made = digest_page(whole(DigestItem("near", "", "crm-hq", "x"), lang=lang))

    assert not re.search(r"(src|href|url)\s*[=(]", made) and f'<html lang="{lang}">' in made


def test_a_long_section_says_how_many_more_there_are():
    items = tuple(DigestItem("new", "", f"crm/t/{i}", "x") for i in range(MOST_LISTED + 7))

    assert "… +7" in digest_text(whole(*items)) and "… +7" in digest_page(whole(*items))


@pytest.mark.parametrize(("left", "shown"), [(1_000, 1), (1_001, 0), (0, 1)])
def test_near_means_within_ten_per_cent_of_the_line(left, shown):
    decision = Decision(
        "exempt_art5_4",
        ("exempt_art5_4",),
        True,
        margin=(Margin("sensitive", 10_000, left, "security_assessment"),),
    )

    assert len(list(near_items("crm-hq", "", decision, "en"))) == shown


@pytest.mark.parametrize(
    ("word", "length"), [("12h", timedelta(hours=12)), ("7d", timedelta(7)), ("2w", timedelta(14))]
)
def test_spans_are_hours_days_or_weeks(word, length):
    assert parse_span(word) == length


@pytest.mark.parametrize("word", ["7", "d", "0d", "-7d", "7 days", "99999d"])
def test_other_spans_are_named(word):
    with pytest.raises(ConfigError, match="is no time"):
        parse_span(word)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The demo company scanned on two days, with reviews and a filing in between."""
    folder = tmp_path_factory.mktemp("digest")
    build_demo(folder, seed=7)
    file = folder / "chujing.yaml"
    owners = "pattern,owner\ncrm/*,王敏\n"
    (folder / "owners.csv").write_text(owners, encoding="utf-8")
    filing = (
        "filings:\n  - {id: hr-2023, kind: assessment, entity: 华澜零售, on: 2023-11-01, flows: [crm-hq]}\n"
    )
    file.write_text(
        file.read_text(encoding="utf-8").replace("version: 1", "version: 1\nowners: owners.csv\n" + filing),
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUJING_KEY", "22" * 32)
        first = job.scan(read(file), as_of=date(2026, 11, 10))
    columns = {c.id: c for t in first.tables for c in t.columns}
    reviews.append(
        folder,
        [
            review_of(columns["crm/member/health_note"], "reject", "王敏", date(2026, 11, 11), "cats only"),
            review_of(
                columns["crm/member/mobile"], "accept", "王敏", date(2026, 11, 1), until=date(2026, 11, 15)
            ),
            review_of(
                replace(columns["crm/member/email"], comment="其他"), "accept", "王敏", date(2026, 11, 1)
            ),
        ],
    )
    for day, report in ((10, first), (18, first)):
        stamp = f"2026-11-{day}T09:00:00Z"
        tables = report.tables if day == 18 else tuple(t for t in report.tables if t.id != "staff/staff")
        store.remember(
            replace(report, tables=tables, run=replace(report.run, id=f"run-{day}", started=stamp)), folder
        )
    return folder


def test_the_run_before_the_span_is_compared_with_else_the_first_one(company):
    def stood(ago):
        report, there = report_at(Workspace(company), NOW - timedelta(ago))
        return report.run.id, there

    assert (stood(7), stood(0), stood(400)) == (("run-10", True), ("run-18", True), ("run-10", False))


def test_each_owner_reads_what_happened_to_their_tables(company):
    found = digest(open_workspace(company / "chujing.yaml"), timedelta(7), "", NOW, "en")
    got = {(i.section, i.owner, i.about) for i in found.items}

    assert ("new", "", "staff/staff") in got  # a table, and its columns
    assert ("changed", "王敏", "crm/member/health_note") in got  # a person rejected it
    assert ("overdue", "王敏", "crm/member/mobile") in got  # the review expired
    assert ("stale", "王敏", "crm/member/email") in got  # its comment changed
    assert ("overdue", "", "hr-2023") in got  # the assessment's three years are over
    assert any(i.about == "marketing-sg" and "[review]" in i.words for i in found.items)
    assert all(
        i.owner == "王敏"
        for i in digest(
            Workspace(company, reviews=reviews.read(company)), timedelta(7), "王敏", NOW, "en"
        ).items
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_the_first_scan_is_within_the_span_all_it_found_is_new(company, lang):
    workspace = open_workspace(company / "chujing.yaml")
    config = workspace.config
    asked = replace(
        workspace, config=replace(config, facts={**config.facts, "collective_contract": "unknown"})
    )
    found = digest(asked, timedelta(400), "", NOW, lang)
    got = {(i.section, i.owner, i.about) for i in found.items}
    new = [i for i in found.items if i.section == "new"]

    assert "2026-11-10" in found.first
    assert {i.about for i in new} == {
        "hr-hq",
        "crm-hq",
        "marketing-sg",
        "crm/member",
        "crm/member_contact",
        "crm/store",
        "orders/orders",
        "events/events",
        "staff/staff",
    }
    assert [i.about for i in new if i.owner == "王敏"][0] == "crm/member"
    assert {
        ("open", "", t("fact.name.collective_contract", lang)),
        ("overdue", "", "hr-2023"),
        ("stale", "王敏", "crm/member/email"),
        ("overdue", "王敏", "crm/member/mobile"),
        ("changed", "王敏", "crm/member/health_note"),
    } <= got
    assert all(
        found.first in made and t("digest.open", lang) in made
        for made in (digest_text(found), digest_page(found))
    )


def test_columns_of_a_table_decided_alike_are_one_item(company, tmp_path):
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(company, folder)
    staff = next(x for x in store.last(folder).tables if x.id == "staff/staff")
    accepted = [c for c in staff.columns if primary(c)]
    reviews.append(folder, [review_of(c, "accept", "王敏", date(2026, 11, 19)) for c in accepted])
    words = [
        i.words
        for i in digest(open_workspace(folder / "chujing.yaml"), timedelta(1), "", NOW, "en").items
        if i.about == "staff/staff"
    ]

    assert len(accepted) > 2
    assert words == [f"review: suggested, to be reviewed -> accepted  [review]  columns: {len(accepted)}"]


def test_somebody_with_nothing_new_is_not_told_that_all_is_new(company):
    found = digest(open_workspace(company / "chujing.yaml"), timedelta(400), "nobody", NOW, "en")

    assert found.items == () and found.first == ""


def test_a_line_passed_by_no_more_than_ten_per_cent_is_near(company):
    """health_note is rejected here; with it 10,240 persons stand above the line of 10,000."""
    from mappings.rules import in_force

    entity = store.last(company).exporter[0]
    words = list(passed_lines(entity, in_force(NOW.date()), "en"))

    assert words == ["240 people with sensitive items above the line of 10,000 (security assessment)"]
    far = replace(entity, sensitive_individuals=Estimate.exactly(11_001))
    assert not list(passed_lines(far, in_force(NOW.date()), "en"))


def test_the_command_writes_text_and_a_page(company, tmp_path):
    run = CliRunner()
    told = run.invoke(app, ["digest", "--since", "9999d", "-c", str(company / "chujing.yaml")])
    page_ = run.invoke(app, ["digest", "-o", str(tmp_path / "d.html"), "-c", str(company / "chujing.yaml")])

    assert told.exit_code == 0 and "What happened" in told.stdout
    assert page_.exit_code == 0 and (tmp_path / "d.html").read_text(encoding="utf-8").startswith(
        "<!doctype html>"
    )
    with pytest.raises(ConfigError, match="a file stands where"):
        run.invoke(
            app,
            ["digest", "-o", str(tmp_path / "d.html" / "d.html"), "-c", str(company / "chujing.yaml")],
            catch_exceptions=False,
        )
    with pytest.raises(ConfigError, match="no format"):
        run.invoke(
            app, ["digest", "-o", "d.pdf", "-c", str(company / "chujing.yaml")], catch_exceptions=False
        )


def test_the_dates_of_filings_travel_with_the_report_and_follow_the_configuration(company):
    made = store.last(company)
    workspace = open_workspace(company / "chujing.yaml")
    anew = redecide.decide_again(replace(made, deadlines=()), workspace, redecide.WhatIf(), None)

    assert [(d.filing, d.code, str(d.on), d.flows) for d in made.deadlines] == [
        ("hr-2023", "extend_from", "2026-08-04", ("crm-hq",)),
        ("hr-2023", "expiry", "2026-11-01", ("crm-hq",)),
        ("marketing-sg", "earliest_start", "2027-01-28", ("marketing-sg",)),
    ]
    assert anew.deadlines == made.deadlines
    assert redecide.decide_again(made, None, redecide.WhatIf(), None).deadlines == made.deadlines
    without = replace(workspace, config=replace(workspace.config, filings=()))
    rest = redecide.decide_again(made, without, redecide.WhatIf(), None).deadlines
    assert [d.code for d in rest] == ["earliest_start"]
