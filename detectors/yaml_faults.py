"""What is wrong with a YAML text, by the library's own words for it, as a message of ours."""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from detectors.message import Msg, Text, Word

_PROBLEMS: tuple[tuple[str, Callable[..., Msg]], ...] = (
    (r"mapping values are not allowed here", lambda: Msg("mapping values are not allowed here")),
    (r"could not find expected ':'", lambda: Msg("could not find expected ':'")),
    (r"found character (?P<what>.+) that cannot start any token",
     lambda what: Msg("found character {what} that cannot start any token", what=what)),
    (r"found unexpected end of stream", lambda: Msg("found unexpected end of stream")),
    (r"found undefined alias (?P<name>.+)", lambda name: Msg("found undefined alias {name}", name=name)),
    (r"expected <block end>, but found (?P<what>.+)",
     lambda what: Msg("expected <block end>, but found {what}", what=what)),
    (r"expected the node content, but found (?P<what>.+)",
     lambda what: Msg("expected the node content, but found {what}", what=what)),
    (r"expected ',' or '\]', but got '\{'", lambda: Msg("expected ',' or ']', but got '{'")),
    (r"expected ',' or '\]', but got (?P<what>.+)", lambda what: Msg("expected ',' or ']', but got {what}", what=what)),
    (r"expected ',' or '\}', but got (?P<what>.+)", lambda what: Msg("expected ',' or '}', but got {what}", what=what)),
)
_END = "'<stream end>'"


def not_yaml(error: yaml.MarkedYAMLError) -> Msg:
    """Return what is wrong with a text that cannot be parsed.

    >>> try:
    ...     yaml.safe_load("a: b: c")
    ... except yaml.MarkedYAMLError as e:
    ...     str(not_yaml(e))
    'not YAML: mapping values are not allowed here'
    """
    return Msg("not YAML: {said}", said=_problem(error.problem or "None"))


def _problem(text: Text) -> Text:
    if isinstance(text, Msg):                 # raised by a loader of ours
        return text
    for pattern, message in _PROBLEMS:
        if m := re.fullmatch(pattern, text, re.DOTALL):
            return message(**{name: _found(value) for name, value in m.groupdict().items()})
    return text


def _found(what: str) -> str:
    return Word(what, "文件末尾") if what == _END else what
