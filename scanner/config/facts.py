"""Facts in chujing.yaml and in records: whether the rules know them, whether they fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from detectors.errors import ChujingError, ConfigError, nearest
from detectors.message import Msg, Word
from detectors.yaml_document import Document, Fault, masked, shown
from mappings.rules import ALL_READINGS, RuleSet, load_ruleset
from scanner.config.answer_words import group_words

if TYPE_CHECKING:
    from scanner.config.grammar.parts import StatedFact

Provenance = Mapping[str, Mapping[str, str]]            # fact -> value, by, on, how: as far as stated


OF_THE_COMPANY = Msg("a reading is chosen for the company, not for one flow")


def check_fact(fact: str, value: str, where: str, rules: RuleSet | None = None) -> None:
    """Raise ConfigError when a fact or its value is not known to the rules, today's by default."""
    try:
        (rules or load_ruleset()).check_fact(fact, value)
    except ChujingError as e:
        raise ConfigError(e.what, where=where, hint=e.hint) from None


def is_reading(fact: str) -> bool:
    """Is it a reading of the law that is chosen, which holds of a company and not of one flow?"""
    return fact == ALL_READINGS or fact in load_ruleset().raw["readings"]


def fact_faults(doc: Document, *path: str, rules: RuleSet | None = None) -> Iterator[Fault]:
    """Yield what is wrong with the facts at a path: names and values that the rules do not know."""
    for at, stated in doc.at(*path, "*"):
        value = stated.get("value") if isinstance(stated, dict) else stated
        if path[0] == "flows" and is_reading(at[-1]):
            yield Fault(at, OF_THE_COMPANY, Msg("state it under the facts of the exporter"))
            continue
        if isinstance(value, str):
            try:
                (rules or load_ruleset()).check_fact(at[-1], value)
            except ChujingError as e:
                yield Fault(at, masked(e.what), e.hint)


def group_faults(doc: Document) -> Iterator[Fault]:
    """Yield subject groups of flows that the rules do not know."""
    groups = group_words()
    for path, group in doc.at("flows", "*", "subject_group"):
        if isinstance(group, str) and group and group not in groups:
            words = [word for of_group in groups.values() for word in of_group]
            choices = tuple(Word(name, of_group[1], name) for name, of_group in groups.items())
            yield Fault(
                path, Msg('no subject group is called "{name}"', name=shown(group)),
                nearest(group, words) or Msg("one of: {names}", names=choices),
            )


def read_facts(stated: Mapping[str, StatedFact]) -> tuple[dict[str, str], Provenance]:
    """Return facts as a file states them, and who stated them, when, and how one knows."""
    facts = {name: answer.value for name, answer in stated.items()}
    return facts, {name: {k: str(v) for k, v in answer.stated().items()} for name, answer in stated.items()}
