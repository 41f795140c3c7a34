"""Files that no reader takes, and what settles them: another source scans them, or somebody ignored them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from detectors.ids import source_of
from detectors.message import Msg, Text
from detectors.model import Skipped
from reports.patterns import fits_any

if TYPE_CHECKING:
    from scanner.config.model import Ignore
    from scanner.config.sources import Source


def selects(source: Source, skipped: Skipped) -> bool:
    """Return whether include and exclude let through what was skipped; a source as a whole always is."""
    parts = [unquote(part) for part in skipped.id.split("/")]
    if len(parts) < 2 or source_of(skipped.id) != source.id:
        return True
    return source.selects("/".join(parts[1:-1]), parts[-1])


def scanned_elsewhere(unread_paths: Mapping[str, str], sources: Sequence[Source]) -> frozenset[str]:
    """Return the ids of unread files that are sources of the same scan. unread_paths: by id."""
    paths = {path for source in sources for path in _database_file(source.url)}
    return frozenset(name for name, path in unread_paths.items() if _resolved(path) in paths)


def _database_file(url: str) -> Iterator[str]:
    """Yield the file that a URL of an engine names whose databases are files."""
    scheme, has_path, path = url.partition(":///")
    if has_path and scheme.split("+", 1)[0] in ("sqlite", "duckdb") and path:
        yield _resolved(path.split("?", 1)[0])


def _resolved(path: str) -> str:
    return Path(path).expanduser().resolve().as_posix()


def ignored_files(skipped: Sequence[Skipped], ignored: Sequence[Ignore], as_of: date) -> Mapping[str, Text]:
    """Return what of the skipped the configuration ignores on a day, by id: why, by whom and until when."""
    entries = [entry for entry in ignored if entry.file and entry.until >= as_of]
    reasons: dict[str, Text] = {}
    for one in skipped:
        for entry in entries:
            if fits_any((one.id, unquote(one.id)), (entry.file,)):
                reasons[one.id] = Msg("{name}: ignored, {why} ({by}, until {day})", name=unquote(one.id),
                                      why=entry.why, by=entry.by, day=entry.until)
    return reasons
