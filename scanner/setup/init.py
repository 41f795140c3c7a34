"""`chujing init`: look at a source, ask at most eight company facts, write a commented chujing.yaml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from detectors.model import ColumnSample, Skipped
from reports.messages.render import render
from reports.messages.words import t
from scanner.config.facts import check_fact
from scanner.config.sources import Source, source_name
from scanner.files import replace_file

ASKED = 8


def write_config(url: str, path: Path, lang: str, ask: Callable[[str], str] | None) -> list[str]:
    """Write the file and return lines to show. `ask` is given a question and returns the answer, "" to skip.

    Raises SourceError when the source cannot be opened: a configuration nobody can scan helps no one.
    """
    from detectors.columns import detect
    from mappings.rules import load_ruleset
    from scanner.gather.listing import connect

    rules = load_ruleset()
    name = source_name(url)
    connector = connect(Source(name, url))
    tables = personal = 0
    candidates: list[str] = []
    try:
        for info in connector.tables():
            if isinstance(info, Skipped):
                continue
            tables += 1
            samples = [ColumnSample(info.ref.column(name, c.parts), info, c, None) for c in info.columns]
            for f in detect(info, samples):
                if f.primary and f.kind == "personal_information" and f.tier == "core":
                    personal += 1
                    candidates.append(f.column)
    finally:
        connector.close()
    facts: dict[str, str] = {}
    for q in rules.company_questions()[:ASKED]:
        answer = (
            ask(f"{render(q.ask, lang)} ({render(q.how, lang)}) [{'/'.join(q.leads_to)}]") if ask else ""
        )
        if answer.strip():
            check_fact(q.fact, answer.strip(), "", rules)
            facts[q.fact] = answer.strip()
    replace_file(path, _text(name, url, facts, [q.fact for q in rules.company_questions()[:ASKED]], candidates[:8]))
    return [
        t("cli.init.found", lang, tables=tables, personal=personal),
        t("cli.init.next", lang, path=path),
    ]


def _text(name: str, url: str, facts: dict[str, str], known: list[str], candidates: list[str]) -> str:
    def inline(value: object) -> str:
        return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).strip().removesuffix("...").strip()

    answers = "\n".join(f"    {fact}: {inline(facts.get(fact, 'unknown'))}" for fact in known)
    fields = "\n".join(f"#       - {c}" for c in candidates)
    return f"""# chujing configuration. `chujing check` validates it; unknown keys are errors.
version: 1
profile: gbt-45574-2025        # or gbt-35273-2020 (stricter)

exporter:                      # who exports: the group and its legal entities
  id: my-company
  entities: [my-company]
  facts:                       # yes | no | unknown, or a named value; who, when and how one knows may be added:
                               #   ciio: {{value: "no", by: lin, on: 2026-01-31, how: no notice received}}
{answers}

sources:
  {inline(name)}:
    url: {inline(url)}
    # password: {{env: DB_PASSWORD}}    # from the environment or {{file: secret.txt}}, never here
    # dictionary: dictionary.xlsx      # table, column, comment, type
    # include: ["public/*"]
    # exclude: ["*_bak"]

flows: []                      # 出境场景: what leaves the country, to whom, for what
#  - id: crm-hq
#    entity: my-company
#    status: planned
#    recipient: {{name: Headquarters, country: DE}}
#    purpose: crm
#    mode: transfer
#    claim: none
#    fields:
{fields or '#       - table/column'}
"""
