"""Countries and regions by ISO 3166-1, by their names in Chinese and English.

Hong Kong, Macao and Taiwan are destinations of their own under the export rules; mainland China is none.

Source: `countries.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from mappings.names import bare_name

MAINLAND = "CN"
OWN_REGIONS = ("HK", "MO", "TW")              # destinations of their own under the export rules
BAY_AREA = ("HK", "MO")                       # where the contract of the Greater Bay Area is for


@cache
def _codes() -> Mapping[str, str]:
    """Name of every spelling, folded -> code."""
    text = files("mappings").joinpath("countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    codes: dict[str, str] = {}
    for row in rows:
        for name in (row["code"], row["zh"], row["en"], *row["also"].split(";")):
            if name:
                codes[bare_name(name)] = row["code"]
    return codes


def country_code(text: str) -> str:
    """Return the code of a country or region however it is written; empty for what is none.

    >>> [country_code(text) for text in ("DE", "德国", " germany ", "香港", "火星")]
    ['DE', 'DE', 'DE', 'HK', '']
    """
    return _codes().get(bare_name(text.strip()), "")


@cache
def _titles() -> Mapping[str, str]:
    """Code -> Chinese name."""
    text = files("mappings").joinpath("countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["code"]: row["zh"] for row in rows}


def country_title(text: str) -> str:
    """Return the Chinese name of a country or region however it is written; the text for what is none.

    >>> [country_title(text) for text in ("DE", "Hong Kong", "火星")]
    ['德国', '中国香港', '火星']
    """
    return _titles().get(country_code(text), text)


def country_titles() -> tuple[str, ...]:
    """Return the Chinese names of all but mainland China, those of the export rules' own regions first."""
    titles = {code: title for code, title in _titles().items() if code != MAINLAND}
    return tuple(titles[code] for code in sorted(titles, key=lambda code: (code not in OWN_REGIONS, code)))


def country_names() -> tuple[str, ...]:
    """Return every spelling that is known, folded, for naming the nearest."""
    return tuple(_codes())


def same_recipient(name: str, country: str) -> tuple[str, str]:
    """Return what two spellings of one recipient share: its folded name, the code of its country.

    >>> same_recipient("Ｈualan  SE", "德国") == same_recipient("hualan se", "DE")
    True
    """
    return bare_name(name), country_code(country) or bare_name(country)
