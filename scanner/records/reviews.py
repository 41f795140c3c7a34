"""`reviews.yaml` beside chujing.yaml: what people decided about findings, appended by `chujing review`, the HTML report and catalogs.

The file is only ever appended to; undoing is an entry of its own. Ids follow from what an entry says: a file read twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.model import ColumnId, Label
from reports.reviews.verdicts import Review, Reviews, Verdict, parse_basis
from scanner.config.yaml_lines import Day, Document, ListOf, MapOf, Record, Text, load, parse
from scanner.files import replace_file

FILE = "reviews.yaml"
SHAPE = ListOf(Record({
    "id": Text(help="made by chujing from the rest"), "verdict": Text(get_args(Verdict)),
    "column": Text(help="id of one column"), "columns": ListOf(Text(), help="equal columns, decided together"),
    "table": Text(help="id of a table"), "pattern": Text(help="of column ids, e.g. crm/*/mobile"),
    "label": Text(help="what was found; of a table or pattern: only findings of this label"), "to": Text(help="the right label"),
    "by": Text(), "on": Day(), "why": Text(), "until": Day(help="last day it holds"),
    "seen": Text(help="what it was made of: label, shape, confidence, share of cells that agreed, mark of the rows"),
    "check": ListOf(Text(), help="members drawn for a second look"),
    "saw": MapOf(Text(), help="of a table or pattern: each column it decides, and what that showed; what comes later it does not decide"),
    "again": Text(help="id of the undoing after which the same was decided once more"),
    "undo": Text(help="id of the review that no longer counts"),
}, required=("by", "on")), help="decisions of people about findings")
HEAD = "# Decisions of people about findings, appended by `chujing review`. Undone by an entry, never by deleting one.\n"
_SCOPES = ("column", "columns", "table", "pattern")


def read(folder: Path) -> Reviews:
    """The reviews of a folder; none where there is no file. ConfigError with file:line on the first fault."""
    path = folder / FILE
    return Reviews(read_entries(path) if path.exists() else ())


def read_entries(path: Path) -> tuple[Review, ...]:
    """Every entry of a file, in order; ConfigError with file:line on the first fault."""
    return _parse_entries(load(path, SHAPE))


def _parse_entries(doc: Document) -> tuple[Review, ...]:
    return tuple(parse_entry(raw, doc, str(i)) for i, raw in enumerate(doc.value))


def parse_entry(raw: Mapping[str, Any], doc: Document, at: str) -> Review:
    """One entry of a file; ConfigError with file:line of its first fault. at: its place among the entries."""
    where = doc.where(at)
    if "undo" in raw:
        if more := {"verdict", "to", "label", *_SCOPES} & set(raw):
            raise ConfigError(
                Msg('"{name}" stands beside "undo"', name=min(more)),
                where=doc.where(at, min(more)),
                hint=Msg("undo: ID, by, on and why alone"),
            )
        return Review(raw["by"], raw["on"], why=raw.get("why", ""), undo=raw["undo"])
    if "verdict" not in raw:
        raise ConfigError(
            Msg('"verdict" is missing'),
            where=where,
            hint=Msg("one of: {names}; or undo: ID", names=tuple(get_args(Verdict))),
        )
    given = [s for s in _SCOPES if raw.get(s)]
    if len(given) != 1:
        raise ConfigError(
            Msg("a review names one column, several, a table or a pattern"),
            where=where,
            hint=Msg("one of: {names}", names=tuple(_SCOPES)),
        )
    columns = (raw["column"],) if "column" in raw else tuple(raw.get("columns", ()))
    review = Review(
        raw["by"], raw["on"], raw["verdict"], tuple(map(ColumnId, columns)), raw.get("table", ""), raw.get("pattern", ""),
        raw.get("label", ""), raw.get("to", ""), raw.get("why", ""), raw.get("until"), raw.get("seen", ""),
        tuple(map(ColumnId, raw.get("check", ()))), covered=tuple((ColumnId(c), seen) for c, seen in raw.get("saw", {}).items()),
        again=raw.get("again", ""),
    )
    if fault := first_fault(review):
        key, what, hint = fault
        raise ConfigError(what, where=doc.where(at, key), hint=hint)
    return review


def first_fault(review: Review) -> tuple[str, str, str] | None:
    """(key, what, hint) of the first thing that does not hold together; None when all does."""
    known = labels()
    if (review.verdict == "relabel") != bool(review.to):
        return (
            "to",
            Msg('"to" names the right label of a relabelling, and of nothing else'),
            Msg("verdict: relabel, to: LABEL"),
        )
    for key, label in (("to", review.to), ("label", review.label)):
        if label and label not in known and key == "to":
            return (
                key,
                Msg('no detector makes the label "{name}"', name=label),
                nearest(label, known) or Msg("chujing detectors lists them"),
            )
    if review.table and review.verdict == "relabel" and not review.label:
        return (
            "table",
            Msg("relabelling a table needs the label that is wrong"),
            Msg("label: LABEL, to: LABEL"),
        )
    if review.verdict != "accept" and not review.why.strip():
        return "why", f'"why" is missing: a decision to {review.verdict} has a reason', "why: ..."
    if not review.by.strip():
        return "by", Msg('"by" is empty'), Msg("who decides")
    if review.until is not None and review.until < review.on:
        return (
            "until",
            Msg("it ends on {day}, before it was made on {on}", day=review.until, on=review.on),
            Msg("until: a later day, or none"),
        )
    if review.covered and review.columns:
        return (
            "saw",
            Msg('"saw" is of a table or a pattern'),
            Msg("seen: what the columns showed, or leave it out"),
        )
    for key, texts in (("seen", [review.basis] if review.basis else []), ("saw", [text for _, text in review.covered])):
        try:
            for text in texts:
                parse_basis(text)
        except ValueError:
            return key, Msg("that is not what chujing writes there"), Msg("leave it out")
    return None


def is_future(on: date, today: date) -> bool:
    """Is a day in the future? Not the next one: the writer's clock may be in another zone."""
    return on > today + timedelta(1)


def append(folder: Path, reviews: Sequence[Review]) -> Path:
    """Add entries at the end of the file; nothing that stands there is touched. The whole file is read again before it takes its place."""
    path = folder / FILE
    before = path.read_text(encoding="utf-8-sig") if path.exists() else HEAD
    text = before + ("" if before.endswith("\n") else "\n") + to_yaml(reviews)
    _parse_entries(parse(text, SHAPE, str(path)))
    replace_file(path, text)
    return path


def to_yaml(reviews: Iterable[Review]) -> str:
    """Entries as lines of YAML, one each."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return "".join(
        "- " + yaml.dump(to_entry(r), Dumper=dumper, allow_unicode=True, default_flow_style=True, sort_keys=False, width=1_000_000)
        for r in reviews
    )


def to_entry(r: Review) -> dict[str, Any]:
    """A review as it stands in the file."""
    if r.undo:
        raw: dict[str, Any] = {"id": r.id, "undo": r.undo}
    else:
        one = {"column": r.columns[0]} if len(r.columns) == 1 else {"columns": list(r.columns)}
        raw = {"id": r.id, "verdict": r.verdict, **one, "table": r.table, "pattern": r.pattern, "label": r.label, "to": r.to}
    raw |= {"by": r.by, "on": r.on, "why": r.why, "until": r.until, "seen": r.basis, "check": list(r.check),
            "saw": {str(c): seen for c, seen in r.covered}, "again": r.again}
    return {k: str(v) if isinstance(v, str) else v for k, v in raw.items() if v not in ("", [], {}, None)}


@dataclass(frozen=True, slots=True)
class ReviewComparison:
    """Reviews of a file beside those recorded. undone: what they repeat was undone, so they count only when asked for."""

    new: tuple[Review, ...]
    recorded: int
    undone: tuple[Review, ...] = ()


def compare_with_recorded(reviews: Reviews, found: Sequence[Review], again: bool = False) -> ReviewComparison:
    """What of `found` is to be recorded, each once. again: also what repeats an undone review; an old file never does so by itself."""
    ended = _undoings(reviews)
    known = {e.id for e in reviews.entries if e.undo} | set(reviews.standing)
    new: dict[str, Review] = {}
    undone: dict[str, Review] = {}
    for r in found:
        over = () if r.undo else [ended.get((_decision_key(r), c), (0, "")) for c in _scope_key(r)]
        once_more = replace(r, again=max(over)[1]) if over and all(id for _, id in over) else r
        if once_more.id not in known:
            (undone if once_more is not r and not again else new)[once_more.id] = once_more
    return ReviewComparison(tuple(new.values()), len(found) - len(new) - len(undone), tuple(undone.values()))


def _undoings(reviews: Reviews) -> Mapping[object, tuple[int, str]]:
    """What was said of what -> the place and id of the entry that undid it, the last one."""
    made = {e.id: e for e in reviews.entries if not e.undo}
    return {(_decision_key(was), c): (i, e.id) for i, e in enumerate(reviews.entries, 1)
            if e.undo in made and e.undo not in reviews.standing for was in (made[e.undo],)
            for c in (*_scope_key(was), *(c for c, _ in was.covered))}            # a sheet says of each column what was said of its table


def _scope_key(r: Review) -> tuple[object, ...]:
    return r.columns or ((r.table, r.pattern),)


def _decision_key(r: Review) -> tuple[object, ...]:
    return r.by, r.on, r.verdict, r.to, r.why, r.until


def find_label(label: str) -> Label:
    """A label by its name, or by its Chinese or English title; ConfigError with the nearest."""
    known = labels()
    titles = {x: i.label for i in known.values() for x in (str(i.label), i.zh, i.en)}
    if label.strip() not in titles:
        raise ConfigError(
            Msg('no detector makes the label "{name}"', name=label),
            hint=nearest(label.strip(), titles) or Msg("chujing detectors lists them"),
        )
    return titles[label.strip()]


def with_current_evidence(review: Review, found: Mapping[ColumnId, str]) -> Review:
    """A review of columns that does not say what it was made of, made of what they show now."""
    if review.basis or not review.columns:
        return review
    shown = {found[c] for c in review.columns if c in found}
    return replace(review, basis=shown.pop()) if len(shown) == 1 else review
