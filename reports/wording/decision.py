"""What a decision says and rests on, in words: paths, reasons, readings, questions."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.model import ALTERNATIVES, PATHS, Decision, Margin, Question, Reason
from mappings.rules import RuleSet
from reports.messages.render import render
from reports.messages.words import join_list, plural, t
from reports.wording.facts import fact_words, facts_of
from reports.wording.figures import number


def path_words(decision: Decision, lang: str) -> str:
    """Return the path, either of two that are enough; where it is open, that it is and every possible one."""
    if set(decision.possible) == ALTERNATIVES and decision.path in ALTERNATIVES:
        return path_names(decision.possible, lang)
    words = t(f"path.{decision.path}", lang)
    if decision.path == "needs_review":
        words += t("list.heading", lang) + path_names(decision.possible, lang)
    return words


def path_names(paths: Iterable[str], lang: str) -> str:
    """Return the names of paths of which one applies; two of which either is enough are one name."""
    chosen = tuple(paths)
    if set(chosen) >= ALTERNATIVES:
        one, other = (t(f"path.{path}", lang) for path in sorted(ALTERNATIVES, key=PATHS.index))
        names = {path: t("path.either", lang, one=one, other=other) for path in ALTERNATIVES}
    else:
        names = {}
    words = dict.fromkeys(names.get(path) or t(f"path.{path}", lang) for path in chosen)
    return join_list(words, "alternatives", lang)


def main_reasons(decision: Decision) -> tuple[Reason, ...]:
    """Return one reason for each path and rule, the one with most persons; `--explain` prints all."""
    reasons: dict[tuple[str, str], Reason] = {}
    for reason in decision.because:
        key = reason.path, reason.rule
        if key not in reasons or _persons_in(reason) > _persons_in(reasons[key]):
            reasons[key] = reason
    return tuple(reasons.values())


def _persons_in(reason: Reason) -> int:
    facts = facts_of(reason)
    return int(facts[0].value) if facts and facts[0].value.isdecimal() else 0


def reason_fact_words(reason: Reason, lang: str) -> str:
    """Return the facts a reason rests on; marked where nobody has given them."""
    words = fact_words(facts_of(reason), lang)
    return f"{t('supposed', lang)} {words}" if reason.supposed else words


def reason_words(reason: Reason, lang: str) -> str:
    """Return the facts a reason rests on and what its rule says of them, told apart."""
    parts = reason_fact_words(reason, lang), render(reason.words, lang)
    return join_list(dict.fromkeys(filter(None, parts)), "clauses", lang)


def margin_words(margin: Margin, lang: str) -> str:
    """Return how many more persons reach the next line."""
    return plural(f"margin.{margin.counter}", margin.to_next, lang, line=number(margin.line))


def step_words(answer: str, lang: str) -> str:
    """Return an answer to a question of the decision order."""
    return t(f"path.{answer}" if answer in PATHS else f"step.{answer}", lang)


def reading_words(reading: str, rules: RuleSet, lang: str) -> str:
    """Return the readings of the law that a reason rests on; their codes where the rules have no words."""
    language = "zh" if lang == "zh" else "en"
    words = [
        about[language].get(code) for code in reading.split(", ") for about in rules.raw["readings"].values()
    ]
    return join_list(dict.fromkeys(filter(None, words)), "names", lang) or reading


def group_words(rules: RuleSet, group: str, lang: str) -> str:
    """Return the name of a subject group; its code where the rules have none."""
    about = rules.raw["groups"].get(group)
    return group if about is None else str(about["zh" if lang == "zh" else "en"])


def answer_words(question: Question, lang: str) -> list[str]:
    """Return each answer to a question with the paths it leaves; none where it leaves them all."""
    return [
        t("question.answer", lang, answer=t(f"answer.{answer}", lang), paths=path_names(paths, lang))
        for answer, paths in question.leads_to.items() if paths
    ]
