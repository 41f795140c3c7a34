"""What a decision says and rests on, in words: paths, reasons, readings, questions."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.model import PATHS, Decision, Question, Reason
from mappings.rules import RuleSet
from reports.messages.words import join_list, t
from reports.wording.facts import fact_words, facts_of


def path_words(d: Decision, lang: str) -> str:
    """The path, or every possible one."""
    words = t(f"path.{d.path}", lang)
    if d.path == "needs_review":
        words += t("list.heading", lang) + path_names(d.possible, lang)
    return words


def path_names(paths: Iterable[str], lang: str) -> str:
    """Paths of which one applies."""
    return join_list((t(f"path.{path}", lang) for path in paths), "alternatives", lang)


def main_reasons(d: Decision) -> tuple[Reason, ...]:
    """One reason for each path and rule, the one with most persons; `--explain` prints all."""
    found: dict[tuple[str, str], Reason] = {}
    for r in d.because:
        other = found.get((r.path, r.rule))
        if other is None or _persons_in(r) > _persons_in(other):
            found[r.path, r.rule] = r
    return tuple(found.values())


def _persons_in(r: Reason) -> int:
    facts = facts_of(r)
    return int(facts[0].value) if facts and facts[0].value.isdecimal() else 0


def reason_fact_words(r: Reason, lang: str) -> str:
    """The fact a reason rests on; marked where nobody has given it."""
    said = fact_words(facts_of(r), lang)
    return f"{t('supposed', lang)} {said}" if r.supposed else said


def step_words(answer: str, lang: str) -> str:
    """The answer to a question of the decision order."""
    return t(f"path.{answer}" if answer in PATHS else f"step.{answer}", lang)


def reading_words(reading: str, rules: RuleSet, lang: str) -> str:
    """Readings of the law a reason rests on, in words."""
    words = [r["zh" if lang == "zh" else "en"].get(x) for x in reading.split(", ") for r in rules.raw["readings"].values()]
    return join_list(dict.fromkeys(w for w in words if w), "names", lang) or reading


def group_words(rules: RuleSet, group: str, lang: str) -> str:
    """A subject group in the reader's language."""
    about = rules.raw["groups"].get(group)
    return group if about is None else str(about["zh" if lang == "zh" else "en"])


def answer_words(q: Question, lang: str) -> list[str]:
    """Each answer to a question, and the paths it leaves."""
    return [t("question.answer", lang, answer=t(f"answer.{a}", lang), paths=path_names(ps, lang))
            for a, ps in q.leads_to.items()]
