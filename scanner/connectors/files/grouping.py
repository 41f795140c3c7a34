"""Which files make which table: a partitioned folder, a folder of part files, a Delta or Iceberg table, a member of an archive, a file."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.errors import ChujingError
from detectors.model import TableRef
from scanner.connectors.files.places import Place, shown_below
from scanner.connectors.opening import families

Left = tuple[TableRef, str, str]              # what is not read: table, reason, hint

_LAKES = ((re.compile(r"^(.*)/_delta_log/[^/]+$"), "delta"), (re.compile(r"^(.*)/metadata/[^/]+\.metadata\.json$"), "iceberg"))


@dataclass(frozen=True, slots=True)
class Group:
    """Files that make one table (or one workbook of several), sorted by path as text. A lake knows its files itself."""

    name: str
    schema: str
    own: tuple[Place, ...]
    family: Any

    @property
    def lake(self) -> bool:
        return hasattr(self.family, "table")

    @property
    def files(self) -> tuple[Place, ...]:
        return tuple(self.family.files()) if self.lake else self.own


def grouped(
    found: Sequence[Place], root: str, options: Mapping[str, str], timeout: float = 60, schema: str = "",
) -> tuple[list[Group], list[Left]]:
    """(tables, what is none). root: the folder that was asked for, empty for a file or a glob; hidden files below it are left out."""
    known = families()
    lakes = dict(_lakes(found))
    plain = [p for p in found if p.suffix in known and (not root or shown_below(p, root)) and not _inside(p, lakes)]
    names = _Names()
    groups = [Group(names.new(top.rpartition("/")[2], top), schema, (), _lake(kind, top, found, options, timeout))
              for top, kind in lakes.items()]
    left: list[Left] = []
    parts: dict[tuple[str, str], list[Place]] = {}
    for file in plain:
        module = known[file.suffix]
        if module.endswith(".archive"):
            more, refused = _archive(file, options, timeout, names.new(file.name.split(".", 1)[0], file.path))
            groups += more
            left += refused
        elif top := partition_root(file):
            parts.setdefault((top, module), []).append(file)
        else:
            groups.append(Group(names.file(file), schema, (file,), importlib.import_module(module)))
    groups += [Group(names.new(top.rpartition("/")[2], top), schema, tuple(files), importlib.import_module(module))
               for (top, module), files in parts.items()]
    return groups, left


class _Names:
    """Table names, each once: a second one is told apart by its folder, then by a number."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def file(self, place: Place) -> str:
        folder = place.parts[-2] if len(place.parts) > 1 else ""
        return self._first(place.name.split(".", 1)[0], f"{folder}_{place.name}")

    def new(self, name: str, path: str) -> str:
        above = path.rstrip("/").split("/")[-2:-1]
        return self._first(name, "_".join([*above, name]))

    def _first(self, *wished: str) -> str:
        name = next((w for w in wished if w not in self._used), "")
        number = 2
        while not name:
            name = f"{wished[-1]}_{number}" if f"{wished[-1]}_{number}" not in self._used else ""
            number += 1
        self._used.add(name)
        return name


def partition_root(file: Place) -> str:
    """The folder above `dt=2026-01-01/`, or the folder of part files; empty for a plain file."""
    folders = file.path.split("/")[:-1]
    first = next((i for i, f in enumerate(folders) if "=" in f), None)
    if first is not None:
        return "/".join(folders[:first])
    return "/".join(folders) if file.name.startswith("part-") else ""


def _lakes(found: Sequence[Place]) -> Iterator[tuple[str, str]]:
    for place in found:
        for pattern, kind in _LAKES:
            if m := pattern.match(place.path):
                yield m[1], kind


def _inside(place: Place, lakes: Mapping[str, str]) -> bool:
    above = place.path
    while lakes and "/" in above:
        above = above.rpartition("/")[0]
        if above in lakes:
            return True
    return False


def _lake(kind: str, top: str, found: Sequence[Place], options: Mapping[str, str], timeout: float) -> Any:
    system = next(p.system for p in found if p.path.startswith(top))
    where = top if system is None else str(system.unstrip_protocol(top))
    return importlib.import_module(f"scanner.connectors.lake.{kind}").folder(where, options, timeout)


def _archive(archive: Place, options: Mapping[str, str], timeout: float, name: str) -> tuple[list[Group], list[Left]]:
    from scanner.connectors.files.archive import members

    try:
        inside, refused = members(archive)
    except ChujingError as e:
        return [], [(TableRef(name), str(e), e.hint)]
    groups, left = grouped(inside, "", options, timeout, schema=name)
    return groups, [*left, *((TableRef(member, name), f"{archive.where}: {why}", hint) for member, why, hint in refused)]
