"""Messages in the language of the reader. Chinese comes from zh.po by the English template, compiled to zh.mo.

>>> from detectors.message import Msg
>>> render(Msg('no {kind} "{name}"', kind=Msg("flow"), name="crm"), "en")
'no flow "crm"'
>>> render(Msg('unknown key "{name}"', name="sorces"), "zh")
'未知的键“sorces”'
"""

from __future__ import annotations

import gettext
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from detectors.errors import ChujingError
from detectors.message import Msg, Text, Word, fill


def render(text: Text, lang: str) -> str:
    """Return a message in a language (zh, en), the messages and words among its values too; plain text as it stands."""
    if isinstance(text, Word):
        return text.zh if lang == "zh" else text.en
    if not isinstance(text, Msg):
        return text
    return fill(_template(text, lang), text.values, lambda value: render(value, lang))


def render_error(error: ChujingError, lang: str) -> str:
    """Return an error on one line: where, what happened, what to do."""
    return render(error.line(), lang)


def id_of(message: Msg) -> str:
    """Return the id of a message in the catalogue; empty where it is not there, as in a plug-in."""
    return _ids().get(message.template, "")


def template_of(id: str) -> tuple[str, str]:
    """Return the template of an id and its plural or ""; raise KeyError for one that is not known."""
    template = _templates()[id]
    return (template, "") if isinstance(template, str) else (template[0], template[1])


def _template(message: Msg, lang: str) -> str:
    """The sentence of a message before its blanks are filled; English where a language has none."""
    many = message.many
    n = message.values["n"] if many else 1
    if lang == "zh":
        return _chinese().ngettext(message.template, many, n) if many else _chinese().gettext(message.template)   # type: ignore[arg-type]
    return many if many and n != 1 else message.template


@cache
def _chinese() -> gettext.GNUTranslations:
    with (resources.files("reports.messages") / "zh.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


@cache
def _templates() -> Mapping[str, str | list[str]]:
    text = (resources.files("reports.messages") / "ids.json").read_text(encoding="utf-8")
    templates: dict[str, str | list[str]] = json.loads(text)
    return templates


@cache
def _ids() -> Mapping[str, str]:
    return {text if isinstance(text, str) else text[0]: id for id, text in _templates().items()}
