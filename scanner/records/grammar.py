"""What may stand in the records beside chujing.yaml. Imported where one is read: pydantic is needed here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from detectors.grammar import Day, Either, Keys, Unfit, Whole, described, whole
from detectors.message import Msg
from mappings import notes
from mappings.baseline import ProcedureKind
from mappings.model import Claim, Mode
from reports.reviews.review import Verdict
from scanner.config.grammar.parts import StatedFactsByName


class AnswerKeys(Keys):
    """An entry of chujing-answers.yaml: a fact, a field, or a suggestion turned down."""

    suggestion: str | None = None
    fact: str | None = None
    value: str | None = None
    entity: str = ""
    flow: str = ""
    how: str = ""
    field: str | None = None
    answer: Literal["justify", "drop", "weaken", "listed"] | None = None
    why: str = ""
    by: str
    on: Day


class FiledItemKeys(Keys):
    """An item of data as it was filed."""

    name: str
    description: str = ""
    columns: tuple[str, ...] = ()


class FiledKeys(Keys):
    """An entry of chujing-filed.yaml: what was filed."""

    id: str
    kind: ProcedureKind
    entity: str
    recipient: str
    purpose: str
    flow: str = ""
    mode: str = ""
    items: tuple[FiledItemKeys, ...]
    persons: Whole | None = None
    sensitive: Whole | None = None
    retention_days: Whole | None = None
    valid_until: Day | None = None
    onward: tuple[str, ...] = ()
    by: str
    on: Day

    @model_validator(mode="after")
    def _check_persons(self) -> FiledKeys:
        if self.persons is not None and (self.sensitive or 0) > self.persons:
            raise Unfit(lambda name: (notes.MORE_SENSITIVE, ""))
        return self


class ReviewKeys(Keys):
    """An entry of reviews.yaml: a decision about findings, or the undoing of one."""

    id: str = described("made by chujing from the rest", "")
    verdict: Verdict | None = None
    column: str | None = described("id of one column")
    columns: tuple[str, ...] = described("equal columns, decided together", ())
    table: str = described("id of a table", "")
    pattern: str = described("of column ids, e.g. crm/*/mobile", "")
    label: str = described("what was found; of a table or pattern: only findings of this label", "")
    to: str = described("the right label", "")
    by: str
    on: Day
    why: str = ""
    until: Day | None = described("last day it holds")
    basis: str = described(
        "what it was made of: label, shape, confidence, share of cells that agreed, mark of the rows", "",
        alias="seen",
    )
    check: tuple[str, ...] = described("members drawn for a second look", ())
    saw: dict[str, str] = described(
        "of a table or pattern: each column it decides, and what that showed; "
        "what comes later it does not decide",
        {},
    )
    again: str = described("id of the undoing after which the same was decided once more", "")
    undo: str | None = described("id of the review that no longer counts")


class BoundsKeys(Keys):
    """A number of persons that is not known exactly."""

    low: Whole
    best: Whole | None = None
    high: Whole

    @model_validator(mode="after")
    def _check_order(self) -> BoundsKeys:
        if not self.low <= (self.low if self.best is None else self.best) <= self.high:
            raise Unfit(
                lambda name: (Msg("low <= best <= high does not hold"), Msg("low: at least; high: at most"))
            )
        return self


Persons = Annotated[
    BoundsKeys,
    Either(
        "low", "high", about="distinct persons, or {low, best, high}", read=whole(0),
        schema={"type": "integer", "minimum": 0},
    ),
]


class CountKeys(Keys):
    """Distinct persons of a flow, or of all flows of an entity."""

    individuals: Persons | None = None
    ordinary: Persons | None = None
    ordinary_only: Persons | None = None
    sensitive: Persons | None = None
    minors: Persons | None = None


class ExportedKeys(CountKeys):
    """Distinct persons that left since 1 January, as a ledger has them."""


class FactFlowKeys(CountKeys):
    """A flow in a file of facts."""

    id: str
    entity: str | None = None
    recipient: str = ""
    country: str = ""
    purpose: str = ""
    mode: Mode = "transfer"
    claim: Claim = "none"
    situation: str = ""
    subject_group: str = ""
    status: Literal["planned", "active", "stopped"] = "planned"
    since: Day | None = None
    until: Day | None = described("last day of a flow that stopped", None)
    every: str = described("how often it leaves, in words", "")
    exported: ExportedKeys | None = described(
        "persons that left since 1 January, by the ledger; nothing here: not known", None, alias="left"
    )
    deleted: Whole = described("of its persons, those deleted since they left", 0)
    onward: tuple[str, ...] = ()
    kinds: tuple[str, ...] = described("labels of its personal columns", ())
    facts: StatedFactsByName = {}
    needless_fields: tuple[str, ...] = ()


class FactsKeys(Keys):
    """A file of facts for `chujing decide --facts`."""

    as_of: Day | None = None
    entity: str = "entity"
    facts: StatedFactsByName = {}
    flows: tuple[FactFlowKeys, ...]
    together: CountKeys | None = described("distinct persons over all flows of one entity")
