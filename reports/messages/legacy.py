"""Texts of version 0.1.0 read back into messages: it wrote sentences and `code|value|…` without their parts.

Used for a report or a state of that version, for a plug-in that gives plain text, and for what a library says
in English. A sentence is compared with the templates of the catalogue, a blank standing for anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, reduce
from itertools import islice

from detectors.labels import label_word
from detectors.message import BLANK, Msg, Note, Text, Value, Word, fill, show_plain
from detectors.model import Label
from mappings.model import FactValue
from reports.messages.catalogue import early_templates, template_forms

LONG_TEXT, FEW = (
    1_000,
    2,
)  # longer texts are compared with templates only that begin with a word and have few blanks
LONGEST = 12_000  # characters of a text that is still compared: a template takes their square
MOST_PLACES = 20  # colons and full stops where a text is tried to be taken apart
ONE_WORD = frozenset({"id", "n", "of", "m", "entity", "letter", "field"})  # blanks whose values hold no space
PLACES = (  # where an error is; any other place is a path or a name
    "{place}, entry {n}",
    "{place}, row {n}",
    "ledger {n}, entry {of}",
    "ledger {n} of {place}",
    "state of {place}",
    "the last scan",
)
CHANGED_PREFIX = "changed_"
NOTES: Mapping[
    str, tuple[str, ...]
] = {  # code -> the blanks of its message, in the order in which their values stood
    "keys": ("kinds", "rows"),
    "keyless": ("without", "rows"),
    "placeholders": ("cells",),
    "shared": ("n",),
    "crowded": ("n", "most"),
    "coarse": ("most",),
    "not_read": ("said",),
    "declared": ("by", "on", "evidence"),
    "test_rows": ("excluded", "rows"),
    "queried": ("persons", "lines"),
    "step_failed": ("step", "said"),
    "unsettled": ("lines", "step", "rows"),
    "too_old": ("table", "column", "before", "old", "rows", "days"),
    "ledger_recorded": ("period", "persons", "number"),
    "empty": ("rows",),
    "constant": ("filled", "rows"),
    "decimals": ("places", "metres"),
    "group_line": ("persons", "line"),
    "field": ("column", "verdict"),
    "question": ("fact",),
    "budget": ("until",),
    "blackout": ("until",),
}


def read_note(text: str) -> Note:
    """Return a note that was written as `code|value|…`; its message is plain text if the code is new."""
    code, *parts = text.split("|")
    if code == "reading" and len(parts) == 2:
        return Note.stored(text, code, Word(parts[1], parts[0], parts[1]))
    plain_code = code.removeprefix(CHANGED_PREFIX)
    try:
        template, _ = template_forms(f"note.{plain_code}")
        names = NOTES.get(plain_code, ())
        return Note.stored(
            text, code, _message(template, {n: _note_value(n, p) for n, p in zip(names, parts, strict=False)})
        )
    except KeyError:
        return Note.stored(text, code, recognise(text))


def recognise(text: Text) -> Text:
    """Return the message that a sentence was made from; the sentence itself where no template fits.

    >>> recognise("binary, not text; the other files are read").template
    '{said}; the other files are read'
    """
    if isinstance(text, Msg | Word | Note) or not text:
        return text
    message = _recognised(text)
    return text if message is None else message


def recognise_method(text: Text) -> Text:
    """Return the message of how a sample was drawn: `SAMPLE BLOCK and all rows, 8 of 64 members`."""
    if isinstance(text, Msg | Word | Note):
        return text
    if m := re.fullmatch("(.+), ([0-9]+) of ([0-9]+) members", text):
        return _message("{how}, {n} of {of} members", {"how": recognise_method(m[1]), "n": m[2], "of": m[3]})
    first, *others = text.split(" and ")
    return reduce(
        lambda one, other: _message("{one} and {other}", {"one": one, "other": recognise(other)}),
        others,
        recognise(first),
    )


def recognise_place(text: Text) -> Text:
    """Return the message of where something is; a path or a name as it stands."""
    if isinstance(text, Msg | Word | Note):
        return text
    for template in PLACES:
        if m := _pattern(template).fullmatch(text):
            return Msg.checked(text, template, "", dict(m.groupdict()))
    return text


def parse_facts(text: str) -> tuple[FactValue, ...]:
    """Return facts that were written as text.

    >>> [str(f) for f in parse_facts("labour_rules=yes, sensitive_individuals=10239 (a + b)")]
    ['labour_rules=yes', 'sensitive_individuals=10239 (a + b)']
    """
    return tuple(_parse_fact(part) for part in re.split(r", (?=[a-z_]+=)", text)) if text else ()


def _parse_fact(text: str) -> FactValue:
    name, _, rest = text.partition("=")
    if m := re.fullmatch(r"([^\s,()（）]+) \((.*)\)", rest):
        return FactValue(name, m[1], tuple(m[2].split(" + ")))
    value, _, about = rest.partition(", ")
    return FactValue(name, value, about=about)


@lru_cache(1 << 16)
def _recognised(text: str) -> Text | None:
    if text in _exact_templates():
        return Msg.checked(text, text, "", {})
    apart = _message_by_template(text) or _message_after_place(text) or _message_with_remedy(text)
    return apart or _title_message(text) or _verdict_message(text)


def _message_by_template(text: str) -> Msg | None:
    if len(text) > LONGEST:
        return None
    by_word, begin_with_blank = _patterns()
    for pattern, template in (
        *by_word.get(text.split(" ", 1)[0], ()),
        *(begin_with_blank if len(text) <= LONG_TEXT else ()),
    ):
        if (len(text) <= LONG_TEXT or pattern.groups <= FEW) and (m := pattern.fullmatch(text)):
            return Msg.checked(text, template, "", {n: _value(n, v) for n, v in m.groupdict().items()})
    return None


def _message_after_place(text: str) -> Msg | None:
    """`place: what happened`."""
    for m in islice(re.finditer(": ", text), MOST_PLACES):
        what = text[m.end() :]
        if (message := _whole(what)) is not None:
            return Msg.checked(text, "{where}: {what}", "", {"where": text[: m.start()], "what": message})
    return None


def _message_with_remedy(text: str) -> Msg | None:
    """`what happened. what to do`."""
    for m in islice(re.finditer(r"\. ", text), MOST_PLACES):
        first, last = text[: m.start()], text[m.end() :]
        if (what := _whole(first) or _message_after_place(first)) and (hint := _whole(last)):
            return Msg.checked(text, "{what}. {hint}", "", {"what": what, "hint": hint})
    return None


def _whole(text: str) -> Msg | None:
    return Msg.checked(text, text, "", {}) if text in _exact_templates() else _message_by_template(text)


def _title_message(text: str) -> Text | None:
    """`手机号码 mobile number (sparse)`: the title of a detector, and a doubt."""
    m = _DOUBTED_TITLE.fullmatch(text)
    title = _titles().get(m["title"]) if m is not None else None
    if m is None or title is None and not m["doubt"]:
        return None
    word = m["title"] if title is None else Word(m["title"], *title)
    if not m["doubt"]:
        return word
    return Msg.checked(
        text, "{thing} ({doubt})", "", {"thing": word, "doubt": Msg.checked(m["doubt"], m["doubt"], "", {})}
    )


def _verdict_message(text: str) -> Text | None:
    """`relabel email (王敏, 2026-01-31); accept (lin, 2026-02-01)`: what others decided on a column."""
    parts = [_VERDICT_TEXT.fullmatch(part) for part in text.split("; ")]
    verdicts = [_verdict(m) for m in parts if m is not None]
    if len(verdicts) < len(parts):
        return None
    return reduce(lambda first, rest: _message("{first}; {rest}", {"first": first, "rest": rest}), verdicts)


def _verdict(m: re.Match[str]) -> Msg:
    values: dict[str, Value] = {"verdict": _VERDICTS(m["verdict"]), "by": m["by"], "on": m["on"]}
    if m["label"] is None:
        return _message("{verdict} ({by}, {on})", values)
    return _message("{verdict} {label} ({by}, {on})", values | {"label": label_word(m["label"])})


def _message(template: str, values: Mapping[str, Value]) -> Msg:
    return Msg.checked(fill(template, values, show_plain), template, "", values)


def _note_value(name: str, part: str) -> Value:
    if name == "kinds":
        return tuple(label_word(kind) for kind in part.split(", "))
    return recognise(part) if name == "said" else part


def _value(name: str, value: str) -> Value:
    """What a blank of that name holds."""
    return _BLANKS[name](value) if name in _BLANKS else value


def _word_reader(*words: str) -> Callable[[str], Value]:
    """Messages of one word, of a closed set; anything else is a name."""
    _CLOSED_WORDS.update(words)
    return lambda value: Msg.checked(value, value, "", {}) if value in words else value


def _thing(value: str) -> Value:
    title = _titles().get(value)
    return value if title is None else Word(value, *title)


def _factor(value: str) -> Value:
    from detectors.labels import labels

    info = labels().get(Label(f"important.{value}"))
    return value if info is None else Word(value, info.zh, value)


def _near(value: str) -> Value:
    return Word(value, "、".join(f"“{x.strip(chr(39))}”" for x in value.split(", ")), value)


_CLOSED_WORDS: set[str] = set()
_VERDICTS = _word_reader("reject", "relabel", "justify", "accept")
_VERDICT_TEXT = re.compile(
    r"(?P<verdict>accept|reject|relabel|justify)(?: (?P<label>[a-z_.]+))? \((?P<by>.+), (?P<on>[0-9-]+)\)"
)
_KINDS = _word_reader("true or false", "a number", "text", "a list", "an object")
_BLANKS: Mapping[str, Callable[[str], Value]] = {
    "said": recognise,
    "fault": recognise,
    "how": recognise,
    "thing": _thing,
    "factor": _factor,
    "near": _near,
    "letter": lambda value: Word(value, value.upper(), value),
    "entity": _word_reader("column", "table", "view", "flow"),
    "subject": _word_reader("person", "organisation", "product", "order", "log", "dictionary"),
    "sure": _word_reader("verified", "secondary", "recalled"),
    "part": _word_reader("minute", "hour", "day of month", "month", "day of week"),
    "act": _word_reader("drop", "weaken"),
    "status": _word_reader("planned", "stopped", "active"),
    "verdict": _VERDICTS,
    "shape": _KINDS,
    "other": _KINDS,
    "kind": lambda value: Word(value, "该识别器", value) if value == "this kind" else value,
    "what": lambda value: Word(value, "文件末尾", value) if value == "'<stream end>'" else value,
    "whose": lambda value: Word(value, value.replace("'s API", " API"), value),
}
_DOUBTED_TITLE = re.compile(r"(?P<title>.+?)(?: \((?P<doubt>sparse|too few to tell)\))?", re.DOTALL)


@cache
def _titles() -> Mapping[str, tuple[str, str]]:
    """Titles of detectors in Chinese and English, by either and by both."""
    from detectors.registry import value_detectors

    titles: dict[str, tuple[str, str]] = {}
    for d in value_detectors():
        titles |= dict.fromkeys((d.title, d.title_en, f"{d.title} {d.title_en}"), (d.title, d.title_en))
    return titles


@cache
def _sentences() -> tuple[str, ...]:
    """The templates a sentence may be made from, those with the most words of their own first."""
    ours = [t for t in early_templates() if t not in PLACES and t not in _CLOSED_WORDS]
    return tuple(sorted(ours, key=lambda template: -len(BLANK.sub("", template))))


@cache
def _exact_templates() -> frozenset[str]:
    return frozenset(t for t in _sentences() if not BLANK.search(t))


Patterns = list[tuple[re.Pattern[str], str]]


@cache
def _patterns() -> tuple[Mapping[str, Patterns], Patterns]:
    """Patterns by their first word, and those that begin with a blank."""
    by_word: dict[str, Patterns] = {}
    begin_with_blank: Patterns = []
    for template in _sentences():
        first = template.split(" ", 1)[0]
        if BLANK.search(template):
            of = begin_with_blank if "{" in first else by_word.setdefault(first, [])
            of.append((_pattern(template), template))
    return by_word, begin_with_blank


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """A regular expression that fits the sentences of a template."""
    parts, end = [], 0
    for blank in BLANK.finditer(template):
        parts.append(re.escape(template[end : blank.start()]))
        parts.append(f"(?P<{blank[1]}>{'[^ ]+' if blank[1] in ONE_WORD else '.+'})")
        end = blank.end()
    return re.compile("".join((*parts, re.escape(template[end:]))), re.DOTALL)
