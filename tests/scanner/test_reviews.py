"""Decisions of people: which one counts, when it goes stale, and that it is carried through scans."""

import csv
import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.errors import ConfigError
from detectors.model import ColumnFinding, ColumnId, Evidence
from mappings.assess import assess
from mappings.taxonomy import load_taxonomy
from reports import reviews as pure
from reports.formats.json import to_json
from reports.model import ColumnReport, primary, standing
from reports.reviews import Review, Reviews, Seen, applied, decide, seen, unreviewed
from scanner import pipeline, reviews
from scanner.config import read
from scanner.diff import compare
from scanner.results import writing

TODAY, TAXONOMY = date(2026, 11, 20), load_taxonomy()
MOBILE = "crm/member/mobile"


def column(label="phone_mobile", *, id=MOBILE, name="mobile", type="varchar(20)", comment="", matched=95, confidence=0.97):
    findings = []
    if label:
        found = ColumnFinding(ColumnId(id), label, "d", "personal_information", "core", confidence,
                              (Evidence("value", "shape", matched, 100, "cells"),), True)
        other = dataclasses.replace(found, label="user_id", confidence=0.4, primary=False)
        findings = assess([found, other], TAXONOMY)
    return ColumnReport(ColumnId(id), name, type, comment, tuple(findings), 100)


def after(c, *entries, today=TODAY):
    return applied(c, c.id.rsplit("/", 1)[0], Reviews(entries), TAXONOMY, today)


def said(verdict="accept", by="lin", on=TODAY, **more):
    return Review(by, on, verdict, why=more.pop("why", "asked"), **more)


def test_rejecting_leaves_no_primary_finding_and_keeps_what_the_machine_saw():
    c = after(column(), decide(column(), "reject", "lin", TODAY, "hotline"))

    assert primary(c) is None and standing(c) == "rejected"
    assert [a.finding.label for a in c.findings] == ["phone_mobile", "user_id"]
    assert unreviewed(c) == column()


def test_relabelling_gives_the_new_label_its_own_category_and_sensitivity():
    c = after(column("email"), decide(column("email"), "relabel", "lin", TODAY, "wrong", to="health"))

    assert primary(c).finding.label == "health" and primary(c).sensitive == "yes" and primary(c).finding.detector == "review"
    assert standing(c) == "accepted" and c.reviewed.found == "email"
    assert unreviewed(c) == column("email")


def test_what_the_machine_missed_can_be_named_by_a_person():
    c = after(column(""), decide(column(""), "relabel", "lin", TODAY, "salary code", to="salary_income"))

    assert primary(c).finding.label == "salary_income" and unreviewed(c) == column("")


def test_the_most_specific_review_wins_and_of_equals_the_later():
    pattern, table = said("reject", pattern="crm/*/mobile"), said("accept", table="crm/member")
    own, later = said("reject", columns=(MOBILE,)), said("accept", columns=(MOBILE,), why="looked")

    assert standing(after(column(), table, pattern)) == "accepted"
    assert standing(after(column(), own, table, pattern)) == "rejected"
    assert standing(after(column(), own, later)) == "accepted"


def test_a_pattern_may_speak_of_one_label_only():
    rule = said("reject", pattern="crm/*/mobile", label="email")

    assert standing(after(column("email"), rule)) == "rejected"
    assert standing(after(column(), rule)) == "suggested"


@pytest.mark.parametrize("name", ["a[b]c", "x.y+z(1)", "手机|号", "a\nb"])
def test_every_character_but_the_star_stands_for_itself(name):
    assert pure.glob("crm/*/" + name).fullmatch("crm/public/t/" + name)
    assert not pure.glob("crm/*/" + name).fullmatch("crm/public/t/" + name + "x")


def test_two_people_who_disagree_are_both_shown():
    c = after(column(), said("accept", columns=(MOBILE,)), said("reject", by="wang", columns=(MOBILE,)))

    assert standing(c) == "rejected" and c.reviewed.against == "accept (lin, 2026-11-20)"


def test_an_undone_review_no_longer_counts_and_can_be_made_again():
    first = said("reject", columns=(MOBILE,))
    undone = Review("wang", TODAY, undo=first.id)

    assert standing(after(column(), first, undone)) == "suggested"
    assert standing(after(column(), first, undone, first)) == "rejected"


@pytest.mark.parametrize(("now", "why"), [
    (column("email"), "label"),
    (column(comment="座机"), "schema"),
    (column(type="bigint"), "schema"),
    (column(type="varchar(64)"), ""),
    (column(matched=60), "values"),
    (column(matched=80), ""),
    (column(confidence=0.7), "values"),
])
def test_an_accepted_finding_is_reopened_when_what_it_rests_on_changes(now, why):
    c = after(now, decide(column(), "accept", "lin", TODAY))

    assert c.reviewed.stale == why and standing(c) == ("suggested" if why else "accepted")


def test_a_rejected_finding_is_reopened_when_more_values_agree_and_not_when_fewer_do():
    review = decide(column(matched=50), "reject", "lin", TODAY, "order numbers")

    assert after(column(matched=90), review).reviewed.stale == "values"
    assert standing(after(column(matched=10), review)) == "rejected"
    assert after(column(""), review).reviewed.stale == ""


def test_the_same_rows_never_reopen_a_review():
    mark, review = "abc123", decide(column(), "accept", "lin", TODAY, mark="abc123")
    other = column(matched=10)

    assert applied(other, "crm/member", Reviews([review]), TAXONOMY, TODAY, mark).reviewed.stale == ""
    assert applied(other, "crm/member", Reviews([review]), TAXONOMY, TODAY, "def456").reviewed.stale == "values"


def test_a_review_holds_through_its_last_day_and_no_longer():
    review = decide(column(), "reject", "lin", TODAY, "for now", until=date(2026, 12, 1))

    assert standing(after(column(), review, today=date(2026, 12, 1))) == "rejected"
    assert after(column(), review, today=date(2026, 12, 2)).reviewed.stale == "expired"


def test_a_wider_review_speaks_where_the_nearer_one_is_stale():
    own = decide(column(), "accept", "lin", TODAY, until=TODAY)

    assert standing(after(column(), own, said("reject", table="crm/member"), today=date(2027, 1, 1))) == "rejected"


@given(st.sampled_from(["", "email"]), st.floats(0, 1), st.none() | st.floats(0, 1), st.sampled_from(["", "ab12"]))
def test_what_a_review_was_made_of_is_read_back_as_written(label, confidence, support, mark):
    text = str(Seen(label, "0a1b2c3d", confidence, support, mark))

    assert str(pure.parsed(text)) == text


def test_reviews_are_read_back_as_written_and_the_same_file_twice_adds_nothing(tmp_path):
    made = [
        decide(column(), "accept", "林", TODAY, "=cmd|' /C calc'!A0", until=TODAY),
        said("relabel", table="crm/member", label="email", to="im_account", why='"quoted": yes\nand a second line'),
        said("reject", pattern="crm/*/mobile", why="no"), said("justify", columns=("a/b/c", "a/d/c"), check=("a/b/c",)),
        Review("lin", TODAY, undo="r-0123456789"),
    ]
    reviews.append(tmp_path, made[:2])
    reviews.append(tmp_path, made[2:])

    assert list(reviews.read(tmp_path).entries) == made
    assert reviews.fresh(reviews.read(tmp_path), made) == []


@pytest.mark.parametrize(("text", "words"), [
    ("- {verdict: acept, column: a/b/c, by: x, on: 2026-01-01}", 'Did you mean "accept"'),
    ("- {verdict: relabel, column: a/b/c, to: phone_mobil, by: x, on: 2026-01-01, why: y}", 'Did you mean "phone_mobile"'),
    ("- {verdict: reject, column: a/b/c, by: x, on: 2026-01-01}", '"why" is missing'),
    ("- {verdict: accept, column: a/b/c, table: a/b, by: x, on: 2026-01-01}", "one column, several, a table or a pattern"),
    ("- {verdict: accept, column: a/b/c, by: x, on: 2026-13-01}", "must be a date"),
    ("- {verdict: accept, column: a/b/c, by: x, on: 2026-01-02, until: 2026-01-01}", "before it was made"),
    ("- {verdict: accept, column: a/b/c, by: x, on: 2026-01-02, seen: whatever}", "not what chujing writes there"),
    ("- {undo: r-1, verdict: accept, by: x, on: 2026-01-02}", 'stands beside "undo"'),
])
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
    (folder / "chujing.yaml").write_text(f"version: 1\nsources:\n  crm: {{url: {folder / 'member.csv'}}}\n", encoding="utf-8")
    return folder / "chujing.yaml"


def scanned(file, **how):
    with writing(file.parent) as results:
        report = pipeline.scan(read(file), as_of=TODAY, results=results, **how)
        results.finish()
    return report


def found(report, name="mobile"):
    return next(c for t in report.tables for c in t.columns if c.name == name)


def test_a_review_takes_effect_on_carried_over_tables_and_its_undoing_too(tmp_path):
    file = company(tmp_path / "co")
    first = scanned(file)
    review = decide(found(first), "reject", "lin", TODAY, "test numbers")
    reviews.append(file.parent, [review])
    second = scanned(file)
    reviews.append(file.parent, [Review("lin", TODAY, undo=review.id)])
    third = scanned(file)

    assert all(r.carried for r in second.run.tables.values())
    assert [standing(found(r)) for r in (first, second, third)] == ["suggested", "rejected", "suggested"]
    assert [(c.what, c.cause) for c in compare(first, second)] == [("finding", "review")]
    assert to_json(first)["tables"] == to_json(third)["tables"]


def test_accepting_is_a_change_of_its_own(tmp_path):
    file = company(tmp_path / "co")
    first = scanned(file)
    reviews.append(file.parent, [decide(found(first), "accept", "lin", TODAY)])

    assert [(c.what, c.before, c.after, c.cause) for c in compare(first, scanned(file))] == [("review", "suggested", "accepted", "review")]


def test_a_decision_is_applied_to_a_finished_report_as_a_scan_would(tmp_path):
    file = company(tmp_path / "co")
    first = scanned(file)
    marks = {t: r.data for t, r in first.run.tables.items()}
    review = decide(found(first), "relabel", "lin", TODAY, "fixed lines", to="phone_landline", mark=next(iter(marks.values())))
    reviews.append(file.parent, [review])

    assert pure.of_report(first, reviews.read(file.parent), TAXONOMY, TODAY).tables == scanned(file).tables
    assert str(seen(found(scanned(file)), review.seen.split(" ")[-1])) == review.seen
