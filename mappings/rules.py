"""A rule set: dated, cited export rules as data, with what may be asked and answered.

`decide` applies it. Numbers, clauses and words live in `rulesets/*.yaml`; this module only reads them,
strictly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.message import Msg, Text
from mappings.model import PATHS, FactValue, Question, Reason, law_text
from mappings.names import is_empty, is_undecided
from mappings.trade_zones import zones_named
from mappings.yaml_files import check_keys, load_yaml, once_a_text, shipped_names

STANCES = ("strict", "practice")              # may be chosen of every open reading, and of all at once
ALL_READINGS = "readings"                     # the fact that chooses for all of them
_ACT = re.compile(                            # what a text that names an act of an authority holds
    "《.+》|号|公告|通知|通告|意见|方案|办法|规定|决定|批复|"
    "notice|decision|circular|order|no\\. ?[0-9]",
    re.I,
)
_KEYS = (
    "id", "title", "title_en", "effective", "until", "counting", "thresholds", "sector_lines", "entity_rules",
    "order", "exemptions", "groups", "roles", "rules", "refused", "readings", "facts", "company_questions",
    "obligations", "duties", "plan", "validity", "extension", "extends", "asked", "baseline", "materials",
)


def facts_text(facts: Iterable[FactValue]) -> str:
    """Return facts as programs read them: `labour_rules=yes, collective_contract=yes`."""
    return ", ".join(map(str, facts))


def path_rank(path: str) -> int:
    """Return the position in PATHS, least to most demanding."""
    return PATHS.index(path)


def sort_by_rank(paths: Iterable[str]) -> tuple[str, ...]:
    """Return paths from least to most demanding."""
    return tuple(sorted(paths, key=path_rank))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set as read; `raw` keeps the YAML.

    on: the day it is asked about; later parts of it do not apply.
    """

    id: str
    raw: Mapping[str, Any]
    on: date = date.max

    def applies(self, entry: Mapping[str, Any]) -> bool:
        """Was this entry in force on the day asked about?"""
        return date.fromisoformat(str(entry.get("effective", "0001-01-01"))) <= self.on

    def source(self, entry: Mapping[str, Any]) -> str:
        """Return the clause of an entry, with those that joined it by the day asked about."""
        also = entry.get("also")
        return f"{entry['source']}; {also['source']}" if also and self.applies(also) else str(entry["source"])

    def reason(self, name: str, facts: tuple[FactValue, ...]) -> Reason:
        """Return the reason a rule gives, with the facts it rests on."""
        rule = self.raw["rules"][name]
        return Reason(
            rule=name, path=rule["path"], clause=self.source(rule), fact=facts_text(facts), facts=facts,
            confidence_of_source=rule["confidence"], words=law_text(rule["words"], rule["words_en"]),
        )

    def check_fact(self, name: str, value: str) -> None:
        """Raise RulesError when the fact or the value is not known."""
        facts = self.raw["facts"]
        if name in self.raw["readings"] and name not in facts:
            values = dict.fromkeys((*map(str, self.raw["readings"][name]["values"]), *STANCES))
            hint = _value_fault(value, tuple(values))
            if hint:
                raise RulesError(Msg('"{name}" cannot be "{value}"', name=name, value=value), hint=hint)
            return
        if name not in facts:
            raise RulesError(
                Msg('unknown fact "{name}"', name=name),
                hint=nearest(name, facts) or Msg("known: {names}", names=tuple(facts)),
            )
        hint = _value_fault(value, facts[name]["values"])
        if hint:
            raise RulesError(Msg('"{name}" cannot be "{value}"', name=name, value=value), hint=hint)

    def chosen_reading(self, name: str, values: Mapping[str, str]) -> tuple[str, str]:
        """Return the value of a reading that was chosen, and the fact that chose it; empty where none did.

        values: facts of the entity. `strict` takes the value that asks for more, `practice` the other one.
        """
        about = self.raw["readings"][name]
        for fact in (name, ALL_READINGS):
            chosen = values.get(fact, "")
            if fact == name and chosen in about["values"]:
                return chosen, fact
            if chosen in STANCES:
                others = [value for value in about["values"] if value != about["strict"]]
                return str(about["strict"] if chosen == STANCES[0] or not others else others[0]), fact
        return "", ""

    def company_questions(self) -> tuple[Question, ...]:
        """Return what a company is asked first, in order."""
        facts = self.raw["facts"]
        return tuple(
            self.question(name, "", {str(value): () for value in facts[name]["values"]})
            for name in self.raw["company_questions"]
        )

    def question(self, fact: str, scope: str, leads: Mapping[str, tuple[str, ...]]) -> Question:
        """Return a fact, or an open reading, as a question. leads: answer -> paths."""
        if fact not in self.raw["facts"]:
            reading = self.raw["readings"][fact]
            how = law_text(
                f"由法务选定：chujing facts set {fact}=strict|practice --by 姓名",
                f"legal chooses: chujing facts set {fact}=strict|practice --by NAME",
            )
            return Question(fact, law_text(reading["words"], reading["words_en"]), how, leads, scope)
        about = self.raw["facts"][fact]
        return Question(
            fact, law_text(about["ask"], about["ask_en"]), law_text(about["how"], about["how_en"]), leads,
            scope,
        )

    def lines_of(self, counter: str) -> tuple[int, ...]:
        """Return every number of persons at which something changes for a counter, ascending."""
        lines = [*self.raw["thresholds"], *self.raw["sector_lines"].values()]
        return tuple(
            sorted({int(line["min"]) for line in lines if line["counter"] == counter and line["min"]})
        )

    def group_of(self, role: str, own: str) -> str:
        """Return the subject group of a role in a row. own: the group of the rows' own subjects."""
        if not role:
            return own
        kind = role if role in self.raw["roles"] else role.rstrip("0123456789")     # `guest2`: another guest
        return str(self.raw["roles"].get(kind, role if role in self.raw["groups"] else "other"))


def _value_fault(value: str, allowed: Sequence[str]) -> Text:
    """What to write instead of a value; empty where it is allowed. allowed: values, or what kind of value."""
    if value == "unknown":
        return ""
    if allowed in (["text"], ["act"]) and is_undecided(value):
        return Msg("say what it is; as long as that is open, write unknown")
    if allowed == ["text"]:
        return ""
    if allowed == ["act"]:
        is_named = is_empty(value) or _ACT.search(value)
        return "" if is_named else Msg("name the act by its title or number, e.g. 公告2026年第1号")
    if allowed == ["number"]:
        return "" if value.isdecimal() else Msg("write a whole number, e.g. 1200")
    if allowed == ["zone"]:
        return _zone_fault(value)
    if allowed == ["date"]:
        return "" if _is_date(value) else Msg("write the date as 2026-01-31")
    if value in allowed:
        return ""
    return nearest(value, allowed) or Msg("one of: {names}", names=(*allowed, "unknown"))


def _zone_fault(text: str) -> Text:
    """What is wrong with the zone an exporter is registered in; empty for one zone, and for none."""
    zones = zones_named(text)
    if is_empty(text) or len(zones) == 1:
        return ""
    if zones:
        return Msg(
            "it names {n} zones: an exporter is registered in one; name it, or state the zone of each entity",
            n=len(zones),
        )
    return Msg("it names no province or free-trade zone of China; write e.g. 上海, Hainan, or none")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def load_ruleset(name: str = "cn-2024") -> RuleSet:
    """Read a rule set by name or path; raise RulesError on unknown keys or paths."""
    return _ruleset(name)


@once_a_text
def _ruleset(name: str) -> RuleSet:
    raw, where = load_yaml("rulesets", name, "RuleSetKeys")
    check_keys(raw, _KEYS, where)
    if "extends" in raw:
        raw = _extended_rules(raw)
    for entry in [*raw["thresholds"], *raw["sector_lines"].values(), *raw["rules"].values()]:
        if entry["path"] not in PATHS:
            raise RulesError(
                Msg('unknown path "{name}"', name=entry["path"]),
                where=where,
                hint=nearest(entry["path"], PATHS),
            )
    for fact in raw["facts"].values():
        fact["values"] = [_as_word(v) for v in fact["values"]]
    return RuleSet(raw["id"], raw)


def _extended_rules(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An older set, which says what was different: its rules join those of the newer one.

    Facts under `asked` were not assumed then.
    """
    base = load_ruleset(raw["extends"]).raw
    not_assumed = raw.get("asked", ())
    facts = {
        name: {key: value for key, value in fact.items() if key != "assume" or name not in not_assumed}
        for name, fact in base["facts"].items()
    }
    return {**base, **raw, "rules": {**base["rules"], **raw.get("rules", {})}, "facts": facts}


def _as_word(value: object) -> str:
    """YAML reads yes and no as booleans; here they are words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def in_force(on: date) -> RuleSet:
    """Return the rules of a day; raise RulesError when none is known for it."""
    sets = [load_ruleset(name) for name in shipped_names("rulesets")]
    for rules in sets:
        until = rules.raw["until"]
        if str(rules.raw["effective"]) <= on.isoformat() and (until is None or on.isoformat() <= str(until)):
            return RuleSet(rules.id, rules.raw, on)
    raise RulesError(
        Msg("no rule set is known for {day}", day=on),
        hint=Msg(
            "the first one is in force since {day}", day=min(str(rules.raw["effective"]) for rules in sets)
        ),
    )
