"""Kinds that the authority names as sensitive, where a name or comment is exactly that, of a person's row.

>>> listed_label("criminal_record"), listed_label("征信查询机构")
('other_pi', '')
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from detectors.columns.context import ColumnContext
from detectors.message import Msg
from detectors.model import Evidence, Label
from detectors.names.matching import first_phrase
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml


@cache
def _labels() -> Mapping[str, Label]:
    """The label of each word, and of each phrase of tokens joined by `_`."""
    listed = read_yaml("data/listed.yaml")
    return {str(word).lower(): Label(label) for label, words in listed.items() for word in words}


def listed_label(text: str) -> Label:
    """Return the label of a name or first phrase that is a listed kind; empty if it is none."""
    head = first_phrase(text).lower()
    return _labels().get(head) or _labels().get("_".join(tokens(text))) or Label("")


def listed_kind(context: ColumnContext) -> tuple[Label, Evidence] | None:
    """Return (label, evidence) where a column of a person's row is a listed kind; None where it is none."""
    if context.subject not in ("person", "order", "") or not context.table_has_person():
        return None
    if label := listed_label(context.comment):
        return label, Evidence("comment", Msg("the comment says {word}", word=first_phrase(context.comment)))
    if label := listed_label(context.column.name):
        return label, Evidence("name", Msg("the name says {word}", word=context.column.name))
    return None
