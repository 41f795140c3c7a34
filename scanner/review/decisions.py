"""Behind `chujing review`: what a decision speaks of, recording it, and what it changes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnId
from mappings import notes
from mappings.taxonomy import load_taxonomy
from reports.catalogs import CatalogDecision
from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.model import Report, TableReport
from reports.patterns import compile_pattern
from reports.reviews.apply import apply_reviews
from reports.reviews.basis import basis_of, with_column, with_covered_columns
from reports.reviews.collection import Reviews, unmatched
from reports.reviews.deciding import group_reviews
from reports.reviews.owners import Owners, with_owners
from reports.reviews.queue import Queue, ReviewGroup, part_of_owner, queue, remaining
from reports.reviews.review import Review, Verdict
from reports.wording.decision import path_words
from reports.wording.figures import number, persons
from reports.wording.titles import label_title
from scanner.gather.table_catalogue import COLUMN, pick
from scanner.records import audit, reviews
from scanner.state import store
from scanner.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Desk:
    """The last scan as people have decided it until today."""

    workspace: Workspace
    report: Report
    owners: Owners
    today: date

    @property
    def reviews(self) -> Reviews:
        return self.workspace.reviews

    @property
    def queue(self) -> Queue:
        return queue(self.report, self.owners)

    def mark(self, table: TableReport) -> str:
        read = self.report.run.tables.get(table.id)
        return read.data if read is not None else ""


def desk(workspace: Workspace, today: date) -> Desk:
    """The last scan of a folder with its reviews; StateError when there is none."""
    report, config = store.last(workspace.folder), workspace.config
    report = apply_reviews(report, workspace.reviews, load_taxonomy(profile=report.profile), today)
    report = replace(with_owners(report, config.owners), gradings=config.gradings if workspace.configured else report.gradings)
    return Desk(workspace, report, config.owners, today)


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as it was typed."""

    verdict: Verdict
    by: str
    why: str = ""
    to: str = ""
    until: date | None = None
    label: str = ""                           # of a table or pattern: only findings of this label
    everybody: bool = False                   # a group's exceptions too


def made(at: Desk, word: str, answer: Answer, owner: str = "") -> tuple[Review, ...]:
    """The reviews a decision on a group, column, table or pattern makes; ConfigError naming the nearest when there is none such."""
    decision = Review(answer.by, at.today, answer.verdict, to=answer.to, why=answer.why, until=answer.until)
    if word.startswith("g-"):
        group = _group(part_of_owner(at.queue, owner) if owner else at.queue, word)
        return tuple(map(_sound, group_reviews(group, decision, group.members if answer.everybody else None)))
    columns = {c.id: (c, table) for table in at.report.tables for c in table.columns}
    wide = replace(decision, label=answer.label)
    if "*" in word:
        shape = compile_pattern(word)
        if not any(shape.fullmatch(c) for c in columns):
            raise ConfigError(
                Msg('no column fits "{text}"', text=word),
                hint=Msg("* stands for any characters of a column's id, e.g. crm/*/mobile"),
            )
        return (_looked(replace(wide, pattern=word), at),)
    if (tables := [x.id for x in at.report.tables if x.id == word]) or word not in columns and (
            tables := [x.id for x in at.report.tables if x.id.endswith("/" + word)]):
        if len(tables) > 1:
            raise ConfigError(
                Msg('{entity} "{name}" is ambiguous', entity=Msg("table"), name=word),
                hint=Msg("one of: {names}", names=tuple(sorted(tables)[:5])),
            )
        return (_looked(replace(wide, table=tables[0]), at),)
    column, table = columns[ColumnId(pick(word, list(columns), COLUMN))]
    return (_sound(with_column(decision, column, at.mark(table))),)


def _looked(wide: Review, at: Desk) -> Review:
    """A review of a table or a pattern with the columns it decides; ConfigError when there is none."""
    review = with_covered_columns(_sound(wide), at.report)
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


def _group(q: Queue, word: str) -> ReviewGroup:
    hits = [g for g in q.groups if g.id.startswith(word)]
    if len(hits) != 1:
        raise ConfigError(
            Msg('"{word}" names {n} of {of} groups', word=word, n=len(hits), of=len(q.groups)),
            hint=Msg("see chujing review todo"),
        )
    return hits[0]


def _sound(review: Review) -> Review:
    """The review itself; ConfigError when it does not hold together."""
    if (fault := reviews.first_fault(review)) is not None:
        key, what, hint = fault
        raise ConfigError(what, where=f"--{key}", hint=hint)
    return review


def current(at: Desk) -> Report:
    """The last scan as people have decided it until today, with flows decided anew."""
    from scanner.review import redecide

    return replace(redecide.now(at.workspace), tables=at.report.tables)


def record(at: Desk, new: Sequence[Review], act: str, lang: str) -> list[str]:
    """Append reviews and note them in the audit trail; gives what they change at once, in words."""
    from scanner.review import redecide

    base = at.workspace.folder
    before = redecide.now(at.workspace)
    reviews.append(base, [_sound(r) for r in new])
    for r in new:
        audit.append_act(base, act, _about(r), r.by, at.report.run.id)
    after = redecide.now(at.workspace.reread())
    told = []
    for old, now in zip(before.flows, after.flows, strict=True):
        was, is_ = (
            f"{path_words(f.decision, lang)}, {persons(f.individuals, lang)} {t('people', lang)}, "
            f"{t('sensitive_individuals', lang)} {persons(f.sensitive_individuals, lang)}" for f in (old, now)
        )
        if was != is_:
            told.append(f"{now.flow.id}: {was} -> {is_}")
        if "reviewed_since" in now.count_notes and "reviewed_since" not in old.count_notes:
            told.append(f"{now.flow.id}: {render(notes.REVIEWED_SINCE, lang)}")
    return told


def _about(r: Review) -> str:
    """`r-0123456789 crm/member/mobile` for the audit trail."""
    what = r.undo or r.table or r.pattern or (r.columns[0] if len(r.columns) == 1 else f"{len(r.columns)} columns of {r.label}")
    return f"{r.id} {what}{' -> ' + r.to if r.to else ''}"


def scope_words(r: Review, lang: str) -> str:
    """What a review speaks of: a table or a pattern and how many columns of it, a column, or how many columns."""
    if len(r.columns) == 1:
        return r.columns[0]
    columns = t("review.columns", lang, n=number(len(r.columns or r.covered)))
    return f"{wide} ({columns})" if (wide := r.table or r.pattern) else columns


def undo(at: Desk, id: str, by: str, why: str) -> Review:
    """The entry that ends a review, by its id or by what it alone is of; ConfigError when not one that counts is meant."""
    standing = at.reviews.standing
    hits = [k for k in standing if k.startswith(id)] if id else []
    hits = hits or [k for k, r in standing.items() if id and _is_of(r, id)]
    if len(hits) != 1:
        raise ConfigError(
            Msg(
                '"{word}" names {n} of {of} reviews that count',
                word=id,
                n=len(hits),
                of=len(at.reviews.standing),
            ),
            hint=Msg("see chujing review status"),
        )
    return Review(by, at.today, why=why, undo=hits[0])


def _is_of(review: Review, word: str) -> bool:
    """Is a review of this one column, table or pattern? Ids may be cut at the front."""
    whole = review.table or review.pattern or (review.columns[0] if len(review.columns) == 1 else "")
    return whole == word or not review.pattern and whole.endswith("/" + word)


def status(at: Desk, lang: str) -> Iterator[str]:
    """What is decided, what no longer holds and why, who disagrees, and what remains."""
    held = [(c, c.reviewed) for table in at.report.tables for c in table.columns if c.reviewed is not None]
    for r in at.reviews.standing.values():
        where = scope_words(r, lang)
        what = (label_title(r.label, lang) + (f" -> {label_title(r.to, lang)}" if r.to else "")).strip()
        until = f"  {t('review.until', lang, day=r.until)}" if r.until else ""
        yield "  ".join(x for x in (r.id, t(f"verdict.{r.verdict}", lang), where, what, f"{r.by} {r.on}{until}", r.why) if x)
    for c, reviewed in held:
        if reviewed.stale:
            yield f"! {c.id}  {t('stale.' + reviewed.stale, lang)}  ({reviewed.id}, {reviewed.by}, {reviewed.on})"
        elif reviewed.against:
            verdict = t(f"verdict.{reviewed.verdict}", lang)
            others = render(reviewed.against, lang)
            yield f"! {c.id}  {t('review.against', lang, mine=verdict, by=reviewed.by, others=others)}"
    for r in unmatched(at.reviews, at.report):
        yield f"! {r.id}  {t('review.unmatched', lang)}"
    yield left(at.queue, lang)


def left(q: Queue, lang: str) -> str:
    """How much is decided and how many decisions remain, in one line."""
    groups, columns = remaining(q)
    return t("review.left", lang, decided=number(q.decided), of=number(q.columns), share=f"{q.share:.0%}", groups=number(groups),
             columns=number(columns))


def group_lines(g: ReviewGroup, lang: str, members: int = 3) -> Iterator[str]:
    """A group for the screen: what it is, why it is where it is, its first members and every kind of exception."""
    about = " ".join(x for x in (g.name, g.type, g.comment) if x)
    yield f"{g.id}  {label_title(g.label, lang)}  {about}"
    people = t("review.persons_unknown", lang) if g.persons.method == "unknown" else f"{persons(g.persons, lang)} {t('people', lang)}"
    facts = (
        t("review.leaves", lang, flows=join_list(g.flows, "names", lang)) if g.flows else "",
        t("review.columns", lang, n=number(len(g.members))),
        people,
        t("sensitive." + g.sensitive, lang),
        f"{g.confidence:.2f}",
    )
    yield "    " + "  ".join(x for x in facts if x)
    for m in g.equal[:members]:
        yield f"    {m.id}{'  ' + m.owner if m.owner else ''}"
    if len(g.equal) > members:
        yield f"    … +{number(len(g.equal) - members)}"
    for m in [m for m in g.members if m.exception][:members]:
        yield f"    ! {m.id}  {t('exception.' + m.exception, lang)}{'' if m.support is None else f' {m.support:.0%}'}"
    if (rest := sum(bool(m.exception) for m in g.members) - members) > 0:
        yield f"    ! … +{number(rest)}"


@dataclass(frozen=True, slots=True)
class Heard:
    """Decisions people made in a catalog. known: recorded already; overruled: no newer than one that stands here, so left."""

    new: tuple[Review, ...]
    known: int
    overruled: tuple[tuple[CatalogDecision, Review], ...]


def heard(at: Desk, said: Iterable[CatalogDecision], catalog: str) -> Heard:
    """Decisions of a catalog as reviews. Where somebody decided here since, or on the same day, that stands."""
    columns = {c.id: (c, table) for table in at.report.tables for c in table.columns}
    new: list[Review] = []
    lost: list[tuple[CatalogDecision, Review]] = []
    known = 0
    for s in said:
        column, table = columns[ColumnId(s.about)]
        on = datetime.fromisoformat(s.on).astimezone().date() if s.on else at.today
        by = s.by or catalog
        here = [x.review for x in at.reviews.on(column.id, table.id) if (x.basis or x.review.columns) and x.review.verdict != "justify"]
        if any((r.by, r.verdict, r.to) == (by, s.verdict, s.to) and (r.on == on or not s.on) for r in here):
            known += 1
        elif here and (not s.on or max(r.on for r in here) >= on):
            lost.append((s, max(here, key=lambda r: r.on)))
        else:
            decision = Review(by, on, s.verdict, to=s.to, why=s.why or catalog)
            new.append(_sound(with_column(decision, column, at.mark(table))))
    return Heard(tuple(new), known, tuple(lost))


def filled(at: Desk, found: Sequence[Review]) -> list[Review]:
    """Reviews with what they were made of: those that do not say are of what columns show now."""
    shows = {c.id: str(basis_of(c, at.mark(table))) for table in at.report.tables for c in table.columns} if any(
        not r.basis and r.columns for r in found) else {}
    return [
        with_covered_columns(r, at.report)
        if (r.table or r.pattern) and not r.covered
        else reviews.with_current_evidence(r, shows)
        for r in found
    ]
