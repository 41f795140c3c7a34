"""`chujing init`: look at a source, ask company facts, write a commented chujing.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

import yaml

from detectors.columns.open_subjects import open_pairs
from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnSample, Skipped, TableInfo
from detectors.redaction import redact, without_secrets
from mappings.model import Question
from mappings.rules import RuleSet
from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.wording.reading import unread_words
from scanner.config.answer_words import shown_value, value_of
from scanner.config.facts import check_fact
from scanner.config.sources import Source
from scanner.connectors.urls import scheme_of
from scanner.files import write_atomically

MAX_QUESTIONS = 8
MOST_SKIPPED = 5                              # things not listed that are named
MAX_CANDIDATES = 8                            # columns named as fields of a first flow

Ask = Callable[[str], str]                    # a question -> the answer, "" to skip


@dataclass(frozen=True, slots=True)
class _Overview:
    """What a source holds by its names and comments. candidates: ids of columns with personal information.

    possible: ids of columns that are neither that nor surely nothing. open_subjects: (a column, a further one
    of its kind) of which no name says whether both are one person's. skipped: what could not be listed.
    """

    tables: int
    candidates: tuple[str, ...]
    possible: tuple[str, ...] = ()
    open_subjects: tuple[tuple[str, str], ...] = ()
    skipped: tuple[Skipped, ...] = ()


def write_config(
    source: Source, path: Path, lang: str, ask: Ask | None, password_env: str = ""
) -> list[str]:
    """Write a configuration for a source and return lines to show.

    ask: None to ask nothing. password_env: variable that holds the password. What is secret in the URL is
    left out of the file.

    Raise SourceError when the source cannot be opened: a configuration nobody can scan helps no one. Raise
    ConfigError for an answer that is none.
    """
    from mappings.rules import load_ruleset

    rules = load_ruleset()
    address = _without_secrets(source, password_env)
    overview = _source_overview(source)
    questions = rules.company_questions()[:MAX_QUESTIONS]
    facts = _ask_facts(questions, rules, lang, ask) if ask is not None else {}
    facts = {q.fact: facts.get(q.fact, "unknown") for q in questions}
    subjects = _ask_subjects(overview.open_subjects, lang, ask) if ask is not None else {}
    address = replace(address, url=_beside(address.url, path.parent))
    text = _config_text(source.id, address, facts, overview, subjects)
    write_atomically(path, text, "team")
    return [
        *_secret_lines(address, lang), *_overview_lines(overview, lang), t("cli.init.next", lang, path=path)
    ]


def _overview_lines(overview: _Overview, lang: str) -> Iterator[str]:
    """Yield what a source holds by its names, and what could not be listed."""
    yield t("cli.init.found", lang, tables=overview.tables, personal=len(overview.candidates))
    if overview.possible:
        yield t("cli.init.possible", lang, n=len(overview.possible))
    for skipped in overview.skipped[:MOST_SKIPPED]:
        yield f"{skipped.id}  {unread_words(skipped.reason, skipped.hint, lang)}"
    if (rest := len(overview.skipped) - MOST_SKIPPED) > 0:
        yield t("push.more", lang, n=rest)


def add_source(source: Source, path: Path, lang: str, password_env: str = "") -> list[str]:
    """Add a source to a configuration that is there, whose other lines stay, and return lines to show.

    Raise ConfigError where the file has it already or is at fault, SourceError when it cannot be opened.
    """
    from scanner.setup.add_source import NewSource, add_to_config

    address = _without_secrets(source, password_env)
    overview = _source_overview(source)
    keys = {"url": _inline_yaml(_beside(address.url, path.parent))}
    if address.variable:
        keys["password"] = f"{{env: {_inline_yaml(address.variable)}}}"
    add_to_config(path, NewSource(_inline_yaml(source.id), keys))
    return [
        *_secret_lines(address, lang), *_overview_lines(overview, lang),
        t("cli.init.added", lang, path=path, name=source.id),
    ]


def _beside(url: str, folder: Path) -> str:
    """A path as it is read from a file in a folder; what is no relative path as it is."""
    scheme, mark, rest = url.partition(":///") if url.startswith(("sqlite", "duckdb")) else ("", "", url)
    if folder.resolve() == Path.cwd() or not rest or "://" in rest or scheme_of(rest) or rest == ":memory:":
        return url
    if Path(rest).is_absolute():
        return url
    return scheme + mark + os.path.relpath(rest, folder)


@dataclass(frozen=True, slots=True)
class _Address:
    """A URL as it is written. variable: that holds the password. removed: places of the URL left out."""

    url: str
    variable: str
    removed: tuple[str, ...]


def _without_secrets(source: Source, password_env: str) -> _Address:
    """Return the address of a source without what nobody may see; raise ConfigError where that cannot be."""
    try:
        url, removed = without_secrets(source.url)
    except ValueError:
        raise ConfigError(
            Msg("a secret stands in this URL where it cannot be taken out"), where=redact(source.url),
            hint=Msg("give the URL without it, and --password-env NAME"),
        ) from None
    default = re.sub(r"[^A-Z0-9]+", "_", f"{source.id}_password".upper()).strip("_")
    return _Address(url, password_env or (default if "password" in removed else ""), removed)


def _secret_lines(address: _Address, lang: str) -> Iterator[str]:
    if address.removed:
        yield t("cli.init.secrets", lang, places=join_list(address.removed, "names", lang))
    if address.variable and address.variable not in os.environ:
        yield t("cli.init.export", lang, name=address.variable)


def _source_overview(source: Source) -> _Overview:
    """List the tables of a source and detect by names and comments, reading no values."""
    from detectors.columns import detect
    from scanner.gather.listing import connect

    connector = connect(source)
    tables = 0
    candidates: list[str] = []
    possible: list[str] = []
    skipped: list[Skipped] = []
    pairs: list[tuple[str, str]] = []
    try:
        for info in connector.tables():
            if isinstance(info, Skipped):
                skipped.append(info)
                continue
            tables += 1
            samples = [ColumnSample(info.ref.column(source.id, c.parts), info, c, None) for c in info.columns]
            findings = tuple(detect(info, samples))
            pairs += _open_subjects(info, samples, findings)
            for f in findings:
                if f.primary and f.kind == "personal_information" and f.tier == "core":
                    candidates.append(f.column)
                elif f.possible and f.tier == "core":
                    possible.append(f.column)
    finally:
        connector.close()
    return _Overview(tables, tuple(candidates), tuple(possible), tuple(pairs), tuple(skipped))


def _open_subjects(
    info: TableInfo, samples: Sequence[ColumnSample], findings: Iterable[ColumnFinding]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of columns of a table whose subjects no name says."""
    labels = {f.column: str(f.label) for f in findings if f.primary and f.kind == "personal_information"}
    ids = {sample.column.name: sample.id for sample in samples}
    for first, other in open_pairs(info, [labels.get(sample.id, "") for sample in samples]):
        yield ids[first], ids[other]


def _ask_facts(questions: Iterable[Question], rules: RuleSet, lang: str, ask: Ask) -> dict[str, str]:
    """Return the facts that were answered."""
    facts: dict[str, str] = {}
    for q in questions:
        offered = "/".join(shown_value(value, lang) for value in q.leads_to)
        answer = ask(f"{render(q.ask, lang)} ({render(q.how, lang)}) [{offered}]").strip()
        if answer:
            answer = value_of(q.fact, answer, rules)
            check_fact(q.fact, answer, "", rules)
            facts[q.fact] = answer
    return facts


def _inline_yaml(value: object) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.strip().removesuffix("...").strip()


def _field_lines(overview: _Overview) -> list[str]:
    """Return the fields of a first flow as comments; possible ones are marked, for a review to settle."""
    sure = [f"#       - {c}" for c in overview.candidates[:MAX_CANDIDATES]]
    doubts = [f"#       - {c}   # 可能 possible" for c in overview.possible[:MAX_CANDIDATES]]
    return [*sure, *doubts] or ["#       - table/column"]


def _ask_subjects(pairs: Sequence[tuple[str, str]], lang: str, ask: Ask) -> dict[str, str]:
    """Return whose further columns are, as far as it was answered."""
    answers = {}
    for first, other in pairs[:MAX_QUESTIONS]:
        if answer := ask(t("cli.init.subject", lang, first=first, other=other)).strip():
            answers[other] = answer
    return answers


def _subject_lines(pairs: Sequence[tuple[str, str]], answers: Mapping[str, str]) -> Iterator[str]:
    """Yield the block `subjects:`; what is not answered stands there as a comment."""
    if not pairs:
        return
    head = "subjects:" if answers else "subjects: {}"
    yield f"{head:<31}# 属于谁 whose a key is: self, or a word such as spouse, contact"
    for other in answers:
        yield f"  {_inline_yaml(other)}: {_inline_yaml(answers[other])}"
    for first, other in dict.fromkeys(pairs):
        if other not in answers:
            yield f"#  {_inline_yaml(other)}: self    # 与 {first} 同属一人吗 one person's?"


def _config_text(
    source: str, address: _Address, facts: Mapping[str, str], overview: _Overview, subjects: Mapping[str, str]
) -> str:
    answers = "\n".join(f"    {fact}: {_inline_yaml(value)}" for fact, value in facts.items())
    template = Template((Path(__file__).parent / "init_config.yaml").read_text(encoding="utf-8"))
    variable = address.variable
    password = "# password: {env: DB_PASSWORD} "
    if variable:
        password = f"password: {{env: {_inline_yaml(variable)}}}"
    return template.substitute(
        answers=answers, source=_inline_yaml(source), url=_inline_yaml(address.url),
        password=password, fields="\n".join(_field_lines(overview)),
        subjects="".join(f"{line}\n" for line in (*_subject_lines(overview.open_subjects, subjects), "")),
    )
