"""Kinds that the authority names as sensitive, always or by context, where a name or comment is exactly that.

>>> [listed_label(text).label for text in ("criminal_record", "征信查询机构")]
['other_pi', '']
>>> listed_label("婚史").sensitive
False
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from detectors.columns.context import ColumnContext
from detectors.message import Msg
from detectors.model import Evidence, Label
from detectors.names.matching import first_phrase
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml


@dataclass(frozen=True, slots=True)
class ListedKind:
    """sensitive: whatever the context is, not only in some."""

    label: Label
    sensitive: bool


NO_KIND = ListedKind(Label(""), False)


@cache
def _kinds() -> Mapping[str, ListedKind]:
    """The kind of each word, and of each phrase of tokens joined by `_`."""
    return {
        str(word).lower(): ListedKind(Label(label), group == "sensitive")
        for group, labels in read_yaml("data/listed.yaml").items()
        for label, words in labels.items() for word in words
    }


def listed_label(text: str) -> ListedKind:
    """Return the kind of a name or first phrase that is listed; one of an empty label if it is none."""
    head = first_phrase(text).lower()
    return _kinds().get(head) or _kinds().get("_".join(tokens(text))) or NO_KIND


def listed_kind(context: ColumnContext) -> tuple[ListedKind, Evidence] | None:
    """Return (kind, evidence) where a column of a person's row is a listed kind; None where it is none."""
    of_person = context.subject == "person" or context.table_has_person()
    if context.subject not in ("person", "order", "") or not of_person:
        return None
    if (kind := listed_label(context.comment)).label:
        return kind, Evidence("comment", Msg("the comment says {word}", word=first_phrase(context.comment)))
    if (kind := listed_label(context.column.name)).label:
        return kind, Evidence("name", Msg("the name says {word}", word=context.column.name))
    return None
