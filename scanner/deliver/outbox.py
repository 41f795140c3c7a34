"""What stands in a catalog by our hand, and the queue of what is to be sent: on disk before the first request, crossed off after each.

One row is one thing of ours. Where what is wanted and what stands differ, the row is queued; killed or cut off at any moment, the
next push sends what is left. A batch sent but not crossed off is sent once more, which changes nothing: payloads say what shall be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.message import Msg, Word
from detectors.model import unquote
from reports.catalogs import Client, Payload, Pushed, Refused, Stopped, tables_of
from reports.catalogs.picking import Selection, excluded_ids, guesses, unread_ids
from reports.model import Report
from scanner.state.lease import Lease

if TYPE_CHECKING:
    import sqlalchemy as sa

BATCH = 200                                   # payloads handed to a catalog at a time, unless it says otherwise
UNSURE = "?"                                  # digest of what stands where nobody knows which of two of ours it is
ROWS = 5_000                                  # rows written or read in one statement

Push = Callable[[Iterable[Payload], Client], Pushed]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report speaks of. Things of ours about anything else are left as they stand."""

    sources: frozenset[str]
    aside: frozenset[str] = frozenset()       # columns and tables it says nothing about
    unread: frozenset[str] = frozenset()      # columns, tables and sources of whose insides it says nothing
    guesses: frozenset[str] = frozenset()     # suggestions that hold and are not asked for: what stands of them is left

    def covers(self, about: str) -> bool:
        source, *rest = about.split("/")
        above = ["/".join([source, *rest[:n]]) for n in range(len(rest) + 1)]
        return unquote(source) in self.sources and about not in self.aside and not any(a in self.unread for a in above)

    def awaits(self, p: Payload) -> bool:
        """Is it a suggestion that stays until somebody decides about it?"""
        return bool(p.guesses) and self.guesses.issuperset(p.guesses)


@dataclass(frozen=True, slots=True)
class Diff:
    """What a push would do."""

    add: tuple[Payload, ...] = ()
    change: tuple[Payload, ...] = ()
    remove: tuple[Payload, ...] = ()
    same: int = 0
    beyond: int = 0                           # ours, but not spoken of by this report
    awaiting: int = 0                         # suggestions that stand and are left until somebody decides
    note: tuple[Payload, ...] = ()            # stands, unless what was queued instead came through: to be looked at once more
    drop: tuple[Payload, ...] = ()            # a person's own mark: forgotten, nothing is sent
    fresh: frozenset[str] = frozenset()       # ids of rows that are not there yet
    held: frozenset[str] = frozenset()        # ids of rows that an earlier push queued and this one does not name

    @property
    def empty(self) -> bool:
        return not (self.add or self.change or self.remove)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a push went. stopped: why it ended early, if it did."""

    done: int
    removed: int
    yielded: int
    refused: tuple[Refused, ...]
    queued: int
    stopped: str = ""


class Outbox:
    """The rows of one catalog at one address. Made by `outbox`."""

    def __init__(self, engine: sa.Engine, target: str) -> None:
        self._engine = engine
        self._target = _hash(target)

    def alone(self) -> AbstractContextManager[None]:
        """Push as the only one to this catalog from this state; StateError while another push is under way."""
        return Lease(
            self._engine, f"push {self._target[:24]}", Msg("another push to this catalog is under way")
        ).held()

    def diff(self, wanted: Iterable[Payload], scope: Scope) -> Diff:
        """Compare with what stands, changing nothing."""
        add: list[Payload] = []
        change: list[Payload] = []
        note: list[Payload] = []
        remove: list[Payload] = []
        drop: list[Payload] = []
        fresh: list[str] = []
        held: list[str] = []
        same = beyond = awaiting = 0
        known = self._known()
        for p in wanted:
            row, (asked, stands, yielded), digest = self._id(p), ("", "", False), p.digest
            if row in known:
                asked, stands, yielded = known.pop(row)
            else:
                fresh.append(row)
            if stands == digest:
                same += 1
                if asked != digest:           # what was queued instead is not wanted any more, and perhaps was sent
                    note.append(p)
            elif stands:
                change.append(p)
            else:
                add.append(p)
        for p in (p for part in self._bodies(list(known)) for p in part):
            asked, stands, yielded = known[row := self._id(p)]
            if not (asked or stands):
                continue
            covered = not p.lasting and scope.covers(p.about)
            if asked != stands and not (covered and not scope.awaits(p)):
                held.append(row)
            if p.lasting:
                continue
            if not covered:
                beyond += 1
            elif scope.awaits(p):
                awaiting += bool(stands)
            elif yielded:
                drop.append(p)
            else:                             # also where it was never crossed off: a push may have been cut off before that
                remove.append(p.removal())
        return Diff(tuple(add), tuple(change), tuple(remove), same, beyond, awaiting, tuple(note), tuple(drop), frozenset(fresh),
                    frozenset(held))

    def want(self, diff: Diff) -> None:
        """Put on disk what shall stand, and what no longer. One transaction."""
        import sqlalchemy as sa

        def rows(some: Iterable[Payload]) -> list[dict[str, Any]]:
            return [{"id": self._id(p), "target": self._target, "place": p.order, "entity": _hash(p.entity), "wanted": p.digest,
                     "body": _body(p)} for p in some]

        new = [p for p in diff.add if self._id(p) in diff.fresh]
        old = self._replacing([p for p in (*diff.add, *diff.change, *diff.note) if self._id(p) not in diff.fresh])
        with self._engine.begin() as c:
            for part in _parts(new):
                c.execute(sa.text("INSERT INTO push_item (id, target, place, entity, wanted, stands, yielded, body) "
                                  "VALUES (:id, :target, :place, :entity, :wanted, '', 0, :body)"), rows(part))
            for part in _parts(old):
                c.execute(sa.text("UPDATE push_item SET place = :place, entity = :entity, wanted = :wanted, body = :body "
                                  "WHERE id = :id"), rows(part))
            for part in _parts(diff.note):
                c.execute(sa.text("UPDATE push_item SET stands = :unsure WHERE id = :id"),
                          [{"id": self._id(p), "unsure": UNSURE} for p in part])
            for part in _parts(diff.remove):
                c.execute(sa.text("UPDATE push_item SET wanted = '', body = :body WHERE id = :id"),
                          [{"id": self._id(p), "body": _body(p)} for p in part])
            for part in _parts(diff.drop):
                c.execute(sa.text("DELETE FROM push_item WHERE id = :id"), [{"id": self._id(p)} for p in part])

    def earlier(self, some: Sequence[Payload]) -> Mapping[str, Payload]:
        """What the rows of payloads hold so far, by key."""
        return {p.key: p for part in self._bodies([self._id(p) for p in some]) for p in part}

    def _replacing(self, some: Sequence[Payload]) -> list[Payload]:
        """Payloads that know what of ours they may find in their place: what was delivered, and what was queued since."""
        known = self.earlier([p for p in some if not p.lasting])
        return [replace(p, before=_before(p, known[p.key])) if p.key in known else p for p in some]

    def stands(self) -> frozenset[str]:
        """Keys of what was delivered and not taken back."""
        return frozenset(p.key for part in self._bodies(list(self._known())) for p in part if p.stood)

    def queued(self, held: frozenset[str] = frozenset()) -> int:
        """How many things are still to be sent or removed, beside those that are held back."""
        import sqlalchemy as sa

        with self._engine.connect() as c:
            return int(c.execute(sa.text("SELECT count(*) FROM push_item WHERE target = :t AND wanted <> stands"),
                                 {"t": self._target}).scalar_one()) - len(held)

    def batches(self, size: int, held: frozenset[str] = frozenset()) -> Iterator[list[Payload]]:
        """The queue: definitions first, then by entity, which is never cut; the removals of an entity go with what comes instead.

        held: ids of rows that are left in it.
        """
        import sqlalchemy as sa

        with self._engine.connect() as c:
            rows = c.execute(sa.text("SELECT id, place, entity FROM push_item WHERE target = :t AND wanted <> stands "
                                     "ORDER BY place, entity, id"), {"t": self._target}).all()
        batch: list[str] = []
        last: tuple[int, str] | None = None
        for r in (r for r in rows if r.id not in held):
            here = (r.place, r.entity)
            if batch and (len(batch) >= size and here != last or last is not None and r.place != last[0]):
                yield [p for part in self._bodies(batch) for p in part]
                batch = []
            batch.append(r.id)
            last = here
        if batch:
            yield [p for part in self._bodies(batch) for p in part]

    def cross_off(self, batch: Sequence[Payload], pushed: Pushed) -> None:
        """Note what a batch came to. One transaction."""
        import sqlalchemy as sa

        sent, left = set(pushed.done), set(pushed.yielded)
        stand = [{"id": self._id(p), "d": p.digest, "y": int(p.key in left)} for p in batch if not p.remove and p.key in sent | left]
        gone = [{"id": self._id(p)} for p in batch if p.remove and p.key in sent | left]
        with self._engine.begin() as c:
            for part in _parts(stand):
                c.execute(sa.text("UPDATE push_item SET stands = :d, yielded = :y WHERE id = :id"), part)
            for part in _parts(gone):
                c.execute(sa.text("DELETE FROM push_item WHERE id = :id"), part)

    def deliver(self, push: Push, client: Client, size: int = BATCH, told: Callable[[int], None] = lambda n: None,
                held: frozenset[str] = frozenset()) -> Delivered:
        """Send the queue but for what is held back. What is refused stays queued; a catalog that is down or lets us in no more ends it: the
        rest stays queued."""
        done = removed = yielded = 0
        refused: list[Refused] = []
        stopped = ""
        for batch in self.batches(size, held):
            try:
                pushed = push(batch, client)
            except Stopped as e:
                stopped = e.line()
                break
            self.cross_off(batch, pushed)
            gone = {p.key for p in batch if p.remove}
            removed += len(gone & set(pushed.done))
            done += len(set(pushed.done) - gone)
            yielded += len(pushed.yielded)
            refused += pushed.refused
            told(len(batch))
        return Delivered(done, removed, yielded, tuple(refused), self.queued(held), stopped)

    def every(self) -> Iterator[Payload]:
        """All that is wanted, and the removal of all that was ever written and is not: what a file has to hold, for nobody knows whether
        the one before it was read."""
        for part in self._bodies(sorted(self._known())):
            yield from part

    def settle(self) -> None:
        """A file holds everything: what is wanted stands, and removals are kept as such."""
        import sqlalchemy as sa

        with self._engine.begin() as c:
            c.execute(sa.text("UPDATE push_item SET stands = wanted WHERE target = :t"), {"t": self._target})

    def _known(self) -> dict[str, tuple[str, str, bool]]:
        """Row id -> (digest wanted, digest that stands, yielded)."""
        import sqlalchemy as sa

        ask = sa.text("SELECT id, wanted, stands, yielded FROM push_item WHERE target = :t")
        with self._engine.connect() as c:
            rows = c.execution_options(yield_per=ROWS).execute(ask, {"t": self._target})
            return {r[0]: (r[1], r[2], bool(r[3])) for r in rows}

    def forget(self) -> None:
        """Take nothing for delivered, as after a catalog was set up anew: the next push sends everything."""
        import sqlalchemy as sa

        with self._engine.begin() as c:
            c.execute(sa.text("UPDATE push_item SET stands = '', yielded = 0 WHERE target = :t AND wanted <> ''"), {"t": self._target})

    def _bodies(self, ids: Sequence[str]) -> Iterator[list[Payload]]:
        """Payloads by row id, in that order; what is not wanted any more comes as its removal."""
        import sqlalchemy as sa

        ask = sa.text("SELECT id, wanted, stands, body FROM push_item WHERE id IN :ids").bindparams(sa.bindparam("ids", expanding=True))
        for start in range(0, len(ids), 500):
            some = list(ids[start:start + 500])
            with self._engine.connect() as c:
                rows = {r.id: r for r in c.execute(ask, {"ids": some})}
            yield [replace(_read(r.body, r.wanted == r.stands), remove=not r.wanted, stood=bool(r.stands)) for i in some
                   if (r := rows.get(i)) is not None]

    def _id(self, p: Payload) -> str:
        return _hash(self._target + "\x1f" + p.key)


def scope_of(report: Report, asked: Selection, wanted: Iterable[Payload], refused: Iterable[Refused], *, leave: bool) -> Scope:
    """What a push speaks of. wanted, refused: before and by `clashes`. leave: suggestions it is not asked for stay where they stand."""
    shared = {r.key for r in refused}
    return Scope(
        frozenset({*(s.id for s in report.sources), *([""] if asked.recognizers else [])}),      # recognisers are about no source
        excluded_ids(report, asked) | {p.about for p in wanted if p.entity in shared}, unread_ids(report),
        guesses(report) if leave and not asked.suggested else frozenset(),
    )


@contextmanager
def outbox(base: Path, to: str, address: str) -> Iterator[Outbox]:
    """The outbox of a catalog at an address (URL or file), in the state of a folder."""
    from scanner.state import store

    with store.opened(base, create=True) as engine:
        yield Outbox(engine, f"{to}\x1f{address}")


def clashes(wanted: Iterable[Payload]) -> tuple[list[Payload], list[Refused]]:
    """Payloads whose place in the catalog is theirs alone, and those that two of our columns or tables would write to.

    An entity that two tables would share is refused for both, whichever columns they have: `key` of what is refused is that entity.
    """
    every = list(wanted)
    first: dict[str, Payload] = {}
    abouts: dict[str, dict[str, None]] = {}
    twice: dict[str, tuple[str, ...]] = {}
    for p in (p for p in every if p.about):
        if (other := first.setdefault(p.key, p)).about != p.about:
            twice[p.entity] = (other.about, p.about)
        abouts.setdefault(p.entity, {})[p.about] = None
    for entity, of in abouts.items():
        if len(tables := dict.fromkeys(tables_of(of).values())) > 1:
            twice[entity] = tuple(tables)
    return [p for p in {p.key: p for p in every}.values() if p.entity not in twice], [
        Refused(entity, of[0], Msg(
            "two of ours have this name there: {near}; see entities and casing in catalogs:",
            near=Word(" and ".join(of), f"“{' and '.join(of)}”"),
        ))
        for entity, of in twice.items()
    ]


def _body(p: Payload) -> bytes:
    told = {k: v for k, v in asdict(p).items() if k not in ("remove", "stood") and v not in ("", ())}
    return json.dumps(told, ensure_ascii=False).encode()              # in the order in which people will read it


def _read(body: bytes, stands: bool) -> Payload:
    """A row's payload. stands: it was delivered, so that nothing else of ours can stand there."""
    told = json.loads(body)
    return Payload(**told | {"before": () if stands else tuple(told.get("before", ())), "guesses": tuple(told.get("guesses", ()))})


def _before(p: Payload, earlier: Payload) -> tuple[Mapping[str, Any] | None, ...]:
    """What of ours may stand where a payload comes: what was delivered, and what was queued since and perhaps sent, a removal too."""
    every = [*earlier.before, earlier.body, *([None] if earlier.remove else [])]
    return tuple(b for i, b in enumerate(every) if b != p.body and b not in every[:i])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[n:n + ROWS] for n in range(0, len(rows), ROWS))
