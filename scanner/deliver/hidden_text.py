"""Text of a Word document that says nothing to who prints it: hidden, struck out, white or of no size."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_OFF = ("0", "false", "off", "none")
STYLES_IN_MEMORY = 64                         # sheets of styles; papers of one program share one
SMALLEST = 4                                  # half points: what is smaller is not seen


def take_out_hidden(document: Any) -> bool:
    """Take hidden runs and hidden rows of tables out of a document; return whether there were any with text.

    document: of python-docx. A style that hides, and styles based on it, hide as well.
    """
    from docx.opc.oxml import serialize_part_xml

    hiding = _hiding_ids(serialize_part_xml(document.styles.element))
    body = document.element.body
    hidden = [element for element in body.iter() if _is_hidden(element, hiding)]
    has_text = any(_has_text(element) for element in hidden)
    for element in hidden:
        element.getparent().remove(element)
    return has_text


def _is_hidden(element: Any, hiding: frozenset[str]) -> bool:
    tag = _local(element)
    if tag == "tr":
        return any(_is_on(mark) for mark in _below(element, "trPr", "hidden"))
    if tag == "p":
        return any(_value(style) in hiding for style in _below(element, "pPr", "pStyle"))
    if tag != "r":
        return False
    styles = (_value(style) for style in _below(element, "rPr", "rStyle"))
    return any(style in hiding for style in styles) or any(map(_hides, _below(element, "rPr")))


@lru_cache(STYLES_IN_MEMORY)
def _hiding_ids(styles: bytes) -> frozenset[str]:
    """Return the ids of the styles that hide text, of the styles of a document as XML."""
    from docx.oxml import parse_xml

    return frozenset(_hiding_styles(parse_xml(styles)))


def _hiding_styles(styles: Any) -> Iterator[str]:
    """Yield the ids of the styles that hide text, of their own or by the style they rest on."""
    by_id = {_attribute(style, "styleId"): style for style in styles if _local(style) == "style"}
    for id in by_id:
        chain: list[str] = []
        while id in by_id and id not in chain:
            chain.append(id)
            id = next((_value(base) for base in _below(by_id[id], "basedOn")), "")
        if any(_hides(properties) for each in chain for properties in _below(by_id[each], "rPr")):
            yield chain[0]


def _hides(properties: Any) -> bool:
    """Do the properties of a run hide it?"""
    for mark in properties:
        tag, value = _local(mark), _value(mark)
        if tag in ("vanish", "webHidden", "specVanish", "strike", "dstrike") and _is_on(mark):
            return True
        if tag == "color" and value.casefold() == "ffffff":
            return True
        if tag == "sz" and value.isdecimal() and int(value) < SMALLEST:
            return True
    return False


def _is_on(mark: Any) -> bool:
    return _value(mark).casefold() not in _OFF


def _has_text(element: Any) -> bool:
    return any(_local(piece) == "t" and (piece.text or "").strip() for piece in element.iter())


def _below(element: Any, *path: str) -> list[Any]:
    """Return the elements under one, by the names on the way."""
    elements = [element]
    for name in path:
        elements = [child for each in elements for child in each if _local(child) == name]
    return elements


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Any) -> str:
    return _attribute(element, "val")


def _attribute(element: Any, name: str) -> str:
    return next((str(v) for key, v in element.attrib.items() if str(key).rpartition("}")[2] == name), "")
