"""A small language that names findings: `chujing find`, `push --where` and the search of the page share it.

    身份证 sensitive=yes table=crm/* confidence>=0.8 review!=rejected

A word finds columns whose id, comment, label or category holds it, in Chinese or English; all words must.
A test is a name, = != >= <= > or <, and a pattern (see `patterns`); the same name twice means either.
Names and values may also be written as the screen shows them in Chinese: 敏感=是.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple, get_args

from detectors.errors import ConfigError, RulesError, nearest
from detectors.ids import source_of
from detectors.labels import labels
from detectors.message import Msg, Text, Word
from detectors.model import ColumnId, Form, Kind, Label, Tier
from detectors.shipped import read_yaml
from mappings.model import Assessed, Sensitive
from mappings.names import bare_name
from mappings.taxonomy import load_taxonomy
from reports.messages.words import in_brackets, t
from reports.model import ColumnReport, Report, TableReport, standing, stands_or_possible
from reports.patterns import fits_any

TESTED = (
    "source", "table", "column", "label", "category", "grade", "sensitive", "kind", "tier",
    "flow", "owner", "review", "form", "confidence",
)
REVIEWS = ("accepted", "suggested", "possible", "rejected", "stale")
SHOWN_VALUES: Mapping[str, tuple[str, tuple[str, ...]]] = {   # of tests: the key of their words, the values
    "kind": ("kind", get_args(Kind)), "tier": ("tier", get_args(Tier)),
    "grade": ("grade", ("general", "important", "core")), "form": ("form", ("hashed", "masked")),
}
JOINING = frozenset({"or", "and", "|", "||", "&", "&&", "或", "或者", "和", "与", "及", "并且"})
MOST_LISTED = 12                              # values that an error lists
_TEST = re.compile(r"(?P<name>\w+)\s*(?P<relation>!=|>=|<=|=|>|<)\s*(?P<pattern>.*)", re.DOTALL)
_COLON = re.compile(r"(?P<name>\w+)[:：](?P<pattern>.*)", re.DOTALL)
_YES_NO = {"是": "yes", "敏感": "yes", "否": "no", "不敏感": "no", "视情形": "depends"}
_PIECE = re.compile(r'"([^"]*)"|(\S+)')

# of TESTED, with a relation that is not =: patterns, one must fit
Conditions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FindingQuery:
    """What is looked for. words: folded; each must be found. conditions: all must hold."""

    words: tuple[str, ...] = ()
    conditions: Conditions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchedColumn:
    """A column that a query finds, with what it holds or possibly holds."""

    table: TableReport
    column: ColumnReport
    assessed: Assessed
    flows: tuple[str, ...] = ()               # ids of those it leaves by


def parse_query(texts: Sequence[str]) -> FindingQuery:
    """Return what the words of a command line, or of one line of text, ask for.

    Raise ConfigError for a test of an unknown name, and for one written with a colon.
    """
    words: list[str] = []
    tests: list[str] = []
    for text in texts:
        for piece in _PIECE.finditer(text):
            if _TEST.fullmatch(part := piece[1] or piece[2] or "") and not piece[1]:
                tests.append(part)
            elif not piece[1] and (colon := _COLON.fullmatch(part)) and _is_tested(colon["name"]):
                relation = ">=" if _chinese_names().get(colon["name"], colon["name"]) == "confidence" else "="
                example = Msg("e.g. {example}", example=colon["name"] + relation + colon["pattern"])
                raise ConfigError(Msg('"{text}" is no test', text=part), hint=example)
            elif folded := bare_name(part):
                words.append(folded)
    return FindingQuery(tuple(words), parse_conditions(tests))


def _is_tested(name: str) -> bool:
    return _chinese_names().get(name, name) in TESTED


def parse_conditions(texts: Sequence[str]) -> Conditions:
    """Return `sensitive=yes,category=personal.*` as names with patterns; the same name twice means either.

    Raise ConfigError for what is no test or has an unknown name.
    """
    conditions: dict[str, tuple[str, ...]] = {}
    for part in (p.strip() for text in texts for p in text.split(",") if p.strip()):
        test = _TEST.fullmatch(part)
        if test is None:
            raise ConfigError(
                Msg('"{text}" is no test', text=part), hint=Msg("--where sensitive=yes,category=personal.*")
            )
        name = _chinese_names().get(test["name"], test["name"])
        if name not in TESTED:
            hint = _hint(nearest(name, TESTED), [_name_word(tested) for tested in TESTED])
            raise ConfigError(Msg('nothing is called "{name}"', name=name), hint=hint)
        key = name if test["relation"] == "=" else name + test["relation"]
        conditions[key] = (*conditions.get(key, ()), _value(name, test["relation"], test["pattern"].strip()))
    return conditions


def _value(name: str, relation: str, pattern: str) -> str:
    """Return the pattern of a test; raise ConfigError where numbers are compared and it is none."""
    if name == "sensitive":
        return _YES_NO.get(pattern, pattern)
    if name == "review":
        return next((r for r in REVIEWS if pattern == t(f"standing.{r}", "zh")), pattern)
    if name in SHOWN_VALUES:
        return _values_by_words()[name].get(pattern, pattern)
    if (name == "confidence") is (relation in ("=", "!=")):
        right = "confidence>=0.8" if name == "confidence" else name + "=" + pattern
        example = Msg("e.g. {example}", example=right)
        raise ConfigError(Msg('"{text}" is no test', text=name + relation + pattern), hint=example)
    if name == "confidence" and not re.fullmatch(r"\d*\.?\d+", pattern):
        what = Msg('"{text}" is no value of {name}', text=pattern, name=name)
        raise ConfigError(what, hint=Msg("e.g. {example}", example="confidence>=0.8"))
    return pattern


@cache
def _values_by_words() -> Mapping[str, Mapping[str, str]]:
    """Return what the words of a screen stand for, in either language, by SHOWN_VALUES."""
    return {
        name: {t(f"{key}.{value}", lang): value for value in values for lang in ("en", "zh")}
        for name, (key, values) in SHOWN_VALUES.items()
    }


@cache
def _chinese_names() -> Mapping[str, str]:
    """Return the names of tests by what the screen calls them in Chinese."""
    names = {t(name, "zh"): name for name in TESTED if name not in ("review", "column", "form")}
    more = {"字段": "column", "复核": "review", "敏感": "sensitive", "流": "flow"}
    return {**names, **more, "类型": "kind", "形态": "form"}


def query_words(label_names: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what a reader of queries outside Python has to know.

    names: names of tests by their Chinese words. values: of a test, what stands for what. words: labels, of
    those that are named, by the folded words of the lexicon.
    """
    reviews = {t(f"standing.{review}", "zh"): review for review in REVIEWS if review != "stale"}
    words = {
        word: shared for word, ids in _labels_by_word().items() if (shared := sorted({*ids} & {*label_names}))
    }
    values = {**_values_by_words(), "sensitive": _YES_NO, "review": reviews}
    return {"names": _chinese_names(), "values": values, "words": words}


def matching_columns(report: Report, query: FindingQuery) -> Iterator[MatchedColumn]:
    """Yield the columns of a report that a query finds: with a finding or a possible one.

    Rejected ones only where the query tests reviews.
    """
    leaving = flows_by_column(report)
    tested = {key.rstrip("!<>=") for key in query.conditions}
    asks_rejected = any(key.startswith("review") for key in query.conditions)
    for table in report.tables:
        for column in table.columns:
            if not column.findings:
                continue
            assessed = stands_or_possible(column) or _rejected(column)
            if assessed is None or standing(column) == "rejected" and not asks_rejected:
                continue
            flows = leaving.get(column.id, ())
            if fits(query.conditions, values_of(table, column, assessed, flows, tested)) and has_words(
                query.words, table, column, assessed
            ):
                yield MatchedColumn(table, column, assessed, flows)


def only_columns(report: Report, columns: Collection[str]) -> Report:
    """Return a report of some columns and of the tables that hold them; the rest of it stays as it is."""
    tables = (
        replace(table, columns=tuple(c for c in table.columns if c.id in columns)) for table in report.tables
    )
    return replace(report, tables=tuple(table for table in tables if table.columns))


def only_flows(report: Report, flows: Collection[str]) -> Report:
    """Return a report of some flows, their entities and the columns that leave by them."""
    selected = tuple(f for f in report.flows if f.flow.id in flows)
    leaving = {column for f in selected for column in f.columns}
    entities = tuple(e for e in report.exporter if set(e.flows) & set(flows))
    return replace(only_columns(report, leaving), flows=selected, exporter=entities, skipped=(), stock=())


def only_tables(report: Report, tables: Collection[str]) -> Report:
    """Return a report of some tables, without flows."""
    selected = tuple(table for table in report.tables if table.id in tables)
    skipped = tuple(s for s in report.skipped if s.id in tables)
    nothing: Any = {"flows": (), "exporter": (), "stock": (), "questions": (), "deadlines": ()}
    return replace(report, tables=selected, skipped=skipped, **nothing)


def _rejected(column: ColumnReport) -> Assessed | None:
    """Return what a person rejected on a column, as the machine found it."""
    return column.findings[0] if column.findings and standing(column) == "rejected" else None


def flows_by_column(report: Report) -> Mapping[ColumnId, tuple[str, ...]]:
    """Return the ids of the flows each column leaves by."""
    leaving: dict[ColumnId, tuple[str, ...]] = {}
    for flow in report.flows:
        for id in flow.columns:
            leaving[id] = (*leaving.get(id, ()), flow.flow.id)
    return leaving


def values_of(
    table: TableReport, column: ColumnReport, assessed: Assessed, flows: Sequence[str] = (),
    tested: Collection[str] = TESTED,
) -> Mapping[str, tuple[str, ...]]:
    """Return what tests on a column see, by their names. tested: of TESTED, those that are wanted."""
    about = _Tested(table, column, assessed, flows)
    return {name: _VALUES[name](about) for name in tested}


class _Tested(NamedTuple):
    """What tests look at."""

    table: TableReport
    column: ColumnReport
    assessed: Assessed
    flows: Sequence[str]


def _label_values(about: _Tested) -> tuple[str, ...]:
    label = about.assessed.finding.label
    info = labels().get(label)
    return (label, info.zh, info.en) if info is not None else (label,)


def _review_values(about: _Tested) -> tuple[str, ...]:
    review = about.column.reviewed
    stale = ("stale",) if review is not None and review.stale else ()
    return (standing(about.column), *stale)


_VALUES: Mapping[str, Callable[[_Tested], tuple[str, ...]]] = {
    "source": lambda about: (source_of(about.table.id),),
    "table": lambda about: (about.table.id,),
    "column": lambda about: (about.column.id,),
    "label": _label_values,
    "category": lambda about: (about.assessed.category, about.assessed.category_zh),
    "grade": lambda about: (about.assessed.grade,),
    "sensitive": lambda about: (about.assessed.sensitive,),
    "kind": lambda about: (about.assessed.finding.kind,),
    "tier": lambda about: (about.assessed.finding.tier,),
    "flow": lambda about: tuple(about.flows),
    "owner": lambda about: (about.table.owner,),
    "review": _review_values,
    "form": lambda about: (about.assessed.finding.form,),
    "confidence": lambda about: (f"{about.assessed.finding.confidence:.2f}",),
}


def fits(conditions: Conditions, values: Mapping[str, Sequence[str]]) -> bool:
    """Return whether every test holds of the values of a column."""
    return all(_holds(key, patterns, values) for key, patterns in conditions.items())


def _holds(key: str, patterns: tuple[str, ...], values: Mapping[str, Sequence[str]]) -> bool:
    name = key.rstrip("!<>=")
    if name == "confidence":
        return any(_compares(float(values[name][0]), key.removeprefix(name), float(p)) for p in patterns)
    return fits_any(values[name], patterns) is not key.endswith("!=")


def _compares(value: float, relation: str, limit: float) -> bool:
    return {">=": value >= limit, "<=": value <= limit, ">": value > limit, "<": value < limit}[relation]


def has_words(words: Sequence[str], table: TableReport, column: ColumnReport, assessed: Assessed) -> bool:
    """Return whether each of the folded words stands in what is known of a column, or means its label."""
    if not words:
        return True
    label = assessed.finding.label
    of_label = _words_of_label(label, assessed.category, assessed.category_zh)
    own = f"{_bare_id(column.id, table.id)}\n{bare_name(column.comment)}\n{bare_name(table.owner)}"
    return all(
        word in of_label or word in own or label in _labels_by_word().get(word, ()) for word in words
    )


def _bare_id(column: str, table: str) -> str:
    """Return the folded id of a column, of two parts that other columns share with it."""
    if column.startswith(beginning := f"{table}/"):
        return f"{bare_name(beginning)}{bare_name(column[len(beginning):])}"
    return bare_name(column)


@cache
def _words_of_label(label: Label, category: str, category_zh: str) -> str:
    """Return what the columns of a label have in common, folded, a line each."""
    info = labels().get(label)
    titles = (info.zh, info.en) if info is not None else ()
    return "\n".join(map(bare_name, (label, *titles, category, category_zh)))


@cache
def _labels_by_word() -> Mapping[str, frozenset[str]]:
    """Return the labels that a folded word of the lexicon of column names stands for."""
    label_sets: dict[str, set[str]] = {}
    for label, words in read_yaml("data/names.yaml").items():
        for word in (*words.get("en", ()), *words.get("zh", ())):
            label_sets.setdefault(bare_name(str(word)), set()).add(label)
    return {word: frozenset(names) for word, names in label_sets.items()}


def nearest_words(words: Sequence[str]) -> Text:
    """Return a hint for words that find nothing: how either is asked, the nearest label, or empty."""
    if joining := [word for word in words if word in JOINING]:
        tests = (f"label={min(ids)}" for word in words if (ids := _labels_by_word().get(word)))
        example = " ".join(tests) if len(joining) < len(words) else ""
        return Msg(
            'all words must stand in one column, and "{word}" is one of them; '
            "a test typed twice means either: {example}",
            word=joining[0], example=example or "label=email label=phone_mobile",
        )
    titles = [title for info in labels().values() for title in (info.zh, info.en, str(info.label))]
    folded = {bare_name(title): title for title in titles}
    for word in words:
        if not any(word in title for title in folded) and (near := get_close_matches(word, folded, n=1)):
            return Msg('Did you mean "{name}"?', name=folded[near[0]])
    return ""


def check_conditions(conditions: Conditions, report: Report) -> None:
    """Raise ConfigError for a test that nothing can pass: report, taxonomy, detectors lack its value."""
    if not conditions:
        return
    possible_values = _possible_values(report)
    for key, patterns in conditions.items():
        name = key.rstrip("!<>=")
        values = possible_values.get(name)
        for pattern in patterns:
            if values and not fits_any(values, (pattern,)):
                more = ("…",) if len(values) > MOST_LISTED else ()
                shown = [_value_word(name, value) for value in values[:MOST_LISTED]]
                hint = _hint(nearest(pattern, values), (*shown, *more))
                what = Msg('"{text}" is no value of {name}', text=pattern, name=_name_word(name))
                raise ConfigError(what, hint=hint)


def _value_word(name: str, value: str) -> Word:
    """Return a value of a test as people read it, with what is typed: `direct (core)`."""
    if name == "label" and (info := labels().get(Label(value))) is not None:
        return _with_code(value, info.zh, info.en)
    if name in SHOWN_VALUES and value in SHOWN_VALUES[name][1]:
        key = f"{SHOWN_VALUES[name][0]}.{value}"
    elif name == "review":
        key = "page.s.stale" if value == "stale" else f"standing.{value}"
    elif name == "sensitive":
        words = next((word for word, stands_for in _YES_NO.items() if stands_for == value), value)
        return _with_code(value, words, value)
    else:
        return Word(value, zh=value)
    return _with_code(value, t(key, "zh"), t(key, "en"))


def _name_word(name: str) -> Word:
    """Return the name of a test as people read it, with what is typed."""
    chinese = next((word for word, tested in _chinese_names().items() if tested == name), name)
    return _with_code(name, chinese, name)


def _with_code(code: str, zh: str, en: str) -> Word:
    """Return words and the code behind them, where they differ."""
    shown = {"zh": zh, "en": en}
    return Word(code, *(
        word if word == code else f"{word}{in_brackets(code, lang)}" for lang, word in shown.items()
    ))


def _hint(near: Text, names: Sequence[str]) -> Text:
    """Return the nearest name, if any, and all that are known."""
    all_names = Msg("known: {names}", names=tuple(names))
    return f"{near} {all_names}" if near else all_names


def _possible_values(report: Report) -> Mapping[str, Sequence[str]]:
    """Return the values that tests may have, by TESTED; of tables and columns any, so they are left out."""
    columns = (column for table in report.tables for column in table.columns)
    findings = [a for column in columns if (a := stands_or_possible(column)) is not None]
    named = sorted({*labels(), *(a.finding.label for a in findings)})
    titles = [title for info in labels().values() for title in (info.zh, info.en)]
    values: dict[str, Sequence[str]] = {
        "sensitive": get_args(Sensitive),
        "kind": get_args(Kind),
        "tier": get_args(Tier),
        "form": get_args(Form),
        "review": REVIEWS,
        "source": sorted(s.id for s in report.sources),
        "flow": sorted(f.flow.id for f in report.flows) or ("",),
        "label": [*named, *titles],
    }
    try:
        taxonomies = [load_taxonomy(name) for name in report.run.taxonomies]
    except RulesError:                        # a company's own, not here: any value may be one of its
        return values
    categories = {entry.category.id for taxonomy in taxonomies for entry in taxonomy.entries.values()}
    grades = [grade for taxonomy in taxonomies for grade in taxonomy.grades]
    category_titles = sorted({a.category_zh for a in findings})
    values["category"] = [*sorted(categories | {a.category for a in findings}), *category_titles]
    values["grade"] = list(dict.fromkeys([*grades, *(a.grade for a in findings)]))
    return values
