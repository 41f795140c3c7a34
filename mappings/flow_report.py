"""A flow, an entity's year and its stock of persons as reports show them: counts, decisions, no value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from detectors.message import Note, Text, Word
from detectors.model import ColumnId, Label
from detectors.renamed import old_attributes
from mappings.baseline import Difference
from mappings.counts import NOBODY
from mappings.model import (
    Change,
    Confidence,
    Decision,
    Duty,
    Estimate,
    FieldVerdict,
    Flow,
    FlowCount,
    Forecast,
    Ledgered,
    Plan,
    Sensitive,
    Tally,
    ZoneMatch,
)
from mappings.necessity import open_fields

UNDECIDED = Decision("needs_review", (), False)      # before it is decided


@dataclass(frozen=True, slots=True)
class PartReport:
    """The persons of one subject group in a flow, where groups are judged apart."""

    id: str                                   # flow, or flow/group
    group: str                                # employee, emergency_contact ...
    count: FlowCount
    decision: Decision


@dataclass(frozen=True, slots=True)
class PossibleField:
    """A column that leaves and is neither found to be personal information nor surely none.

    bit: its place in the flow's histogram; -1 where there is none. bears: would it make other persons leave,
    or other persons sensitive? A weak one is often one more attribute of persons who leave anyway.
    verdict: whether it would be shown to be necessary, if it is personal; None: nobody judged it.
    """

    column: ColumnId
    label: Label
    sensitive: Sensitive                      # if it is personal
    bit: int = -1
    role: str = ""                            # whose it is, unless the row's own subject's
    subject_key: bool = False                 # if it is personal, it tells persons apart
    bears: bool = True
    verdict: FieldVerdict | None = None

    @property
    def lacks_reason(self) -> bool:
        """If it is personal: is its necessity neither listed nor justified by a person?"""
        return self.verdict is None or bool(open_fields([self.verdict]))


@dataclass(frozen=True, slots=True)
class FlowReport:
    """One flow: what leaves with it, how many persons it is about, and where its decision leads."""

    flow: Flow
    individuals: Estimate
    sensitive_individuals: Estimate
    minors: Estimate
    columns: tuple[ColumnId, ...]
    fields: tuple[FieldVerdict, ...]
    decision: Decision
    without_unnecessary: Decision | None = None  # the same flow with fields not shown to be necessary dropped
    dropped: tuple[ColumnId, ...] = ()
    unresolved: tuple[Text, ...] = ()         # what of a view or query could not be traced to a column
    count_notes: tuple[Note, ...] = ()        # keys used, placeholders cut, rows without a key
    declared: bool = False
    ordinary: Estimate | None = None          # persons with at least one ordinary item; None: individuals
    ordinary_only: Estimate | None = None     # persons without any sensitive item
    tally: Tally | None = None                # persons by filled fields, so that later questions need no data
    strict: FlowCount | None = None  # persons where an ID number alone and the like count as sensitive
    personal: str = ""  # does it hold personal information: yes, no, unknown; empty: see the count
    other_roles: tuple[str, ...] = ()         # whose data stands in the rows beside their own subjects'
    candidates: tuple[str, ...] = ()          # labels of candidate important data among its columns
    parts: tuple[PartReport, ...] = ()        # where subject groups are judged apart
    changes: tuple[Change, ...] = ()  # single fields, pairs and all sensitive ones that would lower the path
    duties: tuple[Duty, ...] = ()             # what the flow owes on every path
    zones: tuple[ZoneMatch, ...] = ()         # entries of the zone's list its columns speak for
    filed: tuple[Difference, ...] = ()        # what is not as it was filed
    # what it comes to by its own facts: paths, and `counted` where the entity's year binds it
    own: tuple[str, ...] = ()
    exported: Ledgered | None = None              # by the ledger; None: there is no entry of it
    not_ready: tuple[Note, ...] = ()          # what stands before a filing; empty: nothing known
    # not found and not surely nothing: in no count of the flow but `if_personal`
    possible: tuple[PossibleField, ...] = ()
    if_personal: FlowCount | None = None      # persons if all of these are personal, where one bears on them
    # its persons as they were measured, where some are of unknown age; the figures above are as decided
    measured: FlowCount | None = None

    @property
    def open_fields(self) -> tuple[PossibleField, ...]:
        """Possible fields that keep the flow from being certain."""
        return tuple(p for p in self.possible if p.bears)

    @property
    def fields_to_settle(self) -> tuple[PossibleField, ...]:
        """Possible fields that bear on the persons of the flow, or whose necessity would be open."""
        return tuple(p for p in self.possible if p.bears or p.lacks_reason)


@dataclass(frozen=True, slots=True)
class Union:
    """Distinct persons over several flows together."""

    flows: tuple[str, ...]                    # ids of flows or parts, sorted
    count: FlowCount
    # by flow: its own fields, the other flows reduced to three flags
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    past: FlowCount | None = None             # persons exported since 1 January by the ledger, counted beside
    if_personal: FlowCount | None = None      # bounds if all possible fields of the flows are personal


@dataclass(frozen=True, slots=True)
class YearTotals:
    """Persons of an entity's counted flows in three totals that are never mixed, and where they lead.

    exported: since 1 January by the ledger, flows that stopped included; None: it does not cover all of them.
    unledgered: flows whose persons it does not cover. begun: those of them that began this month.
    today: possible paths of what left and runs; empty: nothing does. once: the same once a planned flow has
    started, by flow.
    """

    exported: FlowCount | None = None
    running: FlowCount = NOBODY
    planned: FlowCount = NOBODY
    unledgered: tuple[str, ...] = ()
    today: tuple[str, ...] = ()
    once: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    begun: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityReport:
    """The year's counts and decision of one legal entity."""

    entity: str
    individuals: Estimate
    sensitive_individuals: Estimate
    decision: Decision
    flows: tuple[str, ...]
    counted: tuple[str, ...] = ()             # flows in the count under some answer to the open facts
    unions: tuple[Union, ...] = ()
    exported: Estimate | None = None  # persons exported since 1 January by the ledger, flows that count
    exported_sensitive: Estimate | None = None
    exported_measured: FlowCount | None = None    # the same, whatever is said of their ages
    exported_exempt: Estimate | None = None   # the same for flows left out of the count
    exported_elsewhere: FlowCount | None = None   # the same for flows no longer configured
    forecast: tuple[Forecast, ...] = ()
    plan: Plan | None = None                  # what to file, for which recipients
    group: FlowCount | None = None            # persons of the whole group, where it has several entities
    # persons exported up to the end of each month, by the ledger
    months: tuple[tuple[str, FlowCount], ...] = ()
    band: tuple[str, ...] = ()                # possible paths of its counted flows together, which it binds
    totals: YearTotals | None = None          # exported, running, planned
    strict: FlowCount | None = None  # persons where an ID number alone and the like count as sensitive


@old_attributes(zh="words.zh", en="words.en")
@dataclass(frozen=True, slots=True)
class StockDuty:
    """A line for persons held: reached, open (it lies inside the interval) or below."""

    status: Literal["reached", "open", "below"]
    persons: int
    of: str                                   # all, or faces
    words: Word
    source: str                               # clause
    confidence_of_source: Confidence


@dataclass(frozen=True, slots=True)
class Stock:
    """Persons in the scanned sources now, whatever leaves; never to be mixed with persons exported."""

    entity: str                               # or the group, where sources are not assigned
    individuals: Estimate
    faces: Estimate
    duties: tuple[StockDuty, ...] = ()
    notes: tuple[Note, ...] = ()
