"""Candidates for important data (疑似重要数据): an argument about a table, never a verdict.

Two different words must speak of a factor, one of them in a column; then the columns that carry it are named,
with the coordinates and places beside them. Generic names alone (`lat` of a shop) never fire, and tables
about persons are left to personal information.

Source: GB/T 43697-2024 Annex G; only what has been notified or published is important data (网络数据安全管理条例
第三十七条).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pyarrow as pa

from detectors.labels import labels
from detectors.message import Msg, Value, Word
from detectors.model import ColumnSample, Evidence, Label, TableInfo


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that carries a factor. label: `important.<factor>`."""

    label: str
    confidence: float
    evidence: tuple[Evidence, ...]


@cache
def _data() -> Mapping[str, Any]:
    import yaml

    return yaml.safe_load(files("detectors").joinpath("data", "important.yaml").read_text(encoding="utf-8"))


def _words(text: str) -> str:
    """`Capacity (MW)` -> `_capacity_mw_`, so that phrases are found as substrings."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    plain = [w for w in re.split(r"[^a-z0-9]+", f"{text.lower()} {spaced.lower()}") if w]
    return "_" + "_".join(dict.fromkeys(plain)) + "_"


def _hit(text: str, latin: str, words: Sequence[str]) -> str:
    """The longest word that occurs, or the empty string."""
    found = [w for w in words if (f"_{w}_" in latin if w.isascii() else w in text)]
    return max(found, key=len, default="")


@lru_cache(1 << 16)
def _carried(name: str, comment: str) -> Mapping[str, str]:
    """Factor -> the word a column speaks of it with."""
    text, latin = f"{name} {comment}", _words(name)
    return {factor: word for factor, about in _data()["factors"].items() if (word := _hit(text, latin, about["columns"]))}


def candidates(table: TableInfo, samples: Sequence[ColumnSample], subject: str) -> Mapping[str, Candidate]:
    """Candidate by column id; empty when no factor applies to the table."""
    if subject == "person":
        return {}
    best: tuple[int, str, dict[str, str]] | None = None
    shards = re.sub(r"\{[^{}]*\}", "", table.ref.name)       # what members have in common; their pattern is no word
    about = f"{shards} {table.comment}"
    said = [(str(s.id), hits) for s in samples if (hits := _carried(s.column.name, s.column.comment))]
    about_latin = _words(shards)
    for name, factor in _data()["factors"].items():
        carried = {column: hits[name] for column, hits in said if name in hits}
        if not carried:
            continue
        spoken = _hit(about, about_latin, factor["table"])
        different = len({*carried.values(), *([spoken] if spoken else [])})
        score = different + bool(spoken)
        if different >= 2 and (best is None or score > best[0]):
            best = (score, name, carried)
    if best is None:
        return {}
    return _argued(table, samples, best[1], best[2], best[0])


def clinical(label: str) -> Candidate | None:
    """A personal finding that is, at scale, a candidate besides: diagnoses and health records of many people."""
    rule = _data()["clinical"]
    if label not in rule["labels"]:
        return None
    return Candidate(f"important.{rule['factor']}", 0.3, (Evidence("table", Word(rule["note"], rule["note_zh"])),))


def _argued(
    table: TableInfo, samples: Sequence[ColumnSample], name: str, carried: Mapping[str, str], score: int
) -> Mapping[str, Candidate]:
    factor = _data()["factors"][name]
    words = sorted(set(carried.values()))
    about: dict[str, Value] = {
        "factor": _factor_title(name), "letter": Word(factor["annex"], factor["annex"].upper()), "words": tuple(words[:6])
    }
    if factor.get("stop"):
        settle = Msg("stop and ask first: {what}", what=factor["confirm"])
    else:
        settle = Msg("would confirm or refute: {what}", what=factor["confirm"])
    confidence = min(0.5 + 0.05 * score, 0.8)
    seen = tuple(_extent_and_resolution(samples))
    triggers = tuple(Evidence("table", _threshold(trigger)) for trigger in factor.get("triggers", ()))
    out = {}
    for s in samples:
        text = f"{s.column.name} {s.column.comment}"
        beside = _hit(text, _words(s.column.name), _data()["carriers"])
        if str(s.id) in carried or beside:
            precise = _decimals(s) if beside else 0
            argument = (Evidence("table", _reason(about, precise)), *seen, *triggers, Evidence("table", settle))
            out[str(s.id)] = Candidate(f"important.{name}", confidence, argument)
    return out


def _reason(about: Mapping[str, Value], precise: int) -> Msg:
    """Why a table may hold a factor. precise: decimals of coordinates; fewer than three say nothing."""
    if precise < 3:
        return Msg("factor {factor} (Annex G {letter}): the table speaks of {words}", **about)
    return Msg(
        "factor {factor} (Annex G {letter}): the table speaks of {words}; coordinates to {n} decimals", **about, n=precise
    )


def _factor_title(name: str) -> Word:
    info = labels().get(Label(f"important.{name}"))
    return Word(name, name if info is None else info.zh)


def _threshold(trigger: Mapping[str, str]) -> Msg:
    """From what size on a sector counts such data, with its source."""
    return Msg(
        "threshold {id}: {said}; {source} [{sure}]",
        id=trigger["id"], said=Word(trigger["when"], trigger["when_zh"]), source=trigger["source"],
        sure=CONFIDENCE[trigger["confidence"]],
    )


CONFIDENCE = {"verified": Msg("verified"), "secondary": Msg("secondary"), "recalled": Msg("recalled")}


def _extent_and_resolution(samples: Sequence[ColumnSample]) -> Iterator[Evidence]:
    """What the sample says of extent and of resolution in time: the figures of a table, never its values' places in it."""
    ranges = {}
    for s in samples:
        words = set(_words(s.column.name).strip("_").split("_"))
        axis = "y" if words & {"lat", "latitude"} or "纬度" in s.column.name else "x" if words & {"lng", "lon", "long", "longitude"} else ""
        if (axis or "经度" in s.column.name) and (numbers := _numbers(s)):
            ranges[axis or "x"] = max(numbers) - min(numbers)
    if len(ranges) == 2:
        yield Evidence(
            "table",
            Msg(
                "extent of the sample: {x:,.0f} km by {y:,.0f} km at most",
                x=ranges["x"] * 111,
                y=ranges["y"] * 111,
            ),
        )
    for s in samples:
        if s.values is not None and (step := _step(s)) is not None:
            yield Evidence("table", step)
            return


def _numbers(sample: ColumnSample) -> list[float]:
    if sample.values is None:
        return []
    found = []
    for v in sample.values[:10_000].to_pylist():
        try:
            found.append(float(v))
        except (TypeError, ValueError):
            continue
    return [f for f in found if -180 <= f <= 180]


def _step(sample: ColumnSample) -> Msg | None:
    """The usual distance of neighbouring times, in words; None when the column holds none."""
    assert sample.values is not None
    if not (pa.types.is_temporal(sample.values.type) or re.search(r"date|time", f"{sample.column.type} {sample.column.name}".lower())):
        return None
    times = []
    for v in sample.values[:2_000].to_pylist():
        try:
            times.append(v if isinstance(v, datetime) else datetime.fromisoformat(str(v)))
        except ValueError:
            return None
    distinct = sorted({t.replace(tzinfo=None) for t in times})
    steps = sorted((b - a).total_seconds() for a, b in pairwise(distinct))
    if len(steps) < 5:
        return None
    return _resolution(steps[len(steps) // 2])


def _resolution(seconds: float) -> Msg:
    """The usual distance of neighbouring times in the largest unit that it fills, to three digits."""
    if seconds >= 86_400:
        return Msg("resolution in time: about {n} days", n=f"{seconds / 86_400:.3g}")
    if seconds >= 3_600:
        return Msg("resolution in time: about {n} hours", n=f"{seconds / 3_600:.3g}")
    if seconds >= 60:
        return Msg("resolution in time: about {n} minutes", n=f"{seconds / 60:.3g}")
    return Msg("resolution in time: about {n} seconds", n=f"{seconds:.3g}")


def _decimals(sample: ColumnSample) -> int:
    """Most decimals of the first thousand numbers of a column; 0 where there are none."""
    if sample.values is None:
        return 0
    texts = (str(v) for v in sample.values[:1_000].to_pylist() if v is not None)
    return max((len(m[1]) for t in texts if (m := re.fullmatch(r"-?[0-9]{1,3}\.([0-9]+)", t))), default=0)
