"""The page of detectors: every declaration of `detectors/cn/` and `detectors/common/`, and the labels."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from detectors.labels import labels
from detectors.model import ValueDetector
from detectors.registry import declared_detectors
from reports.docs_build.markdown import code, page, table

INTRODUCTION = """\
A detector of values recognises a number or a word by how it is written and by its check digit. *By chance* is
the share of random strings of the same shape that pass its check: a column has to agree more often than
that. Names and comments of columns are matched by the words in `detectors/data/names.yaml`; names and
addresses in running text are read by `detectors/language/`."""

LABELS_SECTION = """\
## Labels

A finding carries one of these labels. *Key*: its values can tell natural persons apart, so that they are
counted."""


def detectors_page() -> str:
    """Return the page."""
    rows = [_row(file, detector) for file, detector in _detectors()]
    head = ("detector", "label", "what", "by chance", "source", "examples", "file")
    return page("Detectors", INTRODUCTION, table(head, sorted(rows)), LABELS_SECTION, _labels())


def _detectors() -> Iterator[tuple[str, ValueDetector]]:
    """Yield each detector that ships, with its file."""
    for package in ("cn", "common"):
        folder = importlib.import_module(f"detectors.{package}")
        for module in _modules(folder):
            file = f"{module.__name__.replace('.', '/')}.py"
            for detector in declared_detectors(module):
                yield file, detector


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{module.name}")


def _row(file: str, detector: ValueDetector) -> tuple[str, ...]:
    title = f"{detector.title_en} {detector.title}"
    chance = f"{detector.chance:.2g}" if detector.chance else ""
    examples = ", ".join(code(example) for example in detector.examples)
    return code(detector.name), code(detector.label), title, chance, detector.source, examples, code(file)


def _labels() -> str:
    rows = [
        (code(info.label), info.en, info.zh, info.kind.replace("_", " "), "yes" if info.subject_key else "")
        for info in labels().values()
    ]
    return table(("label", "English", "Chinese", "kind", "key"), rows)
