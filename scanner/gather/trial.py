"""Try whether sources can be opened and list a table; no row is read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from itertools import islice

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Skipped
from scanner.config.sources import Source
from scanner.gather.listing import connect, open_lister


def try_sources(sources: Sequence[Source]) -> Iterator[tuple[Source, Skipped | None]]:
    """Yield each source with what keeps it from being read; None where it can be."""
    for source in sources:
        try:
            yield source, _try(source)
        except (SourceError, ConfigError) as e:
            yield source, Skipped(source.id, e.message, e.hint)


def _try(source: Source) -> Skipped | None:
    """Open a source, and its metastore where it has one, and list one table.

    Return what is wrong if there is none.
    """
    if source.metastore:
        with contextlib.closing(connect(source)):
            pass
    with contextlib.closing(open_lister(source)) as lister:
        first = next(islice(lister.tables(), 1), None)
    if first is None:
        return Skipped(source.id, Msg("it has no tables"))
    return first if isinstance(first, Skipped) else None
