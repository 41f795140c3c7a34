"""Kinds that the authority names as sensitive, always or by context, where a name or comment is exactly that.

>>> [listed_label(text) for text in ("criminal_record", "征信查询机构", "婚史")]
['criminal_record', '', 'marital_status']
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
    listed = read_yaml("data/listed.yaml").items()
    return {str(word).lower(): Label(label) for label, words in listed for word in words}


def listed_label(text: str) -> Label:
    """Return the label of a name or first phrase that is listed; an empty one if it is not."""
    head = first_phrase(text).lower()
    return _labels().get(head) or _labels().get("_".join(tokens(text))) or Label("")


def listed_kind(context: ColumnContext) -> tuple[Label, Evidence] | None:
    """Return (label, evidence) where a column of a person's row is a listed kind; None where it is none."""
    of_person = context.subject == "person" or context.table_has_person()
    if context.subject not in ("person", "order", "") or not of_person:
        return None
    if label := listed_label(context.comment):
        return label, Evidence("comment", Msg("the comment says {word}", word=first_phrase(context.comment)))
    if label := listed_label(context.column.name):
        return label, Evidence("name", Msg("the name says {word}", word=context.column.name))
    return None
