"""Further taxonomies: own classes (一级 二级 三级) and ordered grades of an industry or company, by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from detectors.errors import RulesError, nearest
from detectors.labels import labels, wide_label
from detectors.message import Msg
from detectors.model import Label
from mappings.model import Confidence
from mappings.yaml_files import check_grammar, check_keys, check_label, load_yaml

MOST_LEVELS = 3                               # 一级, 二级, 三级


@dataclass(frozen=True, slots=True)
class LabelGrading:
    """What a further taxonomy says of one label.

    levels: its classes from the widest to the narrowest, at most three.
    """

    levels: tuple[str, ...]
    grade: str
    confidence_of_source: Confidence


@dataclass(frozen=True, slots=True)
class Grading:
    """A further taxonomy. grades: from least to most severe.

    Labels it says nothing of are not among its labels.
    """

    id: str
    title: str
    source: str
    grades: tuple[str, ...]
    labels: Mapping[Label, LabelGrading]

    def unmapped(self) -> tuple[Label, ...]:
        """Labels of ours that it has no class for."""
        return tuple(x for x in labels() if x not in self.labels)


def load_grading(name: str) -> Grading:
    """Read a further taxonomy by name or path.

    Raise RulesError on unknown labels or grades, or a class deeper than three.
    """
    raw, where = load_yaml("taxonomies", name)
    if isinstance(raw, dict) and "profiles" not in raw:
        check_grammar(name, "GradingKeys")
    _check_head(raw, name, where)
    grades = tuple(str(g) for g in raw["grades"])
    if len(set(grades)) < len(grades):
        raise RulesError(
            Msg("a grade stands twice"), where=where, hint=Msg("grades: from least to most severe, each once")
        )
    entries = {
        Label(label): _label_grading(entry, grades, label, f"{where}: {label}")
        for label, entry in raw["labels"].items()
    }
    refined = {
        label: entries[wide]
        for label in labels() if label not in entries and (wide := wide_label(label)) in entries
    }
    return Grading(
        str(raw["id"]), str(raw["title"]), str(raw.get("source", raw["title"])), grades, entries | refined
    )


def _check_head(raw: Any, name: str, where: str) -> None:
    """Raise RulesError where a file is no further taxonomy, or lacks a part of one."""
    if not isinstance(raw, dict):
        raise RulesError(
            Msg("not a taxonomy"), where=where, hint=Msg("chujing taxonomy import FILE.xlsx writes one")
        )
    if "profiles" in raw:
        raise RulesError(
            Msg('"{name}" is the national taxonomy', name=raw.get("id", name)),
            where=where, hint=Msg("it is always there: leave it out"),
        )
    check_keys(raw, ("id", "title", "source", "effective", "grades", "labels"), where)
    for key in ("id", "title", "grades", "labels"):
        if not raw.get(key):
            raise RulesError(
                Msg('"{name}" is missing', name=key),
                where=where, hint=Msg("chujing taxonomy import FILE.xlsx writes a whole one"),
            )


def _label_grading(entry: Mapping[str, Any], grades: Sequence[str], label: str, where: str) -> LabelGrading:
    """What a taxonomy says of one label."""
    check_label(label, where, Msg("see chujing detectors"))
    check_keys(entry, ("levels", "grade", "confidence"), where)
    levels = tuple(str(level) for level in entry.get("levels", ()))
    if not 1 <= len(levels) <= MOST_LEVELS:
        raise RulesError(
            Msg("a class has one to three levels"), where=where, hint=Msg("levels: [一级, 二级, 三级]")
        )
    grade = str(entry.get("grade", ""))
    if grade not in grades:
        raise RulesError(
            Msg('no grade "{name}"', name=grade),
            where=where, hint=nearest(grade, grades) or Msg("known: {names}", names=tuple(grades)),
        )
    confidence = entry.get("confidence", "recalled")
    if confidence not in get_args(Confidence):
        raise RulesError(
            Msg('no confidence "{name}"', name=confidence),
            where=where, hint=Msg("known: {names}", names=tuple(get_args(Confidence))),
        )
    return LabelGrading(levels, grade, confidence)
