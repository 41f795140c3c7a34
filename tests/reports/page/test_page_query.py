"""The search box of the page speaks the language of `find`: the same queries find the same columns."""

import random
import re
from dataclasses import replace
from urllib.parse import quote as url_quote

import pytest
from generated import hostile, report

from detectors.errors import ConfigError
from mappings.names import bare_name
from reports.formats import html
from reports.messages.words import t
from reports.model import standing, stands_or_possible
from reports.query import TESTED, fits, flows_by_column, has_words, parse_query, values_of

pytestmark = pytest.mark.browser
QUERIES = 250
WRITTEN = (
    "身份证", "手机号 敏感=否", "mobile sensitive=no", "敏感=是", "复核=已确认", "review!=suggested", "phone",
    "confidence>=0.93", "confidence<0.6 sensitive=yes", "table=sys00/*", "table=*/member_[0-2]", "列",
    '"sys01/app"', "label=phone_*,label=email", "label=手机号码", "表=sys0[12]/app/?ember_*",
    "owner=数据治理部 kind=personal_information", "column=*/m*b*e", "review=stale", "PHONE　email", "flow=*",
    "flow!=*", "table=[*]*", "tier=core form=plain",
)
WRONG = ("nothing=1", "confidence=0.8", "label>3", "confidence>=high", "sensitive=yes,x")


@pytest.fixture(scope="module")
def varied():
    """A report of every standing: accepted, stale, suggested, rejected, possible, and hostile names."""
    whole, n = report(216, 9, hostile()), 0
    tables = []
    for table in whole.tables:
        columns = []
        for column in table.columns:
            n += 1
            if column.findings and column.reviewed is None and n % 5 == 0:
                review = replace(REVIEW, verdict="reject", label=column.findings[0].finding.label)
                column = replace(column, reviewed=review, findings=_as(column.findings))
            elif column.findings and column.reviewed is None and n % 3 == 0:
                column = replace(column, findings=_as(column.findings, possible=True))
            columns.append(column)
        tables.append(replace(table, columns=tuple(columns)))
    return replace(whole, tables=tuple(tables))


REVIEWS = (c.reviewed for t in report(216, 9).tables for c in t.columns if c.reviewed is not None)
REVIEW = replace(next(REVIEWS), stale="")


def _as(findings, possible=False):
    return tuple(
        replace(a, finding=replace(a.finding, primary=False, possible=possible)) for a in findings
    )


def stands_for(column):
    """What a query sees of a column: what stands or is possible, or what a person rejected."""
    rejected = column.findings[0] if standing(column) == "rejected" else None
    return stands_or_possible(column) or rejected


def shown(tab):
    """The number of columns that pass, as the Chinese page says it."""
    return int(re.search(r"中的 ([\d,]+) 个", tab.locator("#count").inner_text())[1].replace(",", ""))


def found(whole, text):
    """How many columns a query finds: those without a finding by words alone, as the page shows them, too."""
    query, leaving, hits = parse_query([text]), flows_by_column(whole), 0
    for table in whole.tables:
        for column in table.columns:
            assessed = stands_for(column)
            if assessed is not None:
                values = values_of(table, column, assessed, leaving.get(column.id, ()))
                hits += fits(query.conditions, values) and has_words(query.words, table, column, assessed)
            elif not query.conditions:
                texts = "\n".join(map(bare_name, (column.id, column.comment, table.owner)))
                hits += all(word in texts for word in query.words)
    return hits


def drawn_queries(whole):
    """Queries of values that columns have, cut and combined by chance."""
    draw, leaving = random.Random(11), flows_by_column(whole)
    rows = [
        (values_of(table, column, assessed, leaving.get(column.id, ())), column)
        for table in whole.tables
        for column in table.columns
        if (assessed := stands_or_possible(column)) is not None
    ]
    while True:
        values, column = draw.choice(rows)
        parts = []
        for name in draw.sample(TESTED, draw.choice((0, 1, 1, 2))):
            value = draw.choice(values[name] or ("",))
            if name == "confidence":
                parts.append(f"confidence{draw.choice(('>=', '<=', '>', '<'))}{value}")
                continue
            if draw.random() < 0.4 and len(value) > 2:
                a, b = sorted(draw.sample(range(len(value)), 2))
                cut = value[:a] + draw.choice("*?") + value[b:]
                value = cut if draw.random() < 0.5 else f"*{value[a:b]}*"
            in_chinese = name not in ("review", "column", "form") and draw.random() < 0.3
            title = t(name, "zh") if in_chinese else name
            parts.append(f"{title}{draw.choice(('=', '!='))}{value}")
        text = draw.choice((column.name, column.comment, column.id)) if draw.random() < 0.5 else ""
        if text and len(text) < 200:
            a = draw.randrange(len(text))
            parts.append(text[a : a + draw.randint(1, 6)])
        yield " ".join(parts)


def test_queries_find_what_find_finds(opened, tmp_path, varied):
    path = tmp_path / "report.html"
    html.save(varied, path)
    tab = opened(path, "#s=all")
    drawn, tried, differ = drawn_queries(varied), 0, []
    for text in (*WRITTEN, *(next(drawn) for _ in range(QUERIES))):
        try:
            expected = found(varied, text)
        except ConfigError:
            continue
        tab.evaluate("address => { location.hash = address; }", "#s=all&q=" + url_quote(text, safe=""))
        tab.wait_for_function("text => document.getElementById('f-q').value === text", arg=text.strip())
        if shown(tab) != expected:
            differ.append((text, shown(tab), expected))
        tried += 1

    assert differ == [] and tried > QUERIES


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_test_is_said_and_finds_nothing(opened, tmp_path, varied, text):
    with pytest.raises(ConfigError):
        parse_query([text])
    path = tmp_path / "report.html"
    html.save(varied, path)
    tab = opened(path, "#s=all&q=" + url_quote(text, safe=""))

    assert shown(tab) == 0 and re.search("不是查询条件", tab.locator("#q-wrong").inner_text())
    tab.locator("#f-q").fill("手机")
    tab.wait_for_function("() => document.getElementById('q-wrong').textContent === ''")
