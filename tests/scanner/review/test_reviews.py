"""Decisions of people: which one counts, when it goes stale, and that it is carried through scans."""

import csv
import dataclasses
import re
from collections import Counter
from datetime import date

import generated
import pytest
from findings import review_of
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from detectors.errors import ConfigError
from detectors.model import ColumnFinding, ColumnId, Evidence, Rows, TableId
from mappings.assess import assess
from mappings.flow_report import FlowReport
from mappings.model import UNKNOWN, Decision, Estimate, Flow, Recipient
from mappings.taxonomy import load_taxonomy
from reports.formats.json import to_json
from reports.messages.render import render_error
from reports.model import ColumnReport, Report, Run, TableReport, primary, standing
from reports.patterns import compile_pattern
from reports.reviews.apply import ReviewContext, apply_reviews, apply_to_column
from reports.reviews.basis import basis_of, unreviewed_column, with_column, with_covered_columns
from reports.reviews.collection import Reviews
from reports.reviews.deciding import group_reviews
from reports.reviews.owners import owners_in
from reports.reviews.queue import ReviewGroup, ReviewMember, part_of_owner, queue, review_progress
from reports.reviews.review import Review, ReviewBasis, parse_basis
from scanner import job
from scanner.cli.app import app
from scanner.config.model import read
from scanner.gather.carry_over import open_results
from scanner.records import reviews
from scanner.review import decisions, redecide
from scanner.review.diff import compare_scans
from scanner.setup.demo import build_demo
from scanner.state import store
from scanner.workspace import Workspace, open_workspace

TODAY, TAXONOMY = date(2026, 11, 20), load_taxonomy()
MOBILE = "crm/member/mobile"


def column(label="phone_mobile", *, id=MOBILE, matched=95, confidence=0.97, **schema):
    """A column with one finding, or none; schema: its name, type and comment."""
    schema = {"name": "mobile", "type": "varchar(20)", "comment": ""} | schema
    findings = []
    if label:
        found = ColumnFinding(
            ColumnId(id),
            label,
            "d",
            "personal_information",
            "core",
            confidence,
            (Evidence("value", "shape", matched, 100, "cells"),),
            True,
        )
        other = dataclasses.replace(found, label="user_id", confidence=0.4, primary=False)
        findings = assess([found, other], TAXONOMY)
    return ColumnReport(ColumnId(id), **schema, findings=tuple(findings), examined=100)


def after(c, *entries, today=TODAY):
    return apply_to_column(c, c.id.rsplit("/", 1)[0], ReviewContext(Reviews(entries), TAXONOMY, today))


def said(verdict="accept", by="lin", on=TODAY, of=None, **more):
    """A review; one of a table or a pattern saw `of`."""
    saw = tuple((c.id, str(basis_of(c))) for c in ([of] if of is not None else []))
    return Review(by, on, verdict, why=more.pop("why", "asked"), covered=saw, **more)


def test_rejecting_leaves_no_primary_finding_and_keeps_what_the_machine_saw():
    c = after(column(), review_of(column(), "reject", "lin", TODAY, "hotline"))

    assert primary(c) is None and standing(c) == "rejected"
    assert [a.finding.label for a in c.findings] == ["phone_mobile", "user_id"]
    assert unreviewed_column(c) == column()


def test_relabelling_gives_the_new_label_its_own_category_and_sensitivity():
    c = after(column("email"), review_of(column("email"), "relabel", "lin", TODAY, "wrong", to="health"))

    assert (
        primary(c).finding.label == "health"
        and primary(c).sensitive == "yes"
        and primary(c).finding.detector == "review"
    )
    assert standing(c) == "accepted" and c.reviewed.found == "email"
    assert unreviewed_column(c) == column("email")


def test_what_the_machine_missed_can_be_named_by_a_person():
    c = after(column(""), review_of(column(""), "relabel", "lin", TODAY, "salary code", to="salary_income"))

    assert primary(c).finding.label == "salary_income" and unreviewed_column(c) == column("")


def test_the_most_specific_review_wins_and_of_equals_the_later():
    pattern, table = (
        said("reject", of=column(), pattern="crm/*/mobile"),
        said("accept", of=column(), table="crm/member"),
    )
    own, later = said("reject", columns=(MOBILE,)), said("accept", columns=(MOBILE,), why="looked")

    assert standing(after(column(), table, pattern)) == "accepted"
    assert standing(after(column(), own, table, pattern)) == "rejected"
    assert standing(after(column(), own, later)) == "accepted"


def test_a_pattern_may_speak_of_one_label_only():
    rule = said("reject", of=column("email"), pattern="crm/*/mobile", label="email")

    assert standing(after(column("email"), rule)) == "rejected"
    assert standing(after(column(), rule)) == "suggested"


WIDE = [{"table": "crm/member"}, {"pattern": "crm/*"}, {"table": "crm/member", "label": "phone_mobile"}]


@pytest.mark.parametrize("wide", WIDE, ids=str)
@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_a_review_of_a_table_or_pattern_does_not_decide_a_column_that_came_later(wide, verdict):
    review = said(verdict, of=column(), **wide)
    later = column(id="crm/member/mobile2", name="mobile2")

    assert standing(after(column(), review)) == f"{verdict}ed"
    assert standing(after(later, review)) == "suggested" and after(later, review).reviewed.stale == "appeared"
    assert after(later, review).reviewed.label == wide.get("label", "")  # nobody said anything of it


@pytest.mark.parametrize("wide", WIDE, ids=str)
@pytest.mark.parametrize(
    ("now", "why"),
    [
        (column("email"), "label"),
        (column(comment="座机"), "schema"),
        (column(matched=60), "values"),
        (column(matched=80), ""),
    ],
)
def test_a_review_of_a_table_or_pattern_is_reopened_where_a_column_changes(wide, now, why):
    c = after(now, said(of=column(), **wide))

    assert c.reviewed.stale == why and standing(c) == ("suggested" if why else "accepted")


def test_a_finding_that_comes_in_a_column_without_one_is_not_decided_by_the_review_of_its_table():
    bare = column("", id="crm/member/remark", name="remark")
    review = with_covered_columns(said(table="crm/member"), report(table("crm/member", column(), bare)))

    assert [c for c, _ in review.covered] == [MOBILE]
    assert after(column("email", id="crm/member/remark", name="remark"), review).reviewed.stale == "appeared"
    assert after(bare, review).reviewed is None


def test_a_table_review_that_does_not_say_what_it_saw_decides_nothing_and_says_so():
    c = after(column(), said(table="crm/member"))

    assert standing(c) == "suggested" and c.reviewed.stale == "unseen"


@pytest.mark.parametrize("name", ["a[b]c", "x.y+z(1)", "手机|号", "a\nb"])
def test_a_name_written_out_fits_itself(name):
    assert compile_pattern("crm/*/" + name).fullmatch("crm/public/t/" + name)
    assert not compile_pattern("crm/*/" + name).fullmatch("crm/public/t/" + name + "x")


def test_two_people_who_disagree_are_both_shown():
    c = after(column(), said("accept", columns=(MOBILE,)), said("reject", by="wang", columns=(MOBILE,)))

    assert standing(c) == "rejected" and c.reviewed.against == "accept (lin, 2026-11-20)"


def test_an_undone_review_no_longer_counts_and_can_be_made_again():
    first = said("reject", columns=(MOBILE,))
    undone = Review("wang", TODAY, undo=first.id)

    assert standing(after(column(), first, undone)) == "suggested"
    assert standing(after(column(), first, undone, first)) == "rejected"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (column("email"), "label"),
        (column(comment="座机"), "schema"),
        (column(type="bigint"), "schema"),
        (column(type="varchar(64)"), ""),
        (column(matched=60), "values"),
        (column(matched=80), ""),
        (column(confidence=0.7), "values"),
    ],
)
def test_an_accepted_finding_is_reopened_when_what_it_rests_on_changes(now, why):
    c = after(now, review_of(column(), "accept", "lin", TODAY))

    assert c.reviewed.stale == why and standing(c) == ("suggested" if why else "accepted")


def test_a_rejected_finding_is_reopened_when_more_values_agree_and_not_when_fewer_do():
    review = review_of(column(matched=50), "reject", "lin", TODAY, "order numbers")

    assert after(column(matched=90), review).reviewed.stale == "values"
    assert standing(after(column(matched=10), review)) == "rejected"
    assert after(column(""), review).reviewed.stale == ""


def test_the_same_rows_never_reopen_a_review():
    mark, review = "abc123", with_column(Review("lin", TODAY, "accept"), column(), "abc123")
    other = column(matched=10)

    assert (
        apply_to_column(
            other, "crm/member", ReviewContext(Reviews([review]), TAXONOMY, TODAY), mark
        ).reviewed.stale
        == ""
    )
    assert (
        apply_to_column(
            other, "crm/member", ReviewContext(Reviews([review]), TAXONOMY, TODAY), "def456"
        ).reviewed.stale
        == "values"
    )


def test_a_review_holds_through_its_last_day_and_no_longer():
    review = review_of(column(), "reject", "lin", TODAY, "for now", until=date(2026, 12, 1))

    assert standing(after(column(), review, today=date(2026, 12, 1))) == "rejected"
    assert after(column(), review, today=date(2026, 12, 2)).reviewed.stale == "expired"


def test_a_wider_review_speaks_where_the_nearer_one_is_stale():
    own = review_of(column(), "accept", "lin", TODAY, until=TODAY)

    assert (
        standing(
            after(column(), own, said("reject", of=column(), table="crm/member"), today=date(2027, 1, 1))
        )
        == "rejected"
    )


@given(
    st.sampled_from(["", "email"]),
    st.floats(0, 1),
    st.none() | st.floats(0, 1),
    st.sampled_from(["", "ab12"]),
)
def test_what_a_review_was_made_of_is_read_back_as_written(label, confidence, support, mark):
    text = str(ReviewBasis(label, "0a1b2c3d", confidence, support, mark))

    assert str(parse_basis(text)) == text


def test_reviews_are_read_back_as_written_and_the_same_file_twice_adds_nothing(tmp_path):
    made = [
        review_of(column(), "accept", "林", TODAY, "=cmd|' /C calc'!A0", until=TODAY),
        said(
            "relabel",
            table="crm/member",
            label="email",
            to="im_account",
            why='"quoted": yes\nand a second line',
        ),
        said("reject", of=column(), pattern="crm/*/mobile", why="no"),
        said("justify", columns=("a/b/c", "a/d/c"), check=("a/b/c",)),
        Review("lin", TODAY, undo="r-0123456789"),
        said("accept", columns=("a/b/c",), again="r-0123456789"),
    ]
    reviews.append(tmp_path, made[:2])
    reviews.append(tmp_path, made[2:])

    assert list(reviews.read(tmp_path).entries) == made
    assert reviews.compare_with_recorded(reviews.read(tmp_path), made) == reviews.ReviewComparison(
        (), len(made)
    )


def test_an_old_file_does_not_revive_what_was_undone_and_says_so():
    group, other = said("reject", columns=(MOBILE, "crm/member/tel")), said(columns=(MOBILE,), by="wang")
    known = Reviews([group, other, Review("lin", TODAY, undo=group.id)])
    row = said(
        "reject", columns=(MOBILE,), basis="phone_mobile 0a1b2c3d 0.97 0.94"
    )  # as the sheet splits a group

    assert reviews.compare_with_recorded(known, [group, row, other]) == reviews.ReviewComparison(
        (),
        1,
        (
            dataclasses.replace(group, again=known.entries[2].id),
            dataclasses.replace(row, again=known.entries[2].id),
        ),
    )


def test_an_old_sheet_does_not_revive_column_by_column_what_was_undone_for_the_table():
    table = said("reject", of=column(), table="crm/member")
    known = Reviews([table, Review("lin", TODAY, undo=table.id)])
    row = said("reject", columns=(MOBILE,), basis="phone_mobile 0a1b2c3d 0.97 0.94")

    assert (
        reviews.compare_with_recorded(known, [row]).new == ()
        and len(reviews.compare_with_recorded(known, [row]).undone) == 1
    )
    assert len(reviews.compare_with_recorded(known, [row], again=True).new) == 1
    assert len(reviews.compare_with_recorded(known, [said("reject", columns=("crm/member/tel",))]).new) == 1


def test_what_was_undone_is_decided_again_under_an_id_of_its_own_as_often_as_wanted():
    entries, ids = [], set()
    for _ in range(3):
        again = reviews.compare_with_recorded(Reviews(entries), [said(columns=(MOBILE,))], again=True)
        assert len(again.new) == 1 and standing(after(column(), *entries, *again.new)) == "accepted"
        ids.add(again.new[0].id)
        assert (
            reviews.compare_with_recorded(
                Reviews([*entries, *again.new]), [said(columns=(MOBILE,))], again=True
            ).recorded
            == 1
        )
        entries += [again.new[0], Review("lin", TODAY, undo=again.new[0].id)]
        assert standing(after(column(), *entries)) == "suggested"

    assert len(ids) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {verdict: acept, column: a/b/c, by: x, on: 2026-01-01}", 'Did you mean "accept"'),
        (
            "- {verdict: relabel, column: a/b/c, to: phone_mobil, by: x, on: 2026-01-01, why: y}",
            'Did you mean "phone_mobile"',
        ),
        ("- {verdict: reject, column: a/b/c, by: x, on: 2026-01-01}", '"why" is missing'),
        (
            "- {verdict: accept, column: a/b/c, table: a/b, by: x, on: 2026-01-01}",
            "one column, several, a table or a pattern",
        ),
        ("- {verdict: accept, column: a/b/c, by: x, on: 2026-13-01}", "must be a date"),
        (
            "- {verdict: accept, column: a/b/c, by: x, on: 2026-01-02, until: 2026-01-01}",
            "before it was made",
        ),
        (
            "- {verdict: accept, column: a/b/c, by: x, on: 2026-01-02, seen: whatever}",
            "not what chujing writes there",
        ),
        ("- {undo: r-1, verdict: accept, by: x, on: 2026-01-02}", 'stands beside "undo"'),
    ],
)
def test_a_faulty_entry_is_named_by_line(tmp_path, text, words):
    (tmp_path / "reviews.yaml").write_text("# people\n" + text + "\n", encoding="utf-8")

    with pytest.raises(ConfigError) as e:
        reviews.read(tmp_path)

    assert "reviews.yaml:2" in e.value.line() and words in e.value.line()


def company(folder, rows=120, comment=""):
    folder.mkdir(exist_ok=True)
    with (folder / "member.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "mobile", "remark"])
        out.writerows([i, f"139{i:08d}", "ok"] for i in range(10_000_000, 10_000_000 + rows))
    (folder / "chujing.yaml").write_text(
        f"version: 1\nsources:\n  crm: {{url: {folder / 'member.csv'}}}\n", encoding="utf-8"
    )
    return folder / "chujing.yaml"


def scanned(file, **how):
    with open_results(file.parent) as results:
        report = job.scan(read(file), as_of=TODAY, results=results, **how)
        results.finish()
    return report


def found(report, name="mobile"):
    return next(c for t in report.tables for c in t.columns if c.name == name)


def test_a_review_takes_effect_on_carried_over_tables_and_its_undoing_too(tmp_path):
    file = company(tmp_path / "co")
    first = scanned(file)
    review = review_of(found(first), "reject", "lin", TODAY, "test numbers")
    reviews.append(file.parent, [review])
    second = scanned(file)
    reviews.append(file.parent, [Review("lin", TODAY, undo=review.id)])
    third = scanned(file)

    assert all(r.carried for r in second.run.tables.values())
    assert [standing(found(r)) for r in (first, second, third)] == ["suggested", "rejected", "suggested"]
    assert [(c.what, c.cause) for c in compare_scans(first, second)] == [("finding", "review")]
    assert to_json(first)["tables"] == to_json(third)["tables"]


def test_accepting_is_a_change_of_its_own(tmp_path):
    file = company(tmp_path / "co")
    first = scanned(file)
    reviews.append(file.parent, [review_of(found(first), "accept", "lin", TODAY)])

    assert [(c.what, c.before, c.after, c.cause) for c in compare_scans(first, scanned(file))] == [
        ("review", "suggested", "accepted", "review")
    ]


def test_a_decision_is_applied_to_a_finished_report_as_a_scan_would(tmp_path):
    file = company(tmp_path / "co")
    first = scanned(file)
    marks = {t: r.data for t, r in first.run.tables.items()}
    relabel = Review("lin", TODAY, "relabel", to="phone_landline", why="fixed lines")
    review = with_column(relabel, found(first), next(iter(marks.values())))
    reviews.append(file.parent, [review])

    assert apply_reviews(first, reviews.read(file.parent), TAXONOMY, TODAY).tables == scanned(file).tables
    assert str(basis_of(found(scanned(file)), review.basis.split(" ")[-1])) == review.basis


def explained(file, *more):
    return cli(file, "explain", "mobile", *more).stdout


def test_explain_shows_what_people_decided_beside_what_the_detectors_said(ready):
    assert "accepted by" not in explained(ready)
    cli(ready, "review", "accept", "mobile", "--by", "lin", "--why", "checked", "--until", "2999-12-31")
    cli(ready, "review", "justify", "mobile", "--by", "wang", "--why", "delivery")
    told = explained(ready)

    assert "accepted by lin on" in told and "reason: checked" in told and "until 2999-12-31" in told
    assert "justified by wang on" in told and "reason: delivery" in told
    assert "* mobile number phone_mobile" in told
    cli(ready, "review", "relabel", "mobile", "--to", "固定电话", "--by", "wang", "--why", "switchboard")
    told = explained(ready)
    assert "relabelled by wang" in told and "landline" in told and "others decided otherwise" in told
    assert "accepted by lin" in told and "does not count" in told and "phone_mobile" in told
    assert "王" not in told and "wang 于" in explained(ready, "--lang", "zh")


def test_explain_says_why_a_review_no_longer_holds_and_what_stands_instead(ready):
    c = found(store.last(ready.parent))
    reviews.append(
        ready.parent,
        [review_of(dataclasses.replace(c, comment="座机"), "reject", "lin", TODAY, "not a phone")],
    )
    told = explained(ready)

    assert "rejected by lin on 2026-11-20: mobile number; reason: not a phone" in told
    assert (
        "review gone stale: name, type or comment changed; what the machine finds stands: mobile number"
        in told
    )


# The queue, the sheet and the commands


def table(name, *columns, subject="person", owner="", status="scanned", rows=1_000):
    return TableReport(
        TableId(name), status, "", Rows(rows, rows, "exact"), None, columns, subject, owner=owner
    )


def report(*tables, flows=()):
    run = Run(
        "r",
        "2026-11-20T00:00:00Z",
        "2026-11-20T00:00:00Z",
        TODAY,
        "0",
        7,
        ("cn-2024",),
        ("gbt-43697-2024",),
        "d",
    )
    return Report(run, (), tables, flows)


def shards(n, **odd):
    """n tables with the same column; `odd`: index -> changes to its column."""
    return [
        table(f"crm/t{i:03}", column(id=f"crm/t{i:03}/mobile", **odd.get(f"t{i:03}", {}))) for i in range(n)
    ]


def test_equal_columns_are_one_decision_and_members_that_disagree_stand_apart():
    q = queue(
        report(
            *shards(30, t007={"matched": 40}),
            table("crm/shop", column(id="crm/shop/mobile"), subject="product"),
            table("crm/other", column(id="crm/other/tel", name="tel")),
        )
    )
    first = max(q.groups, key=lambda g: len(g.members))

    assert len(q.groups) == 2 and len(first.members) == 31
    assert {m.id: m.exception for m in first.members if m.exception} == {
        "crm/t007/mobile": "values",
        "crm/shop/mobile": "context",
    }


@pytest.mark.parametrize("columns", [24, 1_000, 3_000])
def test_how_much_remains_is_what_the_queue_has(columns):
    made = generated.report(columns)

    assert review_progress(made) == queue(made).progress
    assert review_progress(made).waiting > 0


def test_a_copy_that_looks_like_its_root_is_decided_with_it_and_one_that_does_not_is_not():
    def copy(id, name):
        c = column(id=id, name=name)
        made = dataclasses.replace(
            primary(c).finding, evidence=(Evidence("lineage", f"taken from {MOBILE}"),), confidence=0.96
        )
        return dataclasses.replace(c, findings=tuple(assess([made], TAXONOMY)))

    views = table("crm/v1", copy("crm/v1/mobile", "mobile")), table("crm/v2", copy("crm/v2/m", "m"))
    q = queue(report(table("crm/member", column()), *views))

    assert sorted(tuple(m.id for m in g.members) for g in q.groups) == [
        ("crm/member/mobile", "crm/v1/mobile"),
        ("crm/v2/m",),
    ]
    assert next(g for g in q.groups if len(g.members) == 1).root == MOBILE


def test_a_group_is_accepted_in_one_entry_that_covers_all_but_the_exceptions_and_draws_a_check_sample():
    whole = report(*shards(30, t007={"matched": 40}))
    group = queue(whole).groups[0]
    made = group_reviews(group, Review("lin", TODAY))

    assert len(made) == 1 and len(made[0].columns) == 29 and "crm/t007/mobile" not in made[0].columns
    assert len(made[0].check) == 5 and set(made[0].check) <= set(made[0].columns)
    assert group_reviews(group, Review("lin", TODAY)) == made

    after_it = queue(apply_reviews(whole, Reviews(made), TAXONOMY, TODAY))
    assert after_it.decided == 29 and [m.id for g in after_it.groups for m in g.members] == [
        "crm/t007/mobile"
    ]


def test_members_whose_values_stand_apart_get_a_review_of_their_own_so_that_it_does_not_go_stale_at_once():
    whole = report(*shards(9, t003={"matched": 40}))
    group = queue(whole).groups[0]
    made = group_reviews(group, Review("lin", TODAY), group.members)
    now = apply_reviews(whole, Reviews(made), TAXONOMY, TODAY)

    assert len(made) == 2 and queue(now).groups == ()
    assert {c.reviewed.stale for t in now.tables for c in t.columns} == {""}


def test_a_large_group_whose_members_all_stand_apart_is_decided_at_once():
    ids = [ColumnId(f"crm/t{n}/mobile") for n in range(3_000)]
    members = tuple(ReviewMember(id, 0.5 + 0.49 * (n % 2), 0.9, "") for n, id in enumerate(ids))
    group = ReviewGroup(
        "g-1",
        "phone_mobile",
        "mobile",
        "",
        "",
        "no",
        members,
        (),
        UNKNOWN,
        0.5,
        ReviewBasis("phone_mobile", "0a1b2c3d", 0.5, 0.9),
    )
    made = group_reviews(group, Review("lin", TODAY), members)

    assert [len(r.columns) for r in made] == [1_500] + [1] * 1_500 and {
        c for r in made for c in r.columns
    } == set(ids)


def flow(id, column, persons):
    """A flow of one column with so many persons."""
    decision = Decision("exempt_art5_4", ("exempt_art5_4",), True)
    nobody = Estimate.exactly(0)
    return FlowReport(
        Flow(id, "acme", Recipient("HQ"), "crm"), persons, nobody, nobody, (ColumnId(column),), (), decision
    )


def test_the_queue_begins_with_what_leaves_then_sensitive_then_many_then_uncertain():
    q = queue(
        report(
            table("a/few", column(id="a/few/mobile", name="one"), rows=9_000),
            table("a/unsure", column(id="a/unsure/mobile", name="two", confidence=0.6)),
            table("a/many", column(id="a/many/mobile", name="three")),
            table("a/ill", column("health", id="a/ill/x", name="four")),
            table("a/rows", column(id="a/rows/mobile", name="five")),
            table("a/uncounted", column(id="a/uncounted/mobile", name="six", confidence=0.6)),
            flows=(
                flow("x", "a/few/mobile", Estimate.exactly(10)),
                flow("y", "a/many/mobile", Estimate.exactly(500)),
                flow("z", "a/rows/mobile", Estimate(0, 70_000, 70_000, "statistics")),
                flow("w", "a/uncounted/mobile", UNKNOWN),
            ),
        )
    )

    assert [g.name for g in q.groups] == ["three", "one", "five", "six", "four", "two"]


def test_rows_are_not_shown_as_persons():
    from scanner.review.decision_lines import group_lines

    q = queue(report(table("a/t", column(id="a/t/mobile"), rows=21_000)))
    told = "\n".join(group_lines(q.groups[0], "en"))

    assert q.groups[0].persons == UNKNOWN
    assert "persons unknown" in told and "21,000" not in told and "people" not in told


def test_owners_come_from_the_list_before_the_source_and_a_shared_group_is_split_between_them():
    whole = report(
        table("crm/a", column(id="crm/a/mobile"), owner="dba"),
        table("crm/b", column(id="crm/b/mobile"), owner="dba"),
    )
    q = queue(whole, owners_in("pattern,owner\n# comment\ncrm/b/*,王敏\n", "owners.csv"))

    assert [m.id for g in part_of_owner(q, "王敏").groups for m in g.members] == ["crm/b/mobile"]
    assert [m.id for g in part_of_owner(q, "dba").groups for m in g.members] == ["crm/a/mobile"]
    with pytest.raises(ConfigError, match=r"owners.csv:2"):
        owners_in("pattern,owner\ncrm/b/*\n", "owners.csv")


RUN = CliRunner()


def cli(file, *args, code=0):
    done = RUN.invoke(app, [*map(str, args), "-c", str(file)])
    assert done.exit_code == code, (done.output, done.exception)
    return done


@pytest.fixture
def ready(tmp_path):
    file = company(tmp_path / "co")
    with open_results(file.parent) as results:
        store.remember(job.scan(read(file), as_of=TODAY, results=results), file.parent)
    return file


def test_a_decision_by_command_counts_at_once_is_in_the_audit_trail_and_can_be_undone(ready):
    said = cli(ready, "review", "reject", "mobile", "--by", "王敏", "--why", "hotline")
    id = said.stdout.split()[0]

    assert id in cli(ready, "review", "status").stdout
    assert f"review reject  {id}" in cli(ready, "audit").stdout
    assert "mobile" not in cli(ready, "review", "todo").stdout
    cli(ready, "review", "undo", id, "--by", "王敏")
    assert "mobile" in cli(ready, "review", "todo").stdout


def wide_company(folder, tables=9):
    """As many tables, each with a mobile number and an e-mail address."""
    folder.mkdir()
    for i in range(tables):
        rows = "".join(f"139{j:08d},user{j}@mail.test-company.cn\n" for j in range(10_000_000, 10_000_120))
        (folder / f"t{'abcdefghi'[i]}.csv").write_text("mobile,email\n" + rows, encoding="utf-8")
    (folder / "chujing.yaml").write_text(
        f"version: 1\nsources:\n  crm: {{url: {folder}}}\n", encoding="utf-8"
    )
    with open_results(folder) as results:
        store.remember(job.scan(read(folder / "chujing.yaml"), as_of=TODAY, results=results), folder)
    return folder / "chujing.yaml"


def test_deciding_a_table_or_a_pattern_says_how_many_columns_it_covers_and_draws_a_check_sample(tmp_path):
    file = wide_company(tmp_path / "co")
    own = cli(file, "review", "reject", "ta/email", "--by", "lin", "--why", "x")
    table = cli(file, "review", "accept", "crm/ta", "--by", "lin")
    pattern = cli(file, "review", "accept", "crm/*/mobile", "--by", "lin")
    label = cli(file, "review", "accept", "crm/*", "--label", "email", "--by", "lin")

    assert "it decides" not in own.stdout
    assert "columns with findings it decides: 2; of these 1 keep their own review" in table.stdout
    assert (
        "it decides: 9\n" in pattern.stdout.replace("; of these 1 keep their own review", "")
        and pattern.stdout.count("/mobile") == 3
    )
    assert "it decides: 9" in label.stdout
    assert [len(r.check) for r in reviews.read(file.parent).entries] == [0, 0, 2, 2]


def test_the_check_sample_is_drawn_from_columns_the_review_itself_decides(tmp_path):
    file = wide_company(tmp_path / "co")
    for table in ("ta", "tb", "tc"):
        cli(file, "review", "reject", f"{table}/email", "--by", "lin", "--why", "x")
    cli(file, "review", "accept", "crm/*/email", "--by", "lin")

    check = reviews.read(file.parent).entries[-1].check
    assert check and not {"crm/ta/email", "crm/tb/email", "crm/tc/email"} & set(check)


def test_a_review_is_undone_by_the_end_of_its_column_where_it_is_the_only_one(ready):
    cli(ready, "review", "reject", "mobile", "--by", "lin", "--why", "lines")
    with pytest.raises(ConfigError, match="names 0 of 1 reviews"):
        RUN.invoke(app, ["review", "undo", "obile", "--by", "wang", "-c", str(ready)], catch_exceptions=False)
    cli(ready, "review", "undo", "member/mobile", "--by", "wang")
    assert not reviews.read(ready.parent)

    cli(ready, "review", "accept", "mobile", "--by", "lin")
    cli(ready, "review", "justify", "mobile", "--by", "lin", "--why", "delivery")
    with pytest.raises(ConfigError, match="names 2 of 2 reviews"):
        RUN.invoke(
            app, ["review", "undo", "mobile", "--by", "wang", "-c", str(ready)], catch_exceptions=False
        )


def test_the_status_speaks_of_labels_by_their_names_and_of_others_in_the_readers_language(ready):
    cli(ready, "review", "relabel", "mobile", "--to", "phone_landline", "--by", "王敏", "--why", "总机")
    cli(ready, "review", "accept", "mobile", "--by", "林")
    zh, en = (cli(ready, "review", "status", "--lang", lang).stdout for lang in ("zh", "en"))

    assert "手机号码 -> 固定电话  王敏" in zh and "林：确认；另有不同意见：改判 固定电话（王敏" in zh
    assert "mobile number -> landline  王敏" in en and "accept by 林, against relabel landline (王敏" in en
    assert "phone_mobile" not in zh + en


def test_a_word_that_names_nothing_is_answered_with_the_nearest(ready):
    def fails(*args):
        with pytest.raises(ConfigError) as e:
            RUN.invoke(
                app, ["review", *args, "--by", "x", "--why", "y", "-c", str(ready)], catch_exceptions=False
            )
        return e.value.line()

    assert 'Did you mean "crm/member/mobile"' in fails("accept", "member/mobil") or "mobile" in fails(
        "accept", "mobil"
    )
    assert "names 0 of" in fails("accept", "g-00000000")
    assert "no column fits" in fails("accept", "nosuch/*")
    assert 'Did you mean "phone_mobile"' in fails("relabel", "mobile", "--to", "phone_mobil")
    assert "names 0 of" in fails("undo", "r-00")


def sheet_of(file, edit, name="reviews.xlsx"):
    """The exported inventory with a change made to it."""
    out = file.parent / name
    out.unlink(missing_ok=True)
    cli(file, "review", "export", "--lang", "zh", "-o", out)
    book = load_workbook(out)
    sheet = book["分类分级清单"]
    heads = {c.value: c.column for c in sheet[1]}
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, heads["字段"]).value == "mobile")
    edit(sheet, heads, row)
    book.save(out)
    return out


def fill(**answers):
    def edit(sheet, heads, row):
        for head, value in answers.items():
            sheet.cell(row, heads[head]).value = value

    return edit


def test_a_filled_sheet_is_read_in_and_the_next_export_says_the_same_and_imports_nothing(ready):
    done = sheet_of(
        ready,
        fill(
            复核结论="改判", 改判为="固定电话", 复核人="王敏", 复核日期="2026-11-19", 理由="-- 总机，不是手机"
        ),
    )
    cli(ready, "review", "import", done)
    entry = reviews.read(ready.parent).entries[0]

    assert (entry.verdict, entry.to, entry.by, entry.on) == (
        "relabel",
        "phone_landline",
        "王敏",
        date(2026, 11, 19),
    )
    assert entry.why == "-- 总机，不是手机"
    again = sheet_of(ready, lambda *_: None, "again.xlsx")
    assert "0 recorded, 1 known already" in cli(ready, "review", "import", again).stderr
    assert len(reviews.read(ready.parent).entries) == 1


def test_a_row_against_one_that_is_recorded_already_is_named(ready):
    cli(ready, "review", "import", sheet_of(ready, fill(复核结论="确认", 复核人="王敏")))
    told = review_sheet_faults(ready, sheet_of(ready, against, "against.xlsx"))

    assert len(told) == 1 and "is decided otherwise in 分类分级清单!H3" in told[0]


def review_sheet_faults(file, sheet):
    from scanner.review import decisions as reviewing
    from scanner.sheets import inventory_reviews

    at = reviewing.open_desk(Workspace(file.parent, reviews=reviews.read(file.parent)), date.today())
    return [f.line() for f in inventory_reviews.read(sheet, at.report, at.today).faults]


def against(sheet, heads, row):
    """A copy of a row that says otherwise."""
    last = sheet.max_row + 1
    for c in range(1, sheet.max_column + 1):
        sheet.cell(last, c).value = sheet.cell(row, c).value
    fill(复核结论="否定", 复核人="林", 理由="不是")(sheet, heads, last)


@pytest.mark.parametrize("scanned_on", ["2026-11-19", "2026-11-20", "2026-11-21", "2999-01-01"])
def test_whether_a_review_holds_is_judged_by_the_day_of_the_scan_wherever_it_is_shown(tmp_path, scanned_on):
    """By the decision, by explain, find and review alike: today is another day."""
    file = company(tmp_path / "co")
    with open_results(file.parent) as results:
        scan = job.scan(read(file), as_of=date.fromisoformat(scanned_on), results=results)
        store.remember(scan, file.parent)
    found = next(c for table in scan.tables for c in table.columns if c.id.endswith("/mobile"))
    reviews.append(file.parent, [review_of(found, "reject", "lin", date(2026, 11, 1), "x", until=TODAY)])
    holds = scanned_on <= TODAY.isoformat()

    decided = redecide.decide_today(open_workspace(file))
    at = decisions.open_desk(open_workspace(file), date.today())
    stale = [
        column.reviewed.stale for report in (decided, at.report) for table in report.tables
        for column in table.columns if column.id == found.id
    ]
    assert stale == ["" if holds else "expired"] * 2
    assert ("mobile" in cli(file, "find", "手机号码", code=1 if holds else 0).stdout) is not holds
    assert ("expired" in cli(file, "explain", "mobile", "--lang", "en").stdout) is not holds
    assert ("mobile" in cli(file, "review", "todo").stdout) is not holds


def test_reviews_written_as_yaml_are_the_same_elsewhere(ready, tmp_path):
    cli(ready, "review", "accept", "mobile", "--by", "王敏", "--until", "2027-06-30")
    cli(ready, "review", "export", "--lang", "zh", "-o", tmp_path / "out.yaml")

    assert reviews.read_entries(tmp_path / "out.yaml") == reviews.read(ready.parent).entries
    assert "0 recorded, 1 known already" in cli(ready, "review", "import", tmp_path / "out.yaml").stderr


def test_a_file_without_what_was_seen_is_taken_as_made_of_what_columns_show_now(ready, tmp_path):
    column = found(store.last(ready.parent))
    (tmp_path / "page.yaml").write_text(
        f"- {{verdict: accept, column: {column.id}, by: lin, on: 2026-11-20}}\n", encoding="utf-8"
    )
    cli(ready, "review", "import", tmp_path / "page.yaml")

    assert reviews.read(ready.parent).entries[0].basis.startswith("phone_mobile ")


def two_rows(sheet, heads, row):
    fill(复核结论="确认", 复核人="王敏")(sheet, heads, row)
    against(sheet, heads, row)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (fill(复核结论="同意", 复核人="王敏"), 'H3: "同意" is no 复核结论'),
        (
            fill(复核结论="改判", 改判为="手机号", 复核人="王敏", 理由="x"),
            'I3: no detector makes the label "手机号". Did you mean "手机号码"',
        ),
        (fill(复核结论="改判", 复核人="王敏", 理由="x"), "I3: 复核结论 is 改判, and 改判为 is empty"),
        (fill(复核结论="确认", 改判为="固定电话", 复核人="王敏"), "I3: 改判为 is filled"),
        (fill(复核结论="确认"), "J3: 复核人 is empty"),
        (fill(复核结论="否定", 复核人="王敏"), "L3: 理由 is empty: a decision to 否定 has one"),
        (fill(复核结论="否定"), "J3: 复核人 is empty"),
        (
            fill(复核结论="确认", 复核人="王敏", 复核日期="2026-02-01", 有效期至="2026-01-31"),
            "M3: 有效期至 is 2026-01-31, before 复核日期",
        ),
        (fill(复核结论="确认", 复核人="王敏", 复核日期="昨天"), 'K3: "昨天" is no date'),
        (fill(理由="不是"), "H3: 复核结论 is empty beside other answers"),
        (
            fill(复核结论="确认", 复核人="王敏", 字段编号="crm/gone/x"),
            'AI3: the last scan has no column "crm/gone/x"',
        ),
        (fill(复核结论="确认", 复核人="王敏", 复核依据="x"), "AH3: 复核依据 was changed"),
        (two_rows, "is decided otherwise in 分类分级清单!H3"),
        (
            lambda s, h, r: (fill(复核结论="确认", 复核人="王敏")(s, h, r), s.merge_cells("H3:H4")),
            "H3:H4: cells are merged",
        ),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_recorded(ready, edit, words):
    done = RUN.invoke(app, ["review", "import", str(sheet_of(ready, edit)), "-c", str(ready)])

    assert words in done.stderr and "nothing was recorded" in str(done.exception)
    assert not (ready.parent / "reviews.yaml").exists()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            fill(复核结论="改判", 改判为="手机号", 复核人="王敏", 理由="x"),
            "I3：没有识别类别“手机号”。是否为“手机号码”",
        ),
        (fill(复核结论="否定", 复核人="王敏"), "L3：“理由”为空：结论为“否定”时必填。写明理由"),
        (fill(复核结论="确认", 复核人="王敏", 复核依据="x"), "AH3：“复核依据”被改动过"),
        (
            fill(复核结论="确认", 复核人="王敏", 复核日期=date(2999, 1, 1)),
            "K3：“复核日期”2999-01-01 尚未到来",
        ),
    ],
)
def test_in_chinese_a_bad_cell_is_told_in_chinese_by_the_headings_of_the_sheet(ready, edit, words):
    done = RUN.invoke(app, ["review", "import", str(sheet_of(ready, edit)), "--lang", "zh", "-c", str(ready)])

    assert words in done.stderr and "1 处有误，未记录任何内容" in render_error(done.exception, "zh")
    assert not re.search("[a-z]{3}", done.stderr.replace("chujing detectors", ""))


def test_every_faulty_entry_of_a_file_is_named_and_nothing_is_recorded(ready, tmp_path):
    (tmp_path / "page.yaml").write_text(
        """
- {verdict: accept, column: crm/member/mobile, by: lin, on: 2026-11-20}
- {verdict: acept, column: a/b/c, by: lin, on: 2026-13-01}
- {verdict: reject, column: a/b/c, by: lin, on: 2026-11-20}
- {verdict: accept, colum: a/b/c}
- text
- {verdict: accept, column: crm/member/mobile, by: lin, on: 2999-01-01}
""",
        encoding="utf-8",
    )
    done = RUN.invoke(app, ["review", "import", str(tmp_path / "page.yaml"), "-c", str(ready)])

    for words in (
        ':3: "verdict" cannot be "acept". Did you mean "accept"?',
        ':3: "on" must be a date',
        ':4: "why" is missing',
        ':5: unknown key "colum". Did you mean "column"?',
        ':5: "by" is missing',
        ':5: "on" is missing',
        ":6: an entry of this list is a mapping",
        ":7: it was made on 2999-01-01, which is yet to come",
    ):
        assert f"page.yaml{words}" in done.stderr
    assert "8 faults; nothing was recorded" in str(done.exception)
    assert not (ready.parent / "reviews.yaml").exists()


@pytest.mark.parametrize("head", ["复核结论", "理由", "复核依据", "字段编号"])
def test_a_deleted_column_is_named(ready, head):
    out = sheet_of(ready, lambda s, heads, row: s.delete_cols(heads[head]))

    with pytest.raises(ConfigError, match=f"the column {head} is missing"):
        RUN.invoke(app, ["review", "import", str(out), "-c", str(ready)], catch_exceptions=False)


def test_a_verdict_taken_out_of_the_sheet_is_no_undoing(ready):
    cli(ready, "review", "accept", "mobile", "--by", "王敏")
    out = sheet_of(ready, fill(复核结论=None, 复核人=None, 复核日期=None))
    done = RUN.invoke(app, ["review", "import", str(out), "-c", str(ready)])

    assert "a recorded 复核结论 was removed. chujing review undo r-" in done.stderr


def test_a_spreadsheet_that_is_none_is_named(ready):
    (ready.parent / "x.xlsx").write_bytes(b"PK nothing")

    with pytest.raises(ConfigError, match="not an XLSX workbook"):
        RUN.invoke(
            app, ["review", "import", str(ready.parent / "x.xlsx"), "-c", str(ready)], catch_exceptions=False
        )


def test_a_rejected_sensitive_field_lowers_the_path_at_once_as_a_new_scan_would(tmp_path, monkeypatch):
    monkeypatch.setenv("CHUJING_KEY", "22" * 32)
    build_demo(tmp_path, seed=7)
    file = tmp_path / "chujing.yaml"
    with open_results(tmp_path) as results:
        store.remember(job.scan(read(file), as_of=TODAY, results=results), tmp_path)
    said = cli(
        file, "review", "reject", "member/health_note", "--by", "王敏", "--why", "only allergies to cats"
    )
    at_once = redecide.decide_today(open_workspace(file))
    with open_results(tmp_path) as results:
        again = job.scan(read(file), as_of=TODAY, results=results)

    assert "at once  marketing-sg: security assessment" in said.stdout
    for a, b in zip(at_once.flows, again.flows, strict=True):
        assert (a.individuals, a.sensitive_individuals, a.decision.path) == (
            b.individuals,
            b.sensitive_individuals,
            b.decision.path,
        )
        assert [(v.column, v.verdict) for v in a.fields] == [(v.column, v.verdict) for v in b.fields]


def test_a_column_that_joins_a_reviewed_table_is_left_to_do_and_said_to_be_new(ready):
    told = cli(ready, "review", "accept", "member", "--by", "lin", "--lang", "en").stdout
    assert (
        "columns with findings it decides: 2" in told                  # the telephone, and the member's id
        and "crm/member (columns: 2)" in cli(ready, "review", "status").stdout
    )
    member = ready.parent / "member.csv"
    first, *rows = member.read_text(encoding="utf-8").splitlines()
    member.write_text(
        "\n".join([first + ",phone2", *(f"{row},138{i:08d}" for i, row in enumerate(rows))]), encoding="utf-8"
    )
    with open_results(ready.parent) as results:
        second = job.scan(read(ready), as_of=TODAY, results=results)
        store.remember(second, ready.parent)

    assert standing(found(second)) == "accepted"
    assert (
        standing(found(second, "phone2")) == "suggested"
        and found(second, "phone2").reviewed.stale == "appeared"
    )
    assert "not covered" in cli(ready, "review", "status", "--lang", "en").stdout


def test_deciding_a_table_without_findings_of_a_label_says_so(ready):
    with pytest.raises(ConfigError, match="there is nothing to decide"):
        RUN.invoke(
            app,
            ["review", "accept", "member", "--label", "email", "--by", "x", "-c", str(ready)],
            catch_exceptions=False,
        )


def test_a_decision_undone_and_made_again_counts_whichever_way_it_is_made(ready):
    reject = ("review", "reject", "mobile", "--by", "lin", "--why", "lines", "--lang", "en")
    cli(ready, *reject)
    [first] = reviews.read(ready.parent).standing
    cli(ready, "review", "undo", first, "--by", "wang")
    cli(ready, *reject)
    [second] = reviews.read(ready.parent).standing
    assert second != first
    assert "recorded already: 1" in cli(ready, *reject).stderr
    assert list(reviews.read(ready.parent).standing) == [second]

    sheet = sheet_of(ready, lambda *_: None)
    cli(ready, "review", "undo", second, "--by", "wang")
    told = cli(ready, "review", "import", str(sheet), "--lang", "en").stderr
    assert "was undone by" in told and "--again" in told and not reviews.read(ready.parent)
    cli(ready, "review", "import", str(sheet), "--again")
    assert len(reviews.read(ready.parent).standing) == 1


def test_a_table_review_written_by_hand_is_filled_in_by_import(ready):
    (ready.parent / "reviews.yaml").write_text(
        f"- {{verdict: accept, table: crm/member, by: lin, on: {TODAY}}}\n", encoding="utf-8"
    )
    assert "does not say what it saw" in cli(ready, "review", "status", "--lang", "en").stdout

    cli(ready, "review", "import", str(ready.parent / "reviews.yaml"))
    assert "does not say" not in cli(ready, "review", "status", "--lang", "en").stdout
    desk = decisions.open_desk(open_workspace(ready), TODAY)
    standings = Counter(standing(c) for table in desk.report.tables for c in table.columns)
    assert standings == {"accepted": 2, "possible": 1}       # nothing was found there that could be right
