"""Columns whose meaning needs no lexicon: operators, keys, secrets of systems, a person's bare `name`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from detectors.columns.context import ColumnContext, names_thing, speaks_of_person
from detectors.message import Msg
from detectors.model import Evidence, Label, Tier
from detectors.names.lexicon import contexts
from detectors.names.matching import is_audit, match_name
from detectors.names.tokens import tokens


@dataclass(frozen=True, slots=True)
class NameSuggestion:
    """confidence: how far name, comment and table speak for the label, in [0, 1], before any value does."""

    label: Label
    confidence: float
    tier: Tier
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column holds if `when` holds."""

    name: str
    when: Callable[[ColumnContext], bool]
    suggestion: NameSuggestion


def first_meaning(meanings: tuple[Meaning, ...], context: ColumnContext) -> NameSuggestion | None:
    """Return the suggestion of the first meaning that holds; None if none does."""
    return next((meaning.suggestion for meaning in meanings if meaning.when(context)), None)


def _is_operator(context: ColumnContext) -> bool:
    """Somebody who made, changed or approved the record."""
    return is_audit(context.column.name, context.comment)


def _is_secret(context: ColumnContext) -> bool:
    """The name ends like a key or a secret of a system."""
    return f"_{'_'.join(context.words)}".endswith(_secret_endings())


@cache
def _secret_endings() -> tuple[str, ...]:
    return tuple("_" + ending for ending in contexts()["secret"])


def _is_own_key(context: ColumnContext) -> bool:
    """The key of a table about persons, `id` or `<table>_id`, where no other column says whose row it is."""
    words, table_words = context.words, set(context.table_words)
    if context.subject != "person" or not context.column.primary_key or not words or words[-1] != "id":
        return False
    named_after_table = bool(words[:-1]) and set(words[:-1]) <= table_words
    if words != ("id",) and not named_after_table:
        return False
    return speaks_of_person(context.table_words, context.table.comment) and not _has_owner(context)


def _has_owner(context: ColumnContext) -> bool:
    """Does another column, `user_id`, say whose row it is?"""
    for column in context.table.columns:
        hit = None if column.primary_key else match_name(column.name)
        if hit and hit.label == "user_id" and hit.strength > 0.8 and tokens(column.name)[-1] == "id":
            return True
    return False


def _is_bare_name(context: ColumnContext) -> bool:
    return context.words in (("name",), ("mc",), ("cname",))


def _has_other_name(context: ColumnContext) -> bool:
    """The comment speaks of a thing, a nickname or an account."""
    return names_thing((), context.comment) or re.search("昵称|账号", context.comment) is not None


def _is_name_of_record(context: ColumnContext) -> bool:
    return _is_bare_name(context) and context.subject == "person" and not _has_other_name(context)


def _is_name_of_person(context: ColumnContext) -> bool:
    """`member_name`."""
    words = context.words
    owned = len(words) == 2 and words[1] == "name" and words[0] in contexts()["subjects"]["person"]
    return owned and not _has_other_name(context)


def _is_name_in_order(context: ColumnContext) -> bool:
    return _is_bare_name(context) and context.subject == "order" and "人" in context.comment


def _suggestion(label: str, confidence: float, tier: Tier, evidence: Evidence) -> NameSuggestion:
    return NameSuggestion(Label(label), confidence, tier, (evidence,))


_RECORD_NAME = Evidence("name", Msg("the name of a person's record"))
_PERSON_IN_COMMENT = Evidence("comment", Msg("the comment speaks of a person"))
FIXED = (                                     # go before the lexicon; the first that holds counts
    Meaning("operator", _is_operator,
            _suggestion("username", 0.75, "audit", Evidence("name", Msg("who handled the record")))),
    Meaning("secret of a system", _is_secret,
            _suggestion("system_secret", 0.8, "weak", Evidence("name", Msg("a system's own key")))),
    Meaning("own key", _is_own_key,
            _suggestion("user_id", 0.85, "core", Evidence("name", Msg("key of a person table")))),
)
BARE_NAMES = (                                # for columns of which the lexicon knows nothing
    Meaning("name of a record", _is_name_of_record, _suggestion("person_name", 0.8, "core", _RECORD_NAME)),
    Meaning("name of a person", _is_name_of_person, _suggestion("person_name", 0.75, "core", _RECORD_NAME)),
    Meaning("name in an order", _is_name_in_order,
            _suggestion("person_name", 0.7, "core", _PERSON_IN_COMMENT)),
)
