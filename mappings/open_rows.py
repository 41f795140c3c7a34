"""Rows that may speak of one person or of several: counted both ways, while the data is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, Self, TypeVar

from detectors.model import ColumnId
from mappings.mixed_cells import LabelScope
from mappings.model import Level, SubjectAnswer
from mappings.pair_evidence import Answer, CellEvidence, KinshipEvidence, Leaning, NameEvidence, PairEvidence
from mappings.scope_evidence import ScopeEvidence


class RowCounter(Protocol):
    """What counts rows: how many cells held placeholders, whether rows speak of several people, its keys."""

    placeholders: int

    @property
    def has_parties(self) -> bool: ...

    def number_of_keys(self) -> int: ...

    def copy(self) -> Self: ...


AnyCounter = TypeVar("AnyCounter", bound=RowCounter)


@dataclass(slots=True)
class OpenRows(Generic[AnyCounter]):
    """Rows counted as one person's, and as several people's.

    words: what the names of the columns say. evidence: of each pair of columns that is compared.
    """

    columns: tuple[ColumnId, ...]
    words: Answer
    one: AnyCounter
    two: AnyCounter
    evidence: list[PairEvidence] = field(default_factory=list)

    @property
    def answer(self) -> Answer:
        """What the rows say: `open` unless all pairs of columns agree."""
        answers: set[Answer] = {each.answer for each in self.evidence}
        return answers.pop() if len(answers) == 1 else "open"

    @property
    def leaning(self) -> Leaning:
        """What is likelier where it is open: what all pairs of columns say, else what words do."""
        leanings: set[Leaning] = {each.leaning for each in self.evidence}
        return leanings.pop() if len(leanings) == 1 else ""

    @property
    def in_cells(self) -> bool:
        """Is it asked of keys that stand in one cell?"""
        return any(isinstance(each, CellEvidence) for each in self.evidence)

    @property
    def _scopes(self) -> list[ScopeEvidence]:
        return [each for each in self.evidence if isinstance(each, ScopeEvidence)]

    @property
    def _of_kinship(self) -> bool:
        return any(isinstance(each, KinshipEvidence) for each in self.evidence)

    @property
    def is_noted(self) -> bool:
        """Does anything depend on the answer?

        Nothing does where no cell speaks of anybody else: each way has the same keys, and all cells have one.
        """
        if self._of_kinship:
            return self.answer != "one"
        if self._scopes:
            return not all(each.is_proved for each in self._scopes)
        if any(isinstance(each, NameEvidence) for each in self.evidence):
            return True
        if self.evidence and all(each.is_repeated for each in self.evidence):
            return False
        is_somebody = self.two.has_parties or self.one.placeholders or self.two.placeholders
        if not is_somebody and self.one.number_of_keys() == self.two.number_of_keys():
            return False
        return self.answer != "one" or not any(each.own for each in self.evidence)

    def is_apart(self, level: Level, split: Collection[LabelScope] = ()) -> bool:
        """Does a level take the rows to speak of several people?

        split: kinds of keys that other tables show to be a tenant's. A table in which no number stands under
        two tenants follows them, but in `low`: it may spell its tenants otherwise.
        """
        if level != "low" and any(each.kind in split and not each.has_several for each in self._scopes):
            return True
        answer = self.answer
        if answer != "open":
            return answer == "two"
        return level == "high" or (level == "best" and (self.leaning or self.words) == "two")

    def at_level(self, level: Level, split: Collection[LabelScope] = ()) -> AnyCounter:
        """Return the rows counted as a level takes them. split: as for `is_apart`."""
        return self.two if self.is_apart(level, split) else self.one

    def subject_answer(self) -> SubjectAnswer:
        """Return the answer for people to read."""
        return SubjectAnswer(self.columns, self.answer, self.in_cells, bool(self._scopes), self._of_kinship)

    def copy(self) -> OpenRows[AnyCounter]:
        """Return the same rows, to be added to on their own."""
        return replace(self, one=self.one.copy(), two=self.two.copy(), evidence=deepcopy(self.evidence))


def split_keys(tables: Iterable[OpenRows[AnyCounter]], level: Level) -> set[LabelScope]:
    """Return the kinds of keys that a level takes for a tenant's, as the rows of some table say."""
    return {
        each.kind for rows in tables if rows.is_apart(level) for each in rows._scopes if each.has_several
    }
