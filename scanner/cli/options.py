"""What every command shares: options, the language, dates. Nothing heavy is imported here."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ConfigError
from detectors.message import Msg

if TYPE_CHECKING:
    from scanner.config.sources import Source

Lang = Annotated[str | None, typer.Option("--lang", help="zh or en; default from the locale.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="Configuration file; default ./chujing.yaml.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Decide as on this day, e.g. 2026-06-30; default today.")
]
ReportFiles = Annotated[
    list[Path] | None, typer.Option("--output", "-o", help="Write .json, .html or .xlsx; may be repeated.")
]
Allow = Annotated[
    Literal["exempt", "contract", "assessment"] | None,
    typer.Option(help="Exit with 4 when a flow appears to need more than this."),
]


Details = Annotated[
    bool, typer.Option("--details", help="Print everything, not one screen; `chujing show` does so later.")
]


def language(lang: str | None) -> str:
    """Return zh or en: by the option, else by CHUJING_LANG, else by the locale.

    Raise ConfigError for another option.
    """
    if lang and lang not in ("zh", "en"):
        raise ConfigError(Msg('unknown language "{name}"', name=lang), hint=Msg("--lang zh or --lang en"))
    env = os.environ
    name = (
        lang
        or env.get("CHUJING_LANG")
        or env.get("LC_ALL")
        or env.get("LC_MESSAGES")
        or env.get("LANG")
        or ""
    )
    if not name:
        name = locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def language_of_arguments(arguments: Sequence[str]) -> str:
    """Return the language of what is printed outside a command: of a valid `--lang` there, else as
    `language`.
    """
    separate = [after for word, after in pairwise(arguments) if word == "--lang"]
    joined = [word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")]
    return language(next((word for word in reversed(separate + joined) if word in ("zh", "en")), None))


def sheet_language(lang: str | None) -> str:
    """Return the language of spreadsheets: Chinese unless --lang or CHUJING_LANG says otherwise.

    The locale does not count.
    """
    return language(lang or os.environ.get("CHUJING_LANG") or "zh")


def parse_day(text: str | None) -> date:
    """Return a date as typed, today without one; raise ConfigError when it is none."""
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(Msg('"{text}" is no date', text=text), hint=Msg("write it as 2026-01-31")) from None


def parse_seconds(text: str | None) -> float | None:
    """Return the seconds of `90s`, `10m` or `2h`; raise ConfigError for anything else."""
    if text is None:
        return None
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in ("s", "m", "h"):
        raise ConfigError(Msg('"{text}" is no time', text=text), hint=Msg("--budget 10m"))
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def parse_bytes(text: str | None) -> int | None:
    """Return the bytes of `512MiB` or `2GiB`; raise ConfigError for anything else.

    >>> parse_bytes("512MiB"), parse_bytes("2g"), parse_bytes("1 GB")
    (536870912, 2147483648, 1073741824)
    """
    if text is None:
        return None
    parts = re.fullmatch(r"([0-9]{1,6})\s*([MG])(i?B)?", text.strip(), re.I)
    if parts is None:
        raise ConfigError(Msg('"{text}" is no size', text=text), hint=Msg("--memory 512MiB or 2GiB"))
    return int(parts[1]) << {"M": 20, "G": 30}[parts[2].upper()]


def parse_month(text: str | None, day: date) -> str:
    """Return the month to record, that of `day` without one.

    Raise ConfigError when it is none, or of another year.
    """
    from scanner.count.ledger import month_bounds

    month = text or f"{day:%Y-%m}"
    if month_bounds(month)[0].year != day.year:
        raise ConfigError(
            Msg("{month} is not in {year}", month=month, year=day.year),
            hint=Msg("a year's ledger has a key of its own: give --as-of a day of that year"),
        )
    return month


def base_folder(path: Path | None) -> Path:
    """Return where the configuration lies, with the state and the records of people beside it."""
    return path.parent if path is not None else Path()


def source_from_url(url: str, dictionary: Path | None, password_env: str | None) -> Source:
    """Return the source of a URL on the command line.

    Raise ConfigError when its password or dictionary is missing.
    """
    from scanner.config.secret import missing_variable
    from scanner.config.sources import Source, source_name

    password = None
    if password_env is not None and (password := os.environ.get(password_env)) is None:
        raise missing_variable(password_env)
    if dictionary is not None and not dictionary.exists():
        raise ConfigError(
            Msg("no such file"),
            where=str(dictionary),
            hint=Msg("--dictionary takes a CSV, XLSX or JSON file"),
        )
    from scanner.connectors.urls import check_url, database_url

    check_url(url)
    address = database_url(os.path.expandvars(url))
    return Source(id=source_name(url), url=address, password=password, dictionary=dictionary)
