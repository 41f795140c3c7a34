"""A rule set: dated, cited export rules as data, with what may be asked and answered. `mappings/decide.py` applies it.

Numbers, clauses and words live in `rulesets/*.yaml`; this module only reads them, strictly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.message import Msg
from mappings.model import PATHS, FactValue, Question, Reason, law_text
from mappings.yaml_files import check_keys, load_yaml, shipped_names

_KEYS = ("id", "title", "title_en", "effective", "until", "counting", "thresholds", "sector_lines", "entity_rules", "order", "exemptions",
         "groups", "roles", "rules", "refused", "readings", "facts", "company_questions", "obligations", "duties", "plan", "validity",
         "extension", "extends", "asked", "baseline", "materials")


def facts_text(facts: Iterable[FactValue]) -> str:
    """Facts as programs read them: `labour_rules=yes, collective_contract=yes`."""
    return ", ".join(map(str, facts))


def path_rank(path: str) -> int:
    """Position in PATHS, least to most demanding."""
    return PATHS.index(path)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set as read; `raw` keeps the YAML. on: the day it is asked about; later parts of it do not apply."""

    id: str
    raw: Mapping[str, Any]
    on: date = date.max

    def applies(self, entry: Mapping[str, Any]) -> bool:
        """Was this entry in force on the day asked about?"""
        return date.fromisoformat(str(entry.get("effective", "0001-01-01"))) <= self.on

    def source(self, entry: Mapping[str, Any]) -> str:
        """The clause of an entry, with those that joined it by the day asked about."""
        also = entry.get("also")
        return f"{entry['source']}; {also['source']}" if also and self.applies(also) else str(entry["source"])

    def reason(self, name: str, facts: tuple[FactValue, ...]) -> Reason:
        """The reason a rule gives, with the facts it rests on."""
        rule = self.raw["rules"][name]
        return Reason(
            rule=name, path=rule["path"], clause=self.source(rule), fact=facts_text(facts), facts=facts,
            confidence_of_source=rule["confidence"], words=law_text(rule["words"], rule["words_en"]),
        )

    def check_fact(self, name: str, value: str) -> None:
        """RulesError when the fact or the value is not known."""
        facts = self.raw["facts"]
        if name not in facts:
            raise RulesError(
                Msg('unknown fact "{name}"', name=name),
                hint=nearest(name, facts) or Msg("known: {names}", names=tuple(facts)),
            )
        allowed = facts[name]["values"]
        if allowed == ["text"] or value == "unknown":
            return
        if allowed == ["number"]:
            if not value.isdecimal():
                raise RulesError(
                    Msg('"{name}" cannot be "{value}"', name=name, value=value),
                    hint=Msg("write a whole number, e.g. 1200"),
                )
            return
        if allowed == ["date"]:
            try:
                date.fromisoformat(value)
            except ValueError:
                raise RulesError(
                    Msg('"{name}" cannot be "{value}"', name=name, value=value),
                    hint=Msg("write the date as 2026-01-31"),
                ) from None
            return
        if value not in allowed:
            raise RulesError(
                Msg('"{name}" cannot be "{value}"', name=name, value=value),
                hint=nearest(value, allowed)
                or Msg(
                    "one of: {names}",
                    names=(
                        *allowed,
                        'unknown',
                    ),
                ),
            )

    def company_questions(self) -> tuple[Question, ...]:
        """What a company is asked first, in order."""
        return tuple(self.question(f, "", {str(v): () for v in self.raw["facts"][f]["values"]}) for f in self.raw["company_questions"])

    def question(self, fact: str, scope: str, leads: Mapping[str, tuple[str, ...]]) -> Question:
        """A fact as a question; leads: answer -> paths."""
        about = self.raw["facts"][fact]
        return Question(
            fact, law_text(about["ask"], about["ask_en"]), law_text(about["how"], about["how_en"]), leads, scope
        )

    def lines_of(self, counter: str) -> tuple[int, ...]:
        """Every number of persons at which something changes for a counter, ascending."""
        more = [line for line in self.raw["sector_lines"].values() if line["counter"] == counter]
        return tuple(sorted({int(t["min"]) for t in [*self.raw["thresholds"], *more] if t["counter"] == counter and t["min"]}))

    def group_of(self, role: str, own: str) -> str:
        """Subject group of a role in a row; own: the group of the rows' own subjects."""
        return own if not role else str(self.raw["roles"].get(role, role if role in self.raw["groups"] else "other"))

    def text(self, lang: str, said: Callable[[str, str], str] = lambda _, word: word) -> Iterator[str]:
        """The rule set as lines of text. said: (kind, code) -> words, of counters, paths and confidence."""
        title = self.raw["title"] if lang == "zh" else self.raw["title_en"]
        yield f"{self.id}  {title}  {self.raw['effective']} – {self.raw['until'] or ''}".rstrip()
        for t in self.raw["thresholds"]:
            top = f"{t['max']:,}" if t["max"] else "∞"
            yield (f"  {t['id']}  {said('counter', t['counter']):<9} [{t['min']:,}, {top})  {said('path', t['path'])}  "
                   f"{self.source(t)} [{said('confidence', t['confidence'])}]")
        for name, r in self.raw["rules"].items():
            yield (f"  {name:<24} {said('path', r['path'])}  {self.source(r)} [{said('confidence', r['confidence'])}]  "
                   f"{r['words'] if lang == 'zh' else r['words_en']}")
        for name, r in self.raw["readings"].items():
            values = [r["zh"][v] for v in r["values"]] if lang == "zh" else r["values"]
            yield (f"  ? {name:<22} {' | '.join(values)}  {r['words'] if lang == 'zh' else r['words_en']} "
                   f"[{said('confidence', r['confidence'])}]")


@cache
def load_ruleset(name: str = "cn-2024") -> RuleSet:
    """Read a rule set by name or path."""
    raw, where = load_yaml("rulesets", name)
    check_keys(raw, _KEYS, where)
    if "extends" in raw:                      # an older set says what was different; its rules join those of the newer one
        base = load_ruleset(raw["extends"]).raw
        facts = {n: {k: v for k, v in f.items() if not (k == "assume" and n in raw.get("asked", ()))} for n, f in base["facts"].items()}
        raw = {**base, **raw, "rules": {**base["rules"], **raw.get("rules", {})}, "facts": facts}
    for t in [*raw["thresholds"], *raw["sector_lines"].values(), *raw["rules"].values()]:
        if t["path"] not in PATHS:
            raise RulesError(
                Msg('unknown path "{name}"', name=t["path"]), where=where, hint=nearest(t["path"], PATHS)
            )
    for fact in raw["facts"].values():        # YAML reads yes and no as booleans; here they are words
        fact["values"] = ["yes" if v is True else "no" if v is False else str(v) for v in fact["values"]]
    return RuleSet(raw["id"], raw)


def in_force(on: date) -> RuleSet:
    """The rules of a day; RulesError when none is known for it."""
    for name in shipped_names("rulesets"):
        found = load_ruleset(name)
        until = found.raw["until"]
        if str(found.raw["effective"]) <= on.isoformat() and (until is None or on.isoformat() <= str(until)):
            return RuleSet(found.id, found.raw, on)
    first = min(str(load_ruleset(n).raw["effective"]) for n in shipped_names("rulesets"))
    raise RulesError(
        Msg("no rule set is known for {day}", day=on),
        hint=Msg("the first one is in force since {day}", day=first),
    )


def sort_by_rank(paths: set[str]) -> tuple[str, ...]:
    """Paths from least to most demanding."""
    return tuple(sorted(paths, key=path_rank))
