"""Countries and regions by ISO 3166-1, by their names in Chinese and English.

Hong Kong, Macao and Taiwan are destinations of their own under the export rules; mainland China is none.

Source: `countries.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from mappings.names import bare_name, party_name

MAINLAND = "CN"
OWN_REGIONS = ("HK", "MO", "TW")              # destinations of their own under the export rules
BAY_AREA = ("HK", "MO")                       # where the contract of the Greater Bay Area is for


@cache
def _codes() -> Mapping[str, tuple[str, ...]]:
    """Name of every spelling, folded -> codes; several of a name that more than one place has."""
    text = files("mappings").joinpath("countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    codes: dict[str, tuple[str, ...]] = {}
    for row in rows:
        names = {bare_name(name) for name in (row["code"], row["zh"], row["en"], *row["also"].split(";"))}
        for name in names - {""}:
            codes[name] = (*codes.get(name, ()), row["code"])
    return codes


def countries_named(text: str) -> tuple[str, ...]:
    """Return the codes of all countries and regions that go by a name.

    >>> countries_named("Korea"), countries_named("德国"), countries_named("火星")
    (('KP', 'KR'), ('DE',), ())
    """
    return _codes().get(bare_name(text.strip()), ())


def country_code(text: str) -> str:
    """Return the code of a country or region however it is written; empty for what is none, or several.

    >>> [country_code(text) for text in ("DE", "德国", " germany ", "香港", "火星", "Korea")]
    ['DE', 'DE', 'DE', 'HK', '', '']
    """
    codes = countries_named(text)
    return codes[0] if len(codes) == 1 else ""


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
    return party_name(name), country_code(country) or bare_name(country)
