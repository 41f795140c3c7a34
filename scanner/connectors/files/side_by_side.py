"""One question to each of several files; those far away are asked at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from detectors.errors import SourceError
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.silence import SilenceLimit

Broken = Mapping[str, SourceError]            # path of a file that cannot be read -> why
T = TypeVar("T")


def ask_files(
    files: Sequence[SourceFile], ask: Callable[[SourceFile], T], connections: int,
) -> tuple[list[T], dict[str, SourceError]]:
    """Return the answers in the order of the files, and the errors by path.

    connections: files far away that are open at the same time.
    """

    limit = SilenceLimit()

    def answer(file: SourceFile) -> T | SourceError:
        try:
            with limit.attempt(file.where), reader_errors(file.where):
                return ask(file)
        except SourceError as e:
            return e

    if len(files) > 1 and files[0].is_remote:
        with ThreadPoolExecutor(connections) as pool:
            answers = list(pool.map(answer, files))
    else:
        answers = [answer(file) for file in files]
    broken = {file.path: e for file, e in zip(files, answers, strict=True) if isinstance(e, SourceError)}
    return [a for a in answers if not isinstance(a, SourceError)], broken
