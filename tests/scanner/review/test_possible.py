"""A flow with a column that is possibly personal: both outcomes, and the one review that settles it."""

import csv
import random
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import detectors.columns
from detectors.columns import detect
from detectors.labels import labels
from detectors.model import ColumnFinding, Evidence, Label
from mappings.decide import is_allowed
from mappings.flow_inputs import flow_count
from reports.formats import save
from reports.model import possible, primary, standing
from scanner.cli.app import app
from scanner.review import redecide
from scanner.state import store
from scanner.workspace import open_workspace

DAY = date(2026, 11, 1)
COLUMN = "crm/people/doubt"
CONFIG = """
version: 1
exporter: {{id: a, entities: [a], facts: {{ciio: no, important_data: none, processes_minors: no}}}}
sources: {{crm: {{url: crm}}}}
run: {{jobs: 1}}
flows:
  - {{id: f, entity: a, recipient: {{name: HQ}}, purpose: crm, fields: [{fields}]}}
"""
LABELS = {                                    # what the column is, if it is personal
    "sensitive": "health", "ordinary": "postal_address", "sensitive by context": "property_transaction",
    "a key": "user_id",
}


class Company:
    """A folder with one table and one flow; `as_` says what the doubtful column is in the next scan."""

    def __init__(self, folder, monkeypatch, label, fields, seed=7):
        self.folder, self.label, self.state = folder, Label(label), "possible"
        draw = random.Random(seed)
        (folder / "crm").mkdir()
        with (folder / "crm/people.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("mobile", "doubt"))
            for _ in range(40):
                mobile = f"137000{draw.randrange(30):05d}" if draw.random() < 0.8 else ""
                rows.writerow((mobile, f"x{draw.randrange(25)}" if draw.random() < 0.6 else ""))
        self.config = folder / "chujing.yaml"
        self.config.write_text(CONFIG.format(fields=fields), encoding="utf-8")
        monkeypatch.setattr(detectors.columns, "detect", self._detect)

    @property
    def is_key(self):
        return labels()[self.label].subject_key

    def _detect(self, table, samples, **more):
        for f in detect(table, samples, **more):
            if not f.column.endswith("/doubt"):
                yield f
        about = labels()[self.label]
        confidence = {"possible": 0.35, "found": 0.95, "nothing": 0.05}[self.state]
        yield ColumnFinding(
            samples[0].table.ref.column("crm", ("doubt",)), about.label, "name", about.kind, "core",
            confidence, (Evidence("name", "doubtful"),), self.state == "found", about.subject_key,
            possible=self.state == "possible",
        )

    def scan(self, state="possible"):
        self.state = state
        self.run("scan", "--full", "--as-of", str(DAY), "--lang", "zh")
        return store.last(self.folder, self.config.name)

    def run(self, *words, status=0):
        result = CliRunner().invoke(app, [*words, "-c", str(self.config)], catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result.output

    def decided(self):
        return redecide.decide_today(open_workspace(self.config))


@pytest.fixture(params=LABELS.values(), ids=LABELS)
def company(request, tmp_path, monkeypatch):
    return Company(tmp_path, monkeypatch, request.param, "people/mobile, people/doubt")


def counts(flow):
    return flow.individuals, flow.sensitive_individuals, flow.minors


def within(inner, outer):
    return outer.low <= inner.low and (outer.high is None or inner.high <= outer.high)


def column_of(report):
    return next(c for t in report.tables for c in t.columns if c.id == COLUMN)


def test_both_outcomes_are_those_of_the_scans_that_know(company):
    found, nothing, open_ = (company.scan(s).flows[0] for s in ("found", "nothing", "possible"))

    assert nothing.if_personal is None and nothing.decision.certain
    assert not open_.decision.certain
    assert flow_count(open_).individuals == nothing.individuals
    reading = open_.if_personal
    assert open_.minors == nothing.minors
    for shown, without, personal in (
        (open_.individuals, nothing.individuals, reading.individuals),
        (open_.sensitive_individuals, nothing.sensitive_individuals, reading.sensitive),
    ):
        assert (shown.low, shown.best) == (without.low, without.best)
        assert shown.high == max(without.high, personal.high)
    assert within(found.individuals, open_.if_personal.individuals)
    assert within(found.sensitive_individuals, open_.if_personal.sensitive)
    if not company.is_key:            # what is no key makes nobody else of a row
        assert (open_.if_personal.individuals, open_.if_personal.sensitive) == counts(found)[:2]
    assert set(open_.decision.possible) >= {*nothing.decision.possible, *found.decision.possible}
    [question] = [q for q in open_.decision.questions if q.fact == "possible_fields"]
    assert set(question.leads_to["no"]) == set(nothing.decision.possible)
    assert COLUMN in question.ask.en and f"chujing review accept {COLUMN}" in question.how.en
    for allow in ("exempt", "contract", "assessment"):
        both = is_allowed(nothing.decision, allow) and is_allowed(found.decision, allow)
        assert is_allowed(open_.decision, allow) == both


def test_one_review_settles_it_without_another_scan(company):
    found, nothing = (company.scan(s).flows[0] for s in ("found", "nothing"))
    company.scan()

    company.run("review", "accept", COLUMN, "--by", "lin")
    [flow] = company.decided().flows
    assert not flow.possible and flow.if_personal is None
    assert within(found.individuals, flow.individuals)
    if not company.is_key:
        assert counts(flow) == counts(found) and flow.decision.path == found.decision.path
    assert flow.decision.certain == found.decision.certain or company.is_key
    assert COLUMN in {v.column for v in flow.fields}

    company.run("review", "undo", COLUMN, "--by", "lin")
    assert not company.decided().flows[0].decision.certain

    company.run("review", "reject", COLUMN, "--by", "lin", "--why", "codes")
    [flow] = company.decided().flows
    assert counts(flow) == counts(nothing) and flow.decision.certain
    assert flow.decision.path == nothing.decision.path

    rescanned = company.scan()
    assert standing(column_of(rescanned)) == "rejected" and possible(column_of(rescanned)) is None
    assert rescanned.flows[0].decision.certain


def test_a_scan_after_acceptance_counts_it(tmp_path, monkeypatch):
    company = Company(tmp_path, monkeypatch, "user_id", "people/mobile, people/doubt")
    found = company.scan("found")
    company.scan()
    company.run("review", "accept", COLUMN, "--by", "lin")
    accepted = company.scan()

    assert primary(column_of(accepted)) is not None and standing(column_of(accepted)) == "accepted"
    assert counts(accepted.flows[0]) == counts(found.flows[0])


def test_a_flow_of_possible_columns_alone_is_no_certain_nothing(tmp_path, monkeypatch):
    company = Company(tmp_path, monkeypatch, "health", "people/doubt")
    [flow] = company.scan().flows

    assert flow.individuals.low == flow.individuals.best == 0 < flow.individuals.high
    assert flow.if_personal.sensitive.high > 0
    assert not flow.decision.certain and flow.decision.path == "needs_review"
    assert "no_filing_art3" in flow.decision.possible and len(flow.decision.possible) > 1
    company.run("scan", "--allow", "exempt", "--quiet", status=4)
    company.run("review", "reject", COLUMN, "--by", "lin", "--why", "codes")
    company.run("decide", "--allow", "exempt")


def test_every_surface_says_possible_and_what_settles_it(tmp_path, monkeypatch):
    company = Company(tmp_path, monkeypatch, "health", "people/mobile, people/doubt")
    report = company.scan()
    save(report, tmp_path / "r.html")
    save(report, tmp_path / "r.xlsx")
    save(report, tmp_path / "r.jsonl")
    book = load_workbook(tmp_path / "r.xlsx", read_only=True)
    text = {
        "terminal": company.run("scan", "--lang", "zh"),
        "todo": company.run("review", "todo", "--lang", "zh"),
        "explain": company.run("explain", COLUMN, "--lang", "zh"),
        "explain flow": company.run("explain", "f", "--lang", "zh"),
        "digest": company.run("digest", "--since", "7d", "--lang", "zh"),
        "facts": company.run("facts", "--lang", "zh"),
        "page": (tmp_path / "r.html").read_text(encoding="utf-8"),
        "sheet": "\n".join(str(v) for s in ("可能", "概览") for row in book[s].values for v in row),
    }

    only = company.run("review", "todo", "--possible", "--lang", "en")
    assert "doubt" in only and "mobile" not in only
    cut = company.run("review", "todo", "--show", "1", "--lang", "en")
    assert "fields: 1" in company.run("fields", "list", "--lang", "en")
    assert "1 more of 2 groups: chujing review todo --show 2" in cut
    assert {name for name, words in text.items() if "可能" not in words} == set()
    assert {n for n, words in text.items() if "chujing review" not in words} <= {"digest"}
    lines = (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()
    line = next(x for x in lines if "settled_by" in x)
    assert COLUMN in line and '"standing": "possible"' in line
    frame = report.to_pandas()["findings"]
    assert bool(frame.set_index("column").loc[COLUMN, "possible"]) and not frame["primary"].all()


def test_a_catalog_gets_what_is_possible_only_where_asked(tmp_path, monkeypatch):
    company = Company(tmp_path, monkeypatch, "health", "people/mobile, people/doubt")
    company.scan()

    def pushed(*more):
        company.run("push", "--to", "odcs", "-o", str(tmp_path / "contracts"), *more)
        return "".join(f.read_text(encoding="utf-8") for f in (tmp_path / "contracts").rglob("*.yaml"))

    assert "health" not in pushed("--include", "suggested")
    assert "health" in pushed("--include", "possible")
    company.run("review", "accept", COLUMN, "--by", "lin")
    assert "health" in pushed()


def test_a_doubt_that_comes_or_goes_is_a_difference(tmp_path, monkeypatch):
    from scanner.review.diff import compare_scans

    company = Company(tmp_path, monkeypatch, "health", "people/mobile, people/doubt")
    nothing, open_ = company.scan("nothing"), company.scan()
    company.run("review", "reject", COLUMN, "--by", "lin", "--why", "codes")
    rejected = company.scan()

    came = {(d.what, d.before, d.after) for d in compare_scans(nothing, open_) if d.about == COLUMN}
    went = [d for d in compare_scans(open_, rejected) if d.about in (COLUMN, "f")]
    assert came == {("possible", "", "health")}
    assert {(d.what, d.cause) for d in went} == {
        (what, "review") for what in ("possible", "path", "persons", "sensitive_persons")
    }


def test_a_weak_doubt_beside_found_persons_opens_nothing(tmp_path, monkeypatch):
    company = Company(tmp_path, monkeypatch, "postal_address", "people/mobile, people/doubt")
    (tmp_path / "crm/people.csv").write_text(
        "mobile,doubt\n" + "".join(f"137000{i:05d},x{i}\n" for i in range(9)), encoding="utf-8"
    )
    real = company._detect
    weak = lambda *a, **k: (replace(f, tier="weak") if f.possible else f for f in real(*a, **k))  # noqa: E731
    monkeypatch.setattr(detectors.columns, "detect", weak)
    [flow] = company.scan().flows

    assert [p.column for p in flow.possible] == [COLUMN] and not flow.open_fields
    assert flow.decision.certain and flow.if_personal is None


@pytest.mark.system
def test_the_year_holds_whoever_is_possible_in_two_flows():
    """Accounts of sellers that are possible, other ones in each flow: they stand in every upper end."""
    import counted_worlds

    who = counted_worlds.people(random.Random(6), 120)
    rows = list(zip(who[::2], who[1::2], strict=True))
    columns = {"buyer_id": lambda r: r[0].account, "seller_no": lambda r: r[1].account, "qty": lambda r: 3}
    tables = {
        "trade": counted_worlds.rows_of(columns, rows[:30]),
        "sale": counted_worlds.rows_of(columns, rows[30:]),
    }
    world = counted_worlds.World(tables, 120, flows=(("trade",), ("sale",)))
    report = counted_worlds.count(world)
    [year] = report.exporter
    [union] = year.unions

    assert union.count.individuals.high == 60
    for persons in (union.if_personal.individuals, year.individuals, year.totals.running.individuals):
        assert persons.low <= 60 and persons.high == 120
    assert year.sensitive_individuals.high == 120      # nobody says that none of them is a child


@pytest.mark.system
def test_each_value_in_a_cell_of_a_possible_key_may_be_somebody():
    import counted_worlds

    who = counted_worlds.people(random.Random(6), 60)
    rows = [who[i:i + 3] for i in range(0, 60, 3)]
    columns = {
        "buyer_id": lambda r: r[0].account, "seller_no": lambda r: f"{r[1].account},{r[2].account}",
        "qty": lambda r: 3,
    }
    world = counted_worlds.World({"trade": counted_worlds.rows_of(columns, rows)}, 60)
    [flow] = counted_worlds.count(world).flows

    assert flow.if_personal.individuals.high == flow.individuals.high == 60


@pytest.mark.system
def test_whoever_is_possible_beside_somebody_counts_in_the_upper_end():
    """Accounts of two parties, of which one is found and one possible: two people a row in `high`."""
    import counted_worlds

    who = counted_worlds.people(random.Random(6), 60)
    rows = list(zip(who[::2], who[1::2], strict=True))
    columns = {"buyer_id": lambda r: r[0].account, "seller_no": lambda r: r[1].account, "qty": lambda r: 3}
    world = counted_worlds.World({"trade": counted_worlds.rows_of(columns, rows)}, 60)
    [flow] = counted_worlds.count(world).flows

    assert [p.column for p in flow.possible if p.bears] == ["s/trade/seller_no"]
    assert flow.individuals.low <= 30 and flow.individuals.high == 60
    assert flow.individuals.method == "linked" and not flow.decision.certain
    assert flow_count(flow).individuals.high == 30
