"""Behind `chujing review`: which columns a decision is about, recording it, and what it changes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from detectors.errors import ConfigError
from detectors.message import Msg, Text
from detectors.model import ColumnId, TableId
from mappings import notes
from mappings.flow_report import FlowReport
from reports.catalogs import CatalogDecision
from reports.messages.render import render
from reports.messages.words import t
from reports.model import ColumnReport, Report, TableReport
from reports.patterns import compile_pattern, is_pattern
from reports.reviews.apply import ReviewedScan
from reports.reviews.basis import basis_of, with_column, with_covered_columns
from reports.reviews.collection import Reviews
from reports.reviews.deciding import group_reviews
from reports.reviews.owners import Owners, with_owners
from reports.reviews.queue import Queue, ReviewGroup, ReviewProgress, part_of_owner, queue, review_progress
from reports.reviews.review import Review, Verdict
from reports.wording.decision import path_words
from reports.wording.figures import persons
from reports.wording.titles import label_title
from scanner.gather.table_catalogue import COLUMN, pick_id
from scanner.records import audit, reviews
from scanner.state import store
from scanner.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Desk:
    """The last scan of a folder with its reviews applied: what a reviewer works on.

    today: the day of what is decided now. reviewed: the scan as it was read, and with the reviews applied.
    """

    workspace: Workspace
    report: Report
    owners: Owners
    today: date
    reviewed: ReviewedScan | None = None

    @property
    def reviews(self) -> Reviews:
        """All reviews of the folder."""
        return self.workspace.reviews

    @property
    def queue(self) -> Queue:
        """What remains to be reviewed."""
        return queue(self.report, self.owners)

    @property
    def progress(self) -> ReviewProgress:
        """Return how much of it remains."""
        return review_progress(self.report)

    @property
    def columns(self) -> Mapping[ColumnId, tuple[ColumnReport, TableReport]]:
        """Every column with its table, by id."""
        return {column.id: (column, table) for table in self.report.tables for column in table.columns}

    def row_mark(self, table: TableReport) -> str:
        """Return what identifies the rows of a table as they were read; empty where the source gives none."""
        reading = self.report.run.tables.get(table.id)
        return reading.data if reading is not None else ""


def open_desk(
    workspace: Workspace, today: date, whole: store.WholeTables | None = None, day: date | None = None,
    report: Report | None = None,
) -> Desk:
    """Return the last scan of a folder with its reviews; raise StateError when there is no scan.

    whole: as for `store.last`. day: by which it is judged whether a review still holds; None: that of the
    scan, as decisions judge it. report: the last scan, or a part of it, where it was read before.
    """
    config = workspace.config
    if report is None:
        report = store.last(workspace.folder, workspace.config_name, whole)
    reviewed = ReviewedScan.of(report, workspace.reviews, day or report.run.as_of)
    gradings = config.gradings if workspace.configured else report.gradings
    report = replace(with_owners(reviewed.report, config.owners), gradings=gradings)
    return Desk(workspace, report, config.owners, today, reviewed)


def current_report(desk: Desk) -> Report:
    """Return the last scan as people have decided it, with flows decided anew on its day."""
    from scanner.review import redecide

    decided = redecide.decide_today(desk.workspace, store.no_table, reviewed=desk.reviewed)
    return replace(decided, tables=desk.report.tables)


# ---- decisions that somebody types


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A decision that somebody makes, before it is known on which columns."""

    verdict: Verdict
    by: str
    why: str = ""
    to: str = ""                              # the right label
    until: date | None = None
    label: str = ""                           # of a table or pattern: only findings of this label
    with_exceptions: bool = False             # of a group: its exceptions too


def make_reviews(desk: Desk, word: str, request: ReviewRequest, owner: str = "") -> tuple[Review, ...]:
    """Return the reviews that a decision on a group, column, table or pattern makes.

    word: the beginning of a group's id, the end of a column's or table's, or a pattern with `*`. owner: of a
    group, only columns that this person owns. Raise ConfigError with the nearest name where there is none
    such.
    """
    decision = Review(
        request.by, desk.today, request.verdict, to=request.to, why=request.why, until=request.until
    )
    if word.startswith("g-"):
        group = _find_group(part_of_owner(desk.queue, owner) if owner else desk.queue, word)
        members = group.members if request.with_exceptions else None
        return tuple(map(_require_valid, group_reviews(group, decision, members)))
    wide = replace(decision, label=request.label)
    if is_pattern(word) and ColumnId(word) not in desk.columns and _find_table(desk, word) is None:
        return (_review_of_pattern(desk, word, wide),)
    columns = desk.columns
    if (table_id := _find_table(desk, word)) is not None:
        return (_with_columns(desk, replace(wide, table=table_id)),)
    column, table = columns[ColumnId(pick_id(word, list(columns), COLUMN))]
    return (_require_valid(with_column(decision, column, desk.row_mark(table))),)


def _find_group(remaining: Queue, word: str) -> ReviewGroup:
    groups = [group for group in remaining.groups if group.id.startswith(word)]
    if len(groups) != 1:
        raise ConfigError(
            Msg('"{word}" names {n} of {of} groups', word=word, n=len(groups), of=len(remaining.groups)),
            hint=Msg("see chujing review todo"),
        )
    return groups[0]


def _review_of_pattern(desk: Desk, pattern: str, wide: Review) -> Review:
    """Return a review of the columns whose ids fit a pattern; raise ConfigError where none does."""
    shape = compile_pattern(pattern)
    if not any(shape.fullmatch(column) for column in desk.columns):
        raise ConfigError(
            Msg('no column fits "{text}"', text=pattern),
            hint=Msg("* stands for any characters of a column's id, e.g. crm/*/mobile"),
        )
    return _with_columns(desk, replace(wide, pattern=pattern))


def _find_table(desk: Desk, word: str) -> TableId | None:
    """Return the table that a word names by its id or the end of it; None where it names none.

    Raise ConfigError where it names several.
    """
    tables = [table.id for table in desk.report.tables if table.id == word]
    if not tables and word not in desk.columns:
        tables = [table.id for table in desk.report.tables if table.id.endswith("/" + word)]
    if len(tables) > 1:
        raise ConfigError(
            Msg('{entity} "{name}" is ambiguous', entity=Msg("table"), name=word),
            hint=Msg("one of: {names}", names=tuple(sorted(tables)[:5])),
        )
    return tables[0] if tables else None


def _with_columns(desk: Desk, wide: Review) -> Review:
    """Return a review of a table or a pattern with the columns it decides.

    Raise ConfigError where it decides none.
    """
    review = with_covered_columns(_require_valid(wide), desk.report)
    if not review.covered:
        where = wide.table or wide.pattern
        if wide.label:
            what = Msg(
                'no {label} was found in "{name}": there is nothing to decide',
                label=label_title(wide.label, "en"), name=where,
            )
        else:
            what = Msg('nothing was found in "{name}": there is nothing to decide', name=where)
        raise ConfigError(what, hint=Msg("chujing review todo"))
    return review


def _require_valid(review: Review) -> Review:
    """Return the review itself; raise ConfigError where it does not hold together."""
    if (fault := reviews.first_fault(review)) is not None:
        key, what, hint = fault
        raise ConfigError(what, where=f"--{key}", hint=hint)
    return review


def make_undoing(desk: Desk, word: str, by: str, why: str) -> Review:
    """Return the entry that ends a review. word: the beginning of its id, or what it alone is about.

    Raise ConfigError where that is not exactly one review that counts.
    """
    standing = desk.reviews.standing
    ids = [id for id in standing if id.startswith(word)] if word else []
    if not ids and word:
        ids = [id for id, review in standing.items() if _is_about(review, word)]
    if len(ids) != 1:
        wide = () if ids else tuple(id for id, review in standing.items() if _decides(review, word))
        one: Text = Msg("see chujing review status")
        if wide:
            one = Msg(
                "{id} decides it with others: chujing review undo {id}, or decide it by itself", id=wide[0]
            )
        raise ConfigError(
            Msg('"{word}" names {n} of {of} reviews that count', word=word, n=len(ids), of=len(standing)),
            hint=one,
        )
    return Review(by, desk.today, why=why, undo=ids[0])


def still_decided(desk: Desk, undone: str) -> list[tuple[Review, list[ColumnId]]]:
    """Return the reviews that decide the columns of one that was undone, with these columns.

    desk: as it was before. undone: id of the review.
    """
    from scanner.review import redecide

    workspace = desk.workspace.reread()
    columns = {c.id for t in desk.report.tables for c in t.columns if c.reviewed and c.reviewed.id == undone}
    by_review: dict[str, list[ColumnId]] = {}
    for table in redecide.decide_today(workspace, store.no_table).tables:
        for column in table.columns:
            if column.id in columns and column.reviewed is not None:
                by_review.setdefault(column.reviewed.id, []).append(column.id)
    return [(workspace.reviews.standing[id], ids) for id, ids in by_review.items()]


def _is_about(review: Review, word: str) -> bool:
    """Return whether a review is about one column, table or pattern alone. Ids may be cut at the front."""
    whole = review.table or review.pattern or (review.columns[0] if len(review.columns) == 1 else "")
    return whole == word or not review.pattern and whole.endswith("/" + word)


def _decides(review: Review, word: str) -> bool:
    """Return whether a review decides a column. The id of the column may be cut at the front."""
    ids = (*review.columns, *(id for id, _ in review.covered))
    return any(id == word or id.endswith("/" + word) for id in ids)


# ---- recording


def record_reviews(desk: Desk, new: Sequence[Review], act: str, lang: str) -> list[str]:
    """Append reviews to the folder's file and to its audit trail; return what they change at once, in words.

    act: as the audit trail calls it.
    """
    from scanner.review import redecide

    folder = desk.workspace.folder
    before = redecide.decide_today(desk.workspace, store.no_table)
    reviews.append(folder, [_require_valid(review) for review in new])
    for review in new:
        audit.append_act(folder, act, _audit_text(review), review.by, desk.report.run.id)
    after = redecide.decide_today(desk.workspace.reread(), store.no_table)
    pairs = zip(before.flows, after.flows, strict=True)
    return [words for old, current in pairs for words in _effect_lines(old, current, lang)]


def _effect_lines(old: FlowReport, current: FlowReport, lang: str) -> Iterator[str]:
    """Yield in words what reviews changed of a flow."""
    before, after = _flow_words(old, lang), _flow_words(current, lang)
    if before != after:
        yield f"{current.flow.id}: {before} -> {after}"
    if "reviewed_since" in current.count_notes and "reviewed_since" not in old.count_notes:
        yield f"{current.flow.id}: {render(notes.REVIEWED_SINCE, lang)}"


def _flow_words(flow: FlowReport, lang: str) -> str:
    return (
        f"{path_words(flow.decision, lang)}, {persons(flow.individuals, lang)} {t('people', lang)}, "
        f"{t('sensitive_individuals', lang)} {persons(flow.sensitive_individuals, lang)}"
    )


def _audit_text(review: Review) -> str:
    """Return `r-0123456789 crm/member/mobile` for the audit trail."""
    what = review.undo or review.table or review.pattern
    if not what and len(review.columns) == 1:
        what = review.columns[0]
    elif not what:
        what = f"{len(review.columns)} columns of {review.label}"
    return f"{review.id} {what}{' -> ' + review.to if review.to else ''}"


def with_evidence(desk: Desk, imported: Sequence[Review]) -> list[Review]:
    """Return reviews with what they rest on: those that do not say so rest on what columns show now."""
    shown: dict[ColumnId, str] = {}
    if any(not review.basis and review.columns for review in imported):
        shown = {
            id: str(basis_of(column, desk.row_mark(table))) for id, (column, table) in desk.columns.items()
        }
    return [
        with_covered_columns(review, desk.report)
        if review.is_wide and not review.covered
        else reviews.with_current_evidence(review, shown)
        for review in imported
    ]


# ---- decisions of people in a catalog


@dataclass(frozen=True, slots=True)
class CatalogReviews:
    """Decisions that people made in a catalog, as reviews.

    recorded: how many stand here already. overruled: those no newer than a review that stands here, which
    counts instead.
    """

    new: tuple[Review, ...]
    recorded: int
    overruled: tuple[tuple[CatalogDecision, Review], ...]


def reviews_from_catalog(
    desk: Desk, decisions: Iterable[CatalogDecision], catalog: str
) -> CatalogReviews:
    """Return decisions of a catalog as reviews.

    Where somebody decided here later, or on the same day, the decision here stands. catalog: its name, for
    decisions without an author.
    """
    columns = desk.columns
    new: list[Review] = []
    overruled: list[tuple[CatalogDecision, Review]] = []
    recorded = 0
    for decision in decisions:
        column, table = columns[ColumnId(decision.about)]
        review = _catalog_review(decision, catalog, desk.today)
        own = _own_reviews(desk, column, table)
        if any(_is_same(review, other, is_dated=bool(decision.on)) for other in own):
            recorded += 1
        elif own and (not decision.on or max(other.on for other in own) >= review.on):
            overruled.append((decision, max(own, key=lambda other: other.on)))
        else:
            new.append(_require_valid(with_column(review, column, desk.row_mark(table))))
    return CatalogReviews(tuple(new), recorded, tuple(overruled))


def _catalog_review(decision: CatalogDecision, catalog: str, today: date) -> Review:
    on = datetime.fromisoformat(decision.on).astimezone().date() if decision.on else today
    return Review(
        decision.by or catalog, on, decision.verdict, to=decision.to, why=decision.why or catalog
    )


def _own_reviews(desk: Desk, column: ColumnReport, table: TableReport) -> list[Review]:
    """Return the reviews here that decide a column."""
    return [
        entry.review
        for entry in desk.reviews.on(column.id, table.id)
        if (entry.basis or entry.review.columns) and entry.review.verdict != "justify"
    ]


def _is_same(review: Review, other: Review, is_dated: bool) -> bool:
    """Return whether two reviews are one person's same decision, of the same day if that is known."""
    is_equal = (review.by, review.verdict, review.to) == (other.by, other.verdict, other.to)
    return is_equal and (review.on == other.on or not is_dated)
