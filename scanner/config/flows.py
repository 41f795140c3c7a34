"""`flows:` in chujing.yaml: 出境场景, what leaves the country."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mappings.model import Declared, Flow, Recipient
from scanner.config.facts import read_facts

if TYPE_CHECKING:
    from scanner.config.grammar.flows import FlowKeys


def read_flows(keys: Iterable[FlowKeys]) -> tuple[Flow, ...]:
    """Return the flows of chujing.yaml."""
    return tuple(map(_flow, keys))


def _flow(keys: FlowKeys) -> Flow:
    from scanner.config.grammar.parts import condition_values

    parts = {
        "recipient": Recipient(**keys.recipient.given()),
        "facts": read_facts(keys.facts)[0],
        "declared": Declared(**keys.declared.given()) if keys.declared is not None else None,
        "where": condition_values(keys.where),
    }
    return Flow(**keys.given() | parts)
