"""Free-trade zones of China, by the provinces and areas they are called by.

Source: `trade_zones.csv`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _zones() -> Mapping[str, str]:
    """Name of every province and area -> zone."""
    text = files("mappings").joinpath("trade_zones.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {name.casefold(): row["zone"] for row in rows for name in (row["zone"], *row["also"].split(";"))}


def zones_named(text: str) -> tuple[str, ...]:
    """Return the zones that a text names, each once.

    >>> [zones_named(text) for text in ("中国（上海）自由贸易试验区临港新片区", "Hainan", "火星自贸区")]
    [('上海',), ('海南',), ()]
    >>> zones_named("上海和天津自贸区"), zones_named("上海南汇新城")
    (('上海', '天津'), ('上海',))
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(dict.fromkeys(_zones()[name] for name in _pattern().findall(folded)))


@cache
def _pattern() -> re.Pattern[str]:
    """Every name, the longest first; in Latin letters, not within a longer word."""
    names = sorted(_zones(), key=len, reverse=True)
    return re.compile("|".join(
        rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name) for name in names
    ))
