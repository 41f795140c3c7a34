"""Data catalogs: what is to stand in each is decided here, without network, clock or file.

A catalog is a module whose name is the word after `--to`, with

    payloads(report, selection) -> Iterator[Payload]
        what of ours shall stand in the catalog; pure
    push(payloads, client) -> Pushed
        writes payloads through the client that is passed in; or, for a catalog of files,
    files(payloads) -> Iterator[tuple[str, str]]
        (name, text) of each file; the name "" is the file of `-o` itself

and, where it can,

    check(payloads, client) -> Iterator[Unmatched]
        what of ours the catalog does not have
    owners(report, selection, client) -> Iterator[tuple[str, str]]
        (id of our table, its owner's name)
    decisions(report, selection, delivered, client) -> Iterator[CatalogDecision | UnclearDecision]
        what people decided there; delivered: keys of what we wrote
    FILE = "events.jsonl"
        the name of its one file where -o names a folder
    BATCH = 1_000
        payloads it takes at a time; those of one entity stay together
    RECOGNIZERS = True
        it can use our patterns

Whoever calls `push` remembers what was written, so that the next push sends differences only, and removals
(`Payload.remove`) of what is ours and nothing else. If a batch ends with `Stopped`, all of it is sent again.

One rule holds for marks and numbers alike, `verdict`: what a person removed or changed since we wrote it is
left alone and reported as such, until it agrees again with what we would write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.renamed import old_names
from reports.catalogs.near_names import NAMED, Search, nearest_by_last_part, nearest_name, tables_of
from reports.catalogs.protocol import (
    DONE,
    LEAVE,
    CatalogDecision,
    Client,
    Effect,
    Payload,
    Pushed,
    Refused,
    Response,
    Stopped,
    UnclearDecision,
    Unmatched,
    by_entity,
    push_result,
    refusal_reason,
    verdict,
)
from reports.catalogs.registry import catalogs, find

__all__ = [
    "CatalogDecision",
    "Client",
    "DONE",
    "Effect",
    "LEAVE",
    "NAMED",
    "Payload",
    "Pushed",
    "Refused",
    "Response",
    "Search",
    "Stopped",
    "UnclearDecision",
    "Unmatched",
    "by_entity",
    "catalogs",
    "find",
    "nearest_by_last_part",
    "nearest_name",
    "push_result",
    "refusal_reason",
    "tables_of",
    "verdict",
]

if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
