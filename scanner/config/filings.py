"""`filings:` in chujing.yaml: what was filed, issued or finished, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from mappings.deadlines import Filing, FilingKind
from mappings.rules import load_ruleset
from scanner.config.yaml_lines import Day, Document, ListOf, MapOf, Record, Text, Whole

SHAPE = ListOf(
    Record(
        {
            "id": Text(),
            "kind": Text(get_args(FilingKind)),
            "entity": Text(),
            "on": Day(help="result issued, contract in force, report finished"),
            "expires": Day(help="as printed; default from the rules"),
            "filed": Day(),
            "flows": ListOf(Text()),
            "conditions": MapOf(
                Text(("yes", "no", "unknown")), help="of the extension, see chujing deadlines"
            ),
            "persons_growth": Whole(help="expected over the next three years, per cent of what was allowed"),
            "important_growth": Whole(help="the same for the scale of important data"),
        },
        required=("id", "kind", "entity", "on"),
    ),
    help="what was filed, issued or finished: chujing deadlines",
)


def read_filings(doc: Document, entities: Sequence[str]) -> tuple[Filing, ...]:
    """Return the filings of a parsed chujing.yaml.

    Raise ConfigError for an entity or a condition that does not exist.
    """
    conditions = [c["id"] for c in load_ruleset().raw["extension"]["conditions"]]
    filings = []
    for i, raw in enumerate(doc.value.get("filings", [])):
        at = ("filings", str(i))
        if entities and raw["entity"] not in entities:
            raise ConfigError(
                Msg('entity "{name}" is not under exporter', name=raw["entity"]),
                where=doc.where(*at, "entity"),
                hint=nearest(raw["entity"], entities),
            )
        for condition in raw.get("conditions", {}):
            if condition not in conditions:
                raise ConfigError(
                    Msg('no condition "{name}"', name=condition),
                    where=doc.where(*at, "conditions"),
                    hint=nearest(condition, conditions) or Msg("known: {names}", names=conditions),
                )
        filings.append(Filing(**raw | {"flows": tuple(raw.get("flows", ()))}))
    return tuple(filings)
