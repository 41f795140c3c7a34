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

from typing import TYPE_CHECKING

from detectors.renamed import old_names
from reports.catalogs.protocol import (
    DONE,
    LEAVE,
    NAMED,
    CatalogDecision,
    Client,
    Payload,
    Pushed,
    Refused,
    Response,
    Search,
    Stopped,
    UnclearDecision,
    Unmatched,
    by_entity,
    nearest_by_last_part,
    nearest_name,
    push_result,
    refusal_reason,
    tables_of,
    verdict,
)
from reports.catalogs.registry import catalogs, find

__all__ = [
    "CatalogDecision",
    "Client",
    "DONE",
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
