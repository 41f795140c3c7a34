"""What stands in a catalog by our hand, and the queue of what is to be sent.

The queue is on disk before the first request, and each thing is crossed off after it was sent. One row is
one thing of ours. Where what is wanted and what stands differ, the row is queued; killed or cut off at any
moment, the next push sends what remains. A batch sent but not crossed off is sent once more, which changes
nothing: payloads say what shall be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import StateError
from detectors.message import Msg
from reports.catalogs import Client, Payload, Pushed, Refused, Stopped
from scanner.deliver.push_scope import PushScope
from scanner.state.lease import Lease

if TYPE_CHECKING:
    import sqlalchemy as sa

BATCH = 200                                   # payloads handed to a catalog at a time, by default
UNSURE = "?"                                  # digest of what stands where it may be either of two of ours
ROWS = 5_000                                  # rows written or read in one statement
BODIES = 500                                  # payloads read in one statement

PushBatch = Callable[[Iterable[Payload], Client], Pushed]


@dataclass(frozen=True, slots=True)
class Diff:
    """What a push would do."""

    add: tuple[Payload, ...] = ()
    change: tuple[Payload, ...] = ()
    remove: tuple[Payload, ...] = ()
    same: int = 0
    beyond: int = 0                           # ours, but not spoken of by this report
    awaiting: int = 0                         # suggestions that stand and stay until somebody decides
    recheck: tuple[Payload, ...] = ()         # stand, unless what was queued instead came through
    forget: tuple[Payload, ...] = ()          # a person's own mark: nothing is sent
    fresh: frozenset[str] = frozenset()       # ids of rows that are not there yet
    withheld: frozenset[str] = frozenset()    # ids of rows an earlier push queued and this one does not name

    @property
    def empty(self) -> bool:
        return not (self.add or self.change or self.remove)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a push went. stopped: why it ended early, if it did."""

    done: int
    removed: int
    yielded: int
    refused: tuple[Refused, ...]
    queued: int
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """What is known of a thing of ours without its body."""

    due: str = ""                             # digest of what shall stand; empty: nothing
    stands: str = ""                          # digest of what was delivered; empty: nothing
    yielded: bool = False                     # a person's own mark stands in its place


class Outbox:
    """The rows of one catalog at one address. Opened by `outbox`."""

    def __init__(self, engine: sa.Engine, target: str) -> None:
        self._engine = engine
        self._target = _hash(target)

    def alone(self) -> AbstractContextManager[None]:
        """Push as the only one to this catalog; raise StateError while another push is under way."""
        under_way = Msg("another push to this catalog is under way")
        return Lease(self._engine, f"push {self._target[:24]}", under_way).hold()

    # ---- what is to be done

    def diff(self, payloads: Iterable[Payload], scope: PushScope) -> Diff:
        """Compare payloads with what stands, changing nothing."""
        rows = self._rows()
        named = self._diff_named(payloads, rows)
        return self._diff_unnamed(named, rows, scope)

    def _diff_named(self, payloads: Iterable[Payload], rows: dict[str, _Row]) -> Diff:
        """Compare payloads with their rows, which are taken out of `rows`."""
        add: list[Payload] = []
        change: list[Payload] = []
        recheck: list[Payload] = []
        fresh: list[str] = []
        same = 0
        for p in payloads:
            id = self._id(p)
            if id not in rows:
                fresh.append(id)
            row = rows.pop(id, _Row())
            if row.stands == p.digest:
                same += 1
                if row.due != p.digest:    # something else was queued, and perhaps sent
                    recheck.append(p)
            elif row.stands:
                change.append(p)
            else:
                add.append(p)
        return Diff(tuple(add), tuple(change), same=same, recheck=tuple(recheck), fresh=frozenset(fresh))

    def _diff_unnamed(self, named: Diff, rows: Mapping[str, _Row], scope: PushScope) -> Diff:
        """Complete a diff by what becomes of things of ours that no payload names."""
        remove: list[Payload] = []
        forget: list[Payload] = []
        withheld: list[str] = []
        beyond = awaiting = 0
        for p in (p for part in self._bodies(list(rows)) for p in part):
            row = rows[id := self._id(p)]
            if not (row.due or row.stands):
                continue
            covered = not p.lasting and scope.covers(p.about)
            if row.due != row.stands and not (covered and not scope.is_open_suggestion(p)):
                withheld.append(id)
            if p.lasting:
                continue
            if not covered:
                beyond += 1
            elif scope.is_open_suggestion(p):
                awaiting += bool(row.stands)
            elif row.yielded:
                forget.append(p)
            else:                             # also if never crossed off: a push may have been cut off before
                remove.append(p.removal())
        return replace(
            named,
            remove=tuple(remove),
            forget=tuple(forget),
            withheld=frozenset(withheld),
            beyond=beyond,
            awaiting=awaiting,
        )

    def enqueue(self, diff: Diff) -> None:
        """Put on disk what shall stand, and what no longer. One transaction."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        id = self._id
        new = [p for p in diff.add if id(p) in diff.fresh]
        old = self._with_earlier(
            [p for p in (*diff.add, *diff.change, *diff.recheck) if id(p) not in diff.fresh]
        )
        this_row = PUSH_ITEM.c.id == sa.bindparam("row")
        insert, update, delete = sa.insert(PUSH_ITEM), sa.update(PUSH_ITEM), sa.delete(PUSH_ITEM)
        unsent = {"target": self._target, "stands": "", "yielded": 0}
        with self._engine.begin() as c:
            _execute(c, insert, ({"id": id(p), **unsent, **_due_values(p)} for p in new))
            _execute(c, update.where(this_row), ({"row": id(p), **_due_values(p)} for p in old))
            _execute(c, update.where(this_row), ({"row": id(p), "stands": UNSURE} for p in diff.recheck))
            removals = ({"row": id(p), "wanted": "", "body": _body(p)} for p in diff.remove)
            _execute(c, update.where(this_row), removals)
            _execute(c, delete.where(this_row), ({"row": id(p)} for p in diff.forget))

    def _with_earlier(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return payloads that know what of ours they may meet: what was delivered, and queued since."""
        earlier = self.earlier([p for p in payloads if not p.lasting])
        return [
            replace(p, before=_bodies_before(p, earlier[p.key])) if p.key in earlier else p for p in payloads
        ]

    def forget(self) -> None:
        """Take nothing for delivered, as after a catalog was set up anew: the next push sends everything."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        due = (PUSH_ITEM.c.target == self._target) & (PUSH_ITEM.c.wanted != "")
        with self._engine.begin() as c:
            c.execute(sa.update(PUSH_ITEM).where(due).values(stands="", yielded=0))

    # ---- the queue

    def queued(self, withheld: frozenset[str] = frozenset()) -> int:
        """Return how many things are still to be sent or removed, beside those withheld."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        count = sa.select(sa.func.count()).select_from(PUSH_ITEM).where(*self._queue_conditions())
        with self._engine.connect() as c:
            return int(c.execute(count).scalar_one()) - len(withheld)

    def batches(self, size: int, withheld: frozenset[str] = frozenset()) -> Iterator[list[Payload]]:
        """Yield the queue: definitions first, then by entity, which is never cut.

        The removals of an entity go with what comes instead. withheld: ids of rows that stay in the queue.
        """
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        items = sa.select(PUSH_ITEM.c.id, PUSH_ITEM.c.place, PUSH_ITEM.c.entity)
        query = items.where(*self._queue_conditions())
        with self._engine.connect() as c:
            rows = c.execute(query.order_by(PUSH_ITEM.c.place, PUSH_ITEM.c.entity, PUSH_ITEM.c.id)).all()
        batch: list[str] = []
        last: tuple[int, str] | None = None
        for row in (r for r in rows if r.id not in withheld):
            current = (row.place, row.entity)
            full = len(batch) >= size and current != last
            if batch and (full or (last is not None and row.place != last[0])):
                yield [p for part in self._bodies(batch) for p in part]
                batch = []
            batch.append(row.id)
            last = current
        if batch:
            yield [p for part in self._bodies(batch) for p in part]

    def cross_off(self, batch: Sequence[Payload], pushed: Pushed) -> None:
        """Note what a batch came to. One transaction."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        yielded = set(pushed.yielded)
        settled = [p for p in batch if p.key in yielded.union(pushed.done)]
        this_row = PUSH_ITEM.c.id == sa.bindparam("row")
        update, delete = sa.update(PUSH_ITEM).where(this_row), sa.delete(PUSH_ITEM).where(this_row)
        standing = [
            {"row": self._id(p), "stands": p.digest, "yielded": int(p.key in yielded)}
            for p in settled
            if not p.remove
        ]
        with self._engine.begin() as c:
            _execute(c, update, standing)
            _execute(c, delete, [{"row": self._id(p)} for p in settled if p.remove])

    def deliver(
        self,
        push: PushBatch,
        client: Client,
        size: int = BATCH,
        progress: Callable[[int], None] = lambda n: None,
        withheld: frozenset[str] = frozenset(),
    ) -> Delivery:
        """Send the queue but for what is withheld.

        What is refused stays queued. A catalog that is down or admits us no more ends it: the rest stays
        queued. progress: is called with the number of payloads of each batch.
        """
        done = removed = yielded = 0
        refused: list[Refused] = []
        stopped = ""
        for batch in self.batches(size, withheld):
            try:
                pushed = push(batch, client)
            except Stopped as e:
                stopped = e.line()
                break
            self.cross_off(batch, pushed)
            removals = {p.key for p in batch if p.remove}
            removed += len(removals & set(pushed.done))
            done += len(set(pushed.done) - removals)
            yielded += len(pushed.yielded)
            refused += pushed.refused
            progress(len(batch))
        return Delivery(done, removed, yielded, tuple(refused), self.queued(withheld), stopped)

    def _queue_conditions(self) -> tuple[sa.ColumnElement[bool], ...]:
        from scanner.state.tables import PUSH_ITEM

        return PUSH_ITEM.c.target == self._target, PUSH_ITEM.c.wanted != PUSH_ITEM.c.stands

    # ---- what is in it

    def earlier(self, payloads: Sequence[Payload]) -> Mapping[str, Payload]:
        """Return what the rows of payloads hold so far, by key."""
        return {p.key: p for part in self._bodies([self._id(p) for p in payloads]) for p in part}

    def delivered_keys(self) -> frozenset[str]:
        """Return the keys of what was delivered and not taken back."""
        return frozenset(p.key for part in self._bodies(list(self._rows())) for p in part if p.stood)

    def every(self) -> Iterator[Payload]:
        """Yield all that is wanted, and the removal of all that was ever written and is not wanted.

        A file has to hold that: nobody knows whether the one before it was read.
        """
        for part in self._bodies(sorted(self._rows())):
            yield from part

    def settle(self) -> None:
        """Note that a file holds everything: what is wanted stands, and removals stay as such."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        of_target = PUSH_ITEM.c.target == self._target
        with self._engine.begin() as c:
            c.execute(sa.update(PUSH_ITEM).where(of_target).values(stands=PUSH_ITEM.c.wanted))

    def _rows(self) -> dict[str, _Row]:
        """Return what is known of every thing of ours, by row id."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        query = sa.select(PUSH_ITEM.c.id, PUSH_ITEM.c.wanted, PUSH_ITEM.c.stands, PUSH_ITEM.c.yielded)
        with self._engine.connect() as c:
            streamed = c.execution_options(yield_per=ROWS)
            rows = streamed.execute(query.where(PUSH_ITEM.c.target == self._target))
            return {id: _Row(due, stands, bool(yielded)) for id, due, stands, yielded in rows}

    def _bodies(self, ids: Sequence[str]) -> Iterator[list[Payload]]:
        """Yield payloads by row id, in that order; what is not wanted any more comes as its removal."""
        import sqlalchemy as sa

        from scanner.state.tables import PUSH_ITEM

        query = sa.select(PUSH_ITEM.c.id, PUSH_ITEM.c.wanted, PUSH_ITEM.c.stands, PUSH_ITEM.c.body)
        for start in range(0, len(ids), BODIES):
            some = list(ids[start:start + BODIES])
            with self._engine.connect() as c:
                rows = {r.id: r for r in c.execute(query.where(PUSH_ITEM.c.id.in_(some)))}
            yield [_payload(rows[id]) for id in some if id in rows]

    def _id(self, p: Payload) -> str:
        return _hash(self._target + "\x1f" + p.key)


@contextmanager
def outbox(folder: Path, catalog: str, address: str) -> Iterator[Outbox]:
    """Open the outbox of a catalog at an address (URL or file), in the state of a folder."""
    from scanner.state import database

    with database.open_engine(folder, create=True) as engine:
        yield Outbox(engine, f"{catalog}\x1f{address}")


# ---- rows


def _due_values(p: Payload) -> dict[str, Any]:
    """Return the columns of a row that say what shall stand."""
    return {"place": p.order, "entity": _hash(p.entity), "wanted": p.digest, "body": _body(p)}


def _body(p: Payload) -> bytes:
    fields = {k: v for k, v in asdict(p).items() if k not in ("remove", "stood") and v not in ("", ())}
    return json.dumps(fields, ensure_ascii=False).encode()      # in the order in which people will read it


def _payload(row: Any) -> Payload:
    """Return a row's payload. If it was delivered, nothing else of ours can stand there.

    Raise StateError where the row is damaged.
    """
    try:
        fields = json.loads(row.body)
        before = () if row.wanted == row.stands else tuple(fields.get("before", ()))
        guesses = tuple(fields.get("guesses", ()))
        payload = Payload(**fields | {"before": before, "guesses": guesses})
    except (ValueError, TypeError, AttributeError):
        raise StateError(
            Msg("what was pushed is damaged in the state"),
            hint=Msg("bring back a copy of the state"),
        ) from None
    return replace(payload, remove=not row.wanted, stood=bool(row.stands))


def _bodies_before(p: Payload, earlier: Payload) -> tuple[Mapping[str, Any] | None, ...]:
    """Return what of ours may stand where a payload comes, None for nothing.

    That is what was delivered, and what was queued since and perhaps sent, a removal too.
    """
    every = [*earlier.before, earlier.body, *([None] if earlier.remove else [])]
    return tuple(body for i, body in enumerate(every) if body != p.body and body not in every[:i])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _execute(c: sa.Connection, statement: sa.Executable, rows: Iterable[Mapping[str, Any]]) -> None:
    """Execute a statement for every row, many at a time."""
    remaining = iter(rows)
    while part := list(islice(remaining, ROWS)):
        c.execute(statement, part)
