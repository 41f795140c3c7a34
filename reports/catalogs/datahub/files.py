"""A file of metadata change proposals, for a recipe of `datahub ingest` with `source: {type: file}`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from reports.catalogs.datahub.aspects import aspects
from reports.catalogs.datahub.patches import patch_record, patches, upsert_record
from reports.catalogs.protocol import Payload, by_entity
from reports.cells import escape_json


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """Yield one file: definitions first, then of each dataset its aspects if it is whole, else patches."""
    ordered = sorted(payloads, key=lambda p: (p.order, p.key))
    proposals = [
        upsert_record(p.body["type"], p.entity, p.body["aspect"], p.body["value"])
        for p in ordered
        if p.lasting
    ]
    for entity, marks in by_entity(p for p in ordered if not p.lasting).items():
        if any(mark.kind == "table" for mark in marks):
            proposals += [upsert_record(*aspect) for aspect in aspects(entity, marks)]
        else:
            proposals += [patch_record(patch) for patch in patches(entity, marks)]
    lines = (escape_json(json.dumps(p, ensure_ascii=False, sort_keys=True)) for p in proposals)
    yield "", "[\n" + ",\n".join(lines) + "\n]\n"
