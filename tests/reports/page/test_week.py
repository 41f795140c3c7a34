"""What to do this week: dates of filings stand where they press, counted from the report's own day."""

from dataclasses import replace
from datetime import date

from generated import report

from mappings.deadlines import Filing, list_deadlines
from mappings.rules import in_force
from reports.formats import html
from reports.page.totals import totals_of
from reports.page.week import tasks

MADE = report(9, 9)
DAY = MADE.run.as_of
FILINGS = (
    Filing(
        "con-1", "contract", "华澜零售", date(2026, 9, 25), flows=("crm-hq",)
    ),  # to be filed by 15 October
    Filing("pia-1", "pia", "华澜零售", date(2026, 8, 20)),  # good until 20 November
    Filing("sec-1", "assessment", "华澜零售", date(2026, 2, 1)),  # years away
    Filing("con-2", "contract", "华澜零售", date(2026, 9, 25), filed=date(2026, 10, 9)),  # done
)


def todo(filings=FILINGS, facts=None, as_of=DAY, **more):
    found = list_deadlines(filings, facts or {}, in_force(as_of), as_of)
    made = replace(MADE, deadlines=found, run=replace(MADE.run, as_of=as_of), **more)
    return tasks(made, totals_of(made, made.tables))


def test_an_overdue_filing_comes_first_then_what_is_due_within_thirty_days_and_nothing_else():
    first, second, third, *rest = todo()

    assert first.what == (
        "con-1：十个工作日内备案，2026-10-15（已过 17 天）",
        "con-1: file within ten working days, 2026-10-15 (17 days ago)",
    )
    assert first.link == "#flow-crm-hq" and "标准合同办法" in first.why[0]
    assert (
        second.what[0] == "pia-1：报告三个月内有效：此日前申报，2026-11-20（还有 19 天）"
        and second.link == "#paths"
    )
    assert not any(x.what[0].startswith(("sec-1", "con-2")) for x in (third, *rest))
    assert third.link == "#questions"


def test_days_are_counted_from_the_report_s_day_and_not_from_the_clock():
    assert "2026-10-15（今天）" in todo(as_of=date(2026, 10, 15))[0].what[0]
    assert "2026-10-15（还有 14 天）" in todo(as_of=date(2026, 10, 1))[0].what[0]


def test_the_two_months_after_a_notice_are_said_once():
    facts = {"important_data": "notified", "notified_on": "2026-09-20"}
    alone = [x.what[1] for x in todo((), facts)]
    named = tuple(
        replace(e, decision=replace(e.decision, extra={"file_by": "2026-11-20"})) for e in MADE.exporter
    )
    both = [x.what[1] for x in todo((), facts, exporter=named)]

    assert [x for x in alone if "2026-11-20" in x] == [
        (
            "important data: two months after the notice of important data: apply for assessment, "
            "2026-11-20 (in 19 days)"
        )
    ]
    assert [x for x in both if "2026-11-20" in x] == ["华澜零售: file by 2026-11-20"]


def test_the_page_says_it_in_both_languages():
    text = html.page(replace(MADE, deadlines=list_deadlines(FILINGS, {}, in_force(DAY), DAY)))

    assert "已过 17 天" in text and "17 days ago" in text and 'href="#flow-crm-hq"' in text
