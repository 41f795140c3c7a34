"""Cases put together: the paths they allow, the reasons that hold, the questions that tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from detectors.message import Note
from mappings import notes
from mappings.calendar import add_months, stated_day
from mappings.cases import Case
from mappings.counts import high_end, total_of_parts
from mappings.model import (
    ALTERNATIVES,
    Decision,
    Duty,
    Facts,
    FlowCount,
    FlowInput,
    Margin,
    Question,
    Reason,
    Step,
    law_text,
)
from mappings.open_facts import POSSIBLE_FIELDS
from mappings.possible_question import possible_question
from mappings.rules import RuleSet, path_rank, sort_by_rank

ENTRY, BY_ENTRY = "entry_matched", ("ftz_contract", "ftz_assessment")
MONTHS_TO_FILE = 2                            # after important data was notified


@dataclass(frozen=True, slots=True)
class DecidedScope:
    """What a decision is about: some parts of one flow; None: the whole entity."""

    parts: tuple[FlowInput, ...] | None

    @property
    def flow(self) -> str:
        """Id of the flow; empty for the entity."""
        return self.parts[0].whole if self.parts else ""

    def includes(self, part: str) -> bool:
        """Is it about a part?"""
        return self.parts is None or any(p.id == part for p in self.parts)

    def meets(self, parts: Sequence[str]) -> bool:
        """Is it about one of some parts, or about the entity?"""
        return self.parts is None or any(p.id in parts for p in self.parts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The paths alone, as in `Decision`."""

    path: str
    possible: tuple[str, ...]
    certain: bool


@dataclass(slots=True)
class CaseSummary:
    """Every case of an entity, and what they come to together."""

    facts: Facts
    rules: RuleSet
    cases: Sequence[Case]

    def decision(self, scope: DecidedScope) -> Decision:
        """Return the decision of some parts of one flow, or of the entity."""
        paths = [self._paths(c, scope) for c in self.cases]
        outcome = self._outcome(paths, scope)
        because = self._reasons(scope, paths)
        return Decision(
            outcome.path, outcome.possible, outcome.certain, because, self._margins(scope, outcome.possible),
            self._obligations(outcome.possible), self._questions(paths, scope),
            (
                *self._notes(outcome, paths, scope), *self._entry_notes(scope, because),
                *self._claim_notes(scope),
            ),
            {
                **self._extra(scope, because), **self._parts_extra(scope, outcome),
                **self._assumed_extra(scope),
            },
            self._steps(scope),
        )

    def band(self) -> Outcome | None:
        """Return the path of all that is counted together; None where nothing ever is."""
        bands = [c.band for c in self.cases if c.band]
        return self._outcome(bands, DecidedScope(None)) if bands else None

    def outcome(self, scope: DecidedScope) -> Outcome:
        """Return the paths alone."""
        return self._outcome([self._paths(c, scope) for c in self.cases], scope)

    def _outcome(self, paths: Sequence[tuple[str, ...]], scope: DecidedScope) -> Outcome:
        """What all cases come to: certain if it is one path, or the same two alternatives in each.

        It is never certain while something in it is merely possible, wherever both outcomes lead.
        """
        possible = sort_by_rank({p for ps in paths for p in ps})
        alike = set(possible) == ALTERNATIVES and all(set(ps) == ALTERNATIVES for ps in paths)
        settled = len(possible) == 1 or alike
        certain = settled and not self._holds_possible(scope)
        return Outcome(possible[-1] if settled else "needs_review", possible, certain)

    def _holds_possible(self, scope: DecidedScope) -> bool:
        """Does a column of the scope that is merely possible stand open?"""
        flows = {f.whole for f in self.facts.flows if scope.includes(f.id)}
        return any(name == POSSIBLE_FIELDS and flow in flows for flow, name in self._open_keys())

    def _paths(self, case: Case, scope: DecidedScope) -> tuple[str, ...]:
        """Paths of several parts in a case: the most demanding one decides at each end."""
        each = [ps for part, ps in case.paths.items() if scope.includes(part)]
        if not each:
            return ("not_export",)
        low = max(min(path_rank(p) for p in ps) for ps in each)
        high = max(max(path_rank(p) for p in ps) for ps in each)
        return sort_by_rank({p for ps in each for p in ps if low <= path_rank(p) <= high})

    def _reasons(self, scope: DecidedScope, paths: Sequence[tuple[str, ...]]) -> tuple[Reason, ...]:
        """Reasons that hold in some case, those of the most demanding path first.

        Those that rest on an open fact are marked as supposed: one of the flow itself or of the entity; a
        reason of the whole entity, on those of each flow.
        """
        open_keys = self._open_keys()
        wholes = {f.id: f.whole for f in self.facts.flows}
        reasons: dict[tuple[str, str, str], Reason] = {}
        pairs = zip(self.cases, paths, strict=True)
        for case, possible in sorted(pairs, key=lambda pair: pair[0].supposes_possible):
            for part, r in case.reasons:
                apart = case.read_apart | case.fixed
                members = [p for p in case.in_count if p not in apart or scope.parts is None]
                concerns = scope.includes(part) if part else scope.meets(members)
                if concerns and r.path in possible:
                    own = {fact for flow, fact in open_keys if not part or flow in ("", wholes[part])}
                    supposed = case.supposes_possible or any(f.name in own for f in r.facts)
                    reasons.setdefault((r.rule, r.path, r.reading), replace(r, supposed=supposed))
        return tuple(sorted(reasons.values(), key=lambda r: (-path_rank(r.path), r.rule, r.reading)))

    def _open_keys(self) -> list[tuple[str, str]]:
        """(flow or empty, fact) of every open fact, sorted."""
        return sorted({key for c in self.cases for key in c.answers if key[0] != "reading"})

    def _ever_in_count(self) -> tuple[str, ...]:
        """Parts that are counted in some case."""
        return tuple(sorted({part for c in self.cases for part in c.in_count}))

    def _open_readings(self, paths: Sequence[tuple[str, ...]]) -> Iterator[str]:
        """Readings of the law on which the paths turn, by name."""
        for name in sorted({name for c in self.cases for scope, name in c.answers if scope == "reading"}):
            leads = list(self._paths_by_answer(("reading", name), paths).values())
            if any(paths_of_value != leads[0] for paths_of_value in leads):
                yield name

    def _notices(self, scope: DecidedScope) -> list[str]:
        """Days on which important data of some parts was notified, soonest first; empty: not stated."""
        answers = [
            {**self.facts.values, **p.facts} for p in self.facts.flows if scope.includes(p.id)
        ]
        return sorted(stated_day(a, "notified_on") for a in answers if a.get("important_data") == "notified")

    def _notes(
        self, outcome: Outcome, paths: Sequence[tuple[str, ...]], scope: DecidedScope
    ) -> Iterator[Note]:
        """Readings that are open, and what is lacking for a date or a count."""
        for name in self._open_readings(paths):
            reading = self.rules.raw["readings"][name]
            yield notes.reading(reading["words"], reading["words_en"])
        notices = self._notices(scope)
        if outcome.path == "security_assessment" and notices and "" in notices:
            yield notes.NOTIFIED_ON_MISSING
        if self._ever_in_count() and self.rules.raw["counting"]["from"] != "1 January":
            yield notes.COUNTING_PREVIOUS_YEAR

    def _entry_notes(self, scope: DecidedScope, because: Sequence[Reason]) -> Iterator[Note]:
        """That an entry of the list holds so many persons, against the answer that none matches."""
        is_denied = any(
            (part.facts.get(ENTRY) or self.facts.values.get(ENTRY)) == "no" for part in scope.parts or ()
        )
        if is_denied and any(reason.rule in BY_ENTRY for reason in because):
            yield notes.ENTRY_DENIED

    def _claim_notes(self, scope: DecidedScope) -> Iterator[Note]:
        """Why exemptions that are claimed do not hold, where they hold in no case."""
        for part in scope.parts or ():
            refusals = [case.refusals.get(part.id) for case in self.cases]
            if part.claim == "none" or None in refusals:
                continue
            rule = self.rules.raw["rules"][part.claim]
            claim = law_text(rule["words"], rule["words_en"])
            for why in {str(why): why for why in refusals if why is not None}.values():
                yield notes.claim_refused(claim, why)

    def _margins(self, scope: DecidedScope, possible: Sequence[str]) -> tuple[Margin, ...]:
        """Persons to the next line that would ask for more, from the upper end where there is one."""
        part_ids = self._ever_in_count()
        if not part_ids or not scope.meets(part_ids):
            return ()
        count = self._year_count()
        margins: list[Margin] = []
        for counter, e in (("ordinary", count.ordinary or count.individuals), ("sensitive", count.sensitive)):
            persons = e.high if e.high is not None else e.best
            lines = [
                (line["min"], line["path"]) for line in self.rules.raw["thresholds"]
                if line["counter"] == counter and line["min"] > persons
                and path_rank(line["path"]) > path_rank(possible[-1])
            ]
            if lines:
                line, path = min(lines)
                margins.append(Margin(counter, line, line - persons, path))  # type: ignore[arg-type]
        return tuple(margins)

    def _obligations(self, possible: Sequence[str]) -> tuple[Duty, ...]:
        """What the paths themselves ask for; what every flow owes is in `duties`."""
        book = self.rules.raw["obligations"]
        several = "either" if set(possible) == ALTERNATIVES else "open" if len(possible) > 1 else "due"
        return tuple(dict.fromkeys(
            _obligation(d, path, several)
            for path in possible for d in book.get(path, ())
            if ("only" not in d or self._is_yes(d["only"]))
            and not ("unless" in d and self._is_yes(d["unless"]))
        ))

    def _is_yes(self, fact: str) -> bool:
        """Does the company say yes to a fact?"""
        return self.facts.values.get(fact) == "yes"

    def _questions(self, paths: Sequence[tuple[str, ...]], scope: DecidedScope) -> tuple[Question, ...]:
        """Open facts by effect: what each answer would lead to.

        Facts whose answers change nothing are left out, but for what is merely possible.
        """
        ranked: list[tuple[tuple[int, bool, str, str], Question]] = []
        for flow, fact in self._open_keys():
            leads = self._paths_by_answer((flow, fact), paths)
            sets = list(leads.values())
            is_open = (fact, flow) == (POSSIBLE_FIELDS, scope.flow) or any(s != sets[0] for s in sets)
            if len(sets) < 2 or not is_open:
                continue
            effect = len(set[str]().union(*sets) - sets[0].intersection(*sets[1:]))
            answers = {value: sort_by_rank(leads[value]) for value in sorted(leads, reverse=True)}
            question = self._question(fact, flow, answers)
            ranked.append(((-effect, bool(flow), fact, flow), question))
        return (*(q for _, q in sorted(ranked, key=lambda r: r[0])), *self._reading_questions(paths))

    def _reading_questions(self, paths: Sequence[tuple[str, ...]]) -> Iterator[Question]:
        """The readings on which the paths turn: no fact settles them, but a person may choose."""
        for name in self._open_readings(paths):
            leads = self._paths_by_answer(("reading", name), paths)
            values = self.rules.raw["readings"][name]["values"]
            answers = {value: sort_by_rank(leads[value]) for value in values if value in leads}
            yield self.rules.question(name, "", answers)

    def _question(self, fact: str, flow: str, answers: Mapping[str, tuple[str, ...]]) -> Question:
        """The question of an open fact; of what is merely possible, with the columns to be reviewed."""
        if fact != POSSIBLE_FIELDS:
            return self.rules.question(fact, flow, answers)
        columns = dict.fromkeys(c for f in self.facts.flows if f.whole == flow for c in f.possible)
        return possible_question(flow, tuple(columns), answers)

    def _paths_by_answer(
        self, key: tuple[str, str], paths: Sequence[tuple[str, ...]]
    ) -> Mapping[str, set[str]]:
        """Where each answer to an open fact leads: value -> paths.

        A case in which it is not asked is one whatever the answer: something else that is open settles it.
        """
        leads: dict[str, set[str]] = {value: set() for c in self.cases for value in c.answers.get(key, ())}
        for case, possible in zip(self.cases, paths, strict=True):
            for value in case.answers.get(key, leads):
                leads[value].update(possible)
        return leads

    def _steps(self, scope: DecidedScope) -> tuple[Step, ...]:
        """The decision order with every answer some case gives; only what was asked."""
        steps: list[Step] = []
        for question in self.rules.raw["order"] if scope.parts is not None else ():
            answers = dict.fromkeys(
                answer
                for c in self.cases
                for part in scope.parts or ()
                for question_id, answer in c.steps[part.id]
                if question_id == question["id"]
            )
            if answers:
                words = law_text(question["zh"], question["en"])
                steps.append(
                    Step(question["id"], words, tuple(answers), question["source"], question["confidence"])
                )
        return tuple(steps)

    def _extra(self, scope: DecidedScope, because: Sequence[Reason]) -> dict[str, Any]:
        """Paths without a zone's list, the day to file by, and the persons of the group."""
        extra: dict[str, Any] = {}
        national = {
            p for c in self.cases for part, paths in c.national.items() if scope.includes(part) for p in paths
        }
        if national:
            extra["national_path"] = list(sort_by_rank(national))
        notified_on = next(filter(None, self._notices(scope)), "")
        if notified_on and any(r.rule == "important_notified" for r in because):
            extra["file_by"] = add_months(date.fromisoformat(notified_on), MONTHS_TO_FILE).isoformat()
        if scope.parts is None and self.facts.group is not None:
            extra["group_total"] = self.facts.group.individuals.best
        return extra

    def _parts_extra(self, scope: DecidedScope, outcome: Outcome) -> dict[str, Any]:
        """Fields that are not shown to be necessary, and whether the ordinary part alone would be exempt."""
        parts = scope.parts or ()
        extra: dict[str, Any] = {}
        if needless := dict.fromkeys(column for p in parts for column in p.unnecessary_fields):
            extra["dropping"] = list(needless)
        if (
            len(parts) == 1
            and outcome.path == "standard_contract_or_certification"
            and parts[0].count.sensitive.low > 0
        ):
            ordinary = parts[0].count.ordinary_only or parts[0].count.individuals
            if high_end(ordinary) < min(self.rules.lines_of("ordinary")):
                extra |= {"scope": "sensitive part", "ordinary_part": "exempt_art5_4"}
        return extra

    def _assumed_extra(self, scope: DecidedScope) -> dict[str, Any]:
        """What bears on the path, is answered by nobody and assumed: fact -> value."""
        facts = self.rules.raw["facts"]
        assumed = {
            fact: str(facts[fact].get("assume", "none")) for fact in self._facts_that_bear(scope)
            if fact in facts and not all(self._is_stated(fact, part) for part in scope.parts or ())
        }
        if any(part.status_assumed for part in scope.parts or ()):
            assumed["status"] = "planned"
        return {"assumed": assumed} if assumed else {}

    def _facts_that_bear(self, scope: DecidedScope) -> Iterator[str]:
        """Yield facts that bear on the path, and are not asked where nobody answers them."""
        facts, step_ids = self.rules.raw["facts"], {step.id for step in self._steps(scope)}
        for question in self.rules.raw["order"]:
            if question["id"] in step_ids:
                yield from (fact for fact in question.get("facts", ()) if "assume" in facts.get(fact, {}))
        if any(part.claim == "ftz" for part in scope.parts or ()) and "exemption" in step_ids:
            yield "list_adopted_by"
        fixed = ((p.id, c) for c in self.cases for p in scope.parts or () if p.id in c.fixed)
        if any("exempt_ftz" in case.paths[part] for part, case in fixed):
            yield "exempt_before_list"
        if "count" not in step_ids:
            return
        if self.facts.group is not None:
            yield "combined_filing"
        lines = [line["min"] for line in self.rules.raw.get("sector_lines", {}).values()]
        if lines and high_end(self._year_count().individuals) >= min(lines):
            yield "sector"

    def _year_count(self) -> FlowCount:
        """Persons of all parts that are ever counted."""
        counts = {f.id: f.count for f in self.facts.flows}
        return total_of_parts(self._ever_in_count(), counts, self.facts.unions)

    def _is_stated(self, fact: str, part: FlowInput) -> bool:
        """Did somebody answer a fact, for the flow or the company?"""
        return (part.facts.get(fact) or self.facts.values.get(fact, "unknown")) != "unknown"


def _obligation(entry: Mapping[str, Any], path: str, status: Any) -> Duty:
    """What a path asks for. status: of what is due on it, beside the other possible paths."""
    words = law_text(entry["zh"], entry["en"])
    duty = Duty(words, entry.get("source", ""), entry.get("confidence", "verified"))
    if (own := entry.get("status", "due")) != "due":
        return replace(duty, status=own)
    return duty if status == "due" else replace(duty, status=status, path=path)
