"""Catalogs: the file name is the name after `--to`. What is to stand there is decided here, without network, clock or file.

A catalog is a module with

    payloads(report, asked) -> Iterator[Payload]      pure: what of ours shall stand in the catalog
    push(payloads, client) -> Pushed                  sends them; a client is handed in. Or, for a catalog of files:
    files(payloads) -> Iterator[tuple[str, str]]      (name, text); the name "" is the file of `-o` itself

and, where it can say what it has, `check(payloads, client) -> Iterator[Unmatched]`, and where people decide in it,
`decisions(report, asked, stood, client) -> Iterator[Said | Unsaid]`, and where tables have owners, `owners(report, asked, client)` giving
(id of our table, name). BATCH is how many payloads it takes at a time (one
entity is never cut; what a batch had delivered when a `Stopped` ends it is sent again). Whoever calls `push` remembers what was
written, so that the next push sends differences only, and removals (`Payload.remove`) of what is ours and nothing else.

One rule for marks and numbers alike, `verdict`: what a person took away or changed since we wrote it is left alone and counted as left,
until it says again what we would write.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.metadata
import json
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from detectors.errors import ChujingError, ConfigError, nearest
from detectors.message import Msg
from detectors.renamed import old_attributes, old_names

NAMED = 5                                     # fields of an entity that a check names


@old_attributes(taken="removed_by_person", gone="removal")
@dataclass(frozen=True, slots=True)
class Payload:
    """One thing of ours in a catalog: a term, a tag on a field, a number on a table.

    key: what it is and where; unique within a catalog and the same in every run. Two bodies under one key replace each other.
    lasting: a definition. Made where it is absent, never overwritten, never removed: stewards may have built on it.
    """

    key: str
    kind: str                                 # node, term, field_term, property ...: the catalog's own word
    entity: str                               # what carries it, by the catalog's own name; payloads of one entity travel together
    body: Mapping[str, Any]                   # JSON; of a removal: what was written
    about: str = ""                           # id of our column or table; empty for definitions
    order: int = 1                            # definitions stand at 0, and are written before what uses them
    shown: str = ""                           # what it is, for people; not compared
    stamp: str = ""                           # when it was found or decided, ISO 8601 UTC; not compared
    lasting: bool = False
    remove: bool = False
    stood: bool = False                       # it was delivered before; what is not there any more was taken away by somebody
    before: tuple[Mapping[str, Any] | None, ...] = ()   # other bodies of ours that may still stand there; None: perhaps nothing, and
                                              # that by our own hand; not compared
    guesses: tuple[str, ...] = ()             # what it holds that nobody has accepted: picking.Pick.guesses; not compared

    @property
    def digest(self) -> str:
        """Changes when the catalog has to hear of it again."""
        told = "" if self.lasting else json.dumps(self.body, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(f"{self.key}\x1f{told}".encode()).hexdigest()[:32]

    @property
    def removed_by_person(self) -> bool:
        """Did somebody take it away, where it is not there any more? Not where we may have done so ourselves."""
        return self.stood and not self.remove and None not in self.before

    def removal(self) -> Payload:
        """The removal of this one."""
        return replace(self, remove=True)


@dataclass(frozen=True, slots=True)
class Refused:
    """A payload the catalog did not take, and why, in our words. It stays queued."""

    key: str
    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a batch. Every payload's key is in `done`, in `yielded`, or in `refused`."""

    done: tuple[str, ...] = ()
    yielded: tuple[str, ...] = ()             # a person's own mark stands in its place: left alone now and later
    refused: tuple[Refused, ...] = ()


DONE, LEAVE = "done", "leave"                 # nothing left to do; a person's own: what else is said of a payload is why it cannot be


def push_result(payloads: Iterable[Payload], said: Mapping[str, str]) -> Pushed:
    """What became of a batch, of what is said of each payload by its key: DONE, LEAVE, or why it cannot be."""
    about = {p.key: p.about or p.entity for p in payloads}
    return Pushed(
        tuple(k for k, s in said.items() if s == DONE), tuple(k for k, s in said.items() if s == LEAVE),
        tuple(Refused(k, about[k], s) for k, s in said.items() if s not in (DONE, LEAVE)),
    )


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entity or field of ours that the catalog does not have, and what it has that is near; or that could not be read."""

    entity: str
    about: str
    near: str = ""
    field: str = ""                           # of the entity, where it is there and this is what it lacks
    unread: bool = False                      # it could not be read: nobody knows whether it is there
    why: str = ""                             # why it could not, or cannot be there
    columns: int = 0                          # how many of ours this is about
    searched: bool = True                     # whether something near was looked for


@dataclass(frozen=True, slots=True)
class CatalogDecision:
    """What a person decided in the catalog about a column of ours."""

    about: str                                # id of the column
    verdict: Literal["accept", "reject", "relabel"]
    by: str                                   # name there; empty: not said
    on: str                                   # ISO 8601 UTC; empty: not said
    why: str = ""
    to: str = ""                              # the right label of a relabelling


@dataclass(frozen=True, slots=True)
class UnclearDecision:
    """What looks like a decision in the catalog and is not taken for one."""

    about: str                                # id of the column or table
    why: str                                  # nobody: not signed; leaf: not said on which of several columns; clash: several have its name


@dataclass(frozen=True, slots=True)
class Response:
    """What a catalog answered: status 200-299, or 400-499 other than 401, 403 and 429."""

    status: int
    body: Any = field(default=None, repr=False)
    etag: str = ""
    lacks: Literal["", "empty", "long", "garbled"] = ""        # why there is no body: nothing came, more than we read, no JSON

    @property
    def good(self) -> bool:
        return self.status < 300


class Client(Protocol):
    """Speaks HTTP and JSON with one catalog. Tries again where that may help; `Stopped` where the whole push has to end."""

    def get(self, path: str) -> Response: ...
    def send(self, method: str, path: str, body: Any, *, headers: Mapping[str, str] | None = None, reads: bool = False) -> Response:
        """`headers` beside the usual ones, e.g. If-Match. reads: this asks and changes nothing, whatever its method."""
        ...


class Stopped(ChujingError):
    """The catalog is down or lets us in no more: what is not delivered stays queued."""


def verdict(p: Payload, stands: Any, said: Callable[[Mapping[str, Any]], Any]) -> Literal["done", "write", "yield"]:
    """What becomes of a value: nothing left to do, to be written or taken back, or left alone as a person's.

    stands: what the catalog has in its place, None for nothing. said: that part of a body.
    """
    ours = [said(p.body), *(None if body is None else said(body) for body in p.before)]
    if p.remove:
        return "done" if stands is None else "write" if stands in ours else "yield"
    if stands == ours[0]:
        return "done"
    return "write" if not p.stood or stands in ours else "yield"


def refusal_reason(answer: Response) -> str:
    """What a refusal means, in our words; the catalog's own are not shown."""
    return {
        400: Msg("the catalog does not understand it ({n}): is it an older version?", n="400"),
        404: Msg("not in the catalog (404)"),
        409: Msg("changed by somebody else at the same time ({n})", n="409"),
        412: Msg("changed by somebody else at the same time ({n})", n="412"),
        422: Msg("the catalog does not accept it ({n}): is it an older version?", n="422"),
    }.get(answer.status, Msg("the catalog answered {n}", n=answer.status))


class Search:
    """What a check found, with what is near: looked up for the first `most` only, since each is a search of its own."""

    def __init__(self, most: int) -> None:
        self._left = most

    def entity(self, entity: str, of: Sequence[Payload], look: Callable[[], str]) -> Unmatched:
        """An entity that is not there."""
        found, searched = self._near(look)
        return replace(self.without(entity, of, ""), near=found, searched=searched, unread=False)

    def without(self, entity: str, of: Sequence[Payload], why: str, *, unread: bool = True) -> Unmatched:
        """An entity that could not be read; or cannot be there, for the name it would have."""
        tables = tables_of({p.about for p in of})
        return Unmatched(entity, min(tables.values()), why=why, unread=unread, columns=sum(a != table for a, table in tables.items()))

    def fields(self, entity: str, wanted: Mapping[str, str], known: Collection[str]) -> Iterator[Unmatched]:
        """Fields that an entity lacks; something near is looked up for the first that people will see. wanted: our id by name."""
        for i, name in enumerate(n for n in wanted if n not in known):
            found, searched = self._near(partial(nearest_name, name, known)) if i < NAMED else ("", True)
            yield Unmatched(entity, wanted[name], found, name, searched=searched, columns=1)

    def _near(self, look: Callable[[], str]) -> tuple[str, bool]:
        self._left -= 1
        return (look(), True) if self._left >= 0 else ("", False)


def tables_of(abouts: Collection[str]) -> Mapping[str, str]:
    """The table of each id of a column or table, where both may be among them."""
    above = {a: a.rsplit("/", 1)[0] for a in abouts}
    tables = set(above.values())
    return {a: a if a in tables else table for a, table in above.items()}


def nearest_name(word: str, known: Iterable[str]) -> str:
    """What the catalog has that is most like a name of ours: the same in another case, else the nearest; empty for none."""
    every = list(known)
    same = [k for k in every if k.casefold() == word.casefold()]
    return (same or difflib.get_close_matches(word, every, n=1, cutoff=0.6) or [""])[0]


def nearest_by_last_part(name: str, known: Collection[str], last: Callable[[str], str]) -> str:
    """The same by the last part of names: what stands before it is much alike in all of them."""
    if not (found := nearest_name(last(name), dict.fromkeys(map(last, known)))):
        return ""
    return nearest_name(name, some := [k for k in known if last(k) == found]) or some[0]


def catalogs() -> tuple[str, ...]:
    """Names that can stand after `--to`."""
    own = [m.name for m in pkgutil.iter_modules(__path__) if hasattr(importlib.import_module(f"{__name__}.{m.name}"), "payloads")]
    return tuple(sorted({*own, *(e.name for e in importlib.metadata.entry_points(group="chujing.catalogs"))}))


def find(name: str) -> ModuleType:
    """The catalog of this name; ConfigError with the known ones."""
    for entry in importlib.metadata.entry_points(group="chujing.catalogs"):
        if entry.name == name:
            return entry.load()
    if name not in catalogs():
        raise ConfigError(
            Msg('no catalog "{name}"', name=name),
            hint=nearest(name, catalogs()) or Msg("known: {names}", names=tuple(catalogs())),
        )
    return importlib.import_module(f"{__name__}.{name}")


def by_entity(payloads: Iterable[Payload]) -> Mapping[str, list[Payload]]:
    """Payloads of each entity, in the order in which they came; removals first."""
    out: dict[str, list[Payload]] = {}
    for p in sorted(payloads, key=lambda p: not p.remove):
        out.setdefault(p.entity, []).append(p)
    return out


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
