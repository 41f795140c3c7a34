"""Tables that look like copies of a living one, with equal columns: `tmp_a`, `a_bak`, `a_20240101`.

Suggested for exclusion, never excluded: a copy holds the same persons, and whether it may be left out is
for people to say.

>>> list(originals("bak_member_20240101")), list(originals("order_2026"))
(['member_20240101', 'member'], [])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from detectors.model import TableId, TableRef, unquote
from reports.patterns import fits, fits_any, literal

WORDS = ("tmp", "temp", "bak", "backup", "test", "copy", "old")
_WORD = "|".join(WORDS)
_WORD_BEFORE = re.compile(rf"(?:{_WORD})_(?P<rest>.+)", re.I)
_DAY = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_MONTH = "(?:19|20)[0-9]{2}_?(?:0[1-9]|1[0-2])"
_WORD_AFTER = re.compile(rf"(?P<rest>.+?)(?:_(?:{_WORD})[0-9]{{0,2}}|_?{_DAY}|_{_MONTH})", re.I)
_WORD_ANYWHERE = re.compile(rf"(?:.*_)?(?:{_WORD})(?:_.*)?", re.I)                  # a schema for such tables
_DATED = "*_[12][0-9][0-9][0-9][01][0-9][0-3][0-9]"
PATTERNS = (*(f"{w}_*" for w in WORDS), *(f"*_{w}" for w in WORDS), _DATED)


def originals(name: str) -> Iterator[str]:
    """Yield what a table may be a copy of, by its name: one mark of a copy taken off after another."""
    while (m := _WORD_BEFORE.fullmatch(name)) or (m := _WORD_AFTER.fullmatch(name)):
        name = m["rest"]
        yield name


def find_copies(tables: Mapping[TableRef, str]) -> Mapping[TableRef, TableRef]:
    """Return copy -> living table of one source.

    tables: each with a text that is equal where columns are equal in name and type.
    """
    alike: dict[tuple[str, str], list[TableRef]] = {}
    for ref, columns in tables.items():
        alike.setdefault((ref.name, columns), []).append(ref)
    copied_from: dict[TableRef, TableRef] = {}
    for ref, columns in tables.items():
        for name in (ref.name, *originals(ref.name)):
            same_name = name == ref.name
            others = [r for r in alike.get((name, columns), ()) if r != ref]
            candidates = [r for r in others if not same_name or _is_aside(ref, r)]
            if candidates:                    # the last name that matches is the living one
                copied_from[ref] = min(candidates, key=lambda r: (r.schema != ref.schema, r.schema))
    return {ref: _living_table(ref, copied_from) for ref in copied_from}


def _is_aside(copy: TableRef, living: TableRef) -> bool:
    """Does one of two tables of the same name stand in a schema for copies, and the other not?"""
    is_copy = _WORD_ANYWHERE.fullmatch(copy.schema) is not None
    return is_copy and _WORD_ANYWHERE.fullmatch(living.schema) is None


def _living_table(ref: TableRef, copied_from: Mapping[TableRef, TableRef]) -> TableRef:
    """Return the end of a chain of copies; in a circle, the last table before it closes."""
    chain = {ref}
    while ref in copied_from and copied_from[ref] not in chain:
        ref = copied_from[ref]
        chain.add(ref)
    return ref


def exclusion_patterns(copied: Iterable[TableRef], tables: Iterable[TableRef]) -> list[str]:
    """Return patterns for `exclude:` that match every copy of a source and nothing else.

    A few wide patterns come first, then names.
    """
    unmatched = {r: f"{r.schema}/{r.name}" if r.schema else r.name for r in copied}
    others = [r.name for r in tables if r not in unmatched]
    patterns = []
    for pattern in PATTERNS:
        hits = [r for r in unmatched if fits(r.name, pattern)]
        if len(hits) > 1 and not fits_any(others, (pattern,)):
            patterns.append(pattern)
            for ref in hits:
                del unmatched[ref]
    return patterns + sorted(literal(name) for name in unmatched.values())


def ref_of(tid: TableId) -> TableRef:
    """Return the schema and name in a table id."""
    parts = [unquote(p) if "%" in p else p for p in tid.split("/")]
    return TableRef(parts[-1], parts[1] if len(parts) > 2 else "")
