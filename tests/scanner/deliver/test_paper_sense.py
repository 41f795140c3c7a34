"""What people write is held against the decision: clean papers agree, and what cannot be so is named."""

import io
import random
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import count

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from filed_flows import CONTRACT, DAY, company, flow

from reports.filings.blocks import TO_FILL_IN
from reports.filings.document import save
from reports.filings.fills import PERSONS
from reports.filings.papers import PAPERS
from scanner.deliver.dossier import write_papers
from scanner.deliver.dossier_check import check_dossier, unread_files
from scanner.deliver.paper_check import paper_differences
from scanner.deliver.paper_places import PaperPlaces
from scanner.deliver.paper_reading import ReadPaper, read_document
from scanner.deliver.paper_sense import contradictions, onward_differences

PATHS = {"self_assessment": "security_assessment", "pia_exempt": "exempt_art5_4"}
CLEAN = (
    "不适用", "无", "由法务部与信息安全部核对", "待遇、岗位信息仅供人力资源管理", "不涉及未成年人",
    "未脱敏的字段不得出境", "如发现不具备必要性的字段，立即停止出境", "王敏，010-5555 0100",
    "自2026年10月8日至2026年10月30日开展", "本次出境具备必要性", "数据存于法兰克福数据中心",
    "经同意的方式补充核对资料", "合同于2023年5月1日订立", "3次/年", "365天",
    "未含不满十四周岁未成年人的信息", "N/A", "同上级公司的制度一致",
    "采取加密、访问控制等措施，防止超范围提供",
)
KEEPING = (
    "待定", "XXX", "xx", "/", "TBD", "todo", "待补充", "待确认", "同上", "？", "______", "……", "—",
    "（略）", "略", "某某", "＿＿", "***", "【待补充】", "暂无", "待核", "尚未确定", "请填写",
    "占位", "不详", "测试", "asdf", "联系人：待定", "待 填 写",
)
STOPPING = [
    f"{start}{subject}{end}" for start in ("", "结论：", "综上，")
    for subject in ("本出境活动", "本次数据出境", "该场景出境")
    for end in ("不具备必要性", "不具备必要性，不得出境", "没有必要性", "风险不可接受", "应当停止出境")
]
CHILDREN = [
    f"{who}{holds}{whom}"
    for who in ("所涉个人", "本场景数据", "") for holds in ("均为", "包括", "含", "涉及")
    for whom in ("不满十四周岁的未成年人", "未满14周岁的儿童", "大量未成年人")
]


def flows(path=CONTRACT):
    return (
        flow("a", path, persons=1200, retention_days=90, subject_group="employee"),
        flow("b", path, persons=1000, purpose="marketing", retention_days=365, subject_group="employee",
             recipient="Südwind GmbH"),
    )


@cache
def made(kind, path=None):
    return tuple(each_made(kind, path))


def each_made(kind, path):
    """(pack, what it should say, the same as read from its document) of every paper of a kind."""
    for pack in PAPERS[kind].packs(company(*flows(path or PATHS.get(kind, CONTRACT)))).values():
        paper, file = PAPERS[kind].make(pack), io.BytesIO()
        save(paper, file)
        file.seek(0)
        yield pack, paper, read_document(f"{kind}.docx", file)


def filled(found, answer, day=DAY):
    """A paper in which every place is written. answer: of the place's text."""
    def cell(text):
        text = re.sub(r"年\s+月\s+日", f"{day:%Y年%m月%d日}", text)
        before, mark, _ = text.partition(TO_FILL_IN)
        return before + answer(before) if mark else text

    blocks = (b if not isinstance(b, str) and not b else cell(b) if isinstance(b, str)
              else (b[0], *(tuple(map(cell, row)) for row in b[1:])) for b in found.blocks)
    return ReadPaper(found.name, tuple(blocks))


def always(word):
    return lambda before: word


def at_place(n, word):
    """The answer of the n-th place is a word; the others are written."""
    places = count()
    return lambda before: word if next(places) == n else "已核对"


def after(own, word):
    """The answer of places after a text, or of a place that begins its line."""
    return lambda before: word if (own in before if own else not before) else "已核对"


def faults(kind, case, paper, today=DAY):
    pack, expected, _ = case
    return [
        *map(str, paper_differences(expected, paper)),
        *map(str, contradictions(PAPERS[kind], pack, expected, paper, today)),
    ]


@pytest.fixture(params=PAPERS)
def kind(request):
    return request.param


def test_papers_that_people_filled_in_cleanly_agree(kind):
    """Whatever of these answers stands where, and on whichever day of the three months."""
    draw, tried = random.Random(3), 0
    for case in made(kind):
        for _ in range(12):
            day = DAY - timedelta(draw.randrange(90))
            paper = filled(case[2], lambda before: draw.choice(CLEAN), day)
            tried += 1
            assert faults(kind, case, paper) == []
    assert tried >= 12


@pytest.mark.parametrize("word", KEEPING)
def test_a_word_that_keeps_a_place_is_named_wherever_it_stands(kind, word):
    """One place at a time, its prompt gone or not; the others are written."""
    for case in made(kind):
        marks = case[2].marks
        assert marks
        for n in {0, marks // 2, marks - 1}:
            assert faults(kind, case, filled(case[2], at_place(n, word)))
        assert TO_FILL_IN in case[2].text
        replaced = tuple(
            b.replace(TO_FILL_IN, word) if isinstance(b, str)
            else tuple(tuple(c.replace(TO_FILL_IN, word) for c in row) for row in b) for b in case[2].blocks
        )
        assert len(faults(kind, case, ReadPaper("x", replaced))) >= len(PaperPlaces.of(case[1]).places) // 2


@pytest.mark.parametrize("kind", ["pia", "self_assessment", "pia_exempt"])
def test_the_date_on_a_cover_is_of_the_three_months_before(kind):
    draw = random.Random(5)
    (case,) = made(kind)
    ages = [-4000, -1, 0, 1, 89, 93, 400, 3000, *(draw.randrange(-900, 900) for _ in range(20))]
    for age in ages:
        paper = filled(case[2], always("已核对"), DAY - timedelta(age))
        is_wrong = age < 0 or (age > 92 and kind != "pia_exempt")
        assert bool(faults(kind, case, paper)) == is_wrong, age
    for text in ("2026年13月45日", "2026年2月30日", "2026-11-31", "2026年0月1日"):
        lines = faults(kind, case, filled(case[2], always(text)))
        assert any("is no date" in line for line in lines), text
    blocks = tuple(b for b in case[2].blocks if b != "年    月    日")
    assert any("no date" in line for line in faults(kind, case, ReadPaper("x", blocks)))


@pytest.mark.parametrize("sentences", [STOPPING, CHILDREN], ids=["a stop", "children"])
def test_sentences_against_the_decision_are_named(kind, sentences):
    """At any place; what is said of persons under 14 goes by the figures, and employees are none."""
    draw = random.Random(11)
    for case in made(kind):
        for sentence in sentences:
            paper = filled(case[2], at_place(draw.randrange(case[2].marks), sentence))
            lines = faults(kind, case, paper)
            assert any("is not what" in line for line in lines), (sentence, lines)


DUE_ELSEWHERE = {                             # path -> sentences that say something else
    "security_assessment": (
        "本次出境属于免予申报的情形", "拟订立并备案个人信息出境标准合同", "将通过个人信息保护认证",
        "适用第五条第一款第（二）项", "无需申报数据出境安全评估",
    ),
    CONTRACT: (
        "本次出境应当申报数据出境安全评估", "拟通过国家网信部门的数据出境安全评估",
        "符合第五条第一款第（一）项", "属于免予订立标准合同的情形", "可以豁免备案",
    ),
    "exempt_art5_4": (
        "本次出境须申报数据出境安全评估", "已备案个人信息出境标准合同", "适用第五条第一款第（二）项",
    ),
}
COUNTS = ("本场景共计涉及{n}人", "累计{n}名员工", "涉及自然人{n}人")


@pytest.mark.parametrize(("kind", "path"), [
    ("self_assessment", "security_assessment"), ("pia", CONTRACT), ("contract", CONTRACT),
    ("pia_exempt", "exempt_art5_4"),
])
def test_a_sentence_with_another_mechanism_clause_or_count_is_named(kind, path):
    """At any place; what is due by the decision itself, or denied of another, is said of nothing."""
    draw = random.Random(19)
    for case in made(kind, path):
        for own, sentences in DUE_ELSEWHERE.items():
            for sentence in sentences if own == path else ():
                paper = filled(case[2], at_place(draw.randrange(case[2].marks), sentence))
                assert any("is not what the decision" in line for line in faults(kind, case, paper)), sentence
        most = sum(f.individuals.high for s in case[0].scenarios for f in s.flows)
        for n in (1, most - 1, most, most + 1, 10 * most, 50_000_000):
            text = draw.choice(COUNTS).format(n=draw.choice([f"{n}", f"{n:,}"]))
            paper = filled(case[2], at_place(draw.randrange(case[2].marks), text))
            lines = [line for line in faults(kind, case, paper) if "more persons" in line]
            assert bool(lines) == (n > most), (text, most)


FITTING = {
    "security_assessment": ("本次出境应当申报数据出境安全评估", "未订立个人信息出境标准合同"),
    CONTRACT: ("拟订立并备案个人信息出境标准合同", "未达到申报数据出境安全评估的标准", "不属于免予情形"),
    "exempt_art5_4": ("适用第五条第一款第（四）项", "属于免予申报的情形", "不需要申报数据出境安全评估"),
}


@pytest.mark.parametrize(("kind", "path"), [
    ("self_assessment", "security_assessment"), ("pia", CONTRACT), ("pia_exempt", "exempt_art5_4"),
])
def test_a_sentence_that_says_what_the_decision_says_is_none_against_it(kind, path):
    for case in made(kind, path):
        for sentence in FITTING[path]:
            assert faults(kind, case, filled(case[2], always(sentence))) == [], sentence


@pytest.mark.parametrize("name", ["附件/旧版.docx", "a/b/合同.pdf", "扫描件.PDF", "x.ofd", "old/影响.zip"])
def test_what_lies_below_or_cannot_be_read_is_named(tmp_path, name):
    report = company(*flows())
    paper, *_ = write_papers(report, tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(paper, tmp_path / name)
    assert [line for line in check_dossier(report, tmp_path) if str(line).startswith(name)]
    (tmp_path / name).unlink()
    (tmp_path / "承诺书.pdf").write_bytes(b"x")
    assert check_dossier(report, tmp_path) == ()
    assert ["承诺书.pdf" in str(line) for line in unread_files(report, tmp_path)] == [True]


@pytest.mark.parametrize(("path", "line"), [(CONTRACT, 1_000_000), ("exempt_art5_4", 100_000)])
def test_a_forecast_on_the_line_of_another_path_is_named(path, line):
    """From the line on, in any year and however it is written; below it nothing is said."""
    kind = "pia" if path == CONTRACT else "pia_exempt"
    (case,) = made(kind, path)
    draw = random.Random(13)
    for persons in [line - 1, line, line + 1, 0, *(draw.randrange(3 * line) for _ in range(20))]:
        written = draw.choice([f"{persons}", f"{persons:,}人", f"约{persons}人"])
        rows = next(b for b in case[2].blocks if not isinstance(b, str) and b[0] == PERSONS)
        at = draw.choice([i for i, head in enumerate(PERSONS) if head.startswith("未来")])
        row = tuple(written if i == at else "已核对" if TO_FILL_IN in c else c for i, c in enumerate(rows[1]))
        blocks = tuple((rows[0], row, *rows[2:]) if b is rows else b for b in case[2].blocks)
        paper = filled(ReadPaper("x", blocks), always("已核对"))
        assert bool(faults(kind, case, paper)) == (persons >= line), written


def test_a_period_longer_than_the_data_are_kept_is_named():
    for case in made("contract"):
        days = case[0].scenarios[0].flows[0].flow.retention_days
        for length in (days - 1, days, days + 30, 3650, -5):
            first = date(2026, 12, 1)
            period = f"{first:%Y年%m月%d日}至{first + timedelta(length):%Y年%m月%d日}）"
            paper = filled(case[2], after(f"{days}天", period))
            assert bool(faults("contract", case, paper)) == (length > days or length < 0), length


def test_further_recipients_are_the_same_in_the_papers():
    """Of every pair of answers: names that are in both, in one, or in none."""
    names = ("Shark Data LLC（美国）", "Wolf Ltd、Fox SARL", "不提供", "不适用", "无")
    (report,) = made("pia")
    for appendix in made("contract"):
        for one in names:
            for other in names:
                first = appendix[0], appendix[1], filled(appendix[2], after("", one))
                last = report[0], report[1], filled(report[2], always(other))
                is_same = one == other or {one, other} <= set(names[2:])
                assert (list(onward_differences([first], [last])) == []) == is_same, (one, other)


HIDING = {
    "vanish": ("w:vanish", None), "strike": ("w:strike", None), "dstrike": ("w:dstrike", None),
    "white": ("w:color", "FFFFFF"), "tiny": ("w:sz", "2"),
}


@pytest.mark.parametrize("way", [*HIDING, "style", "row"])
def test_hidden_text_counts_as_not_written(kind, way):
    (_, expected, _), *_ = made(kind)
    draw = random.Random(17)
    for _ in range(6):
        file = io.BytesIO()
        save(expected, file)
        document = docx.Document(file)
        if way == "row":
            if not document.tables:
                return
            row = draw.choice(document.tables)._tbl.tr_lst[-1]
            row.get_or_add_trPr().append(OxmlElement("w:hidden"))
        else:
            run = draw.choice([r for p in document.paragraphs for r in p.runs if r.text.strip()])
            hide(document, run, way)
        out = io.BytesIO()
        document.save(out)
        out.seek(0)
        paper = read_document("x.docx", out)
        assert paper.has_hidden_text
        assert any("hidden" in line for line in map(str, paper_differences(expected, paper)))


def hide(document, run, way):
    if way == "style":
        style = document.styles.add_style("Unseen", 2)
        style.font.hidden = True
        run.style = style
        return
    name, value = HIDING[way]
    properties = run._element.get_or_add_rPr()
    for old in properties.findall(qn(name)):
        properties.remove(old)
    mark = OxmlElement(name)
    if value:
        mark.set(qn("w:val"), value)
    properties.append(mark)


@pytest.mark.parametrize(
    "name", ["补充协议.docx", "Neu.DOCX", "旧版.doc", "个人信息.wps", "新个人信息保护影响评估报告.docx"]
)
def test_a_document_of_nobody_is_named_and_a_material_is_not(tmp_path, name):
    report = company(*flows())
    paper, *_ = write_papers(report, tmp_path)
    assert check_dossier(report, tmp_path) == ()
    (tmp_path / "承诺书.docx").write_bytes(paper.read_bytes())
    assert check_dossier(report, tmp_path) == ()
    shutil.copy(paper, tmp_path / name)
    assert [line for line in check_dossier(report, tmp_path) if line.startswith(name)]


def test_children_that_were_found_may_not_be_denied():
    found = [replace(f, minors=replace(f.minors, low=3, best=3, high=3)) for f in flows()]
    (pack,) = PAPERS["pia"].packs(company(*found)).values()
    expected, file = PAPERS["pia"].make(pack), io.BytesIO()
    save(expected, file)
    file.seek(0)
    case = pack, expected, read_document("x.docx", file)

    assert faults("pia", case, filled(case[2], always("已核对"))) == []
    assert faults("pia", case, filled(case[2], always("包括不满十四周岁的未成年人"))) == []
    assert faults("pia", case, filled(case[2], always("不涉及未成年人")))
