"""What every command shares: options, the language, dates, the configuration. Nothing heavy is imported here."""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg

if TYPE_CHECKING:
    from scanner.config.model import Config, Source

Lang = Annotated[str | None, typer.Option("--lang", help="zh or en; default from the locale.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", "-c", help="Configuration file; default ./chujing.yaml.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Decide as on this day, e.g. 2026-06-30; default today.")]


def language(lang: str | None) -> str:
    """zh or en: the option, else CHUJING_LANG, else the locale."""
    if lang and lang not in ("zh", "en"):
        raise ConfigError(Msg('unknown language "{name}"', name=lang), hint=Msg("--lang zh or --lang en"))
    env = os.environ
    spoken = lang or env.get("CHUJING_LANG") or env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    if not spoken:
        spoken = locale.getlocale()[0] or ""
    return "zh" if spoken.lower().startswith(("zh", "chinese")) else "en"


def language_of_arguments(arguments: Sequence[str]) -> str:
    """The language of what is said outside a command: `--lang` as it was typed, where it is one, else as `language` finds it."""
    typed = [b for a, b in pairwise(arguments) if a == "--lang"] + [a.removeprefix("--lang=") for a in arguments if a.startswith("--lang=")]
    return language(next((x for x in reversed(typed) if x in ("zh", "en")), None))


def sheet_language(lang: str | None) -> str:
    """The language of spreadsheets: Chinese, as those keep them who ask for them, unless --lang or CHUJING_LANG says otherwise."""
    return language(lang or os.environ.get("CHUJING_LANG") or "zh")


def parse_day(text: str | None) -> date:
    """A date typed by the user; today when none."""
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(Msg('"{text}" is no date', text=text), hint=Msg("write it as 2026-01-31")) from None


def say(text: str) -> None:
    """One line to stdout; on a terminal its end stands under its beginning, elsewhere it stays one line.

    Names come from sources: what would steer a terminal is left out, what turns or hides text is made visible.
    """
    import shutil
    import sys

    from reports.cells import shown, wrapped

    text = shown(text)
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    for line in wrapped(text, max(40, shutil.get_terminal_size((80, 24)).columns)):
        typer.echo(line)


def talk(text: str) -> None:
    """One line to stderr."""
    from reports.cells import shown

    typer.echo(shown(text), err=True)


def write_text_file(path: Path, text: str) -> None:
    """Write a file in one step, so that nobody reads half of it; ConfigError when it cannot be written."""
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as e:
        raise ConfigError(
            Msg("cannot be written ({kind})", kind=type(e).__name__),
            where=str(path),
            hint=Msg("a file in a folder you may write"),
        ) from None


def warn(text: str, lang: str) -> None:
    """What went wrong and lets the work go on, to stderr."""
    from reports.messages.refusals.lines import refused

    talk(f"chujing: {refused(text, lang)}")


def read_configuration(path: Path | None, required: bool = True) -> Config | None:
    from scanner.config import model

    where = path or Path(model.FILE)
    if path is None and not where.exists() and not required:
        return None
    return model.read(where)


def base_folder(path: Path | None) -> Path:
    """Where the configuration lies, and its state and answers beside it."""
    return path.parent if path is not None else Path()


def required_configuration(path: Path | None) -> Config:
    """The configuration; ConfigError when there is none."""
    found = read_configuration(path)
    assert found is not None
    return found


def parse_seconds(text: str | None) -> float | None:
    """Seconds of `90s`, `10m` or `2h`; ConfigError for anything else."""
    if text is None:
        return None
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in ("s", "m", "h"):
        raise ConfigError(Msg('"{text}" is no time', text=text), hint=Msg("--budget 10m"))
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def source_from_url(url: str, dictionary: Path | None, password_env: str | None) -> Source:
    """A source given on the command line; ConfigError when its password or dictionary is not there."""
    from scanner.config.model import Source, source_name

    password = None
    if password_env is not None and (password := os.environ.get(password_env)) is None:
        raise ConfigError(
            Msg('environment variable "{name}" is not set', name=password_env),
            hint=Msg("export {name}=...", name=password_env),
        )
    if dictionary is not None and not dictionary.exists():
        raise ConfigError(
            Msg("no such file"),
            where=str(dictionary),
            hint=Msg("--dictionary takes a CSV, XLSX or JSON file"),
        )
    return Source(id=source_name(url), url=os.path.expandvars(url), password=password, dictionary=dictionary)
