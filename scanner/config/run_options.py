"""How one run reads, counts and records: what the options of `chujing scan` and of `scanner.scan` come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from detectors.errors import ConfigError
from detectors.message import Msg

USUAL_MEMORY, LEAST_MEMORY = 1 << 30, 256 << 20          # bytes


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of one run.

    rows: to draw from each table. seed: of the samples. as_of: the day the decision is for; None for today.
    values: False to read names and comments only. profile: which standard says what is sensitive; None for
    the configuration's. exact: link every row, whether or not a legal line needs it. budget: seconds that
    reading and counting may take together; the rest is for later runs. gentle: one connection to a source at
    a time, with pauses. jobs: processes that examine samples. None for either: as configured. record: month,
    e.g. 2026-11, under which the persons of active flows go into the year's ledger; "" to record none.
    whole: columns whose every value is looked at, not a sample: ids, their ends, or patterns with `*`.
    memory: bytes that counting persons may take; what goes beyond is on disk while it is counted.
    Raise ConfigError where rows is below 1, or memory below 256 MiB.
    """

    rows: int = 2_000
    seed: int = 7
    as_of: date | None = None
    values: bool = True
    profile: str | None = None
    exact: bool = False
    budget: float | None = None
    gentle: bool | None = None
    jobs: int | None = None
    record: str = ""
    memory: int = USUAL_MEMORY
    whole: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.memory < LEAST_MEMORY:
            raise ConfigError(
                Msg("{n} MiB of memory are too few to count in", n=self.memory >> 20),
                hint=Msg("--memory 256MiB or more"),
            )
        if self.rows < 1:
            raise ConfigError(Msg("rows: at least one row is drawn from each table"))


@dataclass(frozen=True, slots=True)
class RunSettings:
    """`run:` in chujing.yaml: how scans run here, where no option says otherwise. None: as by default."""

    jobs: int | None = None
    gentle: bool | None = None
    engine: Literal["local", "spark"] | None = None
    master: str = ""
    log: Literal["text", "json"] | None = None
