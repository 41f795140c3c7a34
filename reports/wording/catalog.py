"""What a push into a catalog would do, did, and could not do, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reports.catalogs import NAMED, Payload, Refused, Unmatched, tables_of
from reports.messages.render import render_parts
from reports.messages.words import join_list, plural, t

MOST_REFUSALS = 20                            # lines printed of what a catalog did not take


def change_lines(sign: str, payloads: Sequence[Payload], earlier: Mapping[str, Payload]) -> Iterator[str]:
    """Yield one line a payload. sign: + added, ~ changed, - removed.

    earlier: what stands in place of a changed one, by key.
    """
    for payload in payloads:
        what = _change_text(payload, earlier.get(payload.key, payload)) if sign == "~" else payload.shown
        yield f"{sign} {payload.kind:<12} {payload.about or payload.entity}  {what}"


def _change_text(payload: Payload, earlier: Payload) -> str:
    """Return `name: old -> new`; where only the reason changes, what it is."""
    if payload.shown == earlier.shown:
        return payload.shown
    name, colon, old = earlier.shown.partition(": ")
    if colon and payload.shown.startswith(name + colon):
        return f"{name}: {old} -> {payload.shown.removeprefix(name + colon)}"
    return f"{earlier.shown} -> {payload.shown}"


def untouched_lines(awaiting: int, queued: int, lang: str) -> Iterator[str]:
    """Yield what a push leaves as it is, though it is ours: suggestions that wait, rows that are queued."""
    if awaiting:
        yield plural("push.awaiting", awaiting, lang)
    if queued:
        yield plural("push.held", queued, lang)


def unmatched_line(unmatched: Sequence[Unmatched], lang: str) -> str:
    """Return one line for what a check found of one entity, or of some of its fields."""
    first = unmatched[0]
    if first.field:
        return _fields_line(unmatched, lang)
    about = first.about + (plural("push.columns", first.columns, lang) if first.columns else "")
    if first.unread:
        return t("push.unreadable", lang, about=about, entity=first.entity, why=first.why)
    if first.near:
        hint = t("push.near", lang, near=first.near)
    else:
        hint = f"; {first.why}" if first.why else ""
    return t("push.unmatched", lang, about=about, entity=first.entity) + hint


def _fields_line(unmatched: Sequence[Unmatched], lang: str) -> str:
    """Return the fields that an entity lacks, the first few by name, each with what is near."""
    table, = set(tables_of([u.about for u in unmatched]).values())
    names = [u.field + (t("push.near_field", lang, near=u.near) if u.near else "") for u in unmatched[:NAMED]]
    more = t("push.more_fields", lang, n=len(unmatched) - NAMED) if len(unmatched) > NAMED else ""
    fields = join_list(names, "words", lang) + more
    return plural("push.lacks", len(unmatched), lang, entity=unmatched[0].entity, table=table, fields=fields)


def refused_lines(refused: Sequence[Refused], lang: str) -> Iterator[str]:
    """Yield one line for each reason and column, or table where a reason holds of several of its columns."""
    tables = tables_of({r.about for r in refused if r.about})
    groups: dict[tuple[str, str], list[Refused]] = {}
    for r in refused:
        groups.setdefault((tables.get(r.about, r.key), r.why), []).append(r)
    for (table, why), same in list(groups.items())[:MOST_REFUSALS]:
        one_column = len({r.about or r.key for r in same}) == 1
        where = (same[0].about or same[0].key) if one_column else table
        things = plural("push.things", len(same), lang) if len(same) > 1 else ""
        yield render_parts(f"{where}{things}", why, "", lang)
    if len(groups) > MOST_REFUSALS:
        yield t("push.more", lang, n=len(groups) - MOST_REFUSALS)
