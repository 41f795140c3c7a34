"""The year of an entity in words."""

from __future__ import annotations

from mappings.model import Forecast
from reports.messages.words import t
from reports.wording.figures import number, persons


def forecast_words(f: Forecast, lang: str) -> str:
    """Persons on 31 December and when the next line would be reached."""
    text = t(f"forecast.{f.counter}", lang, n=persons(f.persons, lang))
    if f.line and f.earliest is None:
        text += "; " + t("forecast.never", lang, line=number(f.line))
    elif f.line:
        text += "; " + t("forecast.line", lang, line=number(f.line), path=t(f"path.{f.path}", lang),
                         reached=f.reached or t("forecast.later", lang), earliest=f.earliest)
    return text
