"""Report formats: the suffix of the output file is the name of the module."""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import IO, Any, BinaryIO

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.plug_ins import load_plug_in
from reports.files import in_folder_of, write_atomically, writing
from reports.model import Report

Writer = Callable[[Report, IO[Any]], None]
NOT_FORMATS = ("terminal",)


def formats() -> tuple[str, ...]:
    """Return the suffixes that can be written, sorted."""
    own = [m.name for m in pkgutil.iter_modules(__path__) if m.name not in NOT_FORMATS]
    return tuple(sorted({*own, *(e.name for e in importlib.metadata.entry_points(group="chujing.formats"))}))


def writer(path: Path) -> Writer:
    """Return what writes a file of this suffix; raise ConfigError with the known ones if there is none."""
    return _format_writer(_format(path))


def _format_writer(form: ModuleType | Writer) -> Writer:
    return form.write if isinstance(form, ModuleType) else form


def _format(path: Path) -> ModuleType | Writer:
    name = path.suffix.lower().removeprefix(".")
    for entry in importlib.metadata.entry_points(group="chujing.formats"):
        if entry.name == name:
            return load_plug_in(entry)
    if name not in formats():
        raise ConfigError(
            Msg('no report format "{name}"', name=path.suffix or path.name),
            hint=nearest(name, formats()) or Msg("known: {names}", names=tuple(formats())),
        )
    return importlib.import_module(f"reports.formats.{name}")


def save(report: Report, path: Path, lang: str = "zh") -> tuple[Path, ...]:
    """Write a report in the format its suffix names, whole or not at all, and return the files written.

    A format's module has `write(report, file)`, `BINARY = True` where the file holds bytes, and
    `save(report, path)` where one report may become several files; with `SPEAKS = True` that is
    `save(report, path, lang)`.
    """
    form = _format(path)
    if (save_files := getattr(form, "save", None)) is not None:
        options = (lang,) if getattr(form, "SPEAKS", False) else ()
        with in_folder_of(path), writing(path):
            files: tuple[Path, ...] = save_files(report, path, *options)
        return files
    write = _format_writer(form)
    as_bytes = getattr(form, "BINARY", False)
    write_atomically(path, lambda file: write(report, file) if as_bytes else _write_text(write, report, file))
    return (path,)


def _write_text(write: Writer, report: Report, file: BinaryIO) -> None:
    """Let a format of text write into a file of bytes: UTF-8, lines ending as the format ends them."""
    text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
    write(report, text)
    text.flush()
    text.detach()
