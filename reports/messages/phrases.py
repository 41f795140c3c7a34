"""English texts recognised by their templates and said in Chinese. {…} stands for what changes from one to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

LONG, FEW = 1_000, 2                          # on texts of more characters only templates that begin with a word and have few blanks
LONGEST = 12_000                              # characters of a text that is still looked at: a template takes their square
MOST_PLACES = 20                              # colons and full stops where a longer text is tried to be taken apart
ONE_WORD = ("id", "n", "of", "m", "entity", "letter", "field")
_BLANK = re.compile(r"\{(\w+)\}")


class Phrases:
    """Templates English -> Chinese. blanks: how what stands in a blank of that name is said; every other blank stays as it is.

    >>> Phrases({'no {what} "{name}"': "没有{what}“{name}”"}, {"what": {"flow": "场景"}.get}).said('no flow "crm"')
    '没有场景“crm”'
    """

    def __init__(self, templates: Mapping[str, str], blanks: Mapping[str, Callable[[str], str | None]]) -> None:
        self._exact: dict[str, str] = {}
        self._by_word: dict[str, list[tuple[re.Pattern[str], str]]] = {}      # by their first word, the most particular first
        self._open: list[tuple[re.Pattern[str], str]] = []                    # those that begin with a blank
        self._blanks = blanks
        for english, chinese in sorted(templates.items(), key=lambda x: -len(_BLANK.sub("", x[0]))):
            first = english.split(" ", 1)[0]
            if not _BLANK.search(english):
                self._exact[english] = chinese
            elif "{" in first:
                self._open.append((_pattern(english), chinese))
            else:
                self._by_word.setdefault(first, []).append((_pattern(english), chinese))

    def said(self, text: str) -> str:
        """The Chinese of one text; empty where no template fits."""
        if text in self._exact:
            return self._exact[text]
        if len(text) > LONGEST:
            return ""
        for pattern, chinese in (*self._by_word.get(text.split(" ", 1)[0], ()), *(self._open if len(text) <= LONG else ())):
            if (len(text) <= LONG or pattern.groups <= FEW) and (m := pattern.fullmatch(text)):
                values = {name: self._blank(name, value) for name, value in m.groupdict().items()}
                return _BLANK.sub(lambda b, values=values: values[b[1]], chinese)      # type: ignore[misc]
        return ""

    def after_place(self, text: str) -> str:
        """`place: what happened`."""
        for m in islice(re.finditer(": ", text), MOST_PLACES):
            if said := self.said(text[m.end():]):
                return f"{text[:m.start()]}：{said}"
        return ""

    def with_remedy(self, text: str) -> str:
        """`what happened. what to do`."""
        for m in islice(re.finditer(r"\. ", text), MOST_PLACES):
            what, remedy = text[: m.start()], text[m.end():]
            if (said := self.said(what) or self.after_place(what)) and (do := self.said(remedy)):
                return f"{said}。{do}"
        return ""

    def _blank(self, name: str, value: str) -> str:
        return (self._blanks[name](value) or value) if name in self._blanks else value


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(english)), re.DOTALL)


def _parts(english: str) -> Iterator[str]:
    """The regular expression of a template, part by part."""
    for i, part in enumerate(_BLANK.split(english)):
        yield f"(?P<{part}>{'[^ ]+' if part in ONE_WORD else '.+'})" if i % 2 else re.escape(part)
