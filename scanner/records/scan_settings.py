"""What of chujing.yaml only a scan applies, as digests: a later change of it is named beside the last scan.

Facts, answers, filings, reviews, owners and gradings are applied at every command and are not among it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from mappings.model import Flow
from scanner.config.model import Config


def _sources(config: Config) -> object:
    """What is read of each source; not how fast, and nothing secret."""
    from scanner.connectors.urls import redact

    base = Path(config.file).parent
    return sorted(
        repr((
            source.id, _from_folder(redact(source.url), base), redact(source.metastore),
            _from_folder(str(source.dictionary or ""), base), source.include, source.exclude, source.entity,
        ))
        for source in config.sources
    )


def _from_folder(place: str, base: Path) -> str:
    """A file by its way from the folder of chujing.yaml: the same wherever a command is run."""
    scheme, _, rest = place.partition(":///")
    if not place or ("://" in place and not rest.startswith("/")):
        return place
    return f"{scheme if rest else ''}:{os.path.relpath(Path(rest or place).resolve(), base.resolve())}"


def _flow(flow: Flow) -> object:
    """Which columns and rows a flow exports; what else is said of it is applied without a scan."""
    return flow.id, flow.entity, flow.fields, flow.view, flow.sql, flow.where, flow.declared


def _file(path: Path | None) -> object:
    return path.read_bytes() if path is not None and path.is_file() else str(path or "")


SETTINGS: Mapping[str, Callable[[Config], object]] = {
    "sources": _sources,
    "flows": lambda config: sorted(map(repr, map(_flow, config.flows))),
    "ignore": lambda config: config.ignore,
    "links": lambda config: config.links,
    "subjects": lambda config: sorted(config.subjects.items()),
    "test_rows": lambda config: sorted(config.test_rows.items()),
    "profile": lambda config: config.profile,
    "detectors": lambda config: _file(config.detectors),
    "lineage": lambda config: [
        (_from_folder(str(path), Path(config.file).parent), _file(path)) for path in config.lineage
    ],
}


# parts whose digest means something else since this name was given it: a scan of an earlier version has none
# under that name and is not called changed
_STORED_AS: Mapping[str, str] = {"sources": "sources in the folder", "lineage": "lineage in the folder"}


def settings_digests(config: Config) -> Mapping[str, str]:
    """Return a digest of each part of a configuration that only a scan applies."""
    return {_STORED_AS.get(name, name): _digest(part(config)) for name, part in SETTINGS.items()}


def _digest(part: object) -> str:
    return hashlib.sha256(repr(part).encode()).hexdigest()[:12]


def changed_settings(config: Config, scanned: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts that are otherwise now than when they were scanned.

    scanned: digests of then; a part that has none is not compared.
    """
    now = settings_digests(config)
    stored = {name: _STORED_AS.get(name, name) for name in SETTINGS}
    return tuple(name for name, key in stored.items() if scanned.get(key, now[key]) != now[key])
