"""`chujing-answers.yaml`: facts and reasons for fields as people gave them, with author and date.

The file is only ever appended to; the last answer on a fact or a field counts, the earlier ones are its
history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.message import Text as Words
from detectors.model import ColumnId
from detectors.yaml_document import Document
from mappings.model import FieldAnswer
from scanner.config.answer_words import value_of
from scanner.config.facts import check_fact
from scanner.records.append_log import AppendLog, entry_line

if TYPE_CHECKING:
    from scanner.records.grammar import AnswerKeys

FILE = "chujing-answers.yaml"
HEAD = (
    "# Answers of people, appended by `chujing facts set` and `chujing fields`. "
    "The last one on a fact or field counts.\n"
)


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


Rejected = str                                # id of a suggestion that was turned down


def read(folder: Path) -> Answers:
    """Return the answers of a folder; none where there is no file.

    Raise ConfigError with everything that is wrong, each with file:line.
    """
    entries = LOG.read(folder)
    return Answers(
        tuple(e for e in entries if isinstance(e, FactAnswer)),
        tuple(e for e in entries if isinstance(e, FieldReply)),
        tuple(e for e in entries if isinstance(e, str)),
    )


def _build(keys: AnswerKeys, doc: Document, at: str) -> FactAnswer | FieldReply | Rejected:
    if keys.fact is not None and keys.value is not None:
        value = value_of(keys.fact, keys.value)
        check_fact(keys.fact, value, doc.where(at))
        return FactAnswer(keys.fact, value, keys.by, keys.on, keys.how, keys.entity, keys.flow)
    if keys.suggestion is not None:
        return keys.suggestion
    if keys.field is not None and keys.answer is not None and "flow" in keys.model_fields_set:
        return FieldReply(keys.flow, keys.field, FieldAnswer(keys.answer, keys.why, keys.by, keys.on))
    raise ConfigError(
        Msg("neither a fact with its value nor a field with its answer"), where=doc.where(at)
    )


LOG: AppendLog[FactAnswer | FieldReply | Rejected] = AppendLog(FILE, HEAD, "AnswerKeys", _build)


def append(folder: Path, entries: Sequence[Mapping[str, object]]) -> Path:
    """Add entries at the end of the file and return it.

    Raise ConfigError, and change nothing, where one does not fit.
    """
    return LOG.append(folder, "".join(map(entry_line, entries)))


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


def field_answers_of(
    flow: str, columns: Sequence[ColumnId], replies: Sequence[FieldReply]
) -> dict[ColumnId, FieldAnswer]:
    """Return what people answered on the columns a flow has; answers on columns that left it are history."""
    return {ColumnId(r.field): r.answer for r in replies if r.flow == flow and r.field in columns}
