"""A rule about findings: for which labels, when, and why. Tables of them replace ladders of exceptions."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Generic, TypeVar

RuleCase = TypeVar("RuleCase")


class AllBut:
    """Every label, but for some."""

    def __init__(self, *labels: str) -> None:
        self._labels = labels

    def __contains__(self, label: object) -> bool:
        return label not in self._labels


EVERY = AllBut()


@dataclass(frozen=True, slots=True)
class LabelRule(Generic[RuleCase]):
    """For one of `labels`, and a case in which `when` holds. why: its reason, for those who change it."""

    name: str
    labels: Container[str]
    when: Callable[[RuleCase], bool]
    why: str

    def applies(self, label: str, case: RuleCase) -> bool:
        return label in self.labels and self.when(case)


def always(case: object) -> bool:
    """The condition of a rule without one."""
    return True
