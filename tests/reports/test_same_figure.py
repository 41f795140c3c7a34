"""One figure everywhere: terminal, page, workbook, papers and JSON say the same persons and path."""

import io
import json
import random
import re
from dataclasses import replace
from datetime import date
from html import unescape

import docx
import openpyxl
import pytest
from filed_flows import company, flow

from mappings.decision import Circumstances
from mappings.flow_report import Union
from mappings.model import UNKNOWN, Estimate, FlowCount
from mappings.rules import in_force, path_rank
from reports import formats
from reports.filings.document import save as save_paper
from reports.filings.papers import PAPERS
from reports.formats import html, terminal
from reports.formats import json as json_format
from reports.messages.words import t
from reports.wording.decision import path_names, path_words, reason_words
from reports.wording.entity import headline_words, three_totals, today_words
from reports.wording.figures import number, persons, sensitive_persons
from scanner.count.decided_report import decide_report

DAY = date(2026, 11, 2)
KNOWN = {"ciio": "no", "important_data": "none", "readings": "strict"}


def made(seed):
    """A company of two flows to two recipients, with numbers of persons that occur nowhere else."""
    draw = random.Random(seed)
    several = [draw.randrange(110_000, 390_000), draw.randrange(410_000, 590_000)]
    some = [draw.randrange(1_100, 3_900), draw.randrange(4_100, 5_900)]
    flows = [
        flow(f"f{i}", recipient=f"Nordlicht {i} SE", persons=several[i], sensitive=some[i], status="planned")
        for i in range(2)
    ]
    return decide_report(company(*flows), Circumstances(in_force(DAY), DAY, KNOWN))


def screen(report, lang):
    """What the terminal shows, without the breaks of its lines."""
    return terminal.render(report, lang, 1_000)


def page(report):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html.page(report))))


def workbook(report, folder):
    formats.save(report, folder / "r.xlsx", "zh")
    book = openpyxl.load_workbook(folder / "r.xlsx")
    return "\n".join(str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c)


def saved(report, kind):
    for pack in PAPERS[kind].packs(report).values():
        file = io.BytesIO()
        save_paper(PAPERS[kind].make(pack), file)
        yield docx.Document(file)


def papers(report, kind):
    for document in saved(report, kind):
        cells = (c.text for table in document.tables for row in table.rows for c in row.cells)
        yield "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("seed", range(3))
def test_persons_and_path_of_a_flow_are_the_same_everywhere(seed, tmp_path):
    report = made(seed)
    file = io.StringIO()
    json_format.write(report, file)
    stored = {f["flow"]["id"]: f for f in json.loads(file.getvalue())["flows"]}
    sheets, shown, own = workbook(report, tmp_path), page(report), list(papers(report, "contract"))
    assert own

    for f in report.flows:
        for estimate in (f.individuals, f.sensitive_individuals):
            assert persons(estimate, "en") in screen(report, "en") and persons(estimate, "zh") in shown
            assert persons(estimate, "zh") in sheets
            assert any(re.search(rf"{number(estimate.best)}|{estimate.best}", text) for text in own)
        kept = stored[f.flow.id]
        assert kept["individuals"]["best"] == f.individuals.best
        assert kept["sensitive_individuals"]["best"] == f.sensitive_individuals.best
        assert kept["decision"]["path"] == f.decision.path
        for lang, text in (("zh", shown), ("zh", sheets), ("en", screen(report, "en"))):
            assert path_words(f.decision, lang) in text


@pytest.mark.parametrize("seed", range(3))
def test_the_year_is_the_same_everywhere(seed, tmp_path):
    report = made(seed)
    [year] = report.exporter

    for text in (screen(report, "zh"), page(report), workbook(report, tmp_path)):
        assert persons(year.individuals, "zh") in text
        assert persons(year.sensitive_individuals, "zh") in text


@pytest.mark.parametrize("seed", range(3))
def test_the_three_totals_are_the_same_everywhere(seed, tmp_path):
    """What left, runs and is planned stands apart on the screen, on the page and in the workbook."""
    report = made(seed)
    [year] = report.exporter
    lines = (*three_totals(year.totals, "zh"), today_words(year.totals, "zh"))

    for text in (screen(report, "zh"), page(report), workbook(report, tmp_path)):
        assert all(line in text for line in lines)


APART = {  # what a flow is by its own facts, whatever the band of the year
    "notified": {"important_data": "notified"},
    "blocked": {"foreign_authority_request": "yes", "approval": "no"},
    "not necessary": {"export_necessary": "no"},
    "like the others": {},
}


@pytest.mark.parametrize("persons_of_all", [40_000, 400_000, 4_000_000])
@pytest.mark.parametrize("facts", APART.values(), ids=APART)
def test_no_headline_says_less_than_a_flow_of_the_entity(facts, persons_of_all, tmp_path):
    """The band stands first; what the own facts of a flow ask for above it stands beside it, everywhere."""
    counted = flow("counted", persons=persons_of_all, status="planned")
    apart = flow("apart", recipient="Südwind SE", persons=persons_of_all, status="planned", facts=facts)
    together = {("apart", "counted"): persons_of_all}
    unions = tuple((ids, Estimate.exactly(n)) for ids, n in together.items())
    report = decide_report(company(counted, apart, unions=unions), Circumstances(in_force(DAY), DAY, KNOWN))
    [year] = report.exporter
    band = max(map(path_rank, year.band))
    above = {f.decision.path for f in report.flows if path_rank(f.decision.path) > band}

    for lang, texts in {
        "zh": (screen(report, "zh"), page(report), workbook(report, tmp_path)),
        "en": (screen(report, "en"),),
    }.items():
        headline = headline_words(year, lang)
        assert headline.startswith(path_names(year.band, lang))
        assert all(headline.endswith(path_names([path], lang)) for path in above)
        assert bool(above) == (headline != path_names(year.band, lang))
        assert all(headline in text for text in texts)


@pytest.mark.parametrize("seed", range(3))
def test_where_ages_are_unknown_no_paper_files_a_number_of_sensitive_persons(seed, tmp_path):
    """The screen says an interval, and the papers leave a place to write: never a zero."""
    report = made(seed)
    unaged = tuple(
        replace(f, sensitive_individuals=Estimate.exactly(0), minors=UNKNOWN, tally=None)
        for f in report.flows
    )
    report = decide_report(replace(report, flows=unaged), Circumstances(in_force(DAY), DAY, KNOWN))

    for f in report.flows:
        assert f.sensitive_individuals.low == 0 and f.sensitive_individuals.high == f.individuals.high
        assert persons(f.sensitive_individuals, "zh") in page(report)
    head, heads = "其中敏感个人信息", {}
    for table in (table for kind in PAPERS for paper in saved(report, kind) for table in paper.tables):
        first, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        heads |= {tuple(row): row[first.index(head)] for row in rows if head in first}
    assert len(heads) > len(report.flows)
    assert set(heads.values()) == {"【待填写】"}
    assert "不能判断年龄" in "".join(text for kind in PAPERS for text in papers(report, kind))


def read_strictly(seed, persons_from=(110_000, 190_000), **facts):
    """The same company: nobody has a listed sensitive item, and some an ID number alone."""
    draw = random.Random(seed)
    flows = []
    for i in range(2):
        several, some = draw.randrange(*persons_from), draw.randrange(1_100, 3_900)
        bare = flow(f"f{i}", recipient=f"Nordlicht {i} SE", persons=several, sensitive=0, status="planned")
        strict = FlowCount(bare.individuals, Estimate.exactly(some))
        flows.append(replace(bare, strict=strict))
    report = replace(company(*flows), facts={})
    return decide_report(report, Circumstances(in_force(DAY), DAY, {**KNOWN, "readings": "", **facts}))


@pytest.mark.parametrize("reading", ["", "ordinary", "sensitive"])
@pytest.mark.parametrize("seed", range(2))
def test_a_figure_of_sensitive_persons_never_hides_the_stricter_reading(seed, reading, tmp_path):
    """Wherever a flow or a year says 0, it says beside it how many an ID number alone would make."""
    report = read_strictly(seed, id_number_alone=reading)
    [year] = report.exporter
    texts = {"en": screen(report, "en"), "zh": page(report)}
    sheets = workbook(report, tmp_path)

    for f in report.flows:
        for lang, text in texts.items():
            assert persons(f.strict.sensitive, lang) in text
        assert sensitive_persons(f.sensitive_individuals, f.strict, "zh") in sheets
    for lang, text in texts.items():
        assert sensitive_persons(year.sensitive_individuals, year.strict, lang) in text
    assert report.to_pandas()["flows"]["sensitive_strict"].tolist() == [
        f.strict.sensitive.best for f in report.flows
    ]
    assert year.strict.sensitive.high >= max(f.strict.sensitive.high for f in report.flows)


def sensitive_cells(report):
    """The cells of all papers that say how many persons have sensitive items."""
    head = "其中敏感个人信息"
    for table in (table for kind in PAPERS for paper in saved(report, kind) for table in paper.tables):
        first, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        yield from (row[first.index(head)] for row in rows if head in first)


@pytest.mark.parametrize("seed", range(2))
def test_papers_file_the_number_of_a_chosen_reading_and_none_where_nobody_chose(seed):
    unread = read_strictly(seed)
    assert set(sensitive_cells(unread)) == {"【待填写】"}
    assert "单独的证件号码" in "".join(text for kind in PAPERS for text in papers(unread, kind))

    small = (4_100, 9_900)
    strict = read_strictly(seed, small, id_number_alone="sensitive")
    chosen = {number(f.strict.sensitive.best) for f in strict.flows}
    assert chosen <= set(sensitive_cells(strict))
    assert "单独的证件号码" not in "".join(text for kind in PAPERS for text in papers(strict, kind))


@pytest.mark.parametrize("ends", [(80_123, 130_456), (80_123, 99_871), (880_123, None), (150_777, 230_888)])
def test_a_reason_over_an_interval_says_both_ends_everywhere(ends, tmp_path):
    """Neither end alone stands for persons of whom only bounds are known, wherever a line lies."""
    low, high = ends
    counted = [flow(f"f{i}", recipient=f"Nordlicht {i} SE", persons=low, status="planned") for i in range(2)]
    together = FlowCount(Estimate(low, low, high, "declared", "overlap_unknown"), Estimate.exactly(0))
    report = company(*counted)
    [year] = report.exporter
    year = replace(year, unions=(Union(("f0", "f1"), together),))
    report = decide_report(replace(report, exporter=(year,)), Circumstances(in_force(DAY), DAY, KNOWN))
    file = io.StringIO()
    json_format.write(report, file)

    tops = {lang: number(high) if high else t("unbounded", lang) for lang in ("zh", "en")}
    reasons = [reason for f in report.flows for reason in f.decision.because if reason.facts]
    assert reasons
    for lang, top in tops.items():
        for reason in reasons:
            assert f"{number(low)}–{top}" in reason_words(reason, lang)
    assert f"{number(low)}–{number(high) if high else ''}" in file.getvalue()
    for text in (screen(report, "zh"), page(report), workbook(report, tmp_path)):
        assert f"{number(low)}–{tops['zh']}" in text


@pytest.mark.parametrize("chosen", ["strict", "practice"])
def test_no_headline_says_more_than_its_flows(chosen):
    """By one reading the contract of the Greater Bay Area is open above the line: nobody is assessed."""
    area = {"route": "gba", "recipient_outside_gba": "no"}
    only = flow("f", recipient="Kowloon Ltd", country="HK", persons=2_000_000, status="planned", facts=area)
    report = decide_report(company(only), Circumstances(in_force(DAY), DAY, KNOWN | {"readings": chosen}))
    [year], [decided] = report.exporter, report.flows

    assert headline_words(year, "en") == path_names(decided.decision.possible, "en")
    path = {"practice": "gba_standard_contract", "strict": "security_assessment"}[chosen]
    assert decided.decision.path == path
