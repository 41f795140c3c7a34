"""Which tables are the parts of one: `user_00 … user_63`, `order_2026_01 …`, with equal columns, and what the whole is called.

Months, days and years keep one name whatever comes or goes: `order_{YYYY_MM}`. Where columns changed over time, the tables with the
newest member have that name, older shapes the span they cover: `order_{2024_01-2025_12}`. Numbered shards are named by their range,
`user_{00-63}`; after a resharding the name says the new range, and what was written under the old one still finds it.

>>> names("user_{00-63}", "user_07"), names("user_{00-127}", "user_{00-63}"), names("order_{YYYY_MM}", "order_2026_07")
(True, True, True)
>>> names("user_{00-63}", "user_64"), names("user_{00-63}", "user_7")
(False, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from detectors.model import TableRef

LEAST = 3                                     # members that make a series; two may be anything
GAP = 4                                       # missing numbers after which another series begins
_FORMS = {4: "YYYY", 6: "YYYYMM", 8: "YYYYMMDD", 10: "YYYYMMDDHH"}
_APART = re.compile(r"(?P<stem>.*?)(?<![0-9])(?P<date>[0-9]{4}(?P<by>[_-])[0-9]{2}(?:(?P=by)[0-9]{2})?)")
_GLUED = re.compile(r"(?P<stem>.*?[^0-9])(?P<digits>[0-9]{1,10})")
_GROUP = re.compile(r"(?P<stem>.*)\{(?P<inside>[0-9YMDH_-]+)\}")

Members = dict[str, TableRef]                 # what stands behind the stem -> table


def grouped(tables: Iterable[tuple[TableRef, str]]) -> Mapping[TableRef, tuple[TableRef, ...]]:
    """Whole -> members, the oldest or lowest first. tables: each with a text that is equal where columns are equal in name and type."""
    apart: dict[tuple[str, str, str, str], Members] = {}
    glued: dict[tuple[str, str, str], Members] = {}
    for ref, columns in tables:
        if m := _APART.fullmatch(ref.name):
            form = "YYYY{0}MM{0}DD" if len(m["date"]) == 10 else "YYYY{0}MM"
            apart.setdefault((ref.schema, m["stem"], form.format(m["by"]), columns), {})[m["date"]] = ref
        elif m := _GLUED.fullmatch(ref.name):
            glued.setdefault((ref.schema, m["stem"], columns), {})[m["digits"]] = ref
    dated: dict[tuple[str, str, str], list[Members]] = {}
    out: dict[TableRef, tuple[TableRef, ...]] = {}
    for (schema, stem, form, columns), members in apart.items():
        if _are_dates(members):
            dated.setdefault((schema, stem, form), []).append(members)
        else:                                 # `order_2026_{00-31}`: shards of a year, not its months
            for ref in members.values():
                if m := _GLUED.fullmatch(ref.name):
                    glued.setdefault((schema, m["stem"], columns), {})[m["digits"]] = ref
    for (schema, stem, _), members in glued.items():
        for length, form in _FORMS.items():
            same = {d: r for d, r in members.items() if len(d) == length}
            if _are_dates(same):
                times = {d: r for d, r in same.items() if _is_date(d)}
                dated.setdefault((schema, stem, form), []).append(times)
                members = {d: r for d, r in members.items() if d not in times}
        out |= {TableRef(f"{stem}{{{span}}}", schema): refs for span, refs in _runs(members)}
    for (schema, stem, form), shapes in dated.items():
        shapes.sort(key=max, reverse=True)
        for i, members in enumerate(shapes):
            span = form if i == 0 else f"{min(members)}-{max(members)}"
            out[TableRef(f"{stem}{{{span}}}", schema)] = tuple(members[d] for d in sorted(members))
    return out


def _is_date(text: str) -> bool:
    d = re.sub("[_-]", "", text)
    return (
        1990 <= int(d[:4]) <= 2099 and (len(d) < 6 or 1 <= int(d[4:6]) <= 12) and (len(d) < 8 or 1 <= int(d[6:8]) <= 31)
        and (len(d) < 10 or int(d[8:10]) <= 23)
    )


def _are_dates(members: Members) -> bool:
    """Enough of them, and hardly anything else: shards 0000 to 4095 hold some numbers that could be years."""
    times = sum(map(_is_date, members))
    return times >= LEAST and times >= 0.9 * len(members)


def _runs(members: Members) -> Iterator[tuple[str, tuple[TableRef, ...]]]:
    """(range, members) of numbers that follow each other, at least half of them there."""
    widths = [len(d) for d in members if len(d) > 1 and d[0] == "0"]
    if widths:                                # `00` to `99`, and after it `100`
        members = {d: r for d, r in members.items() if len(d) == min(widths) or len(d) > min(widths) and d[0] != "0"}
    run: list[str] = []
    for d in [*sorted(members, key=int), ""]:
        if run and (not d or int(d) - int(run[-1]) > GAP):
            if len(run) >= LEAST and int(run[-1]) - int(run[0]) < 2 * len(run):
                yield f"{run[0]}-{run[-1]}", tuple(members[x] for x in run)
            run = []
        run.append(d)


def names(whole: str, word: str) -> bool:
    """Does a word name a member of a series, or the series by the range it had before?"""
    group = _GROUP.fullmatch(whole)
    if group is None or not word.startswith(group["stem"]):
        return False
    rest, inside = word[len(group["stem"]):], group["inside"]
    if _GROUP.fullmatch(word):
        return rest.startswith("{")
    if "Y" in inside:
        return re.fullmatch(re.sub("[YMDH]", "[0-9]", inside), rest) is not None and _is_date(rest)
    if numbers := re.fullmatch(r"([0-9]+)-([0-9]+)", inside):
        low, high = numbers.groups()
        padded = len(low) > 1 and low[0] == "0"
        return rest.isdecimal() and int(low) <= int(rest) <= int(high) and (len(rest) >= len(low) if padded else str(int(rest)) == rest)
    half = len(inside) // 2
    return len(rest) == half and inside[:half] <= rest <= inside[half + 1:]
