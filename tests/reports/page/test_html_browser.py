"""The HTML report in a real browser: filters, languages, size, hostile names, decisions, keyboard,
paper; no network.
"""

import json
import re
import sqlite3
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from generated import HOSTILE, KINDS, assessed, hostile, report

import scanner
from detectors.model import ColumnId, Evidence, Label, TableId
from mappings.grading import Grading, LabelGrading, load_grading
from reports.formats import html
from reports.formats.html import page
from reports.model import Reviewed
from reports.reviews.basis import basis_of
from scanner.records import reviews
from scanner.sheets import inventory_reviews

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "report.html"
    assert html.save(report(50_000, 20), path) == (path,)
    return path


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A small report beside a table whose every name is hostile."""
    path = tmp_path_factory.mktemp("odd") / "report.html"
    html.save(report(216, 9, hostile()), path)
    return path


def shown(tab):
    """The number of columns that pass the filters, as the Chinese page says it."""
    return int(re.search(r"中的 ([\d,]+) 个", tab.locator("#count").inner_text())[1].replace(",", ""))


def test_the_first_screen_comes_in_order_and_in_both_languages(opened, odd):
    tab = opened(odd)
    zh = tab.locator("main").inner_text()
    tab.locator("label[for=en]").click()
    en = tab.locator("main").inner_text()
    again = opened(odd).context  # another reader: Chinese again
    tab.reload()

    for text, heads in (
        (zh, ("合规路径：按", "距下一条法定界线", "待确认的事实", "本周待办", "检测结果")),
        (
            en,
            (
                "Paths, by entity",
                "Distance to the next",
                "Open facts, most",
                "What to do this week",
                "What was found",
            ),
        ),
    ):
        places = [text.index(h) for h in heads]
        assert places == sorted(places)
    assert "待确认" not in en and "Paths, by" not in zh
    assert tab.locator("html").get_attribute("lang") == "en"
    assert tab.locator("label[for=zh]").is_visible()
    assert again.pages[0].locator("html").get_attribute("lang") == "zh"


def test_fifty_thousand_columns_are_filtered_with_few_rows_in_the_document(opened, large):
    tab = opened(large)
    all_found = shown(tab)
    tab.locator("#f-sensitive").select_option("yes")
    sensitive = shown(tab)
    tab.locator("#f-source").select_option("sys03")
    one = shown(tab)
    tab.locator("#f-q").fill("健康")
    tab.wait_for_url(re.compile("q="))
    health = shown(tab)
    tab.locator("#grid").evaluate("g => { g.scrollTop = g.scrollHeight }")
    tab.locator(f'[aria-rowindex="{health + 1}"]').wait_for()

    assert 0 < health < one < sensitive < all_found < 50_000
    assert tab.locator(".line").count() < 60
    assert tab.locator("#grid").get_attribute("aria-rowcount") == str(health + 1)
    assert f"({sensitive:,})" not in tab.locator("#f-source option:checked").inner_text()


def test_the_address_keeps_the_view(opened, odd):
    tab = opened(odd, "#s=stale&source=sys01&order=unsure")
    stale = shown(tab)
    tab.locator("#f-reset").click()
    found = shown(tab)
    tab.evaluate("location.hash = '#s=all&table=' + encodeURIComponent('sys00/app/member_0')")
    tab.locator("#f-table").wait_for()

    assert 0 < stale < found
    assert shown(tab) == 24


def test_a_cell_of_the_heat_map_filters(opened, odd):
    tab = opened(odd)
    cell = tab.locator("table.heat tbody a").first
    cell.click()
    tab.wait_for_url(re.compile("table="))
    tab.wait_for_function("document.querySelector('#f-category').value")  # the page has answered

    assert shown(tab) == int(cell.locator("b").inner_text())
    assert tab.locator("#f-category").input_value()


def test_hostile_names_are_shown_and_do_nothing(opened, odd):
    text = odd.read_text(encoding="utf-8")
    tab = opened(odd, "#source=odd")
    names = tab.locator(".line .what b").all_inner_texts()
    tab.locator(".line").nth(6).click()
    more = tab.locator(".under button.link").first
    more.click()

    assert text.count("<script") == 2 and text.count("</script") == 2
    assert shown(tab) == len(HOSTILE)
    assert "<script>alert(1)</script>" in names
    assert any("⟨U+202E⟩evil" in n for n in names) and not any("\u202e" in n for n in names)
    assert all(len(n) <= 81 for n in names)
    assert tab.locator(".under bdi").filter(has_text=re.compile("x{10000}")).count() == 1
    assert tab.locator("img, iframe, b b").count() == 0


def test_the_keyboard_reaches_rows_and_what_stands_behind_them(opened, odd):
    tab = opened(odd)
    tab.keyboard.press("Tab")  # the language
    tab.keyboard.press("Tab")
    skip = tab.evaluate("document.activeElement.className")
    tab.locator("#f-reset").focus()
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    row = tab.evaluate(
        "document.activeElement.getAttribute('aria-rowindex') + "
        "document.activeElement.getAttribute('aria-expanded')"
    )
    ring = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    tab.keyboard.press("Tab")
    inside = tab.evaluate("document.activeElement.closest('.under') !== null")
    tab.keyboard.press("Escape")
    back = tab.evaluate(
        "document.activeElement.getAttribute('aria-rowindex') + "
        "document.activeElement.getAttribute('aria-expanded')"
    )
    tab.keyboard.press("End")

    assert skip == "skip"
    assert (row, inside, back) == ("4true", True, "4false")
    assert ring != "none"
    assert tab.evaluate("document.activeElement.getAttribute('aria-rowindex')") == str(shown(tab) + 1)


def test_evidence_has_its_denominators_its_clause_and_its_flows(opened, odd):
    tab = opened(odd, "#source=sys00&label=phone_mobile")
    tab.locator(".line").first.click()
    told = tab.locator(".under").inner_text()

    assert "GB/T 43697-2024" in told and "二手来源" in told
    assert re.search(r"90\d 个单元格中 \d+ 个相符", told)
    assert "crm-hq" in told


def test_alternatives_and_notes_are_shown_in_the_reader_s_language(opened, tmp_path):
    path, made = tmp_path / "r.html", report(9, 1)
    first = made.tables[0].columns[0]
    notes = (
        Evidence("name", "the name says mobile"),
        Evidence("value", "姓名 personal name (Chinese) (sparse)", 4, 9, "cells"),
    )
    other = replace(
        assessed("phone_mobile", 0.4, 4, 9),
        finding=replace(
            assessed("phone_mobile", 0.4, 4, 9).finding, primary=False, evidence=notes, detector="name"
        ),
    )
    against = Reviewed(
        "accept",
        Label("person_name"),
        "王敏",
        date(2026, 10, 8),
        "",
        against="relabel email (lin, 2026-10-09)",
    )
    column = replace(
        first, findings=(*first.findings, other), reviewed=against, ignored="hotline (lin, until 2027-01-01)"
    )
    table = replace(made.tables[0], columns=(column, *made.tables[0].columns[1:]))
    html.save(replace(made, tables=(table,)), path)
    tab = opened(path)
    tab.locator(".line").first.click()
    zh = tab.locator(".under").inner_text()
    tab.locator("label[for=en]").click()
    en = tab.locator(".under").inner_text()

    assert "[object" not in zh and "其他可能" in zh and "字段名含“mobile”" in zh and "姓名（稀疏）" in zh
    assert "改判 电子邮件地址（lin" in zh and "已静默：hotline（lin，至 2027-01-01）" in zh
    assert (
        "the name says mobile" in en
        and "personal name (Chinese) (sparse)" in en
        and "relabel e-mail address (lin" in en
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A report judged by two further taxonomies, the company's own with a hostile title."""
    path = tmp_path_factory.mktemp("graded") / "report.html"
    name = LabelGrading(("客户", "<b>身份</b>"), "L2<i>", "recalled")
    own = Grading("own", "<b>本公司</b>", "本公司", ("L1", "L2<i>"), {Label("person_name"): name})
    html.save(replace(report(216, 9), gradings=(load_grading("jrt-0197-2020"), own)), path)
    return path


def test_further_taxonomies_stand_in_the_table_and_behind_a_row(opened, graded):
    tab = opened(graded, "#label=phone_mobile")
    one = tab.locator(".line .gradings").first.inner_text()
    tab.locator(".line").first.click()
    told = tab.locator(".under").inner_text()
    tab.evaluate("location.hash = '#label=person_name'")
    tab.wait_for_url(re.compile("person_name"))
    other = tab.locator(".line .gradings").first.inner_text()
    tab.locator(".line").first.click()

    assert re.sub(r"\s+", " ", one) == "3 个人联系信息 未对应"
    assert tab.locator("#grid-head .gradings").inner_text().split("\n") == ["JR/T 0197-2020", "本公司"]
    assert re.search("JR/T 0197-2020: 客户 / .*个人联系信息 · 3 二手来源", told)
    assert "L2<i> <b>身份</b>" in other
    assert "本公司: 客户 / <b>身份</b> · L2<i> 待核实" in tab.locator(".under").inner_text()
    assert tab.locator("#grid").get_attribute("aria-colcount") == "9"
    assert tab.locator("#grid-head > div").count() == tab.locator(".line").first.locator("> div").count() == 9
    assert tab.locator("b b, i").count() == 0


def test_grades_and_classes_of_further_taxonomies_filter(opened, graded):
    tab = opened(graded)
    found = shown(tab)
    grades = tab.locator("#f-grade0 option").all_inner_texts()
    tab.locator("#f-grade0").select_option("3")
    three = shown(tab)
    first = tab.locator("#f-class0 option").nth(1).get_attribute("value")
    tab.locator("#f-class0").select_option(first)
    narrow = shown(tab)
    tab.reload()
    again = shown(tab)
    tab.locator("#f-reset").click()
    tab.locator("#f-grade1").select_option(label=f"未对应 ({found - 18})")  # 18 columns hold names

    assert [g.split(" ")[0] for g in grades] == ["全部", "5", "4", "3", "2", "1", "未对应"]
    assert f"3 ({three:,})" in grades
    assert 0 < narrow < three < found and again == narrow
    assert shown(tab) == found - 18
    assert set(tab.locator(".line .label").all_inner_texts()).isdisjoint({"姓名"})


QUERIES = {
    "postgresql": 'SELECT "mobile"\nFROM "app"."order_1"\nWHERE "mobile" IS NOT NULL\nLIMIT 20;',
    "mysql": "SELECT `mobile`\nFROM `app`.`order_1`\nWHERE `mobile` IS NOT NULL\nLIMIT 20;",
    "mssql": "SELECT TOP (20) [mobile]\nFROM [app].[order_1]\nWHERE [mobile] IS NOT NULL;",
    "oracle": 'SELECT "mobile"\nFROM "app"."order_1"\nWHERE "mobile" IS NOT NULL\nFETCH FIRST 20 ROWS ONLY;',
    "hive": "SELECT `mobile`\nFROM `app`.`order_1`\nWHERE `mobile` IS NOT NULL\nLIMIT 20;",
}


def test_the_query_speaks_the_source_s_dialect_and_files_have_none(opened, tmp_path):
    path = tmp_path / "r.html"
    html.save(report(360, 9), path)
    tab = opened(path)
    said = {}
    for kind in (*QUERIES, "files"):
        tab.evaluate(f"location.hash = '#source=sys0{KINDS.index(kind)}&q=order_1%20mobile'")
        tab.wait_for_url(re.compile(f"sys0{KINDS.index(kind)}"))
        tab.locator(".line", has_text=f"sys0{KINDS.index(kind)}/").first.click()
        said[kind] = tab.locator(".under section").last.inner_text()

    assert {k: v for k, v in QUERIES.items() if v not in said[k]} == {}
    assert "SELECT" not in said["files"] and "/data/exports" in said["files"]


@pytest.mark.parametrize(
    ("name", "read"),
    [("user_{00-63}", "user_00"), ("order_{YYYY_MM}", "order_{YYYY_MM}"), ("user_{x}", "user_{x}")],
)
def test_the_query_on_shards_reads_the_first_or_says_that_a_name_is_to_be_put(opened, tmp_path, name, read):
    path = tmp_path / "r.html"
    made = report(9, 9)
    first = made.tables[0]
    id = f"{first.id.rsplit('/', 1)[0]}/{name}"
    columns = tuple(replace(c, id=ColumnId(f"{id}/{c.id.rsplit('/', 1)[1]}")) for c in first.columns)
    html.save(replace(made, tables=(replace(first, id=TableId(id), columns=columns),)), path)
    tab = opened(path)
    tab.locator(".line").first.click()
    part = tab.locator(".under section").last.inner_text()

    assert f'"{read}"\nWHERE' in part.replace("`", '"')
    assert ("分表" in part) == (name != "user_{x}")


def test_the_query_quotes_hostile_names_so_that_sqlite_runs_it(opened, tmp_path):
    odd = hostile()[0]
    path = tmp_path / "r.html"
    made = report(9, 9, (odd,))
    html.save(made, path)
    tab = opened(path, "#source=odd&q=uo")
    tab.locator(".line").first.click()
    query = tab.locator("pre.sql").inner_text()
    db = sqlite3.connect(":memory:")
    schema, table = "<b>app</b>", "t';--\"]`".replace('"', '""')
    db.execute(f'ATTACH ":memory:" AS "{schema}"')
    db.execute(f'CREATE TABLE "{schema}"."{table}" ("q""uo\'te`d]]>" TEXT)')
    db.execute(f'INSERT INTO "{schema}"."{table}" VALUES (1), (NULL)')  # noqa: S608

    assert db.execute(query).fetchall() == [("1",)]


def decide(tab, row, verdict, why="", to=""):
    tab.locator(".line").nth(row).click()
    form = tab.locator(".under form")
    form.locator(f"input[value={verdict}]").check()
    if to:
        form.locator("select").select_option(to)
    form.locator("input[type=text]").nth(0).fill(why)
    form.locator("input[type=text]").nth(1).fill("李雷")
    form.locator("button[type=submit]").click()
    tab.keyboard.press("Escape")


@pytest.mark.parametrize(
    "ending, lang",
    [("yaml", "zh"), ("xlsx", "zh"), ("xlsx", "en")],
)
def test_decisions_marked_here_come_back_as_reviews(opened, odd, tmp_path, ending, lang):
    name = f"reviews.{ending}"
    tab = opened(odd, "#source=odd")
    decide(tab, 0, "accept")
    decide(tab, 4, "reject", 'no: "x" \\ \u2028 =1+1 😀')
    decide(tab, 5, "relabel", "通讯录", "email")
    decide(tab, 11, "justify", "-1 发货所需")
    tab.reload()
    tab.locator(f"label[for={lang}]").click()
    with tab.expect_download() as download:
        tab.locator(f"#as-{ending}").click()
    download.value.save_as(tmp_path / name)
    made = report(216, 9, hostile())
    found = (
        reviews.read_entries(tmp_path / name)
        if ending == "yaml"
        else inventory_reviews.read(tmp_path / name, made, date.today()).reviews
    )
    by = {r.verdict: r for r in found}
    columns = {c.name: c for t in made.tables for c in t.columns}

    assert len(found) == 4 and {r.by for r in found} == {"李雷"}
    assert by["accept"].columns == (columns[HOSTILE[0]].id,) and by["justify"].columns == (
        columns[HOSTILE[11]].id,
    )
    assert by["relabel"].to == "email"
    assert by["reject"].label in ("health", "") and by["reject"].why.startswith('no: "x" \\')
    assert by["justify"].why == "-1 发货所需"
    assert {r.basis for r in found} == {
        str(basis_of(c, "d4f1")) for c in columns.values() if c.id in {r.columns[0] for r in found}
    }
    assert tab.locator(".badge.here").count() == 4


def test_a_decision_without_reason_or_name_is_not_taken(opened, odd):
    tab = opened(odd)
    tab.locator(".line").first.click()
    form = tab.locator(".under form")
    form.locator("input[value=reject]").check()
    form.locator("button[type=submit]").click()
    first = form.locator("[role=alert]").inner_text()
    form.locator("input[type=text]").nth(1).fill("李雷")
    form.locator("button[type=submit]").click()

    assert (first, form.locator("[role=alert]").inner_text()) == ("请填写复核人", "请填写理由")
    assert tab.locator("#decisions").is_hidden()


def test_a_browser_that_keeps_nothing_still_takes_decisions(opened, odd):
    tab = opened(odd)
    tab.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', "
        "'SecurityError') }})"
    )
    tab.reload()
    decide(tab, 0, "accept")

    assert "请下载" in tab.locator("#decided").inner_text()


def test_half_a_form_survives_scrolling(opened, large):
    tab = opened(large)
    tab.locator(".line").nth(1).click()
    tab.locator(".under input[type=text]").nth(0).fill("未写完")
    tab.locator("#grid").evaluate("g => { g.scrollTop = 20000 }")
    tab.locator('[aria-rowindex="450"]').wait_for()
    tab.locator("#grid").evaluate("g => { g.scrollTop = 0 }")

    assert tab.locator(".under input[type=text]").nth(0).input_value() == "未写完"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_on_every_ground(opened, odd, scheme):
    tab = opened(odd, color_scheme=scheme)
    tokens = tab.evaluate("""() => {
      const style = getComputedStyle(document.documentElement);
      return Object.fromEntries(['ink','soft','link','most','some','least','open','accepted','paper','wash',
        'raised','on','heat','strong','h1','h2','h3','h4','h5','s1','s2','s3','s4','s5']
        .map(k => [k, style.getPropertyValue('--' + k).trim()])); }""")

    def light(colour):
        colour = colour.lstrip("#")
        colour = "".join(c * 2 for c in colour) if len(colour) == 3 else colour
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    def contrast(a, b):
        high, low = sorted((light(tokens[a]), light(tokens[b])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    pairs = [
        (a, b)
        for a in ("ink", "soft", "link", "most", "some", "least", "open", "accepted")
        for b in ("paper", "wash", "raised")
    ]
    pairs += [
        ("on", "link"),
        *(("heat", x) for x in ("h1", "h2", "h3", "h4", "h5", "s1", "s2", "s3", "s4", "s5")),
    ]
    assert {p: round(contrast(*p), 2) for p in pairs if contrast(*p) < 4.5} == {}


def test_everything_has_a_name_for_those_who_hear_the_page(opened, odd):
    tab = opened(odd)
    tab.locator(".line").first.click()
    unnamed = tab.evaluate("""() => [...document.querySelectorAll(
        'input,select,button,svg[role=img],[role=grid],[role=region],nav,a')]
      .filter(x => x.checkVisibility()).filter(x => {
        const by = x.getAttribute('aria-labelledby');
        const told = (x.getAttribute('aria-label') || '') + x.textContent
          + (x.labels ? [...x.labels].map(l => l.textContent).join('') : '')
          + (by && document.getElementById(by) ? document.getElementById(by).textContent : '');
        return !told.trim() || by && !document.getElementById(by) }).map(x => x.outerHTML.slice(0, 120))""")
    twice = tab.evaluate(
        """() => [...document.querySelectorAll('[id]')].map(x => x.id)
             .filter((x, i, all) => all.indexOf(x) !== i)"""
    )

    assert unnamed == []
    assert twice == []


ON_PAPER = """() => window.addEventListener('beforeprint', () => { window.onPaper = {
  rows: document.querySelectorAll('#paper .row').length,
  tables: document.querySelectorAll('#paper .of').length,
  closed: document.querySelectorAll('details:not([open])').length,
  said: document.getElementById('printed').textContent,
  left: document.getElementById('not-printed').textContent,
  text: document.getElementById('paper').textContent } })"""


def pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_on_paper_every_row_and_part_is_there_and_the_filters_are_not(opened, odd):
    tab = opened(odd)
    tab.evaluate(ON_PAPER)
    tab.locator(".line").first.click()
    tab.emulate_media(media="print")
    hidden = [tab.locator(x).is_hidden() for x in (".filters", "nav.contents", ".switches", "#grid")]
    first = tab.locator("#paths").is_visible() and tab.locator("#week").is_visible()
    pdf = tab.pdf(prefer_css_page_size=True)
    on = tab.evaluate("window.onPaper")

    assert first and hidden == [True] * 4
    assert (on["rows"], on["closed"], on["left"]) == (shown(tab), 0, "")
    assert "打印范围 — 复核状态：有发现" in on["said"] and "[object" not in on["text"]
    assert (
        "我的复核结论" not in on["text"] and "GB/T 43697-2024" in on["text"]
    )  # what stood open is printed, without its form
    assert "<script>alert(1)</script>" in on["text"] and tab.locator("#paper tr").count() == 0
    assert 5 < pages(pdf) < 60


def test_on_paper_six_thousand_rows_are_whole(opened, tmp_path):
    path = tmp_path / "r.html"
    html.save(report(10_300, 20), path)
    tab = opened(path, "#sensitive=yes&source=sys03")
    tab.evaluate(ON_PAPER)
    few = pages(tab.pdf(prefer_css_page_size=True, tagged=True)), tab.evaluate("window.onPaper")
    tab.locator("#f-reset").click()
    pdf = tab.pdf(prefer_css_page_size=True, tagged=True)
    on = tab.evaluate("window.onPaper")

    assert few[1]["rows"] < 100 and "来源：sys03" in few[1]["said"] and "敏感：敏感" in few[1]["said"]
    assert (on["rows"], on["tables"], on["left"]) == (6_020, 440, "")
    assert len(re.findall(rb"/S\s*/TR\b", pdf)) > 6_020 + 440  # every row reached the paper
    assert pages(pdf) > few[0] + 6_020 // 60


def test_on_paper_what_is_left_out_of_a_large_view_is_said(opened, large):
    tab = opened(large, "#s=all&order=name")
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    left = tab.locator("#not-printed").inner_text()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")

    assert "打印前 20,000 行，另有 30,000 行未打印" in left and "xlsx" in left
    assert tab.locator("#paper tr").count() == 0


def test_no_page_is_wider_than_the_screen(opened, odd):
    tab = opened(odd, "#source=odd")
    tab.locator(".line").nth(6).click()
    widths = {}
    for width in (390, 720, 1024):
        tab.set_viewport_size({"width": width, "height": 800})
        widths[width] = tab.evaluate("document.documentElement.scrollWidth")

    assert all(wide <= width for width, wide in widths.items()), widths


@pytest.mark.parametrize("width", [390, 721, 1000, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_texts_of_a_picture_cross(opened, odd, width, lang):
    tab = opened(odd, viewport={"width": width, "height": 800})
    tab.locator(f"label[for={lang}]").click()
    crossing = tab.evaluate("""() => [...document.querySelectorAll('.picture.lines svg')].flatMap(svg => {
      const texts = [...svg.querySelectorAll('text.row, text.axis')].filter(x => x.checkVisibility())
        .map(x => [x.textContent, x.getBoundingClientRect()]);
      const over = (a, b) => a.left < b.right && b.left < a.right
        && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
      return texts.flatMap(([name, a], i) =>
        texts.slice(i + 1).filter(([, b]) => over(a, b)).map(([other]) => name + ' | ' + other)) })""")

    assert tab.locator(".picture.lines text.row").count() > 8 and crossing == []


@pytest.mark.parametrize(("width", "stacked"), [(390, True), (720, True), (721, False), (1280, False)])
def test_a_narrow_screen_stacks_the_picture_of_a_flow(opened, odd, width, stacked):
    tab = opened(odd, viewport={"width": width, "height": 800})
    pictures = tab.locator(".flowpic")
    columns = pictures.first.locator("dl > div")
    boxes = [columns.nth(i).bounding_box() for i in range(columns.count())]

    assert pictures.count() and columns.count() == 4
    for i in range(pictures.count()):
        assert pictures.nth(i).locator("svg").is_visible() is not stacked
    if stacked:
        assert all(a["y"] + a["height"] <= b["y"] for a, b in pairwise(boxes))
        assert all(b["x"] >= 0 and b["x"] + b["width"] <= width for b in boxes)


def test_no_legal_line_runs_through_a_number_and_every_distance_is_one(opened, odd):
    tab = opened(odd)
    crossed = tab.evaluate("""() => [...document.querySelectorAll('.picture.lines svg')].flatMap(svg => {
      const texts = [...svg.querySelectorAll('text:not(.mark)')].filter(x => x.checkVisibility())
        .map(x => x.getBoundingClientRect());
      const through = (l, x) => l.left >= x.left && l.left <= x.right
        && l.top < x.bottom - 2 && l.bottom > x.top + 2;
      return [...svg.querySelectorAll('line.legal')].map(l => l.getBoundingClientRect())
        .filter(l => texts.some(x => through(l, x))).map(l => l.left) })""")
    zh = tab.locator("#near ~ section").first.inner_text()
    rows = tab.locator("table.paths tbody tr").all_inner_texts()
    tab.locator("label[for=en]").click()

    assert tab.locator("line.legal").count() > 8 and crossed == []
    assert (
        "100,000 人线（标准合同或认证）在估计区间之内" in zh and "10,000 人线（安全评估）在估计区间之内" in zh
    )
    assert [
        ("不计入本年合计" in row, bool(re.search("[超距] [0-9,]+ 人线差? [0-9,]+ 人|人线在区间内", row)))
        for row in rows
    ] == [("hr-hq" in row, "hr-hq" not in row) for row in rows]
    assert (
        "the line of 100,000 (contract or certification) lies within"
        in tab.locator("#near ~ section").first.inner_text()
    )


def test_a_field_that_a_person_rejected_is_not_called_nothing_found(opened, tmp_path):
    made = report(90, 1)
    leaving = made.flows[0].columns
    table = next(x for x in made.tables if any(c.id in leaving for c in x.columns))
    columns = tuple(
        replace(c, reviewed=Reviewed("reject", Label("email"), "王敏", date(2026, 10, 8), "no"))
        if c.id == leaving[0]
        else replace(c, reviewed=None)
        for c in table.columns
    )
    html.save(
        replace(
            made, tables=tuple(replace(table, columns=columns) if x is table else x for x in made.tables)
        ),
        tmp_path / "r.html",
    )
    tab = opened(tmp_path / "r.html")

    assert (
        "人工否定（不计入）rejected in review (1)" in tab.locator(".flowpic figcaption").first.text_content()
    )
    assert tab.locator(".flowpic text", has_text="人工否定").first.is_visible()


@pytest.mark.parametrize("which", ["odd", "graded"])
def test_at_1366_pixels_no_cell_of_the_table_is_cut_in_english(opened, request, which):
    tab = opened(request.getfixturevalue(which), "#source=sys00", viewport={"width": 1366, "height": 768})
    tab.locator("label[for=en]").click()
    cut = tab.evaluate("""() => [...document.querySelectorAll(
        '.line > :is(.label, .category, .grade, .sensitive, .confidence, .standing)')]
      .filter(x => x.scrollWidth > x.clientWidth || x.scrollHeight > x.clientHeight + 1)
      .map(x => x.textContent)""")

    assert tab.locator(".line").count() > 10 and cut == []


def test_on_a_phone_the_heat_map_wraps_within_its_box(opened, odd):
    tab = opened(odd, viewport={"width": 390, "height": 844})
    wide = tab.evaluate("""() => { const box = document.querySelector('table.heat').parentElement;
      const within = a => a.getBoundingClientRect().right <= 376;
      return [box.scrollWidth <= box.clientWidth, [...box.querySelectorAll('td a')].every(within)] }""")
    cell = tab.locator("table.heat tbody a").first
    told = cell.evaluate("a => getComputedStyle(a, '::before').content")

    assert wide == [True, True] and re.search("[\u4e00-\u9fff]", told)
    cell.click()
    tab.wait_for_url(re.compile("table="))
    assert shown(tab) == int(cell.locator("b").inner_text())


def test_on_paper_english_words_stay_whole(opened, odd):
    tab = opened(odd, "#source=sys00", viewport={"width": 703, "height": 1000})
    tab.locator("label[for=en]").click()
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    broken = tab.evaluate("""() => {
      const found = new Set(), main = document.querySelector('main');
      const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
      for (let n; n = walk.nextNode();) {
        const parent = n.parentElement;
        if (!parent.checkVisibility() || parent.closest('svg, code, .unseen, bdi')) continue;
        for (const m of n.data.matchAll(/[A-Za-z]{3,}/g)) {
          const r = document.createRange();
          r.setStart(n, m.index); r.setEnd(n, m.index + m[0].length);
          if (new Set([...r.getClientRects()].map(x => Math.round(x.top))).size > 1) found.add(m[0]);
        }
      }
      return [...found] }""")

    assert tab.locator("#paper .row").count() > 10 and broken == []


def test_without_scripts_there_are_the_first_screen_and_the_tables(opened, odd):
    tab = opened(odd, java_script_enabled=False)

    assert tab.locator("#paths").is_visible() and tab.locator("#week").is_visible()
    assert "sys00/app/member_0" in tab.locator("noscript").inner_text()
    tab.locator("label[for=en]").click()
    assert tab.get_by_text("Paths, by entity and recipient").is_visible()


def test_the_theme_is_chosen_and_remembered(opened, odd):
    tab = opened(odd, color_scheme="light")
    before = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.locator("#theme").select_option("dark")
    after = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.reload()

    assert before != after == tab.evaluate("getComputedStyle(document.body).backgroundColor")


def test_above_the_limit_an_index_leads_to_pages_by_system(opened, tmp_path):
    path = tmp_path / "my report#1.html"
    made = report(1_200, 4, hostile())
    files = html.save(made, path, limit=200)
    first = {f.name: f.read_bytes() for f in files}
    again = html.save(made, path, limit=200)
    tab = opened(path)
    tab.locator("#systems ~ section table a", has_text="sys02").click()
    tab.locator("#grid").wait_for()
    part = shown(tab)
    tab.locator("header a").click()
    tab.locator("#systems").wait_for()
    tab.locator("table.heat a").first.click()
    tab.locator("#grid").wait_for()

    assert len(files) == 1 + 4 * 2 + 1 and first == {f.name: f.read_bytes() for f in again}
    assert 0 < part <= 200
    assert tab.locator("#f-category").input_value() and tab.locator("#f-source").input_value()
    names = [re.search(r'"name":\[([^]]*)\]', f.read_text(encoding="utf-8"))[1].split(",") for f in files[1:]]
    assert sum(map(len, names)) == 1_200 + len(HOSTILE)


def test_pages_of_an_earlier_writing_go_and_nothing_else(tmp_path):
    path, folder = tmp_path / "r.html", tmp_path / "r_files"
    html.save(report(1_200, 4), path, limit=200)
    (folder / "notes.txt").write_text("mine")
    html.save(report(400, 2), path, limit=300)
    few = sorted(f.name for f in folder.iterdir())
    html.save(report(90), path)

    assert few == ["notes.txt", "pages.txt", "sys00.html", "sys01.html"]
    assert [f.name for f in folder.iterdir()] == ["notes.txt"]


def test_no_raw_value_and_the_same_bytes_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("CHUJING_KEY_FILE", str(tmp_path / "k"))
    db = sqlite3.connect(tmp_path / "a.db")
    db.execute("CREATE TABLE person (name TEXT, mobile TEXT)")
    db.executemany(
        "INSERT INTO person VALUES (?, ?)",
        [(f"欧阳测试{i:03d}", f"139{i:04d}{i * 7 % 10_000:04d}") for i in range(300)],
    )
    db.commit()
    (tmp_path / "chujing.yaml").write_text(
        "version: 1\nsources:\n  a: {url: 'sqlite:///a.db'}\n", encoding="utf-8"
    )
    made = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=date(2026, 11, 1))
    text = page(made)

    assert text == page(made)
    assert "person_name" in text
    assert "欧阳测试" not in text and not re.search(r"139\d{8}", text)
    assert json.loads(re.search(r'id="data">(.*?)</script>', text)[1])["run"] == made.run.id
