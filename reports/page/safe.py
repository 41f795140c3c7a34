"""Foreign text inside a page: isolated, cut, with marks that turn or hide text made visible."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup

from reports.cells import escape_json, reveal, shown

MOST_PLACES = 80                              # characters of a name or comment before the rest is on demand


def embedded_json(value: Any) -> Markup:
    """Return JSON for a `<script type="application/json">`: no `<`, `>`, `&`, U+2028 or U+2029 in it.

    >>> print(embedded_json(["</script>", "a&b"]))
    ["\\u003c/script\\u003e","a\\u0026b"]
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(escape_json(text))  # noqa: S704


def reveal_in_page(text: str) -> str:
    """Return a page in which what steers, turns or hides text is visible, wherever it slipped through."""
    return reveal(text)


def bdi(text: str, most: int = MOST_PLACES) -> Markup:
    """Return a name or comment isolated from the writing direction around it; all of a long one as its title.

    >>> print(bdi("<b>"))
    <bdi>&lt;b&gt;</bdi>
    """
    text = shown(text)
    if len(text) <= most:
        return Markup("<bdi>{}</bdi>").format(text)
    return Markup('<bdi title="{}">{}…</bdi>').format(text, text[:most])


def breakable_path(text: str, most: int = MOST_PLACES) -> Markup:
    """Return a path or a compound name that breaks between its parts only.

    >>> print(breakable_path("crm/member_no"))
    <span class="parts"><bdi>crm/<wbr>member_<wbr>no</bdi></span>
    """
    broken = re.sub(r"(?<=[/_.])(?=[^</])(?![^<>]*>)", "<wbr>", bdi(text, most))
    return Markup('<span class="parts">{}</span>').format(Markup(broken))  # noqa: S704


def cut_text(text: str, most: int) -> str:
    """Return at most `most` places of a text, Chinese characters two each.

    >>> cut_text("数据出境 report", 8)
    '数据出…'
    """
    text, used = shown(text), 0
    for i, character in enumerate(text):
        used += _places(character)
        if used > most:
            return _shortened_text(text[:i], most) + "…"
    return text


def _shortened_text(text: str, most: int) -> str:
    """Return the text without what leaves no place for the mark of the cut."""
    while text and sum(map(_places, text)) + 1 > most:
        text = text[:-1]
    return text


def _places(character: str) -> int:
    return 2 if ord(character) > 0x2E7F else 1


def safe_id(text: str) -> str:
    """Return part of an element's id or of an address within the page.

    What is no letter, digit, `-` or `_` stands there by its number.

    >>> safe_id("crm hq")
    'crm.20.hq'
    """
    return "".join(c if c.isalnum() or c in "-_" else f".{ord(c):x}." for c in text)
