"""The screen that `scan` and `decide` end with: forty lines at most, and a number for what gave way."""

import random
from dataclasses import replace

import findings
import pytest
from filed_flows import DAY, company, flow

from detectors.model import Skipped
from mappings.decision import Circumstances
from mappings.flow_report import EntityReport
from mappings.model import Question
from mappings.rules import in_force
from reports.messages.words import t
from reports.text_width import width_of
from reports.wording.facts import fact_title
from reports.wording.summary import SCREEN_LINES, summary_lines
from scanner.count.decided_report import decide_report

RULES = in_force(DAY)
KNOWN = {"ciio": "no", "important_data": "none", "readings": "strict"}


def some_report(draw):
    """A report with tables, flows, entities, things not read, open facts in any number, with odd names."""
    tables = [
        findings.table(
            f"s/{draw.choice(('t', '很长的表名' * 9, 'x' * 200))}{i}",
            *(findings.column(f"s/t{i}", f"{draw.choice(findings.NAMES)}{k}", draw.choice(findings.LABELS))
              for k in range(draw.randrange(6))),
        )
        for i in range(draw.choice((0, 1, 7, 60)))
    ]
    flows = [findings.flow(f"f{i}-{'长' * draw.randrange(40)}") for i in range(draw.choice((0, 1, 3, 40)))]
    skipped = tuple(Skipped(f"s/{draw.choice(findings.NAMES)}", "down " * draw.randrange(60), "wait")
                    for _ in range(draw.choice((0, 1, 30))))
    built = findings.report(*tables, flows=tuple(flows), skipped=skipped)
    several = draw.choice((1, 2, 5))
    entities = tuple(
        EntityReport(f"e{i}", f.individuals, f.individuals, f.decision, (f.flow.id,), (f.flow.id,))
        for i, f in enumerate(flows)
    ) if several > 1 else tuple(
        EntityReport("e", f.individuals, f.individuals, f.decision, tuple(x.flow.id for x in flows))
        for f in flows[:1]
    )
    asked = tuple(Question(f"fact{i}", "is it so? " * draw.randrange(20), {}, "", f"f{i}")
                  for i in range(draw.choice((0, 2, 25))))
    return replace(built, exporter=entities, questions=asked)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_any_report_fits_one_screen_and_what_gave_way_is_named(seed, lang):
    draw = random.Random(seed)
    shown = some_report(draw)
    width = draw.choice((60, 80, 100, 140))
    news = [f"s/t{i}  finding" for i in range(draw.choice((0, 3, 500)))]
    lines = [line for line, _ in summary_lines(shown, lang, width, news)]

    assert len(lines) <= SCREEN_LINES
    assert all(width_of(line) <= width or " " not in line.strip() for line in lines)
    text = "\n".join(lines)
    assert "\u202e" not in text and "\x1b" not in text
    named = sum(f.flow.id in "".join(text.split()) for f in shown.flows)
    if named < len(shown.flows):
        assert "chujing show" in text
    for command, all_of in (("chujing show", shown.skipped), ("chujing facts", shown.questions),
                            ("chujing diff", news)):
        assert not all_of or command in text or len(all_of) <= 3


def test_what_was_not_read_at_all_stands_first():
    down = findings.report(skipped=(Skipped("crm", "down", "wait"),))
    first, style = summary_lines(down, "en", 100)[0]

    assert "NOTHING COULD BE READ" in first and "red" in style
    part = findings.report(findings.table("s/t", findings.column("s/t", "a")), skipped=down.skipped)
    assert "NOTHING" not in "".join(line for line, _ in summary_lines(part, "en", 100))


@pytest.mark.parametrize(("lang", "act"), [("zh", "停止"), ("en", "stop, or file")])
@pytest.mark.parametrize("status", ["active", "planned"])
def test_a_flow_that_runs_without_a_basis_is_named_with_the_act(status, lang, act):
    by = Circumstances(in_force(DAY), DAY, KNOWN, knows_filings=True)
    decided = decide_report(company(flow("crm", persons=150_000, status=status)), by)
    text = "".join(line for line, _ in summary_lines(decided, lang, 140))

    assert (act in text) is (status == "active")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_left_runs_and_is_planned_stand_apart_on_the_screen(lang):
    flows = (flow("crm", persons=111_111, status="active"), flow("ads", persons=222_222, status="planned"))
    decided = decide_report(company(*flows), Circumstances(in_force(DAY), DAY, KNOWN))
    lines = [line for line, _ in summary_lines(decided, lang, 140)]
    year = "".join(lines[4:8])

    assert "333,333" not in year
    running, planned = (year.index(t(f"totals.{name}", lang)) for name in ("running", "planned"))
    assert running < year.index("111,111") < planned < year.index("222,222")
    unknown = t("totals.unknown", lang, flows="crm")[:10]
    assert unknown in year


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("fact", [*RULES.raw["facts"], *RULES.raw["readings"]])
def test_an_open_fact_is_called_by_its_words(fact, lang):
    question = RULES.question(fact, "f", {})
    shown = replace(findings.report(), questions=(question,))
    lines = [line for line, _ in summary_lines(shown, lang, 140, lead="nowhere")]
    asked = [line for line in lines if fact_title(fact, lang) in line]

    assert asked and not ("_" in fact and any(fact in line.partition("chujing")[0] for line in lines))
