"""Tables that look like copies of a living one: `tmp_ bak_ test_ *_copy *_backup *_old *_20240101`, with equal columns.

Suggested for exclusion, never excluded: a copy holds the same persons, and whether it may be left out is for people to say.

>>> list(originals("bak_member_20240101")), list(originals("order_2026"))
(['member_20240101', 'member'], [])
"""

from __future__ import annotations

import fnmatch
import glob
import re
from collections.abc import Iterable, Iterator, Mapping

from detectors.model import TableId, TableRef

WORDS = ("tmp", "temp", "bak", "backup", "test", "copy", "old")
_WORD = "|".join(WORDS)
_BEFORE = re.compile(rf"(?:{_WORD})_(?P<rest>.+)", re.I)
_DAY = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_AFTER = re.compile(rf"(?P<rest>.+?)(?:_(?:{_WORD})[0-9]{{0,2}}|_?{_DAY}|_(?:19|20)[0-9]{{2}}_?(?:0[1-9]|1[0-2]))", re.I)
_ASIDE = re.compile(rf"(?:.*_)?(?:{_WORD})(?:_.*)?", re.I)                  # a schema for such tables
PATTERNS = (*(f"{w}_*" for w in WORDS), *(f"*_{w}" for w in WORDS), "*_[12][0-9][0-9][0-9][01][0-9][0-3][0-9]")


def originals(name: str) -> Iterator[str]:
    """What a table may be a copy of, by its name: one mark of a copy taken off after another."""
    while (m := _BEFORE.fullmatch(name)) or (m := _AFTER.fullmatch(name)):
        name = m["rest"]
        yield name


def find_copies(tables: Mapping[TableRef, str]) -> Mapping[TableRef, TableRef]:
    """Copy -> living table of one source. tables: each with a text that is equal where columns are equal in name and type."""
    named: dict[tuple[str, str], list[TableRef]] = {}
    for ref, columns in tables.items():
        named.setdefault((ref.name, columns), []).append(ref)
    found: dict[TableRef, TableRef] = {}
    for ref, columns in tables.items():
        for name in (ref.name, *originals(ref.name)):
            own = [r for r in named.get((name, columns), ()) if r != ref and (name != ref.name or _aside(ref, r))]
            if own:
                found[ref] = min(own, key=lambda r: (r.schema != ref.schema, r.schema))      # the last is the living one
    return {ref: _living(ref, found) for ref in found}


def _aside(copy: TableRef, living: TableRef) -> bool:
    return _ASIDE.fullmatch(copy.schema) is not None and _ASIDE.fullmatch(living.schema) is None


def _living(ref: TableRef, found: Mapping[TableRef, TableRef]) -> TableRef:
    seen = {ref}
    while ref in found and found[ref] not in seen:
        ref = found[ref]
        seen.add(ref)
    return ref


def exclusions(copied: Iterable[TableRef], tables: Iterable[TableRef]) -> list[str]:
    """Patterns for `exclude:` that match every copy of a source and nothing else: a few wide ones, then names."""
    left = {r: f"{r.schema}/{r.name}" if r.schema else r.name for r in copied}
    others = [r.name for r in tables if r not in left]
    out = []
    for pattern in PATTERNS:
        hit = [r for r in left if fnmatch.fnmatchcase(r.name, pattern)]
        if len(hit) > 1 and not fnmatch.filter(others, pattern):
            out.append(pattern)
            for r in hit:
                del left[r]
    return out + sorted(glob.escape(name) for name in left.values())


def ref_of(tid: TableId) -> TableRef:
    """The table behind an id."""
    from detectors.model import unquote

    parts = [unquote(p) if "%" in p else p for p in tid.split("/")]
    return TableRef(parts[-1], parts[1] if len(parts) > 2 else "")
