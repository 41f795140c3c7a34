"""Foreign text inside a page: isolated, cut, with marks that turn or hide text made visible; JSON that cannot end its element."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup

from reports.cells import shown

CUT = 80  # characters of a name or comment before the rest is on demand
_LONE = re.compile("[\ud800-\udfff\x00]")


def embedded(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`: no `<`, `>`, `&`, U+2028 or U+2029 in it.

    >>> print(embedded(["</script>", "a&b"]))
    ["\\u003c/script\\u003e","a\\u0026b"]
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for c in "<>&\u2028\u2029":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return Markup(text)  # noqa: S704


def written(text: str) -> str:
    """A page that UTF-8 can hold: half a surrogate pair and NUL become U+FFFD."""
    return _LONE.sub("\ufffd", text)


def bdi(text: str, most: int = CUT) -> Markup:
    """A name or comment, isolated from the writing direction around it; the whole of a long one as its title.

    >>> print(bdi("<b>"))
    <bdi>&lt;b&gt;</bdi>
    """
    text = shown(text)
    if len(text) <= most:
        return Markup("<bdi>{}</bdi>").format(text)
    return Markup('<bdi title="{}">{}…</bdi>').format(text, text[:most])


def parts(text: str, most: int = CUT) -> Markup:
    """A path or a compound name that breaks between its parts only.

    >>> print(parts("crm/member_no"))
    <span class="parts"><bdi>crm/<wbr>member_<wbr>no</bdi></span>
    """
    held = bdi(text, most)
    return Markup('<span class="parts">{}</span>').format(Markup(re.sub(r"(?<=[/_.])(?=[^</])(?![^<>]*>)", "<wbr>", held)))  # noqa: S704


def cut(text: str, most: int) -> str:
    """At most `most` places, Chinese characters two each.

    >>> cut("数据出境 report", 8)
    '数据出…'
    """
    text, used = shown(text), 0
    for i, c in enumerate(text):
        used += 2 if ord(c) > 0x2E7F else 1
        if used > most:
            kept = text[:i]
            while kept and _wide(kept) + 1 > most:
                kept = kept[:-1]
            return kept + "…"
    return text


def _wide(text: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def safe_id(text: str) -> str:
    """Part of an element's id or of an address within the page: what is no letter, digit, `-` or `_` by its number.

    >>> safe_id("crm hq")
    'crm.20.hq'
    """
    return "".join(c if c.isalnum() or c in "-_" else f".{ord(c):x}." for c in text)
