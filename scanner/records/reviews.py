"""`reviews.yaml`: what people decided about findings, at the command line, in the report and in catalogs.

The file is only ever appended to; undoing is an entry of its own. Ids follow from what an entry says: a file
read twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml

from detectors.errors import ConfigError, combined, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.message import Text as Words
from detectors.model import ColumnId, Label
from detectors.yaml_document import Document
from reports.reviews.collection import Reviews
from reports.reviews.review import VERDICTS, Review, Verdict, parse_basis
from scanner.records.append_log import AppendLog, Entries, entry_line

if TYPE_CHECKING:
    from scanner.records.grammar import ReviewKeys

FILE = "reviews.yaml"
HEAD = (
    "# Decisions of people about findings, appended by `chujing review`. "
    "Undone by an entry, never by deleting one.\n"
)
_SCOPES = ("column", "columns", "table", "pattern")


def read(folder: Path) -> Reviews:
    """Return the reviews of a folder; none where there is no file.

    Raise ConfigError with everything that is wrong, each with file:line.
    """
    return Reviews(LOG.read(folder))


def read_entries(path: Path) -> tuple[Review, ...]:
    """Return every entry of a file, in order; raise ConfigError with everything that is wrong."""
    return read_each(path).all()


def read_each(path: Path) -> Entries[Review]:
    """Return the sound entries of a file and what is wrong with the others."""
    return LOG.read_file(path)


def _build(keys: ReviewKeys, doc: Document, at: str) -> Review:
    """One entry of a file; raise ConfigError with everything that does not hold together."""
    if keys.undo is not None:
        return _undoing(keys, doc, at)
    if keys.verdict is None:
        raise ConfigError(
            Msg('"verdict" is missing'),
            where=doc.where(at),
            hint=Msg("one of: {names}; or undo: ID", names=tuple(get_args(Verdict))),
        )
    if len([scope for scope in _SCOPES if getattr(keys, scope)]) != 1:
        raise ConfigError(
            Msg("a review names one column, several, a table or a pattern"),
            where=doc.where(at),
            hint=Msg("one of: {names}", names=tuple(_SCOPES)),
        )
    review = Review(
        keys.by,
        keys.on,
        keys.verdict,
        tuple(map(ColumnId, keys.columns if keys.column is None else (keys.column,))),
        table=keys.table,
        pattern=keys.pattern,
        label=keys.label,
        to=keys.to,
        why=keys.why,
        until=keys.until,
        basis=keys.basis,
        check=tuple(map(ColumnId, keys.check)),
        covered=tuple((ColumnId(column), text) for column, text in keys.saw.items()),
        again=keys.again,
    )
    if faults := list(all_faults(review)):
        raise combined([ConfigError(what, where=doc.where(at, key), hint=h) for key, what, h in faults])
    return review


def _undoing(keys: ReviewKeys, doc: Document, at: str) -> Review:
    if more := {"verdict", "to", "label", *_SCOPES} & keys.model_fields_set:
        raise ConfigError(
            Msg('"{name}" stands beside "undo"', name=min(more)),
            where=doc.where(at, min(more)),
            hint=Msg("undo: ID, by, on and why alone"),
        )
    return Review(keys.by, keys.on, why=keys.why, undo=keys.undo or "")


LOG: AppendLog[Review] = AppendLog(FILE, HEAD, "ReviewKeys", _build)
ReviewFault = tuple[str, Words, Words]                  # key, what, hint


def all_faults(review: Review) -> Iterator[ReviewFault]:
    """Yield what does not hold together."""
    for check in _CHECKS:
        yield from check(review)


def first_fault(review: Review) -> ReviewFault | None:
    """Return the first thing that does not hold together; None when all does."""
    return next(all_faults(review), None)


def _check_label(review: Review) -> Iterator[ReviewFault]:
    if (review.verdict == "relabel") != bool(review.to):
        what = Msg('"to" names the right label of a relabelling, and of nothing else')
        yield "to", what, Msg("verdict: relabel, to: LABEL")
    if review.to and review.to not in labels():
        hint = nearest(review.to, labels()) or Msg("chujing detectors lists them")
        yield "to", Msg('no detector makes the label "{name}"', name=review.to), hint
    if review.table and review.verdict == "relabel" and not review.label:
        yield (
            "table",
            Msg("relabelling a table needs the label that is wrong"),
            Msg("label: LABEL, to: LABEL"),
        )


def _signature_faults(review: Review) -> Iterator[ReviewFault]:
    if review.verdict != "accept" and not review.why.strip():
        what = Msg('"why" is missing: a decision to {verdict} has a reason', verdict=VERDICTS[review.verdict])
        yield "why", what, Msg("why: ...")
    if not review.by.strip():
        yield "by", Msg('"by" is empty'), Msg("who decides")
    if review.until is not None and review.until < review.on:
        what = Msg("it ends on {day}, before it was made on {on}", day=review.until, on=review.on)
        yield "until", what, Msg("until: a later day, or none")


def _evidence_faults(review: Review) -> Iterator[ReviewFault]:
    if review.covered and review.columns:
        what = Msg('"saw" is of a table or a pattern')
        yield "saw", what, Msg("seen: what the columns showed, or leave it out")
    for key, texts in (("seen", [review.basis]), ("saw", [text for _, text in review.covered])):
        if not all(map(_is_evidence, filter(None, texts) if key == "seen" else texts)):
            yield key, Msg("that is not what chujing writes there"), Msg("leave it out")


def _is_evidence(text: str) -> bool:
    try:
        parse_basis(text)
    except ValueError:
        return False
    return True


_CHECKS: tuple[Callable[[Review], Iterator[ReviewFault]], ...] = (
    _check_label, _signature_faults, _evidence_faults
)


def is_future(on: date, today: date) -> bool:
    """Is a day in the future? Not the next one: the writer's clock may be in another zone."""
    return on > today + timedelta(1)


def append(folder: Path, reviews: Sequence[Review]) -> Path:
    """Add reviews at the end of the file and return it.

    Raise ConfigError, and change nothing, where one does not fit.
    """
    return LOG.append(folder, to_yaml(reviews))


def to_yaml(reviews: Iterable[Review]) -> str:
    """Return reviews as lines of YAML, one each."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return "".join(entry_line(to_entry(review), dumper) for review in reviews)


def to_entry(review: Review) -> dict[str, Any]:
    """Return a review as it stands in the file: empty values left out."""
    if review.undo:
        entry: dict[str, Any] = {"id": review.id, "undo": review.undo}
    else:
        entry = {
            "id": review.id,
            "verdict": review.verdict,
            **(
                {"column": review.columns[0]}
                if len(review.columns) == 1
                else {"columns": list(review.columns)}
            ),
            "table": review.table,
            "pattern": review.pattern,
            "label": review.label,
            "to": review.to,
        }
    entry |= {
        "by": review.by,
        "on": review.on,
        "why": review.why,
        "until": review.until,
        "seen": review.basis,
        "check": list(review.check),
        "saw": {str(column): text for column, text in review.covered},
        "again": review.again,
    }
    return {k: str(v) if isinstance(v, str) else v for k, v in entry.items() if v not in ("", [], {}, None)}


@dataclass(frozen=True, slots=True)
class ReviewComparison:
    """Reviews of a file beside those recorded.

    new: to be recorded, each once. recorded: how many stand already. undone: what they repeat was undone, so
    they count only when asked for.
    """

    new: tuple[Review, ...]
    recorded: int
    undone: tuple[Review, ...] = ()


def compare_with_recorded(
    reviews: Reviews, incoming: Sequence[Review], again: bool = False
) -> ReviewComparison:
    """Return which of the incoming reviews are new. again: those that repeat an undone one, too.

    An old file never brings back by itself what was undone since.
    """
    undoings = _undoings(reviews)
    recorded = {r.id for r in reviews.entries if r.undo} | set(reviews.standing)
    new: dict[str, Review] = {}
    undone: dict[str, Review] = {}
    for review in incoming:
        repeated = _as_repetition(review, undoings)
        if repeated.id not in recorded:
            (undone if repeated is not review and not again else new)[repeated.id] = repeated
    return ReviewComparison(
        tuple(new.values()), len(incoming) - len(new) - len(undone), tuple(undone.values())
    )


Undoings = Mapping[object, tuple[int, str]]  # (decision, scope) -> place and id of the entry that undid it


def _as_repetition(review: Review, undoings: Undoings) -> Review:
    """A review with the id of the last undoing of the same decision, where all it speaks of was undone.

    Else as it is.
    """
    if review.undo:
        return review
    ended = [undoings.get((_decision_terms(review), scope), (0, "")) for scope in _scope_keys(review)]
    return replace(review, again=max(ended)[1]) if all(id for _, id in ended) else review


def _undoings(reviews: Reviews) -> Undoings:
    """The last undoing of each decision on each scope."""
    decisions = {r.id: r for r in reviews.entries if not r.undo}
    undoings: dict[object, tuple[int, str]] = {}
    for place, entry in enumerate(reviews.entries, 1):
        review = decisions.get(entry.undo)
        if review is None or entry.undo in reviews.standing:
            continue
        for scope in (*_scope_keys(review), *(column for column, _ in review.covered)):
            undoings[_decision_terms(review), scope] = place, entry.id
    return undoings


def _scope_keys(review: Review) -> tuple[object, ...]:
    """What a review speaks of: each column, or the table and pattern as one."""
    return review.columns or ((review.table, review.pattern),)


def _decision_terms(review: Review) -> tuple[object, ...]:
    return review.by, review.on, review.verdict, review.to, review.why, review.until


def find_label(label: str) -> Label:
    """Return a label by its name, or by its Chinese or English title; raise ConfigError with the nearest."""
    titles = {title: i.label for i in labels().values() for title in (str(i.label), i.zh, i.en)}
    if label.strip() not in titles:
        raise ConfigError(
            Msg('no detector makes the label "{name}"', name=label),
            hint=nearest(label.strip(), titles) or Msg("chujing detectors lists them"),
        )
    return titles[label.strip()]


def with_current_evidence(review: Review, evidence: Mapping[ColumnId, str]) -> Review:
    """Return a review of columns with what they show now, where it does not say what it was made of.

    A review of columns that show different things stays as it is.
    """
    if review.basis or not review.columns:
        return review
    texts = {evidence[column] for column in review.columns if column in evidence}
    return replace(review, basis=texts.pop()) if len(texts) == 1 else review
