"""`schedule:`: when to scan, and what."""

from __future__ import annotations

from typing import Annotated

from detectors.grammar import Keys, Whole, checked, described
from scanner.config.cron import check_zone, parse_cron


class ScheduleKeys(Keys):
    """One entry."""

    cron: Annotated[str, checked(parse_cron)] = described("minute hour day month weekday, or @daily", ...)
    timezone: Annotated[str, checked(check_zone)] = described("default Asia/Shanghai", "Asia/Shanghai")
    jitter: Whole = described("seconds a run may start later, drawn anew each time", 0)
    sources: tuple[str, ...] = described(
        "sources to read; of the others the last findings stand. Default: all", ()
    )
    options: tuple[str, ...] = described("further options of chujing scan, e.g. --allow, contract", ())
