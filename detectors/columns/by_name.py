"""What name, comment and table say a column holds: one suggestion or none, before any value is looked at."""

from __future__ import annotations

import re

from detectors.columns.context import ColumnContext
from detectors.columns.dampers import NamedColumn, dampened, vetoed
from detectors.columns.meanings import BARE_NAMES, FIXED, NameSuggestion, first_meaning
from detectors.message import Msg
from detectors.model import Evidence, Label, Tier
from detectors.names.lexicon import CODED
from detectors.names.matching import NameHit, is_code, match_comment, match_name
from detectors.names.persons import match_role

_NUMERIC = re.compile(r"int|serial|number|numeric|decimal")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def suggest(context: ColumnContext) -> NameSuggestion | None:
    """Return what the column holds by its name, its comment and its table; None if they say nothing."""
    fixed = first_meaning(FIXED, context)
    if fixed is not None or context.words == ("id",) or _lists_codes(context):
        return fixed
    by_name = match_name(context.column.name)
    by_comment = match_comment(context.comment) if context.comment else None
    best = _better(by_name, by_comment, context.comment)
    role = _role(context, best)
    if role is not None:
        best = by_name = role
    if best is None or best.near and not context.table_mentions(best.near):
        return first_meaning(BARE_NAMES, context)
    if best.label in ("phone_mobile", "person_name") and context.mentions_relative():
        note = Msg("{word} of a relative", word=best.word)
        origin = Evidence("name" if best is by_name else "comment", note)
        return NameSuggestion(Label("contact_person"), best.strength, best.tier, (origin,))
    named = NamedColumn(context, best)
    if vetoed(named):
        return None
    evidence = _evidence(best.label, by_name, by_comment)
    strength = best.strength if len(evidence) < 2 else 1 - (1 - best.strength) * 0.5
    return NameSuggestion(best.label, dampened(named, strength), _tier(named), evidence)


def _lists_codes(context: ColumnContext) -> bool:
    """Does the comment list codes, `状态（0正常 1停用）`, of what is not coded by nature?"""
    if not context.comment or not is_code(context.comment):
        return False
    hits = (match_name(context.column.name), match_comment(context.comment))
    return not any(hit is not None and hit.label in CODED for hit in hits)


def _better(by_name: NameHit | None, by_comment: NameHit | None, comment: str) -> NameHit | None:
    """The hit that counts; a weak name is nothing beside a short Chinese comment that has no word for it."""
    if by_name is None:
        return by_comment
    if by_comment is None:
        explained = bool(comment) and len(comment) < 30 and _CHINESE.search(comment) is not None
        return None if explained and by_name.strength < 0.85 else by_name
    if by_name.label == by_comment.label:
        return by_name if by_name.strength >= by_comment.strength else by_comment
    return by_comment if by_comment.strength >= 0.8 or by_comment.strength > by_name.strength else by_name


def _role(context: ColumnContext, best: NameHit | None) -> NameHit | None:
    """A person's name or number by a role (`courier_id`), where it is stronger than what counts so far."""
    login = best is not None and best.label == "username" and not best.word.startswith("user")
    if best is not None and best.strength >= 0.8 and not login:
        return None
    role = match_role(context.column.name, context.comment, bool(_NUMERIC.search(context.type)))
    return role if role is not None and (best is None or role.strength > best.strength) else None


def _evidence(label: Label, by_name: NameHit | None, by_comment: NameHit | None) -> tuple[Evidence, ...]:
    """What the name and the comment say, as far as it is the label."""
    pieces = []
    if by_name is not None and by_name.label == label:
        pieces.append(Evidence("name", Msg("the name says {word}", word=by_name.word)))
    if by_comment is not None and by_comment.label == label:
        pieces.append(Evidence("comment", Msg("the comment says {word}", word=by_comment.word)))
    return tuple(pieces)


def _tier(named: NamedColumn) -> Tier:
    if named.label == "user_id" and named.subject == "person" and named.context.column.primary_key:
        return "core"
    return named.hit.tier
