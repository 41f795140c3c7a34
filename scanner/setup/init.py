"""`chujing init`: look at a source, ask company facts, write a commented chujing.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from detectors.model import ColumnSample, Skipped
from mappings.model import Question
from mappings.rules import RuleSet
from reports.messages.render import render
from reports.messages.words import t
from scanner.config.facts import check_fact
from scanner.config.sources import Source, source_name
from scanner.files import replace_file
from scanner.records.answer_words import shown_value, value_of

MAX_QUESTIONS = 8
MAX_CANDIDATES = 8                            # columns named as fields of a first flow

Ask = Callable[[str], str]                    # a question -> the answer, "" to skip


@dataclass(frozen=True, slots=True)
class _Overview:
    """What a source holds by its names and comments. candidates: ids of columns with personal information."""

    tables: int
    candidates: tuple[str, ...]


def write_config(url: str, path: Path, lang: str, ask: Ask | None) -> list[str]:
    """Write a configuration for a source and return lines to show. ask: None to ask nothing.

    Raise SourceError when the source cannot be opened: a configuration nobody can scan helps no one. Raise
    ConfigError for an answer that is none.
    """
    from mappings.rules import load_ruleset

    rules = load_ruleset()
    source = Source(source_name(url), url)
    overview = _look_at(source)
    questions = rules.company_questions()[:MAX_QUESTIONS]
    facts = _ask_facts(questions, rules, lang, ask) if ask is not None else {}
    facts = {q.fact: facts.get(q.fact, "unknown") for q in questions}
    replace_file(path, _config_text(source, facts, overview.candidates[:MAX_CANDIDATES]))
    return [
        t("cli.init.found", lang, tables=overview.tables, personal=len(overview.candidates)),
        t("cli.init.next", lang, path=path),
    ]


def _look_at(source: Source) -> _Overview:
    """List the tables of a source and detect by names and comments, reading no values."""
    from detectors.columns import detect
    from scanner.gather.listing import connect

    connector = connect(source)
    tables = 0
    candidates: list[str] = []
    try:
        for info in connector.tables():
            if isinstance(info, Skipped):
                continue
            tables += 1
            samples = [ColumnSample(info.ref.column(source.id, c.parts), info, c, None) for c in info.columns]
            for f in detect(info, samples):
                if f.primary and f.kind == "personal_information" and f.tier == "core":
                    candidates.append(f.column)
    finally:
        connector.close()
    return _Overview(tables, tuple(candidates))


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


def _inline(value: object) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.strip().removesuffix("...").strip()


def _config_text(source: Source, facts: Mapping[str, str], candidates: Sequence[str]) -> str:
    answers = "\n".join(f"    {fact}: {_inline(value)}" for fact, value in facts.items())
    fields = "\n".join(f"#       - {c}" for c in candidates) or "#       - table/column"
    template = Template((Path(__file__).parent / "init_config.yaml").read_text(encoding="utf-8"))
    return template.substitute(
        answers=answers, source=_inline(source.id), url=_inline(source.url), fields=fields
    )
