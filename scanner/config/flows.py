"""`flows:` in chujing.yaml: 出境场景, what leaves the country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mappings.model import Declared, Flow, Recipient
from mappings.names import stated_text
from scanner.config.facts import read_facts

if TYPE_CHECKING:
    from detectors.yaml_document import Document
    from scanner.config.grammar.flows import DeclaredKeys, FlowKeys


def read_flows(keys: Iterable[FlowKeys], doc: Document) -> tuple[Flow, ...]:
    """Return the flows of chujing.yaml. doc: the file, in whose order conditions are kept."""
    return tuple(_flow(flow, raw) for flow, (_, raw) in zip(keys, doc.at("flows", "*"), strict=True))


def _declared(keys: DeclaredKeys | None) -> Declared | None:
    return None if keys is None else Declared(**{"sensitive_individuals": None} | keys.stated())


def _flow(keys: FlowKeys, raw: Mapping[str, Any]) -> Flow:
    from scanner.config.grammar.parts import condition_values

    parts = {
        "recipient": Recipient(stated_text(keys.recipient.name), stated_text(keys.recipient.country)),
        "facts": read_facts(keys.facts)[0],
        "declared": _declared(keys.declared),
        "where": condition_values(keys.where, raw.get("where", {})),
    }
    return Flow(**keys.stated() | parts)
