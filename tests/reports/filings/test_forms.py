"""Papers show every element of the official forms in its order and type; ids and bounds stay out."""

import io
import sys
from dataclasses import replace
from pathlib import Path

import docx
import pytest
import yaml
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from filed_flows import CONTRACT, company, flow

from mappings.model import Estimate
from reports.filings.blocks import TO_FILL_IN
from reports.filings.document import save
from reports.filings.papers import PAPERS
from scanner.deliver.paper_reading import read_document

CASES = Path(__file__).parents[2] / "cases"
FORMS = yaml.safe_load((CASES / "form_elements.yaml").read_text(encoding="utf-8"))
KINDS = {"self_assessment": "self_assessment", "impact_assessment": "pia", "contract_appendix": "contract"}
PATHS = dict.fromkeys(FORMS, CONTRACT) | {"self_assessment": "security_assessment"}
BODY = ("仿宋", False, 14)
# font, bold, size in points, of the heads of each level
TYPE = {"part": ("黑体", False, 14), "section": ("楷体", True, 14), "item": ("仿宋", True, 14)}


def papers(report, kind):
    """The papers of a kind as documents."""
    for pack in PAPERS[kind].packs(report).values():
        file = io.BytesIO()
        save(PAPERS[kind].make(pack), file)
        yield docx.Document(file)


def paper(form, *flows):
    (document,) = papers(company(*(flows or (flow("a", PATHS[form]),))), KINDS[form])
    return document


def look(paragraph):
    run = paragraph.runs[0]
    return run._element.rPr.rFonts.get(qn("w:eastAsia")), bool(run.font.bold), run.font.size.pt


def bare(text):
    return text.strip().rstrip("；。")


ELEMENTS = [(form, style) for form, about in FORMS.items() for style in about if style in TYPE]


@pytest.mark.parametrize(("form", "style"), ELEMENTS, ids=lambda part: part)
def test_every_head_of_the_form_is_there_in_its_order_and_type(form, style):
    texts = {bare(p.text): look(p) for p in paper(form).paragraphs if p.runs}
    heads = [bare(p.text) for p in paper(form).paragraphs if p.runs and look(p) == TYPE[style]]

    assert heads == [bare(head) for head in FORMS[form][style]]
    assert {texts[head] for head in heads} == {TYPE[style]}


@pytest.mark.parametrize("form", FORMS)
def test_cover_notes_tables_and_sentences_of_the_form_are_there(form):
    document, about = paper(form), FORMS[form]
    text = "\n".join(p.text for p in document.paragraphs)
    wanted = [words for part in ("cover", "notes", "title", "words") for words in about.get(part, ())]
    heads = [[c.text for c in t.rows[0].cells] for t in document.tables]

    assert [words for words in wanted if words not in text] == []
    assert [text.index(words) for words in about.get("notes", ())] == sorted(
        text.index(words) for words in about.get("notes", ())
    )
    assert about.get("table", heads[0] if heads else None) in [*heads, None]


@pytest.mark.parametrize("form", FORMS)
def test_page_and_body_are_set_as_the_form_asks(form):
    document = paper(form)
    section = document.sections[0]
    body = [p for p in document.paragraphs if p.runs and look(p) == BODY and p.alignment is None]

    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert {round(m.mm, 1) for m in (section.top_margin, section.bottom_margin)} == {25.4}
    assert {round(m.mm, 1) for m in (section.left_margin, section.right_margin)} == {31.8}
    assert len(body) > 5
    for p in body:
        spacing = p.paragraph_format
        assert (spacing.line_spacing, spacing.line_spacing_rule) == (Pt(26), WD_LINE_SPACING.EXACTLY)
        assert p._p.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
        assert {r._element.rPr.rFonts.get(qn("w:ascii")) for r in p.runs if r.text} == {"Times New Roman"}
    for table in document.tables:
        assert sum(c.width for c in table.rows[0].cells) <= Mm(210 - 2 * 31.8)


@pytest.mark.parametrize("form", FORMS)
def test_what_stands_above_a_table_and_its_heads_stay_on_its_page(form):
    document = paper(form)
    for table in document.tables:
        above = table._tbl.getprevious()
        heads = [cell.paragraphs[0] for cell in table.rows[0].cells]
        if above.tag == qn("w:p"):
            heads.append(next(p for p in document.paragraphs if p._p is above))
        assert all(p.paragraph_format.keep_with_next for p in heads)


def all_texts(report):
    for kind in PAPERS:
        for document in papers(report, kind):
            file = io.BytesIO()
            document.save(file)
            yield kind, read_document(kind, file).text


def test_no_id_of_ours_and_no_english_code_stands_in_a_paper():
    """Ids of flows and columns, codes of paths, modes, purposes and answers are for programs."""
    flows = [
        flow(f"flow-{i}", path, mode="access_from_abroad", retention_days=90, recipient=f"R{i}")
        for i, path in enumerate(("security_assessment", CONTRACT, "exempt_art5_1"))
    ]
    codes = ("flow-", "crm", "access_from_abroad", "exempt_art5_1", CONTRACT, "phone_mobile", "unknown")
    written = list(all_texts(company(*flows)))

    assert {kind for kind, _ in written} == set(PAPERS)
    assert [(kind, code) for kind, text in written for code in codes if code in text] == []


def test_a_count_is_a_number_with_its_basis_and_an_open_one_is_for_people():
    wide = Estimate(9_000, 10_240, 11_000, "hash_sample")
    shown = "\n".join(text for _, text in all_texts(company(flow("a", persons=wide))))
    unbounded = "\n".join(
        text for _, text in all_texts(company(flow("a", persons=Estimate(0, 0, None, "unknown"))))
    )

    assert "10,240" in shown and "下限9,000人，上限11,000人" in shown
    assert "9,000–" not in shown and "(9,000" not in shown
    assert f"{TO_FILL_IN}人数尚未查明" in unbounded


def test_a_value_in_a_comment_names_no_item():
    report = company(flow("a", labels=("phone_mobile",)))
    (table,) = report.tables
    columns = tuple(replace(c, comment="如13958204716") for c in table.columns)
    (document,) = papers(replace(report, tables=(replace(table, columns=columns),)), "pia")

    (items,) = [t for t in document.tables if t.rows[0].cells[0].text == "序号"]
    assert [row.cells[1].text for row in items.rows] == ["数据项名称", "手机号码"]


def test_an_item_stands_once_in_a_scenario():
    document = paper("self_assessment", flow("a", "security_assessment"), flow("b", "security_assessment"))
    (table,) = [t for t in document.tables if t.rows[0].cells[1].text == "数据项名称"]

    names = [row.cells[1].text for row in table.rows[1:]]
    assert len(names) == len(set(names)) == 2


@pytest.mark.parametrize("form", FORMS)
def test_every_element_of_the_form_is_listed_as_there(form, capsys):
    """One line an element, there or not, and how many of how many."""
    document = paper(form)
    cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
    text = "\n".join([*(p.text for p in document.paragraphs), *cells])
    elements = [(part, element) for part, own in FORMS[form].items() for element in own]
    found = [(part, element, bare(element) in text) for part, element in elements]
    with capsys.disabled():
        sys.stdout.write(f"\n{form}: {sum(there for *_, there in found)} of {len(found)} elements there\n")

    assert [f"not there: {part}, {element}" for part, element, is_there in found if not is_there] == []
