"""Parts of pictures as inline SVG.

Positions across are per cent, so text keeps its size on a phone. Each picture is `role="img"` with its
caption as name, and the caption holds every number the picture shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.page.bilingual import WordPair, both

LINE = '<line x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}" class="legal {3}"/>'


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a text is: x in per cent of the picture, y and dx in pixels."""

    x: float
    y: float
    anchor: str = "start"                     # which end of the text is there
    dx: float = 0


def text(place: TextPlace, words: WordPair, kind: str = "") -> Markup:
    """Return a text in both languages. kind: classes of style."""
    position = f'x="{place.x:.2f}%" y="{place.y:.0f}" dx="{place.dx:.0f}"'
    attributes = f' {position} text-anchor="{place.anchor}" class="{kind}"'
    return both(*words, "text", attributes)


def figure(name: str, height: float, parts: Sequence[Markup], caption: Markup, kind: str) -> Markup:
    """Return a picture named by its caption, which is only read out. name: id of the caption."""
    return Markup(
        '<figure class="picture {3}">'
        '<svg role="img" aria-labelledby="{0}" width="100%" height="{1:.0f}">{2}</svg>'
        '<figcaption id="{0}" class="unseen">{4}</figcaption></figure>'
    ).format(name, height, Markup("").join(parts), kind, caption)


def legal_line(x: float, top: float, bottom: float, path: str) -> Markup:
    """Return the upright mark of a legal line. path: the one that begins there."""
    return Markup(LINE).format(x, top, bottom, tone(path))


def tone(path: str) -> str:
    """Return the style of a path: how much it asks for; never a tick."""
    if path in ("security_assessment", "not_necessary_stop", "blocked_without_approval"):
        return "most"
    if path in ("standard_contract_or_certification", "gba_standard_contract"):
        return "some"
    return "open" if path == "needs_review" else "least"
