"""Findings with their meaning in law, head-counts, flows, facts and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from detectors.message import Note, Word
from detectors.model import ColumnFinding, ColumnId, CountMethod, Label
from detectors.renamed import old_attributes

Sensitive = Literal["yes", "no", "depends"]
Confidence = Literal["verified", "secondary", "recalled"]     # how sure we are of a fact of law
Fact = Literal["yes", "no", "unknown"]
Necessity = Literal["necessary", "not_shown", "finer_than_needed", "needs_review"]
Mode = Literal[
    "transfer", "access_from_abroad", "access_inside_china", "collected_abroad", "saas", "file_or_mail",
    "own_app",
]
Claim = Literal["none", "art4", "art5_1", "art5_2", "art5_3", "ftz", "statutory_duty"]

PATHS: tuple[str, ...] = (  # least to most demanding
    "not_export", "ended", "no_filing_art3", "exempt_art4", "exempt_art5_1", "exempt_art5_2", "exempt_art5_3",
    "exempt_statutory_duty", "exempt_ftz", "exempt_art5_4", "gba_standard_contract",
    "standard_contract_or_certification", "own_security_assessment", "security_assessment",
     "not_necessary_stop", "blocked_without_approval",
)  # and `needs_review`, which is not a rank but a doubt
ALTERNATIVES = frozenset({"gba_standard_contract", "standard_contract_or_certification"})  # one is enough
NOBODY_PATHS = frozenset({"ended", "no_filing_art3"})  # of nobody's information
IN_BAND = "counted"                           # a flow's own outcome where the entity's year binds it


def law_text(zh: str, en: str = "") -> Word:
    """A text of the law in both languages; programs read the Chinese one.

    en: the Chinese one where there is none.
    """
    return Word(zh, zh, en)


NO_WORDS = law_text("")


class ColumnNames(NamedTuple):
    """How a column is called. label: of its primary finding, or empty."""

    id: str
    name: str
    comment: str
    label: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """A finding under a taxonomy: category, grade, sensitivity, and where that is written."""

    finding: ColumnFinding
    category: str                             # e.g. personal.property
    category_zh: str                          # e.g. 个人财产信息
    grade: str                                # one of the taxonomy's ordered grades
    sensitive: Sensitive
    source: str                               # clause
    confidence_of_source: Confidence


@old_attributes(zh="title.zh", en="title.en")
@dataclass(frozen=True, slots=True)
class Combination:
    """Columns of one table to be judged as a whole: together they may be sensitive though each is not."""

    id: str
    title: Word
    columns: tuple[ColumnId, ...]
    source: str                               # clause
    confidence_of_source: Confidence


@dataclass(frozen=True, slots=True)
class Estimate:
    """Distinct individuals.  low <= best <= high; high is None if unbounded.

    exact: no assumption was needed.  linked: every row was linked, under the assumptions named beside it; low
    and high are hard bounds under these.  Sketch and value-hash sample: 95 %.  Row sample: [seen, rows].
    `method` says which; an interval is never exact.
    """

    low: int
    best: int
    high: int | None
    method: CountMethod
    note: str = ""

    def __post_init__(self) -> None:
        if self.method == "exact" and self.low != self.high:
            object.__setattr__(self, "method", "linked")

    @classmethod
    def exactly(cls, n: int, method: CountMethod = "exact", note: str = "") -> Estimate:
        """Return an estimate without uncertainty."""
        return cls(n, n, n, method, note)


UNKNOWN = Estimate(0, 0, None, "unknown")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives the data of a flow, and where."""

    name: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """Head-counts somebody states for data that cannot be read; shown as declared, never as measured."""

    individuals: int
    sensitive_individuals: int | None         # None: left blank
    by: str
    on: date
    evidence: str
    minors: int | None = None                 # None: left blank


@dataclass(frozen=True, slots=True)
class Flow:
    """出境场景: one recipient, one purpose, one way out of the country."""

    id: str
    entity: str
    recipient: Recipient
    purpose: str
    mode: Mode = "transfer"
    claim: Claim = "none"
    status: Literal["planned", "active", "stopped"] = "planned"
    since: date | None = None
    every: str = ""
    retention_days: int | None = None
    fields: tuple[str, ...] = ()              # column ids or unambiguous suffixes
    view: str = ""                            # table id of a view, instead of fields
    sql: str = ""                             # a query, instead of fields
    source: str = ""                          # source the query runs on
    # table id -> column -> test
    where: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    subject_group: str = ""                   # employee, customer, applicant ... empty: not stated
    declared: Declared | None = None
    owner: str = ""
    onward: tuple[str, ...] = ()
    access_log: str = ""  # column of a log that says whose data was really queried from abroad
    delta: str = ""  # column that says when a row was exported: the ledger records a period by it
    systems: tuple[str, ...] = ()             # systems it comes from, for people to read
    # columns that say when a row was made: rows older than the retention are counted by them
    dated: tuple[str, ...] = ()
    until: date | None = None                 # its last day, of a flow that stopped

    @property
    def names_columns(self) -> bool:
        """Does it say itself which columns leave?"""
        return bool(self.fields or self.view or self.sql)


@dataclass(frozen=True, slots=True)
class FlowCount:
    """What `decide` needs to know about the people in one flow."""

    individuals: Estimate                     # all distinct persons of the flow
    sensitive: Estimate                       # persons with at least one sensitive item
    minors: Estimate = Estimate.exactly(0)
    ordinary_only: Estimate | None = None     # persons without any sensitive item (disjoint reading)
    # persons with at least one ordinary item (inclusive reading); None: individuals
    ordinary: Estimate | None = None
    notes: tuple[Note, ...] = ()
    # the same persons where an ID number alone and the like count as sensitive; None: none leaves
    strict: FlowCount | None = None
    # the same persons without those deleted since they left; None: none was deleted, as far as is known
    remaining: FlowCount | None = None
    # the same persons if whoever nothing says the age of is under fourteen, and not an adult as above; None:
    # every age is known, or, where `minors` is unknown, none
    if_young: FlowCount | None = None


@dataclass(frozen=True, slots=True)
class Ledgered:
    """Persons of a flow that left since 1 January by the ledger. periods: those it has entries of."""

    count: FlowCount
    periods: tuple[str, ...] = ()
    stated: bool = False                      # are some of them a number that nobody can link


@dataclass(frozen=True, slots=True)
class SubjectAnswer:
    """Are columns of one kind of key in a row one person's, or several people's?

    open: the rows do not say: `low` takes one person, `high` several. in_cells: it is asked of the keys that
    stand in one cell. of_scope: it is asked whether equal numbers under several values of the last column are
    one person's. of_kinship: it is asked whether keys beside relatives, as the last column says, are
    theirs.
    """

    columns: tuple[ColumnId, ...]
    answer: Literal["one", "two", "open"]
    in_cells: bool = False
    of_scope: bool = False
    of_kinship: bool = False


# at which persons are linked: see `mappings/individuals.py`, `mappings/histogram.py`
Level = Literal["low", "best", "high", "low_if_young", "best_if_young", "high_if_young"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Persons who share which exported fields are filled.

    bits, slots: sets of fields and of kinds of keys. minor: under fourteen; unaged: does nothing say how old?
    """

    level: Level
    bits: int
    minor: bool
    slots: int
    persons: int
    unaged: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """A flow's persons as a histogram: no key, no value. fields: (column, bit, sensitive)."""

    fields: tuple[tuple[ColumnId, int, Sensitive], ...]
    cells: tuple[Cell, ...]
    rows: int
    rows_without_key: int = 0
    placeholders: int = 0
    crowded: int = 0
    shared: int = 0
    kinds: tuple[str, ...] = ()
    # too many combinations of filled fields: dropping ordinary ones needs a new scan to be exact
    coarse: bool = False
    # whose a field is, where it is not the row's own subject's
    roles: Mapping[ColumnId, str] = field(default_factory=dict)
    # columns of one kind of key in a row, and whether the rows say that they are one person's or several
    subjects: tuple[SubjectAnswer, ...] = ()
    # contacts without names that stand beside several others: one person's in `best`, several in `high`
    unproved: int = 0
    # kinds of accounts whose numbers mostly stand under several names: they link nobody in `best`
    broken_accounts: tuple[str, ...] = ()
    # tables whose accounts have equal numbers, while nothing says whether they are one system's
    open_accounts: tuple[str, ...] = ()
    # tables whose hashes equal none of another table's: of other persons, or made in another way
    unlinked_hashes: tuple[str, ...] = ()
    # columns of accounts of different scopes that mostly hold the same values
    equal_accounts: tuple[tuple[ColumnId, ColumnId], ...] = ()
    # cells with a day of birth in a form that is not read: whoever stands there may be under fourteen
    unread_births: int = 0
    # do columns of a row belong to several people, by their names?
    has_parties: bool = False
    # does anything say how old the persons are? None: a tally made before this was asked
    has_births: bool | None = None
    # persons, at most, of whom lines speak that may be no rows: totals, signatures
    doubtful: int = 0
    # values beside the first in cells of possible columns that would tell persons apart
    further_values: Mapping[ColumnId, int] = field(default_factory=dict)


@old_attributes(reason_en="reason.en", weaker_en="weaker.en")
@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """Is this field shown to be necessary for the stated purpose?"""

    column: ColumnId
    label: Label | None
    verdict: Necessity
    reason: Word
    source: str                               # clause
    confidence_of_source: Confidence
    # which of the four criteria it fails: related, least_impact, smallest_scope
    criteria: tuple[str, ...] = ()
    signs: tuple[Note, ...] = ()              # what was measured
    weaker: Word = NO_WORDS                   # a weaker form that might do
    answer: FieldAnswer | None = None


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """What a person decided about a field.

    listed: it stands in the company's labour rules, collective contract or another basis.
    """

    answer: Literal["justify", "drop", "weaken", "listed"]
    why: str                                  # the reason, the weaker form, or the place in the basis
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class FactValue:
    """A fact, or a count, that a reason rests on.

    over: the parts that were counted together, where there are several. about: what more is to be said of the
    value.

    >>> str(FactValue("sensitive_individuals", "12400", ("crm-hq", "hr-hq")))
    'sensitive_individuals=12400 (crm-hq + hr-hq)'
    >>> str(FactValue("list", "beijing_2024", about="retail: below 10,000"))
    'list=beijing_2024, retail: below 10,000'
    """

    name: str                                 # ciio, sensitive_individuals, list ...
    value: str                                # yes, 12400, unbounded ...
    over: tuple[str, ...] = ()
    about: str = ""

    def __str__(self) -> str:
        over = f" ({' + '.join(self.over)})" if self.over else ""
        return f"{self.name}={self.value}{over}" + (f", {self.about}" if self.about else "")


@old_attributes(words_en="words.en")
@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that asked for a path: clause, the fact it rests on, and how sure we are of the source."""

    rule: str
    path: str
    clause: str
    fact: str                                 # `facts` as text, e.g. sensitive_individuals=12400
    confidence_of_source: Confidence
    reading: str = ""                         # inclusive | disjoint | ... where the law is open
    words: Word = NO_WORDS                    # explanation
    supposed: bool = False                    # it rests on one answer to a fact nobody has given
    facts: tuple[FactValue, ...] = ()         # what it rests on; empty in reports of version 0.1


@old_attributes(ask_en="ask.en", how_en="how.en")
@dataclass(frozen=True, slots=True)
class Question:
    """An open fact, and where each answer would lead."""

    fact: str
    ask: Word
    how: Word                                 # how one may know
    leads_to: Mapping[str, tuple[str, ...]]   # answer -> possible paths
    scope: str = ""                           # flow id, or empty for the entity


@old_attributes(words_en="words.en")
@dataclass(frozen=True, slots=True)
class Duty:
    """Something still due on a path. status `ask`: depends on a fact nobody has given.

    `context`: nothing that is due, but good to know. `either`: due where the path is chosen, one of two that
    are enough; `open`: due if the path is the one that applies.
    """

    words: Word
    source: str = ""                          # clause
    confidence_of_source: Confidence = "verified"
    status: Literal["due", "not_due", "ask", "context", "either", "open"] = "due"
    path: str = ""                            # where it is due on one of several paths only


@dataclass(frozen=True, slots=True)
class Margin:
    """Persons to the next line: `to_next` more persons and the path becomes `next_path`."""

    counter: Literal["ordinary", "sensitive"]
    line: int
    to_next: int                              # from `high` where known, else from `best`; >= 0
    next_path: str


@old_attributes(ask_en="ask.en")
@dataclass(frozen=True, slots=True)
class Step:
    """One question of the decision order, and every answer that some open fact or bound allows."""

    id: str
    ask: Word
    # yes | no | assumed_no | not_claimed | a rule | a path ...; several where it is open
    answers: tuple[str, ...]
    source: str
    confidence_of_source: Confidence


@dataclass(frozen=True, slots=True)
class Decision:
    """The export path that appears to apply on the facts given. A proposal; people and authorities decide.

    path: a code of PATHS, or `needs_review`. possible: every path some answer or bound could give, ranked.
    certain: no assignment of the unknown facts and no count inside the intervals changes the path.
    """

    path: str
    possible: tuple[str, ...]
    certain: bool
    because: tuple[Reason, ...] = ()
    margin: tuple[Margin, ...] = ()
    obligations: tuple[Duty, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Note, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)    # national_path, file_by, group_total ...
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that could change. adults: rows of persons under 14 stay home, and `column` is empty."""

    action: Literal["drop", "weaken", "adults"]
    column: ColumnId = ColumnId("")


@dataclass(frozen=True, slots=True)
class Change:
    """What some items together lead to. Counts are those of the flow itself, at best."""

    items: tuple[Item, ...]
    path: str
    possible: tuple[str, ...]
    individuals: int
    sensitive: int
    lower: bool                               # does it lower the level
    higher: bool = False  # does it take the lowest possible path away: a reading of the law may ask for more


@dataclass(frozen=True, slots=True)
class FlowInput:
    """A flow, or one subject group in it, as the rules see it: what is claimed, known, and how many people.

    flow: the flow this is a part of; empty: `id` is the whole of it. if_personal: its people if everything
    that is merely possible in it is personal, where that makes a difference; possible: columns to settle.
    listed: is every field that was found shown to be necessary? doubtful: is that open of a possible one?
    empty: nobody was counted, and columns were found that hold personal information.
    country: of its recipient, by ISO 3166; empty: not stated. purpose_group: whose data its purpose is
    about, where that is known. ended: it stopped, so only what left counts. purpose_fit: does its purpose go
    with the exemption that is claimed: yes, no, open. began: the day since which it ran; empty: it did not.
    status_assumed: did nobody say whether it is planned, so that it is taken for that?
    """

    id: str
    count: FlowCount
    mode: str = "transfer"
    claim: str = "none"
    kind: str = ""                            # purpose or listed situation, e.g. domestic_hotel_booking
    subject_group: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    has_personal_information: Fact = "yes"
    unnecessary_fields: tuple[str, ...] = ()
    flow: str = ""
    if_personal: FlowCount | None = None
    possible: tuple[str, ...] = ()
    listed: bool = False
    doubtful: bool = False
    empty: bool = False
    country: str = ""
    purpose_group: str = ""
    ended: bool = False
    purpose_fit: str = "yes"
    began: str = ""
    status_assumed: bool = False

    @property
    def nobody(self) -> str:
        """The rule of a flow of which nobody's information leaves."""
        return "ended" if self.ended else "no_personal_information"

    @property
    def whole(self) -> str:
        """Id of the flow."""
        return self.flow or self.id


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision for one entity rests on. Unknown facts stay unknown.

    values: fact -> yes | no | unknown or a named value; keys are listed in the rule set. unions: distinct
    persons over several flows together, by their ids sorted; what is not there is bounded from the flows' own
    counts. group: persons of all entities of the group together, where it files together. unledgered: flows
    of which the ledger does not have every month they ran in, with those it lacks. exported: what left by the
    ledger, by flow; exported_elsewhere: with flows no longer configured.
    """

    entity: str
    as_of: date
    flows: tuple[FlowInput, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    unions: Mapping[tuple[str, ...], FlowCount] = field(default_factory=dict)
    group: FlowCount | None = None
    unledgered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exported: Mapping[str, Ledgered] = field(default_factory=dict)
    exported_elsewhere: FlowCount | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Persons of the entity's year on 31 December at the ledger's pace, and the day a line would be reached.

    basis: periods the pace rests on. reached: None where no line is reached by 31 December even at the
    highest pace.
    """

    counter: Literal["ordinary", "sensitive"]
    on: date                                  # 31 December
    persons: Estimate
    line: int                                 # the next line; 0: none is left
    path: str                                 # what it would ask for
    reached: date | None = None               # at the pace of the year
    earliest: date | None = None              # at the highest monthly pace seen: the warning date
    basis: tuple[str, ...] = ()


@old_attributes(words_en="words.en")
@dataclass(frozen=True, slots=True)
class Option:
    """One way to file: what, with whom, and what it asks for."""

    path: str  # standard_contract | certification | security_assessment | gba_standard_contract | exempt
    for_recipients: tuple[str, ...]
    flows: tuple[str, ...]
    words: Word
    source: str
    confidence_of_source: Confidence


@dataclass(frozen=True, slots=True)
class Plan:
    """What an entity would file.

    compared: (criterion, contract, certificate), each as zh and en, where both are open to it.
    """

    options: tuple[Option, ...]
    compared: tuple[tuple[str, str, str, str, str, str], ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneMatch:
    """An entry of a zone's list that columns of a flow speak for; evidence for a person to judge."""

    list: str
    scenario: str
    category: str
    kind: str
    path: str
    count_min: int
    count_max: int | None
    page: str
    confidence_of_source: Confidence
    columns: tuple[tuple[str, str], ...]      # (column, why)
    complete: bool                            # is the scenario whole in the list as it is known
