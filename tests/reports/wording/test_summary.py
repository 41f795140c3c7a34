"""The screen that `scan` and `decide` end with: forty lines at most, and a number for what gave way."""

import random
from dataclasses import replace

import findings
import pytest

from detectors.model import Skipped
from mappings.flow_report import EntityReport
from mappings.model import Question
from reports.text_width import width_of
from reports.wording.summary import SCREEN_LINES, summary_lines


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
