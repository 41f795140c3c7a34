"""What libraries say by themselves: warnings, log lines, tracebacks, and what foreign code writes to stderr.

Their words may hold values of the data or parts of a URL. None of them is shown; what is shown instead, once
for each place, is which library spoke, of which kind it was, and the line of its code.

Only the standard library is imported here: this runs before every command.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import IO, Any

CUT = "(the words of a library are not shown)"
Spot = tuple[str, str, str]                  # (library, kind, file:line)


class LibraryOutput:
    """Takes over what libraries say, from `start` to `stop`; a process of ours never stops it.

    The real stderr stays `sys.stderr`; descriptor 2, to which foreign code writes, leads into a file that
    has no name and that nobody reads.
    """

    def __init__(self) -> None:
        self._places: dict[Spot, None] = {}
        self._restore: list[Any] = []
        self._foreign: IO[bytes] | None = None

    def start(self) -> None:
        """Take over warnings, logging, tracebacks outside the main thread, and descriptor 2."""
        self._replace(warnings, "showwarning", self._take_warning)
        self._replace(threading, "excepthook", lambda e: self._take_error(e.exc_type, e.exc_traceback))
        self._replace(sys, "unraisablehook", lambda e: self._take_error(e.exc_type, e.exc_traceback))
        self._replace(sys, "excepthook", _end)
        self._replace(logging, "lastResort", _Collector(self._take_record))
        make_record = logging.getLogRecordFactory()
        logging.setLogRecordFactory(lambda *a, **k: _cut(make_record(*a, **k)))
        self._restore.append(lambda: logging.setLogRecordFactory(make_record))
        self._take_descriptor()

    def stop(self) -> None:
        """Give everything back."""
        while self._restore:
            self._restore.pop()()

    def lines(self) -> list[str]:
        """Return who spoke, in the order of the first time, and how many lines came from foreign code."""
        from reports.messages.words import t
        from scanner.cli.options import language_of_arguments

        lang = language_of_arguments(sys.argv[1:])
        sources = [
            t("cli.library", lang, library=library, kind=kind, place=place)
            for library, kind, place in self._places
        ]
        n = self._foreign_lines()
        return [*sources, *([t("cli.library.stderr", lang, n=n)] if n else [])]

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._restore.append(lambda: setattr(owner, name, before))

    def _take_descriptor(self) -> None:
        try:
            real = os.dup(2)
        except OSError:                       # closed by whoever started us
            return
        sys.stderr.flush()
        self._foreign = tempfile.TemporaryFile()  # noqa: SIM115
        self._restore.append(self._foreign.close)
        os.dup2(self._foreign.fileno(), 2)
        own = sys.stderr
        if _descriptor(own) == 2:
            stream = os.fdopen(
                os.dup(real), "w", buffering=1, encoding=own.encoding, errors=own.errors
            )
            self._replace(sys, "stderr", stream)
        self._restore += [lambda: os.close(real), lambda: os.dup2(real, 2)]

    def _foreign_lines(self) -> int:
        if self._foreign is None:
            return 0
        self._foreign.seek(0)
        return sum(1 for line in self._foreign if line.strip())

    def _take_warning(
        self, message: Any, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any
    ) -> None:
        self._add(filename, lineno, category.__name__)

    def _take_record(self, record: logging.LogRecord) -> None:
        self._add(record.pathname, record.lineno, record.levelname)

    def _take_error(self, kind: type[BaseException], trace: Any) -> None:
        self._add(*_raised_at(trace), kind.__name__)

    def _add(self, file: str, line: int, kind: str) -> None:
        self._places[_library(file), kind, f"{Path(file).name}:{line}"] = None


class _Collector(logging.Handler):
    """Hands records of warnings and errors to a function."""

    def __init__(self, take: Any) -> None:
        super().__init__(logging.WARNING)
        self._take = take

    def emit(self, record: logging.LogRecord) -> None:
        self._take(record)


def _raised_at(trace: Any) -> tuple[str, int]:
    """Return the file and the line at the end of a traceback."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ("?", 0)


def _end(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Say what ended the program before a command could: its kind and place, and a module that is missing."""
    file, line = _raised_at(trace)
    missing = f" ({error.name})" if isinstance(error, ImportError) and error.name else ""
    sys.stderr.write(f"chujing: {kind.__name__}{missing}, {Path(file).name}:{line}\n")


def _cut(record: logging.LogRecord) -> logging.LogRecord:
    """Return a record without its words, values and traceback; logger, level and place stay."""
    record.msg, record.args = CUT, ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _descriptor(stream: Any) -> int | None:
    try:
        return int(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return None


def _library(file: str) -> str:
    """Return the package that a file belongs to.

    >>> _library("/venv/lib/python3.11/site-packages/openpyxl/worksheet/_reader.py")
    'openpyxl'
    """
    installed = re.search(r"(?:site|dist)-packages[\\/]([^\\/]+)", file)
    return (installed[1] if installed else Path(file).name).removesuffix(".py")
