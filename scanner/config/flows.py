"""`flows:` in chujing.yaml: 出境场景, what leaves the country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from mappings.model import Claim, Declared, Flow, Mode, Recipient
from scanner.config import facts
from scanner.config.facts import read_facts
from scanner.config.yaml_lines import AnyScalar, Day, Document, ListOf, MapOf, Record, Text, Whole

TESTS = Record({                              # of one column: all must hold
    "eq": AnyScalar(),
    "ne": AnyScalar(),
    "in": ListOf(AnyScalar()),
    "lt": AnyScalar(),
    "le": AnyScalar(),
    "gt": AnyScalar(),
    "ge": AnyScalar(),
    "is_null": AnyScalar(),
})
DECLARED = Record(
    {
        "individuals": Whole(),
        "sensitive_individuals": Whole(),
        "minors": Whole(),
        "by": Text(),
        "on": Day(),
        "evidence": Text(),
    },
    required=("individuals", "sensitive_individuals", "by", "on", "evidence"),
)
SHAPE = ListOf(
    Record(
        {
            "id": Text(),
            "entity": Text(),
            "status": Text(("planned", "active", "stopped")),
            "since": Day(),
            "every": Text(),
            "recipient": Record({"name": Text(), "country": Text()}, required=("name",)),
            "purpose": Text(),
            "mode": Text(get_args(Mode)),
            "retention_days": Whole(),
            "claim": Text(get_args(Claim)),
            "facts": MapOf(facts.SHAPE),
            "fields": ListOf(Text()),
            "view": Text(),
            "sql": Text(),
            "source": Text(),
            "systems": ListOf(Text(), help="systems it comes from, for people to read"),
            "where": MapOf(MapOf(TESTS)),
            "subject_group": Text(),
            "owner": Text(),
            "onward": ListOf(Text()),
            "access_log": Text(help="column of an access log that names whose data was queried from abroad"),
            "dated": ListOf(
                Text(),
                help="columns that say when a row was made: "
                     "rows older than retention_days are counted by them",
            ),
            "delta": Text(help="date column of the exported rows: the ledger records a month by it"),
            "declared": DECLARED,
        },
        required=("id", "entity", "recipient", "purpose"),
    ),
    help="出境场景: what leaves the country",
)


def read_flows(doc: Document) -> tuple[Flow, ...]:
    """Return the flows of a parsed chujing.yaml; raise ConfigError for one that does not hold together."""
    entities = doc.value.get("exporter", {}).get("entities", [])
    flows = tuple(_flow(i, raw, doc, entities) for i, raw in enumerate(doc.value.get("flows", [])))
    _check_unique([f.id for f in flows], doc)
    return flows


def _flow(i: int, raw: dict[str, Any], doc: Document, entities: Sequence[str]) -> Flow:
    at = ("flows", str(i))
    _check_flow(raw, doc, at, entities)
    stated, _ = read_facts(raw.get("facts", {}), doc, (*at, "facts"))
    lists = {key: tuple(raw.get(key, ())) for key in ("fields", "onward", "dated", "systems")}
    declared = Declared(**raw["declared"]) if "declared" in raw else None
    return Flow(
        **raw | lists | {"recipient": Recipient(**raw["recipient"]), "facts": stated, "declared": declared}
    )


def _check_flow(raw: dict[str, Any], doc: Document, at: tuple[str, ...], entities: Sequence[str]) -> None:
    """Raise ConfigError for an unknown entity or purpose, and for a flow that does not say what leaves."""
    from mappings.purpose import purpose_names

    if entities and raw["entity"] not in entities:
        raise ConfigError(
            Msg('entity "{name}" is not under exporter', name=raw["entity"]),
            where=doc.where(*at, "entity"),
            hint=nearest(raw["entity"], entities) or Msg("known: {names}", names=tuple(entities)),
        )
    purposes = purpose_names()
    if raw["purpose"] not in purposes and not raw["purpose"].endswith((".yaml", ".yml")):
        raise ConfigError(
            Msg('unknown purpose "{name}"', name=raw["purpose"]),
            where=doc.where(*at, "purpose"),
            hint=nearest(raw["purpose"], purposes) or Msg("known: {names}", names=tuple(sorted(purposes))),
        )
    ways = [k for k in ("fields", "view", "sql") if k in raw]
    if len(ways) > 1 or not (ways or "declared" in raw):
        raise ConfigError(
            Msg(
                'flow "{name}" must say what leaves: one of fields, view, sql, or declared counts',
                name=raw["id"],
            ),
            where=doc.where(*at),
        )


def _check_unique(ids: Sequence[str], doc: Document) -> None:
    for i, name in enumerate(ids):
        if name in ids[:i]:
            raise ConfigError(
                Msg('flow "{name}" stands twice', name=name),
                where=doc.where("flows", str(i), "id"),
                hint=Msg("give one another id"),
            )
