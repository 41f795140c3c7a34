"""What is compiled from zh.po: the Chinese of every template, and the ids by which programs know them."""

from __future__ import annotations

import gettext
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from detectors.message import Msg


def sentence_of(message: Msg, lang: str) -> str:
    """Return the template of a message in a language (zh, en); English where a language has none."""
    many = message.many
    n = message.values["n"] if many else 1
    if lang == "zh":
        chinese = _chinese()
        return chinese.ngettext(message.template, many, n) if many else chinese.gettext(message.template)  # type: ignore[arg-type]
    return many if many and n != 1 else message.template


def id_of(template: str) -> str:
    """Return the id of an English template (of a plural: of its singular); empty where it is not listed."""
    return _ids().get(template, "")


def template_forms(id: str) -> tuple[str, str]:
    """Return the template of an id and its plural or ""; raise KeyError for one that is not known."""
    template = _templates()[id]
    return (template, "") if isinstance(template, str) else (template[0], template[1])


def early_templates() -> Iterable[str]:
    """Return the English templates that version 0.1.0 had."""
    later = set(_compiled_ids()["later"])
    return (template for template, id in _ids().items() if id not in later)


@cache
def _chinese() -> gettext.GNUTranslations:
    with (resources.files("reports.messages") / "zh.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def _templates() -> Mapping[str, str | list[str]]:
    templates: Mapping[str, str | list[str]] = _compiled_ids()["templates"]
    return templates


@cache
def _compiled_ids() -> Mapping[str, Any]:
    """ids.json: templates by id, and the ids of those that version 0.1.0 did not have."""
    text = (resources.files("reports.messages") / "ids.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@cache
def _ids() -> Mapping[str, str]:
    return {text if isinstance(text, str) else text[0]: id for id, text in _templates().items()}
