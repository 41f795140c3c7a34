"""`chujing-answers.yaml`: facts and reasons for fields as people gave them, with author and date.

The file is only ever appended to; the last answer on a fact or a field counts, the earlier ones are its
history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.message import Text as Words
from mappings.model import FieldAnswer
from scanner.config.facts import check_fact
from scanner.config.yaml_lines import Day, Document, ListOf, Record, Text
from scanner.records.append_log import AppendLog, entry_line

FILE = "chujing-answers.yaml"
SHAPE = ListOf(
    Record(
        {
            "suggestion": Text(),
            "fact": Text(),
            "value": Text(),
            "entity": Text(),
            "flow": Text(),
            "how": Text(),
            "field": Text(),
            "answer": Text(("justify", "drop", "weaken", "listed")),
            "why": Text(),
            "by": Text(),
            "on": Day(),
        },
        required=("by", "on"),
    ),
    help="answers of people, appended by chujing",
)
HEAD = (
    "# Answers of people, appended by `chujing facts set` and `chujing fields`. "
    "The last one on a fact or field counts.\n"
)
LOG = AppendLog(FILE, HEAD, SHAPE)


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
    """Everything answered, in order. rejected: ids of suggestions that somebody turned down."""

    facts: tuple[FactAnswer, ...] = ()
    fields: tuple[FieldReply, ...] = ()
    rejected: tuple[str, ...] = ()

    def latest(self) -> Mapping[tuple[str, str, str], FactAnswer]:
        """Return (fact, entity, flow) -> the last answer."""
        return {(a.fact, a.entity, a.flow): a for a in self.facts}

    def replies(self) -> tuple[FieldReply, ...]:
        """Return the last reply on each field."""
        return tuple({(r.flow, r.field): r for r in self.fields}.values())


def read(folder: Path) -> Answers:
    """Return the answers of a folder; none where there is no file.

    Raise ConfigError with file:line on the first fault.
    """
    doc = LOG.read(folder)
    return _parse(doc) if doc is not None else Answers()


def _parse(doc: Document) -> Answers:
    facts: list[FactAnswer] = []
    fields: list[FieldReply] = []
    rejected: list[str] = []
    for i, raw in enumerate(doc.value):
        where = doc.where(str(i))
        if "fact" in raw and "value" in raw:
            check_fact(raw["fact"], raw["value"], where)
            scope = {key: raw.get(key, "") for key in ("how", "entity", "flow")}
            facts.append(FactAnswer(raw["fact"], raw["value"], raw["by"], raw["on"], **scope))
        elif "suggestion" in raw:
            rejected.append(raw["suggestion"])
        elif {"field", "flow", "answer"} <= set(raw):
            answer = FieldAnswer(raw["answer"], raw.get("why", ""), raw["by"], raw["on"])
            fields.append(FieldReply(raw["flow"], raw["field"], answer))
        else:
            raise ConfigError(Msg("neither a fact with its value nor a field with its answer"), where=where)
    return Answers(tuple(facts), tuple(fields), tuple(rejected))


def append(folder: Path, entries: Sequence[Mapping[str, object]]) -> Path:
    """Add entries at the end of the file and return it.

    Raise ConfigError, and change nothing, where one does not fit.
    """
    return LOG.append(folder, "".join(map(entry_line, entries)), _parse)


def require_flow(flow: str, flows: Iterable[str], where: Words) -> str:
    """Return the id of a flow; raise ConfigError with the nearest id when it is not among `flows`."""
    ids = list(flows)
    if flow not in ids:
        raise ConfigError(
            Msg('no flow "{name}"', name=flow),
            where=where,
            hint=nearest(flow, ids) or Msg("known: {names}", names=tuple(ids)),
        )
    return flow
