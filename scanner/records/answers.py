"""What people answered: facts and reasons for fields, each with author and date, in `chujing-answers.yaml` beside chujing.yaml.

The file is only ever appended to; the last answer on a fact or a field counts, the earlier ones are its history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from detectors.errors import ChujingError, ConfigError, nearest
from detectors.message import Msg
from mappings.model import FieldAnswer
from mappings.rules import RuleSet, load_ruleset
from scanner.config.yaml_lines import Day, ListOf, Record, Text, load

FILE = "chujing-answers.yaml"
SHAPE = ListOf(Record({
    "suggestion": Text(), "fact": Text(), "value": Text(), "entity": Text(), "flow": Text(), "how": Text(),
    "field": Text(), "answer": Text(("justify", "drop", "weaken", "listed")), "why": Text(), "by": Text(), "on": Day(),
}, required=("by", "on")), help="answers of people, appended by chujing")
HEAD = "# Answers of people, appended by `chujing facts set` and `chujing fields`. The last one on a fact or field counts.\n"


@dataclass(frozen=True, slots=True)
class FactAnswer:
    """A fact as somebody answered it, for the group, one entity or one flow."""

    fact: str
    value: str
    by: str
    on: date
    how: str = ""
    entity: str = ""
    flow: str = ""


@dataclass(frozen=True, slots=True)
class FieldReply:
    """What somebody decided about a field of a flow."""

    flow: str
    field: str
    answer: FieldAnswer


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything answered, in order."""

    facts: tuple[FactAnswer, ...] = ()
    fields: tuple[FieldReply, ...] = ()
    rejected: tuple[str, ...] = ()            # suggestions somebody turned down

    def latest(self) -> Mapping[tuple[str, str, str], FactAnswer]:
        """(fact, entity, flow) -> the last answer."""
        return {(a.fact, a.entity, a.flow): a for a in self.facts}

    def replies(self) -> tuple[FieldReply, ...]:
        """The last reply on each field."""
        return tuple({(r.flow, r.field): r for r in self.fields}.values())


def read(folder: Path) -> Answers:
    """The answers of a folder; none where there is no file. ConfigError with file:line on the first fault."""
    path = folder / FILE
    if not path.exists():
        return Answers()
    doc = load(path, SHAPE)
    facts: list[FactAnswer] = []
    fields: list[FieldReply] = []
    rejected: list[str] = []
    for i, raw in enumerate(doc.value):
        where = doc.where(str(i))
        if "fact" in raw and "value" in raw:
            check_fact(raw["fact"], raw["value"], where)
            facts.append(FactAnswer(raw["fact"], raw["value"], raw["by"], raw["on"], raw.get("how", ""), raw.get("entity", ""),
                                    raw.get("flow", "")))
        elif "suggestion" in raw:
            rejected.append(raw["suggestion"])
        elif {"field", "flow", "answer"} <= set(raw):
            fields.append(FieldReply(raw["flow"], raw["field"], FieldAnswer(raw["answer"], raw.get("why", ""), raw["by"], raw["on"])))
        else:
            raise ConfigError(Msg("neither a fact with its value nor a field with its answer"), where=where)
    return Answers(tuple(facts), tuple(fields), tuple(rejected))


def check_fact(fact: str, value: str, where: str, rules: RuleSet | None = None) -> None:
    """ConfigError when the fact or its value is not known to the rules, today's by default."""
    try:
        (rules or load_ruleset()).check_fact(fact, value)
    except ChujingError as e:
        raise ConfigError(e.what, where=where, hint=e.hint) from None


def append(folder: Path, entries: Sequence[Mapping[str, object]]) -> Path:
    """Add entries at the end of the file; nothing that stands there is touched."""
    path = folder / FILE
    text = "".join(
        "- " + yaml.safe_dump(dict(e), allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000) for e in entries
    )
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write((HEAD if new else "") + text)
    read(folder)
    return path


def require_flow(flow: str, flows: Iterable[str], where: str) -> str:
    """The flow; ConfigError with the nearest name when there is none."""
    names = list(flows)
    if flow not in names:
        raise ConfigError(
            Msg('no flow "{name}"', name=flow),
            where=where,
            hint=nearest(flow, names) or Msg("known: {names}", names=tuple(names)),
        )
    return flow
