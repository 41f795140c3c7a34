"""出境场景登记表: sheets of flows go into chujing.yaml and back unchanged, and every bad cell is named."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from detectors.errors import ConfigError
from mappings.countries import country_code
from mappings.model import Declared, Flow, Recipient
from mappings.purpose import purpose_names
from scanner.cli.app import app
from scanner.config.model import flows_in, read
from scanner.sheets import flow_register, flow_register_merge, register_columns
from scanner.sheets.register_cells import read_cell

NAMES = ("华澜零售", "Hualan Trading 上海", "林海科技（杭州）", "Acme & Söhne")
ABROAD = ("Hualan Holding SE", "Lion Campaigns Pte. Ltd.", "株式会社東洋", "O'Neill, Inc.")
MODES = (
    "transfer",
    "access_from_abroad",
    "saas",
    "file_or_mail",
    "own_app",
    "collected_abroad",
    "access_inside_china",
)


def flow(draw, i):
    day = date(2026, 1, 1) + timedelta(draw.randrange(300))
    fields = tuple(
        f"crm/member/{c}"
        for c in draw.sample(("id", "name", "手机号", "e mail", "a%2Fb"), draw.randrange(1, 5))
    )
    declared = Declared(
        n := draw.randrange(10, 10**6),
        draw.randrange(5, n),
        draw.choice(("王敏", "IT")),
        day,
        "用户统计; 2026-10",
        draw.choice((0, 5)),
    )
    candidate = Flow(
        f"f-{i}",
        draw.choice(NAMES),
        Recipient(draw.choice(ABROAD), draw.choice(("DE", "SG", "JP"))),
        draw.choice(purpose_names()),
        draw.choice(MODES),
        draw.choice(("none", "art4", "art5_1", "art5_2", "ftz")),
        draw.choice(("planned", "active", "stopped")),
        day if draw.random() < 0.5 else None,
        draw.choice(("", "month", "每日")),
        draw.choice((None, 0, 730)),
        fields=fields if draw.random() < 0.7 else (),
        view="",
        facts={"legal_basis": draw.choice(("consent", "other"))} if draw.random() < 0.4 else {},
        subject_group=draw.choice(("", "employee", "customer")),
        owner=draw.choice(("", "李雷")),
        onward=tuple(draw.sample(ABROAD, draw.randrange(2))),
        systems=tuple(draw.sample(("SAP HCM", "Salesforce", "邮件"), draw.randrange(3))),
        declared=declared if draw.random() < 0.4 else None,
    )
    if (candidate.purpose, candidate.claim) == ("hr_management", "art5_1"):  # they cannot hold together
        return replace(candidate, claim="art5_2")
    return candidate


def complete(f):
    """Something must leave: fields, or declared counts."""
    return f if f.fields or f.declared else flow(random.Random(f.id), f.id.removeprefix("f-"))


@pytest.mark.parametrize("block", range(4))
def test_two_hundred_sheets_make_the_round_trip(tmp_path, block):
    for seed in range(block * 50, block * 50 + 50):
        draw = random.Random(seed)
        flows = tuple(f for i in range(draw.randrange(1, 6)) if (f := flow(draw, i)).fields or f.declared)
        sheet, again, config = (tmp_path / f"{seed}{n}" for n in ("a.xlsx", "b.xlsx", "c.yaml"))
        flow_register.write(sheet, flows)
        found = flow_register.read(sheet)
        assert not found.faults, (seed, [x.line() for x in found.faults])
        if not flows:
            continue
        flow_register_merge.merge_into_file(config, found)
        assert flows_in(config) == flows, seed
        flow_register.write(again, flows_in(config))
        assert [[c.value for c in r] for r in load_workbook(again)[register_columns.SHEET]] == [
            [c.value for c in r] for r in load_workbook(sheet)[register_columns.SHEET]
        ]


def column(key):
    return 1 + next(i for i, c in enumerate(register_columns.columns()) if c.key == key)


def spoil(sheet, what, row):
    """Break one cell; the cell and words that must be named."""

    def put(key, value):
        cell = sheet.cell(row, column(key))
        cell.value = value
        return cell.coordinate

    match what:
        case "empty":
            return put("entity", None), "is empty"
        case "purpose":
            return put("purpose", "客户关系管里"), "none of the choices"
        case "mode":
            return put("mode", "传真"), "none of the choices"
        case "days":
            return put("retention_days", "两年"), "no whole number"
        case "date":
            return put("since", "2026.3.1"), "text that is no date"
        case "id":
            return put("id", "crm hq!"), "cannot be an id"
        case "twice":
            return put("id", sheet.cell(register_columns.HEADER_ROW + 1, 1).value), "stands twice"
        case "nothing":
            put("declared.individuals", None)
            put("fields", None)
            return f"{row}:{row}", "neither fields"
        case "half":
            put("declared.individuals", 100)
            return put("declared.by", None), "is empty beside"
        case "more":
            put("declared.individuals", 5)
            return put("declared.sensitive_individuals", 9), "more sensitive persons"
    raise AssertionError(what)


KINDS = ("empty", "purpose", "mode", "days", "date", "id", "twice", "nothing", "half", "more")


def test_every_bad_cell_of_fifty_broken_sheets_is_named(tmp_path):
    for seed in range(50):
        draw = random.Random(seed)
        flows = [complete(flow(draw, i)) for i in range(4)]
        file = tmp_path / f"{seed}.xlsx"
        flow_register.write(file, flows)
        book = load_workbook(file)
        sheet = book[register_columns.SHEET]
        chosen = draw.sample(KINDS, 3)
        expected = [spoil(sheet, what, register_columns.HEADER_ROW + 2 + i) for i, what in enumerate(chosen)]
        book.save(file)
        found = [f.line() for f in flow_register.read(file).faults]

        for cell, words in expected:
            assert any(f"!{cell}:" in line and words in line for line in found), (seed, chosen, cell, found)


def sheet_of(tmp_path, *flows):
    file = tmp_path / "flows.xlsx"
    flow_register.write(file, flows or [complete(flow(random.Random(7), 1))])
    return file, load_workbook(file)


def test_merged_cells_are_named(tmp_path):
    file, book = sheet_of(tmp_path)
    book[register_columns.SHEET].merge_cells("B3:C3")
    book.save(file)

    assert any("B3:C3: cells are merged" in f.line() for f in flow_register.read(file).faults)


def test_a_missing_column_is_named(tmp_path):
    file, book = sheet_of(tmp_path)
    book[register_columns.SHEET].delete_cols(column("recipient.country"))
    book.save(file)

    assert any('the column "国家或地区" is missing' in f.line() for f in flow_register.read(file).faults)


def test_columns_may_stand_in_another_order_and_beside_others(tmp_path):
    flows = (complete(flow(random.Random(3), 1)),)
    file, book = sheet_of(tmp_path, *flows)
    book[register_columns.SHEET].move_range("A2:A3", cols=30)
    book[register_columns.SHEET]["A2"] = "备注"
    book[register_columns.SHEET]["A3"] = "x"
    book.save(file)
    found = flow_register.read(file)
    flow_register_merge.merge_into_file(tmp_path / "c.yaml", found)

    assert not found.faults
    assert flows_in(tmp_path / "c.yaml") == flows


def test_names_that_differ_in_width_or_spaces_are_named_and_kept(tmp_path):
    one, two = (
        Flow(i, e, Recipient("HQ", "DE"), "crm", fields=("a/b/c",))
        for i, e in (("a", "华澜（上海）"), ("b", "华澜 (上海)"))
    )
    file, _ = sheet_of(tmp_path, one, two)
    found = flow_register.read(file)

    assert not found.faults
    assert len(found.warnings) == 1
    assert "华澜（上海）" in found.warnings[0].line()
    assert [f["entity"] for f in found.flows] == ["华澜（上海）", "华澜 (上海)"]


CONFIG = """# our configuration
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no}}     # facts
sources: {crm: {url: "sqlite:///crm.db"}}
# the flows
flows:
  - {id: x, entity: a, recipient: {name: HQ, country: DE}, purpose: crm, fields: [crm/m/id],
     where: {crm/m: {n: {eq: 1}}}, facts: {emergency: no}}
  - {id: y, entity: a, recipient: {name: HQ, country: DE}, purpose: crm, mode: transfer,
     sql: "select id from m"}

# what was filed
filings: []
"""


def test_what_the_sheet_has_no_column_for_stays(tmp_path):
    config, file = tmp_path / "chujing.yaml", tmp_path / "f.xlsx"
    config.write_text(CONFIG, encoding="utf-8")
    before = flows_in(config)
    run = CliRunner()
    assert run.invoke(app, ["flows", "export", str(file), "-c", str(config)]).exit_code == 0
    book = load_workbook(file)
    book[register_columns.SHEET].cell(3, column("retention_days")).value = 30
    book.save(file)
    done = run.invoke(app, ["flows", "import", str(file), "-c", str(config)])
    x, y = flows_in(config)

    assert done.exit_code == 0, done.output
    assert (x.retention_days, x.where, x.facts) == (30, before[0].where, {"emergency": "no"})
    assert y == before[1]
    assert read(config).facts == {"ciio": "no"}
    for line in ("# our configuration", "# the flows", "# what was filed", "filings: []"):
        assert line in config.read_text(encoding="utf-8")


def test_a_flow_the_sheet_does_not_name_is_kept_and_named(tmp_path):
    config = tmp_path / "chujing.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    file, _ = sheet_of(tmp_path, Flow("z", "b", Recipient("HQ", "DE"), "crm", fields=("crm/m/id",)))
    done = CliRunner().invoke(app, ["flows", "import", str(file), "-c", str(config)])

    assert "kept, though the sheet does not name them: x, y" in done.output
    assert [f.id for f in flows_in(config)] == ["z", "x", "y"]
    assert read(config).entities == ("a", "b")


def test_nothing_is_written_while_a_cell_is_at_fault(tmp_path):
    config = tmp_path / "chujing.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    file, book = sheet_of(tmp_path)
    book[register_columns.SHEET].cell(3, column("mode")).value = "传真"
    book.save(file)
    done = CliRunner().invoke(app, ["flows", "import", str(file), "-c", str(config)])

    assert isinstance(done.exception, ConfigError)
    assert "F3" in done.output
    assert config.read_text(encoding="utf-8") == CONFIG


def test_a_sheet_of_a_new_company_makes_its_configuration(tmp_path):
    file, _ = sheet_of(
        tmp_path,
        Flow(
            "hr",
            "华澜零售",
            Recipient("HQ", "DE"),
            "hr_management",
            systems=("Workday",),
            mode="saas",
            declared=Declared(320, 20, "王敏", date(2026, 10, 1), "系统用户统计"),
        ),
    )
    done = CliRunner().invoke(app, ["flows", "import", str(file), "-c", str(tmp_path / "new.yaml")])

    assert done.exit_code == 0, done.output
    assert read(tmp_path / "new.yaml").flows[0].declared.individuals == 320


def test_an_empty_sheet_offers_lists_and_its_help_an_example(tmp_path):
    file = tmp_path / "flows.xlsx"
    flow_register.write(file)
    book = load_workbook(file)
    sheet, lists = book[register_columns.SHEET], book[register_columns.LISTS_SHEET]
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        head = sheet[f"{str(rule.sqref).split(':')[0].rstrip('0123456789')}2"].value.rstrip("*")
        cells = lists[rule.formula1.rpartition("!")[2].replace("$", "")]
        offered[head] = [cell.value for row in cells for cell in row]

    assert {"国家或地区", "目的", "方式", "状态"} <= offered.keys()
    assert len(offered["国家或地区"]) > 240 and all(map(country_code, offered["国家或地区"]))
    for column in register_columns.columns():
        for word in offered.get(column.zh, ()):
            assert not read_cell(column, word).fault
    assert flow_register.read(file).flows == () and flow_register.read(file).faults == ()
    assert sheet["A3"].value is None and sheet.print_title_rows == "$1:$2"
    helps = book[register_columns.HELP_SHEET]
    shown = {row[0].value.rstrip("*"): row[2].value for row in helps.iter_rows(2, 1 + len(offered))}
    assert shown["境外接收方"] and shown["目的"] in offered["目的"]


DECLARED = Flow(
    "hr", "华澜零售", Recipient("HQ", "DE"), "hr_management", status="stopped", since=date(2026, 1, 5),
    until=date(2026, 3, 2), subject_group="employee",
    declared=Declared(320, 20, "王敏", date(2026, 10, 1), "系统用户统计"),
)
# what is typed over cells -> where a fault is named, and what it says; empty: it is read
TYPED = {
    "persons with a sensitive item not known": ({"declared.sensitive_individuals": None}, "", ""),
    "those under 14 not known": ({"declared.minors": None}, "", ""),
    "two recipients": ({"recipient.name": "甲公司、乙公司"}, "recipient.name", "several names"),
    "two recipients in lines": ({"recipient.name": "A Ltd\nB Ltd"}, "recipient.name", "several names"),
    "an English name with a comma": ({"recipient.name": "A Co., Ltd"}, "", ""),
    "two processors": ({"entity": "甲公司；乙公司"}, "entity", "several names"),
    "declared tomorrow": (
        {"declared.on": date.today() + timedelta(1)}, "declared.on", "still to come",
    ),
    "an end before the beginning": ({"until": date(2025, 1, 1)}, "until", "before it began"),
    "a basis of others": (
        {"facts.legal_basis": "人力资源管理", "subject_group": "客户"}, "facts.legal_basis", "customer",
    ),
    "a formula nobody calculated": ({"declared.individuals": "=100+20"}, "declared.individuals", "formula"),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_is_typed_is_read_or_named_at_its_cell(name, tmp_path):
    typed, key, words = TYPED[name]
    file, book = sheet_of(tmp_path, DECLARED)
    for cell, value in typed.items():
        book[register_columns.SHEET].cell(3, column(cell)).value = value
    book.save(file)

    lines = [fault.line() for fault in flow_register.read(file).faults]

    if not key:
        assert lines == []
    else:
        place = f"!{book[register_columns.SHEET].cell(3, column(key)).coordinate}:"
        assert any(place in line and words in line for line in lines), lines


def test_a_status_against_its_dates_is_named_and_kept(tmp_path):
    file, book = sheet_of(tmp_path, DECLARED)
    book[register_columns.SHEET].cell(3, column("status")).value = "进行中"
    book.save(file)
    found = flow_register.read(file)

    assert not found.faults
    assert any("the flow is active" in warning.line() for warning in found.warnings)


def test_what_shows_how_to_fill_the_sheet_is_in_no_row_of_it(tmp_path):
    """Whoever types an id over the first row imports no cell of an example."""
    file = tmp_path / "flows.xlsx"
    flow_register.write(file)
    book = load_workbook(file)
    book[register_columns.SHEET]["A3"] = "crm-hq"
    book.save(file)

    assert [flow for flow in flow_register.read(file).flows if set(flow) - {"id"}] == []


def test_on_paper_a_page_is_readable_and_every_line_of_a_cell_is_seen(tmp_path):
    file = tmp_path / "flows.xlsx"
    listed = [flow(random.Random(seed), seed) for seed in range(5)]
    flow_register.write(file, listed)
    sheet = load_workbook(file)[register_columns.SHEET]

    across = sum(sheet.column_dimensions[cell.column_letter].width for cell in sheet[2])
    assert across / sheet.page_setup.fitToWidth <= 190 and sheet.print_title_cols == "$A:$A"
    for row in sheet.iter_rows(min_row=register_columns.HEADER_ROW + 1):
        lines = max(str(cell.value).count("\n") + 1 for cell in row)
        assert sheet.row_dimensions[row[0].row].height >= 12 * lines
    assert any("\n" in str(cell.value) for row in sheet.iter_rows(min_row=3) for cell in row)


SOURCE_WORDS = {                              # words of a cell -> sources that are named
    ("crm/member/mobile",): (), ("member/mobile",): (), ("mobile",): (), ("cr*/member/*",): (),
    ("erp/staff/mobile",): ("erp",), ("erp/staff/mobile", "erp/staff/name", "crm/member/name"): ("erp",),
    ("erp/staff/mobile", "hr/staff/name"): ("erp", "hr"), ("hr*/staff/*",): ("hr*",),
}


@pytest.mark.parametrize("words", SOURCE_WORDS, ids=str)
def test_a_source_that_the_configuration_has_not_is_named_with_file_and_line(tmp_path, words):
    config = tmp_path / "chujing.yaml"
    config.write_text(
        "version: 1\nexporter: {id: a, entities: [a]}\nsources: {crm: {url: crm.csv}}\n", encoding="utf-8"
    )
    file, _ = sheet_of(tmp_path, Flow("z", "a", Recipient("HQ", "DE"), "crm", fields=words))
    done = CliRunner().invoke(app, ["flows", "import", str(file), "-c", str(config), "--lang", "en"])
    lines = [line for line in done.output.splitlines() if "no source" in line]

    assert done.exit_code == (3 if SOURCE_WORDS[words] else 0), done.output
    assert len(lines) == len(SOURCE_WORDS[words])
    for name, line in zip(SOURCE_WORDS[words], lines, strict=True):
        assert f'"{name}"' in line and file.name in line and f"{register_columns.SHEET}!" in line
        assert "chujing init" in line or "Did you mean" in line
    assert [f.id for f in flows_in(config)] == ["z"]


def test_where_there_is_no_source_every_table_is_of_an_unknown_one(tmp_path):
    config = tmp_path / "new.yaml"
    file, _ = sheet_of(tmp_path, Flow("z", "a", Recipient("HQ", "DE"), "crm", fields=("member/mobile",)))
    done = CliRunner().invoke(app, ["flows", "import", str(file), "-c", str(config), "--lang", "en"])

    assert done.exit_code == 3 and 'no source "member"' in done.output


def test_the_last_scan_tells_what_the_end_of_an_id_is(tmp_path):
    known = flow_register.RegisteredNames(sources=("crm",), columns=("crm/public/member/mobile",))
    for word, is_known in (("public/member/mobile", True), ("other/member/mobile", False)):
        file, _ = sheet_of(tmp_path, Flow("z", "a", Recipient("HQ", "DE"), "crm", fields=(word,)))
        assert (flow_register.read(file, known).without_source == ()) == is_known
