"""What of chujing.yaml only a scan applies, as digests: a later change of it is named beside the last scan.

Facts, answers, filings, reviews, owners and gradings are applied at every command and are not among it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from mappings.model import Flow
from scanner.config.model import Config
from scanner.config.sources import Source


def _source(source: Source) -> object:
    """What is read of a source; not how fast, and nothing secret."""
    from scanner.connectors.urls import redact

    places = redact(source.url), redact(source.metastore), str(source.dictionary or "")
    return source.id, *places, source.include, source.exclude, source.entity


def _flow(flow: Flow) -> object:
    """Which columns and rows a flow exports; what else is said of it is applied without a scan."""
    return flow.id, flow.entity, flow.fields, flow.view, flow.sql, flow.where, flow.declared


def _file(path: Path | None) -> object:
    return path.read_bytes() if path is not None and path.is_file() else str(path or "")


SETTINGS: Mapping[str, Callable[[Config], object]] = {
    "sources": lambda config: sorted(map(repr, map(_source, config.sources))),
    "flows": lambda config: sorted(map(repr, map(_flow, config.flows))),
    "ignore": lambda config: config.ignore,
    "links": lambda config: config.links,
    "subjects": lambda config: sorted(config.subjects.items()),
    "test_rows": lambda config: sorted(config.test_rows.items()),
    "profile": lambda config: config.profile,
    "detectors": lambda config: _file(config.detectors),
    "lineage": lambda config: [(str(path), _file(path)) for path in config.lineage],
}


def settings_digests(config: Config) -> Mapping[str, str]:
    """Return a digest of each part of a configuration that only a scan applies."""
    return {
        name: hashlib.sha256(repr(part(config)).encode()).hexdigest()[:12] for name, part in SETTINGS.items()
    }


def changed_settings(config: Config, scanned: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts that are otherwise now than when they were scanned.

    scanned: digests of then; a part that has none is not compared.
    """
    now = settings_digests(config)
    return tuple(name for name, then in scanned.items() if now.get(name, then) != then)
