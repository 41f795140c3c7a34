"""What PyYAML says of a file that is not YAML, as messages.

What was typed is not shown: what begins with `*`, a password say, is an alias to YAML.

>>> str(yaml_problem("found undefined alias 'a'"))
'a text that begins with * stands without quotes'
"""

from __future__ import annotations

import re
from collections.abc import Callable

from detectors.message import Msg, Text, Word

PROBLEMS: tuple[tuple[str, Callable[[Text], Msg]], ...] = (      # pattern and message; the first that fits
    ("mapping values are not allowed here", lambda what: Msg("mapping values are not allowed here")),
    ('"(.*)" stands twice', lambda name: Msg('"{name}" stands twice', name=name)),       # of our own loader
    ("could not find expected ':'", lambda what: Msg("could not find expected ':'")),
    ("found character (.+) that cannot start any token",
     lambda what: Msg("found character {what} that cannot start any token", what=what)),
    ("found unexpected end of stream", lambda what: Msg("found unexpected end of stream")),
    ("found undefined alias .+", lambda what: Msg("a text that begins with * stands without quotes")),
    ("expected <block end>, but found (.+)",
     lambda what: Msg("expected <block end>, but found {what}", what=what)),
    ("expected the node content, but found (.+)",
     lambda what: Msg("expected the node content, but found {what}", what=what)),
    ("expected ',' or ']', but got '{'", lambda what: Msg("expected ',' or ']', but got '{'")),
    ("expected ',' or ']', but got (.+)", lambda what: Msg("expected ',' or ']', but got {what}", what=what)),
    ("expected ',' or '}', but got (.+)", lambda what: Msg("expected ',' or '}', but got {what}", what=what)),
)


def yaml_problem(text: str) -> Text:
    """Return the message of a problem that PyYAML names.

    Of one that is not known, its text without the names in it.
    """
    for pattern, message in PROBLEMS:
        fit = re.fullmatch(pattern, text)
        if fit is not None:
            return message(_token(fit[1]) if fit.groups() else "")
    return re.sub("'[^']{2,}'", "...", text)


def _token(text: str) -> Text:
    return Word(text, "文件末尾") if text == "'<stream end>'" else text
