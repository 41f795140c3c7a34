"""Facts in chujing.yaml and in records: their shape, whether the rules know them, whether they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detectors.errors import ChujingError, ConfigError
from detectors.message import Msg
from mappings.model import Flow
from mappings.rules import RuleSet, load_ruleset
from scanner.config.yaml_lines import Day, Document, Either, Record, Text

SHAPE = Either(
    Text(help="yes, no, unknown or a named value"),
    Record(
        {"value": Text(), "by": Text(), "on": Day(), "how": Text(help="how one knows")}, required=("value",)
    ),
    help="an answer, or the answer with who gave it, when, and how one knows",
)
Provenance = Mapping[str, Mapping[str, str]]            # fact -> value, by, on, how: as far as stated


def check_fact(fact: str, value: str, where: str, rules: RuleSet | None = None) -> None:
    """Raise ConfigError when a fact or its value is not known to the rules, today's by default."""
    try:
        (rules or load_ruleset()).check_fact(fact, value)
    except ChujingError as e:
        raise ConfigError(e.what, where=where, hint=e.hint) from None


def read_facts(
    raw: Mapping[str, Any], doc: Document, path: Sequence[str], rules: RuleSet | None = None
) -> tuple[dict[str, str], Provenance]:
    """Return the facts that stand at a path of a document, and who stated them, when, and how one knows."""
    facts: dict[str, str] = {}
    provenance: dict[str, dict[str, str]] = {}
    for name, answer in raw.items():
        parts = {k: str(v) for k, v in answer.items()} if isinstance(answer, dict) else {"value": answer}
        check_fact(name, parts["value"], doc.where(*path, name), rules)
        facts[name] = parts["value"]
        provenance[name] = parts
    return facts, provenance


def check_fit(facts: Mapping[str, str], flows: Sequence[Flow], doc: Document) -> None:
    """Raise ConfigError for facts of the exporter that cannot hold together."""
    at = ("exporter", "facts")
    if facts.get("important_data") in ("none", "candidate") and facts.get("notified_on"):
        raise ConfigError(
            Msg('"notified_on" is given and "important_data" is "{value}"', value=facts["important_data"]),
            where=doc.where(*at, "notified_on"),
            hint=Msg("important_data: notified, or remove the date"),
        )
    claim = next((f for f in flows if f.claim == "ftz"), None)
    if facts.get("zone") in ("none", "no") and claim is not None:
        raise ConfigError(
            Msg('flow "{id}" claims a zone and "zone" is "{value}"', id=claim.id, value=facts["zone"]),
            where=doc.where(*at, "zone"),
            hint=Msg("name the zone, or remove the claim"),
        )
