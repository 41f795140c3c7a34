"""A sentence that people read: an English template and the values in it, joined where it is shown.

A message *is* its English sentence (a `str`), so programs, logs and plug-ins read it as text. It also keeps
its parts: the template is the key under which a catalogue holds the sentence in another language, the values
are put into whichever sentence is shown. Nothing has to be recognised again from finished prose.

    raise ConfigError(Msg('no flow "{id}"', id=flow_id), hint=nearest(flow_id, flows))

A blank is `{name}` or, for numbers, `{name:,}` with a format of Python's. Any other brace stands for itself,
so `{env: NAME}` needs no doubling. A value is a name (shown as it stands, never parsed), a number, a date,
another message, a `Word`, or a tuple of these. A message that consists of several messages holds them as
values: text put together with `+` or an f-string is plain text again and is shown in English everywhere.

Nothing but the standard library is used here, and in what is imported: messages travel from Spark workers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from numbers import Integral, Real
from typing import Annotated, TypeAlias

from detectors.surrogates import one_line

Value: TypeAlias = "str | int | float | date | tuple[Value, ...]"
Text: TypeAlias = Annotated[
    str, "what people read: a Msg, or plain text from a plug-in or an earlier version"
]

BLANK = re.compile(r"\{([a-z_][a-z0-9_]*)(?::([^{}\s]+))?\}")


class Msg(str):
    """The English sentence of a template and its values. Frozen; equal to, and hashed as, the sentence.

    >>> m = Msg("{n:,} rows of {table}", n=1200, table="crm/member")
    >>> str(m), m.template, m.values
    ('1,200 rows of crm/member', '{n:,} rows of {table}', {'n': 1200, 'table': 'crm/member'})
    """

    __slots__ = ("_values", "many", "template")
    template: str
    many: str  # the template for other numbers than one; empty: it does not count
    _values: tuple[tuple[str, Value], ...]

    def __new__(cls, template: str, /, **values: object) -> Msg:
        """Return a message; raise KeyError if a blank of the template has no value."""
        return cls._build(template, "", values)

    @classmethod
    def plural(cls, one: str, many: str, /, *, n: int, **values: object) -> Msg:
        """Return a message that counts: `one` if n is 1, else `many`; both may show `{n}`.

        >>> [str(Msg.plural("one row", "{n:,} rows", n=x)) for x in (1, 2000)]
        ['one row', '2,000 rows']
        """
        return cls._build(one, many, {"n": n, **values})

    @classmethod
    def checked(cls, text: str, template: str, many: str, values: Mapping[str, Value]) -> Msg:
        """Return a message as a file holds it: `text` stays, even if its template was reworded since.

        Raise KeyError if a blank of the template has no value.
        """
        fill(template + many, values, show_plain)
        return cls._of(text, template, many, tuple(values.items()))

    @classmethod
    def _build(cls, template: str, many: str, values: Mapping[str, object]) -> Msg:
        plain = {name: as_value(value) for name, value in values.items()}
        sentence = many if many and plain["n"] != 1 else template
        return cls._of(fill(sentence, plain, show_plain), template, many, tuple(plain.items()))

    @classmethod
    def _of(cls, text: str, template: str, many: str, values: tuple[tuple[str, Value], ...]) -> Msg:
        message = super().__new__(cls, text)
        for name, value in (("template", template), ("many", many), ("_values", values)):
            object.__setattr__(message, name, value)
        return message

    @property
    def values(self) -> dict[str, Value]:
        return dict(self._values)

    def with_names(self, change: Callable[[str], str]) -> Msg:
        """Return the message with each name among its values changed; messages and numbers stay.

        >>> str(Msg('no {kind} "{name}"', kind=Msg("flow"), name="crm").with_names(str.upper))
        'no flow "CRM"'
        """
        values = {name: change(v) if type(v) is str else v for name, v in self._values}
        return Msg._build(self.template, self.many, values)

    def on_one_line(self) -> Msg:
        r"""Return the message with line ends among its values escaped.

        >>> str(Msg('no grade "{name}"', name="a\nb").on_one_line())
        'no grade "a\\x0ab"'
        """
        if self.isprintable():
            return self
        values = {name: _on_one_line(value) for name, value in self._values}
        return Msg._build(self.template, self.many, values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a message is frozen: {name}")

    def __reduce__(self) -> tuple[Callable[..., Msg], tuple[object, ...]]:
        return Msg._of, (str(self), self.template, self.many, self._values)


class Word(str):
    """Words that bring both languages along: the title of a label or a detector, a text of the law. Frozen.

    str() is what programs see (`phone_mobile`), zh and en what people read.
    """

    __slots__ = ("en", "zh")
    zh: str
    en: str

    def __new__(cls, text: str, zh: str, en: str = "") -> Word:
        """en: the text itself if it is not given."""
        word = super().__new__(cls, text)
        object.__setattr__(word, "zh", zh)
        object.__setattr__(word, "en", en or text)
        return word

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a word is frozen: {name}")

    def __reduce__(self) -> tuple[type[Word], tuple[str, str, str]]:
        return Word, (str(self), self.zh, self.en)


class Note(str):
    """What programs know by a code and people read as a message. Frozen.

    str() is `code|value|…`, as report.json has had it since version 0.1.0; nobody takes it apart again.

    >>> note = Note("keyless", Msg("{without} of {rows:,} rows hold no usable key", without=3, rows=1200))
    >>> str(note), str(note.message)
    ('keyless|3|1,200', '3 of 1,200 rows hold no usable key')
    """

    __slots__ = ("code", "message")
    code: str
    message: Text  # a Msg or a Word; plain text if it came from a file and is not known here

    def __new__(cls, code: str, message: Msg | Word) -> Note:
        if isinstance(message, Word):
            return cls.stored("|".join((code, message.zh, message.en)), code, message)
        specs = dict(BLANK.findall(message.template))
        parts = (show_plain(value, specs.get(name, "")) for name, value in message.values.items())
        return cls.stored("|".join((code, *parts)), code, message)

    @classmethod
    def stored(cls, text: str, code: str, message: Text) -> Note:
        """Return a note as a file holds it."""
        note = super().__new__(cls, text)
        object.__setattr__(note, "code", code)
        object.__setattr__(note, "message", message)
        return note

    def recoded(self, code: str) -> Note:
        """Return the same message under another code."""
        return Note.stored(code + self[len(self.code) :], code, self.message)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a note is frozen: {name}")

    def __reduce__(self) -> tuple[Callable[..., Note], tuple[str, str, Text]]:
        return Note.stored, (str(self), self.code, self.message)


def _on_one_line(value: Value) -> Value:
    if isinstance(value, Msg):
        return value.on_one_line()
    if isinstance(value, tuple):
        return tuple(map(_on_one_line, value))
    return one_line(value) if type(value) is str else value


def fill(template: str, values: Mapping[str, Value], show: Callable[[str | tuple[Value, ...]], str]) -> str:
    """Return a template with its blanks filled. show: how a text or a tuple among the values reads.

    >>> fill("{n:,} of {who}: {env: NAME}", {"n": 1200, "who": ("lin", "wang")}, show_plain)
    '1,200 of lin, wang: {env: NAME}'
    """
    if "{" not in template:
        return template

    def filled(blank: re.Match[str]) -> str:
        value = values[blank[1]]
        return show(value) if isinstance(value, str | tuple) else format(value, blank[2] or "")

    return BLANK.sub(filled, template)


def show_plain(value: Value, spec: str = "") -> str:
    """Return a value in English: tuples joined by a comma, numbers by their format, dates as 2026-01-31."""
    if isinstance(value, tuple):
        return ", ".join(show_plain(part) for part in value)
    return format(value, "" if isinstance(value, str) else spec)


def as_value(value: object) -> Value:
    """Return what a message may hold: messages, words, numbers, dates and tuples; all else becomes text."""
    if type(value) in _PLAIN:
        return value  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(as_value(part) for part in value)
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, Real) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return str(value)


_PLAIN = frozenset({str, int, float, date, Msg, Word})
