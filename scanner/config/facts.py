"""Facts in chujing.yaml and in records: whether the rules know them, whether they fit each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from detectors.errors import ChujingError, ConfigError, combined
from detectors.message import Msg
from detectors.yaml_document import Document, Fault, masked
from mappings.model import Flow
from mappings.rules import RuleSet, load_ruleset

if TYPE_CHECKING:
    from scanner.config.grammar.parts import StatedFact

Provenance = Mapping[str, Mapping[str, str]]            # fact -> value, by, on, how: as far as stated


def check_fact(fact: str, value: str, where: str, rules: RuleSet | None = None) -> None:
    """Raise ConfigError when a fact or its value is not known to the rules, today's by default."""
    try:
        (rules or load_ruleset()).check_fact(fact, value)
    except ChujingError as e:
        raise ConfigError(e.what, where=where, hint=e.hint) from None


def fact_faults(doc: Document, *path: str, rules: RuleSet | None = None) -> Iterator[Fault]:
    """Yield what is wrong with the facts at a path: names and values that the rules do not know."""
    for at, stated in doc.at(*path, "*"):
        value = stated.get("value") if isinstance(stated, dict) else stated
        if isinstance(value, str):
            try:
                (rules or load_ruleset()).check_fact(at[-1], value)
            except ChujingError as e:
                yield Fault(at, masked(e.what), e.hint)


def read_facts(stated: Mapping[str, StatedFact]) -> tuple[dict[str, str], Provenance]:
    """Return facts as a file states them, and who stated them, when, and how one knows."""
    facts = {name: answer.value for name, answer in stated.items()}
    return facts, {name: {k: str(v) for k, v in answer.stated().items()} for name, answer in stated.items()}


def contradictions(facts: Mapping[str, Any], claims: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    """Yield facts of the exporter that cannot hold together. claims: (flow, claim)."""
    at = ("exporter", "facts")
    if facts.get("important_data") in ("none", "candidate") and facts.get("notified_on"):
        what = Msg(
            '"notified_on" is given and "important_data" is "{value}"', value=facts["important_data"]
        )
        yield Fault((*at, "notified_on"), what, Msg("important_data: notified, or remove the date"))
    flow = next((id for id, claim in claims if claim == "ftz"), None)
    if facts.get("zone") in ("none", "no") and flow is not None:
        what = Msg('flow "{id}" claims a zone and "zone" is "{value}"', id=flow, value=facts["zone"])
        yield Fault((*at, "zone"), what, Msg("name the zone, or remove the claim"))


def check_fit(facts: Mapping[str, str], flows: Sequence[Flow], doc: Document) -> None:
    """Raise ConfigError for facts of the exporter that cannot hold together."""
    faults = list(contradictions(facts, ((f.id, f.claim) for f in flows)))
    if faults:
        raise combined(doc.errors(faults, ConfigError))
