"""The values that pass between a push and a catalog: payloads, their outcomes, answers of a client."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from detectors.errors import ChujingError
from detectors.message import Msg, Text
from detectors.renamed import old_attributes

DONE, LEAVE = "done", "leave"                 # outcomes: nothing to do any more; a person's, left alone

Effect = Literal["none", "same", "once"]      # of a request sent twice: it only reads; as if sent once; twice
Outcomes = dict[str, Text]                    # key of a payload -> DONE, LEAVE, or why it was refused


@old_attributes(taken="removed_by_person", gone="removal")
@dataclass(frozen=True, slots=True)
class Payload:
    """One thing of ours in a catalog: a term, a tag on a field, a number on a table.

    Two payloads are the same thing if their keys are equal; a key is unique within a catalog and the same in
    every run. A lasting payload is a definition: it is made where it is absent and never overwritten or
    removed, since stewards may have built on it.
    """

    key: str
    kind: str                                 # node, term, field_term, property ...: the catalog's own word
    entity: str                               # what carries it; payloads of one entity travel together
    body: Mapping[str, Any]                   # JSON; of a removal: what was written
    about: str = ""                           # id of our column or table; empty for definitions
    order: int = 1                            # definitions have 0 and are written before what uses them
    shown: str = ""                           # what it is, for people; not compared
    stamp: str = ""                           # when it was detected or decided, ISO 8601 UTC; not compared
    lasting: bool = False
    remove: bool = False
    stood: bool = False                       # delivered before: if it is absent, somebody removed it
    before: tuple[Mapping[str, Any] | None, ...] = ()   # other bodies of ours that may be there; None:
                                              # perhaps nothing, for we removed it ourselves; not compared
    guesses: tuple[str, ...] = ()             # suggestions in it, as Pick.guesses; not compared

    @property
    def digest(self) -> str:
        """Return 32 hexadecimal digits that change when the catalog has to be told of it again."""
        content = "" if self.lasting else json.dumps(self.body, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(f"{self.key}\x1f{content}".encode()).hexdigest()[:32]

    @property
    def removed_by_person(self) -> bool:
        """Return whether its absence is a person's doing; not where we may have removed it ourselves."""
        return self.stood and not self.remove and None not in self.before

    def removal(self) -> Payload:
        """Return the payload that takes this one away."""
        return replace(self, remove=True)


@dataclass(frozen=True, slots=True)
class Refused:
    """A payload the catalog did not take, and why, in our words. It stays queued."""

    key: str
    about: str
    why: Text


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a batch. Every payload's key is in `done`, in `yielded`, or in `refused`."""

    done: tuple[str, ...] = ()
    yielded: tuple[str, ...] = ()             # a person's own mark is in its place: left alone now and later
    refused: tuple[Refused, ...] = ()


def push_result(payloads: Iterable[Payload], outcomes: Outcomes) -> Pushed:
    """Return what became of a batch. outcomes: by key of a payload DONE, LEAVE, or why it was refused."""
    about = {p.key: p.about or p.entity for p in payloads}
    return Pushed(
        tuple(key for key, outcome in outcomes.items() if outcome == DONE),
        tuple(key for key, outcome in outcomes.items() if outcome == LEAVE),
        tuple(Refused(key, about[key], why) for key, why in outcomes.items() if why not in (DONE, LEAVE)),
    )


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entity or field of ours that the catalog lacks, or that could not be read; with the nearest name."""

    entity: str
    about: str
    near: str = ""
    field: str = ""                           # the field that an entity lacks; empty: the entity itself
    unread: bool = False                      # it could not be read, so whether it is there is open
    why: Text = ""                            # why it could not be read, or cannot be there
    columns: int = 0                          # how many of our columns this is about
    searched: bool = True                     # whether a near name was looked up


@dataclass(frozen=True, slots=True)
class CatalogDecision:
    """What a person decided in the catalog about a column of ours."""

    about: str                                # id of the column
    verdict: Literal["accept", "reject", "relabel"]
    by: str                                   # the person's name in the catalog; empty: not recorded there
    on: str                                   # ISO 8601 UTC; empty: not recorded there
    why: str = ""
    to: str = ""                              # the right label of a relabelling


@dataclass(frozen=True, slots=True)
class UnclearDecision:
    """What looks like a decision in the catalog but is not taken for one."""

    about: str                                # id of the column or table
    why: str                                  # nobody: not signed; leaf: unclear of which of several columns;
                                              # clash: several of our columns have its name


@dataclass(frozen=True, slots=True)
class Response:
    """A catalog's answer: status 200-299, or 400-499 other than 401, 403 and 429."""

    status: int
    body: Any = field(default=None, repr=False)
    etag: str = ""
    lacks: Literal["", "empty", "long", "garbled"] = ""        # why there is no body: empty, more than we
                                                               # read, no JSON

    @property
    def good(self) -> bool:
        return self.status < 300


@dataclass(frozen=True, slots=True)
class Unusable:
    """An entity of the catalog that nothing can be written to."""

    why: Text
    absent: bool = False                      # it does not exist, so nothing needs removing


class Client(Protocol):
    """Speaks HTTP and JSON with one catalog; repeats what may succeed later.

    Both methods raise `Stopped` when the whole push has to end.
    """

    def get(self, path: str) -> Response: ...
    def send(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        effect: Effect = "once",
    ) -> Response:
        """Send a body. headers: beside the usual ones, e.g. If-Match. effect: if sent twice."""
        ...


class Stopped(ChujingError):
    """The catalog is down or admits us no more; what is not delivered stays queued."""


def verdict(
    payload: Payload, current: Any, part: Callable[[Mapping[str, Any]], Any]
) -> Literal["done", "write", "yield"]:
    """Return what is to happen to a value: nothing, write or take back, or leave alone as a person's.

    current: what the catalog has in its place, None for nothing. part: takes from a body what is compared
    with that.
    """
    ours = [part(payload.body), *(None if body is None else part(body) for body in payload.before)]
    if payload.remove:
        return "done" if current is None else "write" if current in ours else "yield"
    if current == ours[0]:
        return "done"
    return "write" if not payload.stood or current in ours else "yield"


def refusal_reason(response: Response) -> Msg:
    """Return what a refusal means, in our words; the catalog's own are never shown."""
    return {
        400: Msg("the catalog does not understand it ({n}): is it an older version?", n="400"),
        404: Msg("not in the catalog (404)"),
        409: Msg("changed by somebody else at the same time ({n})", n="409"),
        412: Msg("changed by somebody else at the same time ({n})", n="412"),
        422: Msg("the catalog does not accept it ({n}): is it an older version?", n="422"),
    }.get(response.status, Msg("the catalog answered {n}", n=response.status))


def by_entity(payloads: Iterable[Payload]) -> Mapping[str, list[Payload]]:
    """Return the payloads of each entity in the order in which they came, removals first."""
    groups: dict[str, list[Payload]] = {}
    for payload in sorted(payloads, key=lambda p: not p.remove):
        groups.setdefault(payload.entity, []).append(payload)
    return groups
