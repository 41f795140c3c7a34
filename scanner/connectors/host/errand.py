"""A file that people hand in, read by a reader that is started for it: a damaged one ends only that."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from detectors.errors import SourceError
from detectors.redaction import redact
from scanner.connectors.dictionary import Dictionary, load_dictionary
from scanner.connectors.host.calls import NO_SOURCE, Call, crash_words
from scanner.connectors.host.connector import SILENT_SECONDS, slow_words
from scanner.connectors.host.readers import READERS, ReaderDied, ReaderSlow, can_host


def read_dictionary(path: Path) -> Dictionary:
    """Read a data dictionary, see `load_dictionary`. Raise SourceError when it cannot be read."""
    if not can_host():
        return load_dictionary(path)
    signal = ""
    try:
        with READERS.alone() as reader:
            answer = reader.converse(Call(NO_SOURCE, "dictionary", (path, str(Path.cwd()))), SILENT_SECONDS)
            try:
                next(answer)
            except StopIteration as end:
                return cast(Dictionary, end.value)
            except ReaderDied:
                signal = READERS.end(reader)
    except (ReaderDied, OSError):             # none can be started here
        return load_dictionary(path)
    except ReaderSlow:
        what, hint = slow_words(SILENT_SECONDS)
    else:
        what, hint = crash_words(signal)
    raise SourceError(what, where=redact(str(path)), hint=hint)
