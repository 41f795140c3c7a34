"""Forms of papers as the authorities publish them: heads, notes and prompts, one YAML file a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

KEYS = {"head", "lead", "fill", "write", "parts"}


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part of a form.

    head: as the form has it; lead: a sentence instead of one. fill: what is filled in from the scan.
    write: prompts for what a person writes. depth: 0 for the parts of the whole.
    """

    head: str
    lead: str
    fill: tuple[str, ...]
    write: tuple[str, ...]
    parts: tuple[Part, ...]
    depth: int

    def walk(self) -> Iterator[Part]:
        """Yield the part and all below it, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class FilingForm:
    """A form. party: what its cover calls the one who files. measures: words above its matters."""

    title: str
    subtitle: str
    party: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    measures: str

    def walk(self) -> Iterator[Part]:
        """Yield every part, in order."""
        for part in self.parts:
            yield from part.walk()


@cache
def form_text(name: str) -> Mapping[str, Any]:
    """Return the file of a form as it stands."""
    import yaml

    path = files("reports").joinpath("filings", "forms", f"{name}.yaml")
    text: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return text


@cache
def load_form(name: str) -> FilingForm:
    """Return a form by the name of its file."""
    text = form_text(name)
    parts = tuple(_part(raw, 0) for raw in text["parts"])
    return FilingForm(
        text["title"], text.get("subtitle", ""), text["party"], tuple(text["notes"]), parts, text["measures"]
    )


def _part(raw: Mapping[str, Any], depth: int) -> Part:
    assert raw.keys() <= KEYS, f"a part of a form has unknown keys: {sorted(raw.keys() - KEYS)}"
    below = tuple(_part(part, depth + 1) for part in raw.get("parts", ()))
    return Part(
        raw.get("head", ""), raw.get("lead", ""), tuple(raw.get("fill", ())), tuple(raw.get("write", ())),
        below, depth,
    )
