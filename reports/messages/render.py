"""Messages in the language of the reader: Chinese comes from zh.po, compiled to zh.mo, by the template.

>>> from detectors.message import Msg
>>> render(Msg('no {kind} "{name}"', kind=Msg("flow"), name="crm"), "en")
'no flow "crm"'
>>> render(Msg('unknown key "{name}"', name="sorces"), "zh")
'未知的键“sorces”'
"""

from __future__ import annotations

from detectors.errors import ChujingError
from detectors.message import Msg, Note, Text, Value, Word, fill, show_plain
from reports.messages.catalogue import sentence_of
from reports.messages.words import join_list


def render(text: Text, lang: str) -> str:
    """Return a message in a language (zh, en), with the messages and words among its values.

    Plain text, of version 0.1.0 or of a plug-in, is read back first; what is not recognised stands as it is.
    """
    if not isinstance(text, Msg | Word | Note):
        from reports.messages.legacy import recognise

        text = recognise(text)
    return _in_language(text, lang)


def render_error(error: ChujingError, lang: str) -> str:
    """Return an error on one line: where, what happened, what to do."""
    return render_parts(error.where, error.what, error.hint, lang)


def render_parts(where: Text, what: Text, hint: Text, lang: str) -> str:
    """Return the parts of an error, or of a fault of a sheet, on one line. where: a place or a mere name."""
    from reports.messages.legacy import recognise_place

    where = _in_language(recognise_place(where), lang)
    what, hint = render(what, lang), render(hint, lang)
    before = join_list((part for part in (where, what) if part), "colon", lang)
    return join_list((part for part in (before, hint) if part), "sentences", lang)


def _in_language(text: Text, lang: str) -> str:
    if isinstance(text, Note):
        return render(text.message, lang)
    if isinstance(text, Word):
        return text.zh if lang == "zh" else text.en
    if isinstance(text, Msg):
        return fill(sentence_of(text, lang), text.values, lambda value: _value(value, lang))
    return text


def _value(value: str | tuple[Value, ...], lang: str) -> str:
    """Return a text or a list among the values of a message; in Chinese words are joined by 、, names not."""
    if isinstance(value, str):
        return _in_language(value, lang)
    parts = [_value(part, lang) if isinstance(part, str | tuple) else show_plain(part) for part in value]
    kind = "words" if any(isinstance(part, Word) for part in value) else "names"
    return join_list(parts, kind, lang)
