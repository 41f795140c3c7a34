"""What a sample says of extent in space and of resolution in time: figures, never a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import pyarrow as pa

from detectors.message import Msg
from detectors.model import ColumnSample, Evidence

KILOMETRES = 111                              # of a degree, at most
CELLS_OF_NUMBERS, CELLS_OF_TIMES, CELLS_OF_DECIMALS = 10_000, 2_000, 1_000
STEPS = 5                                     # fewer different times than this say nothing of their distance
UNITS: tuple[tuple[int, Callable[[float], Msg]], ...] = (       # seconds, and their message
    (86_400, lambda n: Msg("resolution in time: about {n:.3g} days", n=n)),
    (3_600, lambda n: Msg("resolution in time: about {n:.3g} hours", n=n)),
    (60, lambda n: Msg("resolution in time: about {n:.3g} minutes", n=n)),
    (1, lambda n: Msg("resolution in time: about {n:.3g} seconds", n=n)),
)


def extent_and_resolution(samples: Sequence[ColumnSample]) -> Iterator[Evidence]:
    """Yield the extent of the coordinates of a table and the resolution of its times, if there are any."""
    ranges = {}
    for sample in samples:
        axis = _axis(sample.column.name)
        if axis and (numbers := _coordinates(sample)):
            ranges[axis] = max(numbers) - min(numbers)
    if len(ranges) == 2:
        x, y = round(ranges["x"] * KILOMETRES), round(ranges["y"] * KILOMETRES)
        yield Evidence("table", Msg("extent of the sample: {x:,.0f} km by {y:,.0f} km at most", x=x, y=y))
    steps = (_time_step(sample) for sample in samples)
    if (step := next((step for step in steps if step is not None), None)) is not None:
        yield Evidence("table", step)


def decimals(sample: ColumnSample) -> int:
    """Return the most decimals of the first numbers of a column; 0 where there are none."""
    if sample.values is None:
        return 0
    texts = (str(value) for value in sample.values[:CELLS_OF_DECIMALS].to_pylist() if value is not None)
    fits = (re.fullmatch(r"-?[0-9]{1,3}\.([0-9]+)", text) for text in texts)
    return max((len(fit[1]) for fit in fits if fit), default=0)


def _axis(name: str) -> str:
    """`y` for a latitude, `x` for a longitude; empty for anything else."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    words = set(re.split(r"[^a-z0-9]+", f"{name.lower()} {spaced.lower()}"))
    if words & {"lat", "latitude"} or "纬度" in name:
        return "y"
    return "x" if words & {"lng", "lon", "long", "longitude"} or "经度" in name else ""


def _coordinates(sample: ColumnSample) -> list[float]:
    """The numbers of a column from -180 to 180."""
    if sample.values is None:
        return []
    numbers = []
    for value in sample.values[:CELLS_OF_NUMBERS].to_pylist():
        try:
            numbers.append(float(value))
        except (TypeError, ValueError):
            continue
    return [number for number in numbers if -180 <= number <= 180]


def _time_step(sample: ColumnSample) -> Msg | None:
    """The usual distance of neighbouring times; None where the column holds no times, or too few."""
    times = _times(sample)
    distinct = sorted({time.replace(tzinfo=None) for time in times})
    steps = sorted((later - earlier).total_seconds() for earlier, later in pairwise(distinct))
    if len(steps) < STEPS:
        return None
    usual = steps[len(steps) // 2]
    seconds, message = next((unit for unit in UNITS if usual >= unit[0]), UNITS[-1])
    return message(float(f"{usual / seconds:.3g}"))         # no more of the values than is shown


def _times(sample: ColumnSample) -> list[datetime]:
    """The first times of a column; none if one cell is no time."""
    if sample.values is None:
        return []
    about = f"{sample.column.type} {sample.column.name}".lower()
    if not pa.types.is_temporal(sample.values.type) and not re.search("date|time", about):
        return []
    times = []
    for value in sample.values[:CELLS_OF_TIMES].to_pylist():
        try:
            times.append(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
        except ValueError:
            return []
    return times
