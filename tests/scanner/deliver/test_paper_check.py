"""Whatever happens to a paper, the check says so: nothing damaged, emptied or stale is said to agree."""

import io
import random
from dataclasses import replace
from datetime import date
from itertools import pairwise

import docx
import findings
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from filed_flows import CONTRACT, DAY, company, flow

from mappings.model import Estimate
from reports.filings.blocks import FREE, TO_FILL_IN, PaperLine, PaperTable
from reports.filings.document import save
from reports.filings.papers import PAPERS
from scanner.deliver.dossier import write_papers
from scanner.deliver.dossier_check import check_dossier, count_blanks
from scanner.deliver.paper_check import NUMBER_HEADS, paper_differences
from scanner.deliver.paper_reading import ReadPaper, read_document, read_paper

PATHS = {"self_assessment": "security_assessment", "pia_exempt": "exempt_art5_1"}


def flows(path=CONTRACT):
    first = flow("a", path, persons=1200, retention_days=90, labels=("person_name", "phone_mobile"))
    return first, flow(
        "b", path, persons=Estimate(980, 1000, 1040, "hash_sample"), sensitive=31, purpose="marketing",
        labels=("person_name", "resident_id"), onward=("Cloud Nine Ltd",), retention_days=30,
    )


def written(kind, report):
    """The first paper of a kind: what it should say, and the same as it is read from its document."""
    pack = next(iter(PAPERS[kind].packs(report).values()))
    paper, file = PAPERS[kind].make(pack), io.BytesIO()
    save(paper, file)
    file.seek(0)
    return paper, read_document(f"{kind}.docx", file)


@pytest.fixture(scope="module", params=PAPERS)
def paper(request):
    return written(request.param, company(*flows(PATHS.get(request.param, CONTRACT))))


def with_block(found, i, block):
    """The paper with one block put another way; None: without it."""
    blocks = list(found.blocks)
    blocks[i:i + 1] = [] if block is None else [block]
    return ReadPaper(found.name, tuple(blocks))


def place_of(found, text):
    return next(i for i, block in enumerate(found.blocks) if block == " ".join(text.split("\n")))


def tables(expected, found):
    """Each table that is checked, with its place."""
    places = [i for i, block in enumerate(found.blocks) if not isinstance(block, str)]
    return list(zip(expected.grids, places, strict=True))


def binding(grid):
    return [i for i, head in enumerate(grid.heads) if i not in grid.free and head not in NUMBER_HEADS]


def damages(expected, found, draw):
    """Every kind of damage, at a place drawn at random: what it is, and the damaged paper."""
    own = [b for b in expected.blocks if isinstance(b, PaperLine) and b.style not in FREE and b.text.strip()]
    said = [line for line in own if not line.text.startswith(TO_FILL_IN)]
    line = draw.choice(said)
    i = place_of(found, line.text)
    yield f"lost: {line.text}", with_block(found, i, None)
    if numbers := [x for x in said if any(c.isdigit() for c in x.text.partition(TO_FILL_IN)[0])]:
        line = draw.choice(numbers)
        digit = next(c for c in line.text if c.isdigit())
        changed = line.text.replace(digit, str((int(digit) + 1) % 10), 1)
        yield f"number: {line.text}", with_block(found, place_of(found, line.text), changed)
    if open_lines := [x for x in own if TO_FILL_IN in x.text]:
        line = draw.choice(open_lines)
        rest = line.text.partition(TO_FILL_IN)[0] or None
        yield f"emptied: {line.text}", with_block(found, place_of(found, line.text), rest)
    for head, after in pairwise(expected.blocks):
        if isinstance(after, PaperLine) and after.style in FREE and getattr(head, "style", "") == "item":
            yield f"nothing under {head.text}", with_block(found, place_of(found, after.text), None)
    for grid, place in tables(expected, found):
        yield from table_damages(grid, place, found, draw)


def table_damages(grid, place, found, draw):
    rows = found.blocks[place]
    n = draw.randrange(1, len(rows))
    yield f"no row {rows[n]}", with_block(found, place, rows[:n] + rows[n + 1:])
    yield f"twice {rows[n]}", with_block(found, place, (*rows, rows[n]))
    yield f"no rows of {grid.heads}", with_block(found, place, rows[:1])
    yield f"no table {grid.heads}", with_block(found, place, None)
    yield f"two tables {grid.heads}", ReadPaper(found.name, (*found.blocks, rows))
    filled = [i for i, cell in enumerate(grid.rows[n - 1]) if cell and grid.heads[i] not in NUMBER_HEADS]
    for i in (draw.choice(filled), draw.choice([i for i in binding(grid) if i in filled])):
        own = grid.rows[n - 1][i].partition(TO_FILL_IN)[0]
        yield f"emptied {grid.heads[i]}", with_cell(found, place, n, i, "")
        if own and i in binding(grid):
            yield f"changed {grid.heads[i]}", with_cell(found, place, n, i, "另" + own)


def with_cell(found, place, n, i, text):
    rows = [list(row) for row in found.blocks[place]]
    rows[n][i] = text
    return with_block(found, place, tuple(map(tuple, rows)))


def test_no_damage_goes_unsaid(paper):
    expected, found = paper
    draw, unsaid, tried = random.Random(7), [], 0
    for _ in range(12):
        for what, damaged in damages(expected, found, draw):
            tried += 1
            if not list(paper_differences(expected, damaged)):
                unsaid.append(what)

    assert list(paper_differences(expected, found)) == []
    assert tried > 12
    assert unsaid == []


def test_a_paper_that_people_filled_in_agrees(paper):
    """Marks replaced by what people write, in sentences and cells; free cells and drafts worded otherwise."""
    expected, found = paper
    free = {heads: grid.free for grid in expected.grids for heads in [grid.heads]}

    def filled(block):
        if isinstance(block, str):
            return block.partition(TO_FILL_IN)[0] + "由法务写明" if TO_FILL_IN in block else block
        may = free.get(block[0], ())

        def written_cell(i, cell):
            done = "已写明" if TO_FILL_IN in cell else ""
            return "由业务写明" if i in may else cell.partition(TO_FILL_IN)[0] + done

        rows = (tuple(written_cell(i, cell) for i, cell in enumerate(row)) for row in block[1:])
        return (block[0], *rows)

    whole = ReadPaper(found.name, tuple(map(filled, found.blocks)))
    further = ReadPaper(found.name, (*whole.blocks, "附：组织架构图。"))

    assert list(paper_differences(expected, whole)) == []
    assert list(paper_differences(expected, further)) == []
    assert whole.places_to_write <= 3          # dates for people to write


STALE = {
    "more persons": lambda a, b: (replace(a, individuals=Estimate.exactly(1300)), b),
    "more with sensitive items": lambda a, b: (a, replace(b, sensitive_individuals=Estimate.exactly(99))),
    "another recipient": lambda a, b: tuple(replaced(f, recipient=replace(f.flow.recipient, name="Südwind"))
                                            for f in (a, b)),
    "another country": lambda a, b: tuple(replaced(f, recipient=replace(f.flow.recipient, country="FR"))
                                          for f in (a, b)),
    "longer retention": lambda a, b: (replaced(a, retention_days=180), b),
    "another field": lambda a, b: (replace(a, fields=b.fields, columns=b.columns), b),
    "a field less": lambda a, b: (a, replace(b, fields=b.fields[:1])),
    "a new flow": lambda a, b: (a, b, flow("c", a.decision.path, purpose="hr_management")),
    "a flow less": lambda a, b: (a,),
    "one that stopped": lambda a, b: (a, replaced(b, status="stopped")),
    "another entity": lambda a, b: tuple(replaced(f, entity="远山物流有限公司") for f in (a, b)),
    "a path that is open": lambda a, b: (a, replace(b, decision=replace(b.decision, certain=False))),
    "another path": lambda a, b: (a, replace(b, decision=replace(
        b.decision, path="exempt_art5_3", possible=("exempt_art5_3",)))),
    "blocked": lambda a, b: (a, replace(b, decision=replace(
        b.decision, path="blocked_without_approval", possible=("blocked_without_approval",)))),
}


def replaced(report, **more):
    return replace(report, flow=replace(report.flow, **more))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("papers")
    write_papers(company(*flows()), place)
    return place


@pytest.mark.parametrize("change", STALE.values(), ids=STALE)
def test_papers_of_another_day_do_not_agree(folder, change):
    assert check_dossier(company(*flows()), folder) == ()
    assert check_dossier(company(*change(*flows())), folder) != ()


def test_a_path_that_is_open_is_said_once_with_the_papers_it_stands_in(folder):
    lines = check_dossier(company(*STALE["a path that is open"](*flows())), folder)
    [line] = [str(line) for line in lines if 'the path of flow "b" is open' in str(line)]

    assert sum(file.name in line for file in folder.glob("*.docx")) > 1


def test_papers_that_rest_on_old_figures_are_named(folder):
    report = company(*flows())
    later = replace(report, run=replace(report.run, as_of=date(2026, 11, 3)))

    assert any("2026年11月2日" not in line and "统计基准日" in line for line in check_dossier(later, folder))
    assert any("three months" in line for line in check_dossier(report, folder, None, date(2027, 2, 3)))
    assert check_dossier(report, folder, None, DAY) == ()


@pytest.mark.parametrize("name", [*findings.NAMES, ""], ids=lambda name: ascii(name)[:20])
def test_strange_names_make_papers_that_agree(tmp_path, name):
    """Of recipients, entities and further recipients: files can be written, and nothing differs."""
    strange = flow("a", recipient=name, entity=name or "甲公司", onward=(name,))
    report = company(strange, flow("b", entity="乙公司"))
    files = write_papers(report, tmp_path)

    assert check_dossier(report, tmp_path) == ()
    assert all(len(file.name.encode()) < 220 for file in files)
    if not name:
        assert count_blanks(tmp_path) > 0 and f"{TO_FILL_IN}境外接收方名称" in read_paper(files[0]).text


def test_text_that_a_tracked_change_takes_away_is_not_there(tmp_path):
    """And what it puts in is."""
    report = company(*flows())
    write_papers(report, tmp_path)
    file = tmp_path / PAPERS["pia"].file
    document = docx.Document(str(file))
    line = next(p for p in document.paragraphs if p.text.startswith("场景1的境外保存期限"))
    struck, inserted = OxmlElement("w:del"), OxmlElement("w:ins")
    line._p.append(struck)
    struck.append(line.runs[0]._element)
    inserted.append(OxmlElement("w:r"))
    inserted[0].append(OxmlElement("w:t"))
    inserted[0][0].text = "场景1的境外保存期限：900天。"
    line._p.append(inserted)
    document.save(str(file))

    assert line._p.findall(qn("w:r")) == []
    assert any("场景1的境外保存期限：90天。" in line for line in check_dossier(report, tmp_path))


def test_the_workbook_of_items_is_checked_as_the_papers_are(folder, tmp_path):
    import shutil

    from openpyxl import load_workbook

    from scanner.deliver.dossier import ITEM_TABLES

    place = tmp_path / "papers"
    shutil.copytree(folder, place)
    book = load_workbook(place / ITEM_TABLES)
    book["场景1"].delete_rows(3)
    book.save(place / ITEM_TABLES)

    assert [line for line in check_dossier(company(*flows()), place) if "姓名" in line]
    (place / ITEM_TABLES).write_bytes(b"x")
    assert "cannot be read as XLSX" in " ".join(check_dossier(company(*flows()), place))


def test_grids_hold_what_people_may_word_otherwise():
    """The official table names its items; only description, necessity and example are free."""
    (pack,) = PAPERS["self_assessment"].packs(company(flow("a", "security_assessment"))).values()
    (grid,) = [g for g in PAPERS["self_assessment"].make(pack).grids if "数据项名称" in g.heads]

    assert isinstance(grid, PaperTable)
    assert [grid.heads[i] for i in grid.free] == ["内容描述", "出境必要性", "示例"]
