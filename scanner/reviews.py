"""`reviews.yaml` beside chujing.yaml: what people decided about findings, appended by `chujing review`, the HTML report and catalogs.

The file is only ever appended to; undoing is an entry of its own. Ids follow from what an entry says: a file read twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.labels import labels
from detectors.model import ColumnId, Label
from reports.reviews import Review, Reviews, Verdict, parsed
from scanner.strict import Day, Document, Many, Record, Text, load

FILE = "reviews.yaml"
SHAPE = Many(Record({
    "id": Text(help="made by chujing from the rest"), "verdict": Text(get_args(Verdict)),
    "column": Text(help="id of one column"), "columns": Many(Text(), help="equal columns, decided together"),
    "table": Text(help="id of a table"), "pattern": Text(help="of column ids, e.g. crm/*/mobile"),
    "label": Text(help="what was found; of a table or pattern: only findings of this label"), "to": Text(help="the right label"),
    "by": Text(), "on": Day(), "why": Text(), "until": Day(help="last day it holds"),
    "seen": Text(help="what it was made of: label, shape, confidence, share of cells that agreed, mark of the rows"),
    "check": Many(Text(), help="members drawn for a second look"), "undo": Text(help="id of the review that no longer counts"),
}, required=("by", "on")), help="decisions of people about findings")
HEAD = "# Decisions of people about findings, appended by `chujing review`. Undone by an entry, never by deleting one.\n"
_SCOPES = ("column", "columns", "table", "pattern")


def read(folder: Path) -> Reviews:
    """The reviews of a folder; none where there is no file. ConfigError with file:line on the first fault."""
    path = folder / FILE
    return Reviews(entries(path) if path.exists() else ())


def entries(path: Path) -> tuple[Review, ...]:
    """Every entry of a file, in order; ConfigError with file:line on the first fault."""
    doc = load(path, SHAPE)
    return tuple(_entry(raw, doc, str(i)) for i, raw in enumerate(doc.value))


def _entry(raw: Mapping[str, Any], doc: Document, at: str) -> Review:
    where = doc.where(at)
    if "undo" in raw:
        if more := {"verdict", "to", "label", *_SCOPES} & set(raw):
            raise ConfigError(f'"{min(more)}" stands beside "undo"', where=doc.where(at, min(more)), hint="undo: ID, by, on and why alone")
        return Review(raw["by"], raw["on"], why=raw.get("why", ""), undo=raw["undo"])
    if "verdict" not in raw:
        raise ConfigError('"verdict" is missing', where=where, hint=f"one of: {', '.join(get_args(Verdict))}; or undo: ID")
    given = [s for s in _SCOPES if raw.get(s)]
    if len(given) != 1:
        raise ConfigError("a review names one column, several, a table or a pattern", where=where, hint=f"one of: {', '.join(_SCOPES)}")
    columns = (raw["column"],) if "column" in raw else tuple(raw.get("columns", ()))
    review = Review(
        raw["by"], raw["on"], raw["verdict"], tuple(map(ColumnId, columns)), raw.get("table", ""), raw.get("pattern", ""),
        raw.get("label", ""), raw.get("to", ""), raw.get("why", ""), raw.get("until"), raw.get("seen", ""),
        tuple(map(ColumnId, raw.get("check", ()))),
    )
    if fault := wrong(review):
        key, what, hint = fault
        raise ConfigError(what, where=doc.where(at, key), hint=hint)
    return review


def wrong(review: Review) -> tuple[str, str, str] | None:
    """(key, what, hint) of the first thing that does not hold together; None when all does."""
    known = labels()
    if (review.verdict == "relabel") != bool(review.to):
        return "to", '"to" names the right label of a relabelling, and of nothing else', "verdict: relabel, to: LABEL"
    for key, label in (("to", review.to), ("label", review.label)):
        if label and label not in known and key == "to":
            return key, f'no detector makes the label "{label}"', nearest(label, known) or "chujing detectors lists them"
    if review.table and review.verdict == "relabel" and not review.label:
        return "table", "relabelling a table needs the label that is wrong", "label: LABEL, to: LABEL"
    if review.verdict != "accept" and not review.why.strip():
        return "why", f'"why" is missing: a decision to {review.verdict} has a reason', "why: ..."
    if not review.by.strip():
        return "by", '"by" is empty', "who decides"
    if review.until is not None and review.until < review.on:
        return "until", f"it ends on {review.until}, before it was made on {review.on}", "until: a later day, or none"
    if review.seen:
        try:
            parsed(review.seen)
        except ValueError:
            return "seen", "that is not what chujing writes there", "leave it out"
    return None


def append(folder: Path, reviews: Sequence[Review]) -> Path:
    """Add entries at the end of the file; nothing that stands there is touched. The whole file is read again before it takes its place."""
    path = folder / FILE
    before = path.read_text(encoding="utf-8-sig") if path.exists() else HEAD
    partial = path.with_name(f".{FILE}.part")
    partial.write_text(before + ("" if before.endswith("\n") else "\n") + written(reviews), encoding="utf-8", newline="\n")
    try:
        entries(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def written(reviews: Iterable[Review]) -> str:
    """Entries as lines of YAML, one each."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return "".join(
        "- " + yaml.dump(as_entry(r), Dumper=dumper, allow_unicode=True, default_flow_style=True, sort_keys=False, width=1_000_000)
        for r in reviews
    )


def as_entry(r: Review) -> dict[str, Any]:
    """A review as it stands in the file."""
    if r.undo:
        raw: dict[str, Any] = {"id": r.id, "undo": r.undo}
    else:
        one = {"column": r.columns[0]} if len(r.columns) == 1 else {"columns": list(r.columns)}
        raw = {"id": r.id, "verdict": r.verdict, **one, "table": r.table, "pattern": r.pattern, "label": r.label, "to": r.to}
    raw |= {"by": r.by, "on": r.on, "why": r.why, "until": r.until, "seen": r.seen, "check": list(r.check)}
    return {k: str(v) if isinstance(v, str) else v for k, v in raw.items() if v not in ("", [], None)}


def fresh(reviews: Reviews, new: Sequence[Review]) -> list[Review]:
    """Those of `new` that were never recorded, each once."""
    known = {r.id for r in reviews.entries}
    return list({r.id: r for r in new if r.id not in known}.values())


def named(label: str) -> Label:
    """A label by its name, or by its Chinese or English title; ConfigError with the nearest."""
    known = labels()
    titles = {x: i.label for i in known.values() for x in (str(i.label), i.zh, i.en)}
    if label.strip() not in titles:
        raise ConfigError(f'no detector makes the label "{label}"', hint=nearest(label.strip(), titles) or "chujing detectors lists them")
    return titles[label.strip()]


def as_seen(review: Review, found: Mapping[ColumnId, str]) -> Review:
    """A review of columns that does not say what it was made of, made of what they show now."""
    if review.seen or not review.columns:
        return review
    shown = {found[c] for c in review.columns if c in found}
    return replace(review, seen=shown.pop()) if len(shown) == 1 else review
