"""Candidates for important data (疑似重要数据): an argument about a table, never a verdict.

Two different words must speak of a factor, one of them in a column; then the columns that carry it are named,
with the coordinates and places beside them. Generic names alone (`lat` of a shop) never fire, and tables of
persons are left to personal information.

Source: GB/T 43697-2024 Annex G; only what has been notified or published is important data
(网络数据安全管理条例 第三十七条).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from detectors.important.factors import Factor, carriers, clinical_rule, factors
from detectors.important.figures import decimals, extent_and_resolution
from detectors.labels import is_among
from detectors.message import Msg, Word
from detectors.model import ColumnId, ColumnSample, Evidence, TableInfo

MOST_WORDS = 6                                # that an argument names
PRECISE = 3                                   # decimals of a coordinate from which on an argument says so


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that carries a factor. label: `important.<factor>`. confidence: in [0, 1]."""

    label: str
    confidence: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Argument:
    """A factor that a table speaks of. carrying: column -> the word it does it with. score: 2 and more."""

    factor: Factor
    carrying: Mapping[ColumnId, str]
    score: int


def candidates(table: TableInfo, samples: Sequence[ColumnSample], subject: str) -> Mapping[str, Candidate]:
    """Return candidates by column id; empty if no factor applies. subject: what a row of the table is."""
    if subject == "person":
        return {}
    best: _Argument | None = None
    for argument in _arguments(table, samples):
        if best is None or argument.score > best.score:
            best = argument
    return {} if best is None else _argued_candidates(best, samples)


def clinical(label: str) -> Candidate | None:
    """Return what a personal finding is besides, at scale: diagnoses and health records of many people."""
    rule = clinical_rule()
    if not is_among(label, rule.labels):
        return None
    return Candidate(f"important.{rule.factor}", 0.3, (Evidence("table", rule.note),))


def _arguments(table: TableInfo, samples: Sequence[ColumnSample]) -> Iterator[_Argument]:
    """The factors that two different words speak of, one of them in a column."""
    shared_name = re.sub(r"\{[^{}]*\}", "", table.ref.name)      # of shards; their pattern is no word
    about, about_latin = f"{shared_name} {table.comment}", _latin_words(shared_name)
    by_column = [(s.id, _factor_words(s.column.name, s.column.comment)) for s in samples]
    for factor in factors():
        carrying = {column: words[factor.name] for column, words in by_column if factor.name in words}
        if not carrying:
            continue
        of_table = _longest_word(about, about_latin, factor.table)
        different = len({*carrying.values(), *([of_table] if of_table else [])})
        if different >= 2:
            yield _Argument(factor, carrying, different + bool(of_table))


def _argued_candidates(argument: _Argument, samples: Sequence[ColumnSample]) -> Mapping[str, Candidate]:
    """The columns that carry the factor and those beside them, each with the whole argument."""
    factor = argument.factor
    confidence = min(0.5 + 0.05 * argument.score, 0.8)
    figures = tuple(extent_and_resolution(samples))
    thresholds = tuple(Evidence("table", threshold.note) for threshold in factor.thresholds)
    by_column: dict[str, Candidate] = {}
    for sample in samples:
        name, comment = sample.column.name, sample.column.comment
        carrier = _longest_word(f"{name} {comment}", _latin_words(name), carriers())
        if sample.id in argument.carrying or carrier:
            reason = _reason(argument, decimals(sample) if carrier else 0)
            evidence = (Evidence("table", reason), *figures, *thresholds, Evidence("table", factor.remedy))
            by_column[sample.id] = Candidate(factor.label, confidence, evidence)
    return by_column


def _reason(argument: _Argument, places: int) -> Msg:
    """Why a column may carry the factor. places: decimals of its coordinates."""
    factor = argument.factor
    letter = Word(factor.annex, zh=factor.annex.upper())
    words = tuple(sorted(set(argument.carrying.values()))[:MOST_WORDS])
    if places < PRECISE:
        return Msg(
            "factor {factor} (Annex G {letter}): the table speaks of {words}",
            factor=factor.title, letter=letter, words=words,
        )
    return Msg(
        "factor {factor} (Annex G {letter}): the table speaks of {words}; coordinates to {n} decimals",
        factor=factor.title, letter=letter, words=words, n=places,
    )


@lru_cache(1 << 16)
def _factor_words(name: str, comment: str) -> Mapping[str, str]:
    """Factor -> the word that a column speaks of it with."""
    text, latin = f"{name} {comment}", _latin_words(name)
    words = {factor.name: _longest_word(text, latin, factor.columns) for factor in factors()}
    return {factor: word for factor, word in words.items() if word}


def _latin_words(text: str) -> str:
    """`Capacity (MW)` -> `_capacity_mw_`, so that phrases are found as substrings."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    words = [word for word in re.split(r"[^a-z0-9]+", f"{text.lower()} {spaced.lower()}") if word]
    return "_" + "_".join(dict.fromkeys(words)) + "_"


def _longest_word(text: str, latin: str, words: Sequence[str]) -> str:
    """The longest word that occurs; empty if none does. latin: of the text, see `_latin_words`."""
    present = (word for word in words if (f"_{word}_" in latin if word.isascii() else word in text))
    return max(present, key=len, default="")
