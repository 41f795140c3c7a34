"""Is a flow ready for what its path calls for: flow -> fields -> facts -> count -> papers -> dossier.

What stands before a filing is named with the one act that settles it. Nothing empty is ready: a flow of which
no column and no statement is known has nothing that could be filed. The papers and the folder they lie in are
read elsewhere; what stands in their way is named as the same kind of obstacle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from detectors.message import Note
from detectors.model import ColumnId
from mappings import notes
from mappings.countries import MAINLAND, country_code
from mappings.counts import UNSTATED
from mappings.ledger_cover import EXPORT_OPEN, EXPORT_UNKNOWN
from mappings.model import Decision, Estimate, FieldVerdict, Flow
from mappings.necessity import open_fields
from mappings.open_ages import AGES_UNKNOWN
from mappings.open_facts import POSSIBLE_FIELDS
from mappings.unstated_persons import DOMESTIC_OPEN, TOGETHER_OPEN, UNSTATED_FACTS

Aim = Literal["file", "keep", "stop", "none"]
Stage = Literal["flow", "fields", "facts", "count", "papers", "dossier"]
# what is asked and settled by another act than a fact: a review, an entry of the ledger, a declared count
OTHER_ACTS = frozenset({POSSIBLE_FIELDS, EXPORT_OPEN, TOGETHER_OPEN, *UNSTATED_FACTS})
LIST_OPEN = "ftz_list"                        # the fact that names the list of a zone
STAGES: tuple[Stage, ...] = ("flow", "fields", "facts", "count", "papers", "dossier")
STEP_BY_CODE: Mapping[str, Stage] = {         # code of a note on what stands before a filing -> its step
    "empty": "flow", "recipient": "flow", "mainland": "flow", "dates": "flow",
    "list_day": "facts",
    "unresolved": "fields", "field": "fields", "possible": "fields",
    "question": "facts", "left": "count", "count": "count", "no_basis": "papers",
}
STOPS = frozenset({"blocked_without_approval", "not_necessary_stop"})
FILED = frozenset({
    "security_assessment", "standard_contract_or_certification", "gba_standard_contract",
    "own_security_assessment",
})


class PossibleColumn(Protocol):
    """A column that is neither found to be personal information nor surely none."""

    @property
    def column(self) -> ColumnId: ...


class ReportedFlow(Protocol):
    """A decided flow, as far as its readiness rests on it."""

    @property
    def flow(self) -> Flow: ...
    @property
    def decision(self) -> Decision: ...
    @property
    def fields(self) -> tuple[FieldVerdict, ...]: ...
    @property
    def individuals(self) -> Estimate: ...
    @property
    def sensitive_individuals(self) -> Estimate: ...
    @property
    def unresolved(self) -> tuple[str, ...]: ...
    @property
    def personal(self) -> str: ...
    @property
    def fields_to_settle(self) -> Sequence[PossibleColumn]: ...
    @property
    def count_notes(self) -> tuple[Note, ...]: ...


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands before a filing, at which step; the note names the act that settles it."""

    step: Stage
    note: Note

    @classmethod
    def of(cls, note: Note) -> Obstacle:
        """Return what a note on a flow says stands before a filing."""
        return cls(STEP_BY_CODE.get(note.code, "facts"), note)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a flow's path calls for, and what stands before it, in the order of the steps.

    aim: a filing; grounds that are kept; a stop; or nothing.
    """

    aim: Aim
    obstacles: tuple[Obstacle, ...]

    @property
    def is_ready(self) -> bool:
        """May the filing be prepared, or are the grounds complete?"""
        return self.aim in ("file", "keep") and not self.obstacles


def flow_readiness(report: ReportedFlow, *others: Obstacle) -> Readiness:
    """Return whether a decided flow is ready. others: what its report does not show."""
    aim = flow_aim(report.decision, report.flow)
    if aim == "none":
        return Readiness(aim, others)
    obstacles = list(_obstacles(report))
    if not (obstacles or report.decision.certain or report.sensitive_individuals.note == AGES_UNKNOWN):
        reviewed = notes.REVIEWED_SINCE in report.count_notes or report.individuals.note == "reviewed"
        # nothing is open but where the count ends
        obstacles = [Obstacle.of(notes.COUNT_REVIEWED if reviewed else notes.COUNT_ACROSS)]
    return Readiness(aim, in_order((*others, *obstacles)))


def in_order(obstacles: Iterable[Obstacle]) -> tuple[Obstacle, ...]:
    """Return obstacles in the order of the steps, each once: notes of one code may say different things."""
    by_message = {(o.step, str(o.note), str(o.note.message)): o for o in obstacles}
    return tuple(sorted(by_message.values(), key=lambda o: STAGES.index(o.step)))


def flow_aim(decision: Decision, flow: Flow) -> Aim:
    """Return what the possible paths call for: a stop before a filing, a filing before keeping grounds."""
    possible = set(decision.possible or (decision.path,))
    if flow.status == "stopped":
        return "none"
    if possible & STOPS:
        return "stop"
    if possible & FILED or decision.path == "needs_review":
        return "file"
    return "keep" if any(path.startswith("exempt") for path in possible) else "none"


def _obstacles(report: ReportedFlow) -> Iterator[Obstacle]:
    """Yield what is empty, unresolved, open or unknown of a flow."""
    yield from _empty_parts(report)
    if not report.flow.recipient.name.strip():
        yield Obstacle.of(notes.RECIPIENT_MISSING)
    elif not report.flow.recipient.country.strip():
        yield Obstacle.of(notes.COUNTRY_MISSING)
    if country_code(report.flow.recipient.country) == MAINLAND:
        yield Obstacle.of(notes.MAINLAND_RECIPIENT)
    for part in report.unresolved:
        yield Obstacle.of(notes.unresolved_part(part))
    if report.personal == "unknown":
        yield Obstacle.of(notes.PERSONAL_UNKNOWN)
    for verdict in open_fields(report.fields):
        yield Obstacle.of(notes.open_field(verdict.column, report.flow.id))
    for possible in report.fields_to_settle:
        yield Obstacle.of(notes.possible_field(possible.column))
    for question in report.decision.questions:
        if question.fact == EXPORT_OPEN:
            yield Obstacle.of(notes.export_unknown(question.scope))
        elif question.fact == TOGETHER_OPEN:
            yield Obstacle.of(notes.OVERLAP_OPEN)
        elif question.fact in UNSTATED_FACTS:
            yield Obstacle.of(notes.persons_unstated(question.scope))
        elif question.fact == LIST_OPEN:
            yield Obstacle.of(notes.LIST_UNNAMED)
        elif question.fact != POSSIBLE_FIELDS:
            is_number = question.fact == DOMESTIC_OPEN
            answers = ("NUMBER",) if is_number else tuple(question.leads_to)
            yield Obstacle.of(notes.open_question(question, answers))
    yield from _count_obstacles(report)


def _empty_parts(report: ReportedFlow) -> Iterator[Obstacle]:
    """Yield that nothing is listed that leaves, or persons without one of the items that papers list."""
    if not (report.fields or report.flow.declared or report.flow.facts or report.individuals.high):
        yield Obstacle.of(notes.NOTHING_LISTED)
    elif not (report.fields or report.fields_to_settle or report.unresolved) and report.personal == "yes":
        yield Obstacle.of(notes.ITEMS_MISSING)


def _count_obstacles(report: ReportedFlow) -> Iterator[Obstacle]:
    """Yield what keeps the persons of a flow without an end, unstated, or against an answer."""
    if notes.ENTRY_DENIED in report.decision.notes:
        yield Obstacle.of(notes.ENTRY_DENIED)
    if report.individuals.note == EXPORT_UNKNOWN:
        yield Obstacle.of(notes.export_unknown(report.flow.id))
    elif UNSTATED in (report.individuals.note, report.sensitive_individuals.note):
        if not UNSTATED_FACTS & {q.fact for q in report.decision.questions if q.scope == report.flow.id}:
            yield Obstacle.of(notes.persons_unstated(report.flow.id))
    elif report.individuals.high is None:
        codes = {note.code for note in report.count_notes}
        reasons = [note for code, note in notes.WHY_OPEN.items() if code in codes]
        yield Obstacle.of(reasons[0] if reasons else notes.COUNT_OPEN)
