"""What becomes of payloads on one entity of OpenMetadata: operations of a JSON Patch, or outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reports.catalogs.protocol import Payload, Pushed, Refused

Operations = list[dict[str, Any]]


@dataclass(slots=True)
class PatchPlan:
    """The operations on one table or tag, and the outcomes of payloads that need none."""

    replaced: Operations = field(default_factory=list)
    removed: dict[str, None] = field(default_factory=dict)          # pointers, each once
    added: Operations = field(default_factory=list)
    sent: list[Payload] = field(default_factory=list)
    again: list[Payload] = field(default_factory=list)              # to be set by the next patch
    done: list[str] = field(default_factory=list)
    yielded: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def operations(self) -> Operations:
        """Return all operations, in an order in which no index moves before it is used."""
        removals = [{"op": "remove", "path": p} for p in sorted(self.removed, key=_index, reverse=True)]
        return [*self.replaced, *removals, *self.added]

    def take_outcomes(self, other: PatchPlan) -> None:
        """Add the outcomes of another plan to this one's."""
        self.done += other.done
        self.yielded += other.yielded
        self.refused += other.refused

    def result(self) -> Pushed:
        """Return the outcomes as those of a push."""
        return Pushed(tuple(self.done), tuple(self.yielded), tuple(self.refused))


def _index(pointer: str) -> tuple[str, int]:
    """Return where an operation is, for removing from behind."""
    parent, _, last = pointer.rpartition("/")
    return parent, int(last) if last.isdigit() else 0
