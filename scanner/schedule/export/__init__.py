"""The same schedule for other schedulers: one file a scheduler, with `render(export)`."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.config.cron import ALIASES
from scanner.config.schedule import ScheduleEntry

TARGETS = ("cron", "airflow", "kubernetes")


@dataclass(frozen=True, slots=True)
class ScheduleExport:
    """What is exported. secrets: variables that the configuration reads. image: of the container."""

    entries: Sequence[ScheduleEntry]
    config: Path
    secrets: Sequence[str] = ()
    image: str = ""


def export_schedule(target: str, export: ScheduleExport) -> str:
    """Return a schedule as a crontab, an Airflow file or Kubernetes objects.

    Raise ConfigError for another target.
    """
    if target not in TARGETS:
        raise ConfigError(
            Msg('no target "{name}"', name=target),
            hint=nearest(target, TARGETS) or Msg("known: {names}", names=TARGETS),
        )
    return str(importlib.import_module(f"scanner.schedule.export.{target}").render(export))


def cron_of(entry: ScheduleEntry) -> str:
    """Return the five fields of an entry; not every scheduler knows @daily."""
    return ALIASES.get(entry.cron, entry.cron)


def shell_words(words: Sequence[str]) -> str:
    """Return words as one line of shell."""
    return " ".join(map(shlex.quote, words))


def plain_name(name: str, joint: str = "_") -> str:
    """Return a name of lower-case letters, digits and joints.

    >>> plain_name("Every night (CN)")
    'every_night_cn'
    """
    return re.sub(r"[^a-z0-9]+", joint, name.lower()).strip(joint) or "scan"
