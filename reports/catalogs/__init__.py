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
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.metadata
import json
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, Literal, Protocol

from detectors.errors import ChujingError, ConfigError, nearest


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
    was: str = ""                             # digest of what was delivered before

    @property
    def digest(self) -> str:
        """Changes when the catalog has to hear of it again."""
        told = "" if self.lasting else json.dumps(self.body, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(f"{self.key}\x1f{told}".encode()).hexdigest()[:32]

    def gone(self) -> Payload:
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


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entity or field of ours that the catalog does not have, and what it has that is near."""

    entity: str
    about: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person decided in the catalog about a column of ours."""

    about: str                                # id of the column
    verdict: Literal["accept", "reject", "relabel"]
    by: str                                   # name there; empty: not said
    on: str                                   # ISO 8601 UTC; empty: not said
    why: str = ""
    to: str = ""                              # the right label of a relabelling


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What looks like a decision in the catalog and is not taken for one."""

    about: str                                # id of the column or table
    why: str                                  # nobody: not signed; leaf: not said on which of several columns; clash: several have its name


@dataclass(frozen=True, slots=True)
class Answer:
    """What a catalog answered: status 200-299, or 400-499 other than 401, 403 and 429."""

    status: int
    body: Any = field(default=None, repr=False)
    etag: str = ""

    @property
    def good(self) -> bool:
        return self.status < 300


class Client(Protocol):
    """Speaks HTTP and JSON with one catalog. Tries again where that may help; `Stopped` where the whole push has to end."""

    def get(self, path: str) -> Answer: ...
    def send(self, method: str, path: str, body: Any, *, headers: Mapping[str, str] | None = None, reads: bool = False) -> Answer:
        """`headers` beside the usual ones, e.g. If-Match. reads: this asks and changes nothing, whatever its method."""
        ...


class Stopped(ChujingError):
    """The catalog is down or lets us in no more: what is not delivered stays queued."""


def why(answer: Answer) -> str:
    """What a refusal means, in our words; the catalog's own are not shown."""
    return {
        400: "the catalog does not understand it (400): is it an older version?", 404: "not in the catalog (404)",
        409: "changed by somebody else at the same time (409)", 412: "changed by somebody else at the same time (412)",
        422: "the catalog does not accept it (422): is it an older version?",
    }.get(answer.status, f"the catalog answered {answer.status}")


def near(word: str, known: Iterable[str]) -> str:
    """What the catalog has that is most like a name of ours: the same in another case, else the nearest; empty for none."""
    every = list(known)
    same = [k for k in every if k.casefold() == word.casefold()]
    return (same or difflib.get_close_matches(word, every, n=1, cutoff=0.6) or [""])[0]


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
        raise ConfigError(f'no catalog "{name}"', hint=nearest(name, catalogs()) or f"known: {', '.join(catalogs())}")
    return importlib.import_module(f"{__name__}.{name}")


def by_entity(payloads: Iterable[Payload]) -> Mapping[str, list[Payload]]:
    """Payloads of each entity, in the order in which they came; removals first."""
    out: dict[str, list[Payload]] = {}
    for p in sorted(payloads, key=lambda p: not p.remove):
        out.setdefault(p.entity, []).append(p)
    return out
