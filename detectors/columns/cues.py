"""Cues: what of a column, its table and its neighbours the judge weighs, as short strings.

A cue is `kind:what`. The kinds that the explanation names stand in `judge.REASONS`; the rest is for the
weights alone. The rules' evidence is among the cues before any veto or damper, and after them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from detectors.columns.by_name import suggest
from detectors.columns.concepts import (
    EAST,
    NOTHING,
    ConceptSets,
    comment_concepts,
    concepts_of,
    words_of,
)
from detectors.columns.context import ColumnContext
from detectors.columns.senses import classes_of
from detectors.columns.subject_cues import subject_cues
from detectors.model import ColumnInfo, TableInfo
from detectors.names.lexicon import contexts, lexicon, remembered
from detectors.names.matching import first_phrase, is_code, match_comment, match_name
from detectors.names.persons import match_role
from detectors.names.tables import PERSONAL, singular, table_subject
from detectors.names.tokens import tokens

COMMENT, HEAD, TITLE = 400, 40, 60            # characters of a comment, its first phrase, a table's comment
WORDS = 60                                    # Latin words of a comment
NOUNS = 6                                     # first Latin words of a comment whose classes count
GENERIC = frozenset({"id", "no", "code", "name", "number", "address", "phone", "email"})
_TYPES = (                                    # the first that occurs in the declared type counts
    ("flag", re.compile(r"bool|bit\(1\)|tinyint\(1\)|^bit$")),
    ("time", re.compile("date|time")),
    ("int", re.compile("serial|int|long")),
    ("decimal", re.compile("num|dec|float|double|real|money")),
    ("long", re.compile(r"text|clob|json|array|object|blob|binary|bytea|\[\]")),
    ("uuid", re.compile("uuid|guid")),
    ("string", re.compile("char|string|str")),
    ("enum", re.compile("enum|set")),
)
PLACES: Mapping[str, str] = {                 # where cues come from; the rest are of the columns beside it
    "name": "g n nf nl nl2 nl3 n2 nn noise lex group wn wl",
    "comment": "c cg ce cr cf cw c2 clen zh codes c0 wc",
    "title": "t t2 tl tf tg tc te tw tk tkl wt",
    "census": "table persons columns with share bag",
    "concepts": "k k0 kl kf kp q q0 ql qf qp a al ay own",
    "crossed": "x y l at ao ht i self",
    "rules": "rule rule0 name name0 comment_hit comment_hit0 role person thing relative who",
    "declared": "type length key null",
    "subjects": "row row_person topic roles moves owner party position",
    "beside": "",
}
_NOISE = re.compile(
    r"(?i:[a-z]|col|column|fld|field|attr|attribute|var|val|value|ext|spare|reserved?)_?[0-9]+"
)
_LENGTHS = (0, 1, 4, 20, 32, 64, 128, 255)


@dataclass(frozen=True, slots=True)
class TableCues:
    """shared: of the table, for each of its columns. columns: of each column."""

    shared: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


@cache
def _place_of() -> Mapping[str, int]:
    return {kind: i for i, kinds in enumerate(PLACES.values()) for kind in kinds.split()}


def place_of(cue: str) -> int:
    """Return the index among PLACES of where a cue comes from."""
    return _place_of().get(re.split("[:=]", cue, maxsplit=1)[0], len(PLACES) - 1)


def table_cues(table: TableInfo) -> TableCues:
    """Return the cues of a table's columns, from names, comments and types alone.

    A heading in an eastern script says what a comment says, and is read as one where there is none.
    """
    table = _with_headings(table)
    reading, subjects = _Reading.of(table), subject_cues(table)
    columns = tuple(
        tuple(dict.fromkeys((*_column(reading, i), *of_subjects)))
        for i, of_subjects in enumerate(subjects.columns)
    )
    return TableCues(tuple(dict.fromkeys((*_shared(reading), *subjects.shared))), columns)


def _with_headings(table: TableInfo) -> TableInfo:
    """The table with its eastern names as comments, too, where there are none; most tables as they are."""
    columns = tuple(
        replace(c, comment=c.name) if _is_heading(c.name, c.comment) else c for c in table.columns
    )
    comment = table.ref.name if _is_heading(table.ref.name, table.comment) else table.comment
    is_same = comment == table.comment and columns == table.columns
    return table if is_same else replace(table, columns=columns, comment=comment)


def _is_heading(name: str, comment: str) -> bool:
    return not comment.strip() and EAST.search(name) is not None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A table with what its names and comments speak of.

    names, comments: of each column. labels: what the lexicon says of each, empty for nothing. persons: labels
    of persons in the table. topics: concepts of many columns. title: of the table. titles: those of its cues
    that are crossed with words of columns. bag: words of all columns.
    """

    table: TableInfo
    subject: str
    names: Sequence[ConceptSets]
    comments: Sequence[ConceptSets]
    labels: Sequence[str]
    persons: int
    counts: Counter[str]
    topics: Sequence[str]
    title: ConceptSets
    title_cues: tuple[str, ...]
    titles: Sequence[str]
    bag: Sequence[str]
    endings: Sequence[str]

    @classmethod
    def of(cls, table: TableInfo) -> _Reading:
        names = [concepts_of(c.name) for c in table.columns]
        comments = [comment_concepts(c.comment) if c.comment.strip() else NOTHING for c in table.columns]
        labels = [_lexicon_label(c) for c in table.columns]
        counts = Counter(k for a, b in zip(names, comments, strict=True) for k in a.any | b.any)
        many = max(3, 0.15 * len(table.columns))
        by_name, by_comment = concepts_of(table.ref.name), comment_concepts(table.comment)
        title = ConceptSets(by_name.any | by_comment.any, by_name.head | by_comment.head, frozenset())
        heads = [first_phrase(c.comment) for c in table.columns]
        subject, title_cues = table_subject(table), _title(table.ref.name, table.comment)
        titles = [cue for cue in title_cues if cue.startswith(("t:", "tl:", "te:"))]
        return cls(
            table, subject, names, comments, labels, len(PERSONAL & set(labels)), counts,
            sorted(k for k, n in counts.items() if n >= many and not k.startswith("h_")), title,
            title_cues, [*titles, f"table:{subject}"],
            sorted({word for c in table.columns for word in words_of(c.name)}),
            sorted({part for head in heads if EAST.search(head) for part in (head[-2:], head[:2])}),
        )


def _lexicon_label(column: ColumnInfo) -> str:
    hit = match_name(column.name) or (match_comment(column.comment) if column.comment else None)
    return str(hit.label) if hit is not None and hit.strength >= 0.6 else ""


def _shared(reading: _Reading) -> Iterator[str]:
    """Cues that all columns of the table have."""
    columns = len(reading.table.columns)
    yield from reading.title_cues
    yield from _census(reading)
    for concept, n in sorted(reading.counts.items()):
        share = 1 if n == 1 else 2 if n < 0.1 * columns else 3 if n < 0.3 * columns else 4
        yield f"share:{concept}:{share}"
    yield from (f"bag:{word}" for word in reading.bag)


def _census(reading: _Reading) -> list[str]:
    """How many columns speak of persons, and of what."""
    return [
        f"table:{reading.subject}", f"persons:{min(reading.persons, 5)}",
        f"columns:{min(len(reading.table.columns) // 8, 5)}",
        *(f"with:{label}" for label in sorted(set(reading.labels) - {""})),
    ]


@remembered
def _title(name: str, comment: str) -> tuple[str, ...]:
    """Cues of a table's name and comment."""
    words = words_of(name)
    cues = [f"t:{word}" for word in words] + [f"t2:{a}_{b}" for a, b in zip(words, words[1:], strict=False)]
    if words:
        cues += [f"tl:{words[-1]}", f"tf:{words[0]}"]
        cues += [f"wt:{k}" for word in words for k in classes_of(word)]
    plain = re.sub("[^a-z0-9\u3040-\ud7af]+", "_", name.lower())
    cues += [f"tg:{gram}" for gram in _grams(plain, 4, 5)]
    title = comment.strip()[:TITLE].lower().removesuffix("表").removesuffix("信息")
    if EAST.search(title):
        cues += [f"tc:{gram}" for gram in _grams(title, 1, 3)]
        cues.append(f"te:{title[-2:]}")
    cues += [f"tw:{singular(word)}" for word in re.findall("[a-z]+", comment.lower()[:200])]
    for meaning in (concepts_of(name), comment_concepts(comment) if comment.strip() else NOTHING):
        cues += [f"tk:{k}" for k in sorted(meaning.any)] + [f"tkl:{k}" for k in sorted(meaning.head)]
    return tuple(dict.fromkeys(cues))


def _column(reading: _Reading, place: int) -> list[str]:
    """Cues of one column."""
    column = reading.table.columns[place]
    context = ColumnContext.of(reading.table, column, reading.subject)
    kind = type_class(column.type)
    cues = [*_name(column.name), *_comment(column.comment)]
    cues += (f"type:{kind}", f"length:{kind}:{_length(column.type)}")
    cues += (f"key:{int(column.primary_key)}", f"null:{int(column.nullable)}")
    cues += _rules(context, kind)
    cues += _concepts(reading, place, kind)
    cues += _crossed(reading, place, kind)
    cues += _neighbours(reading, place)
    return cues


def is_noise(name: str) -> bool:
    """Does a name only count the column: `c01`, `field_3`?

    >>> is_noise("C01"), is_noise("field_3"), is_noise("line1")
    (True, True, False)
    """
    return _NOISE.fullmatch(name.strip()) is not None


@remembered
def _name(name: str) -> tuple[str, ...]:
    if is_noise(name):
        return ("noise",)
    words = words_of(name)
    plain = re.sub("[^A-Za-z0-9\u3040-\ud7af]+", "_", re.sub("([a-z0-9])([A-Z])", r"\1_\2", name)).lower()
    plain = plain.strip("_")
    cues = [f"n={plain}", f"nn:{min(len(words), 5)}"]
    cues += [f"n:{word}" for word in words]
    if words:
        cues += [f"nl:{words[-1]}", f"nf:{words[0]}"]
        cues += [f"n2:{a}_{b}" for a, b in zip(words, words[1:], strict=False)]
        cues += [f"nl{n}:{'_'.join(words[-n:])}" for n in (2, 3) if len(words) >= n]
        cues += [f"wn:{k}" for word in words for k in classes_of(word)]
        cues += [f"wl:{k}" for k in classes_of(words[-1])]
    cues += [f"g:{gram}" for gram in _grams(plain, 3, 5)]
    if EAST.search(name):
        cues += _comment(name)
    cues += _lexicon_hits(tokens(name))
    return tuple(dict.fromkeys(cues))


def _lexicon_hits(words: tuple[str, ...]) -> Iterator[str]:
    """Every phrase of the lexicon in a name, and the groups of words that the rules know."""
    latin = lexicon().latin
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            entry = latin.get(words[start:end])
            if entry is not None:
                whole = end - start == len(words)
                yield f"lex:{entry.label}"
                yield f"lex:{entry.label}:{'whole' if whole else 'end' if end == len(words) else 'in'}"
    spellings = {*words, *(singular(word) for word in words)}
    for group, members in _groups().items():
        if spellings & members:
            yield f"group:{group}"
            if {words[-1], singular(words[-1])} & members:
                yield f"group:{group}:last"


@cache
def _groups() -> dict[str, frozenset[str]]:
    subjects = {subject: frozenset(words) for subject, words in contexts()["subjects"].items()}
    others = ("relatives", "veto_endings", "veto_anywhere")
    return {**subjects, **{name: frozenset(contexts()[name]) for name in others}}


@remembered
def _comment(comment: str) -> tuple[str, ...]:
    text = comment.strip()[:COMMENT]
    if not text:
        return ("c0",)
    head = first_phrase(text).lower()[:HEAD]
    cues = [f"clen:{min(len(text) // 10, 6)}"]
    if EAST.search(head):
        cues.append(f"c={head}")
        cues += [f"cg:{gram}" for gram in _grams(head, 1, 4)]
        cues += [f"ce:{head[-n:]}" for n in range(1, 5) if len(head) >= n]
        cues += _chinese_hits(head)
    rest = text[len(head):]
    if EAST.search(rest):
        runs = re.findall("[\u3040-\ud7af]{2,}", rest)
        cues += [f"cr:{run[i:i + 2]}" for run in runs for i in range(len(run) - 1)]
    words = [singular(word) for word in re.findall("[a-z]+", text.lower())][:WORDS]
    cues += [f"cw:{word}" for word in words]
    cues += [f"c2:{a}_{b}" for a, b in zip(words, words[1:], strict=False)]
    if words:
        cues.append(f"cf:{words[0]}")
        first = re.findall("[a-z]+", head)[:NOUNS]
        cues += [f"wc:{k}" for word in first for k in classes_of(word)]
    if is_code(text):
        cues.append("codes")
    return tuple(dict.fromkeys(cues))


def _chinese_hits(head: str) -> Iterator[str]:
    """Every word of the lexicon in the first phrase of a comment."""
    pattern, words = _chinese()
    place = 0
    while (match := pattern.search(head, place)) is not None:
        label = words[match.group()]
        whole, last = match.group() == head, match.end() == len(head)
        yield f"zh:{label}"
        yield f"zh:{label}:{'whole' if whole else 'end' if last else 'in'}"
        place = match.start() + 1


@remembered
def _chinese() -> tuple[re.Pattern[str], dict[str, str]]:
    words = {word: str(entry.label) for word, entry in lexicon().chinese.items()}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first))), words


def _rules(context: ColumnContext, kind: str) -> Iterator[str]:
    """What the lexicon says before every veto and damper, and what is left of it after them."""
    column, subject = context.column, context.subject
    suggestion = suggest(context)
    if suggestion is None:
        yield "rule0"
    else:
        label, q = suggestion.label, int(suggestion.confidence * 5)
        yield from (f"rule:{label}", f"rule:{label}:{suggestion.tier}", f"rule:{q}", f"rule:{label}:{q}")
        yield from (f"rule:{label}:{subject}", f"rule:{label}:{kind}")
    comment_hit = match_comment(column.comment) if column.comment else None
    for origin, hit in (("name", match_name(column.name)), ("comment_hit", comment_hit)):
        if hit is None:
            yield f"{origin}0"
        else:
            yield from (f"{origin}:{hit.label}", f"{origin}:{hit.label}:{int(hit.strength * 5)}")
            yield from (f"{origin}:{hit.label}:{subject}", f"{origin}:{hit.label}:{kind}")
    role = match_role(column.name, column.comment, kind == "int")
    if role is not None:
        yield f"role:{role.label}"
    person, thing = context.mentions_person(), context.mentions_thing()
    yield from (f"person:{int(person)}", f"thing:{int(thing)}")
    yield f"relative:{int(context.mentions_relative())}"
    yield f"who:{int(person)}{int(thing)}:{subject}"


def _concepts(reading: _Reading, place: int, kind: str) -> Iterator[str]:
    column, name = reading.table.columns[place], reading.names[place]
    yield from _concept_cues(column.name, column.comment if column.comment.strip() else "", kind)
    own = sorted(name.any & reading.title.any)
    yield f"own:{int(bool(own))}"
    yield from (f"own:{k}" for k in own)


@remembered
def _concept_cues(name: str, comment: str, kind: str) -> tuple[str, ...]:
    """Cues of what a name and a comment speak of, whatever the table. kind: of the declared type."""
    cues: list[str] = []
    by_name, by_comment = concepts_of(name), comment_concepts(comment) if comment else NOTHING
    for origin, meaning in (("k", by_name), ("q", by_comment)):
        if not meaning.any:
            cues.append(f"{origin}0")
        cues += (f"{origin}:{k}" for k in sorted(meaning.any))
        cues += (f"{origin}l:{k}" for k in sorted(meaning.head))
        cues += (f"{origin}f:{k}" for k in sorted(meaning.rest))
        others = sorted(meaning.any - meaning.head)
        cues += (f"{origin}p:{h}+{k}" for h in sorted(meaning.head) or ["-"] for k in others)
    both = sorted(by_name.any | by_comment.any)
    cues += (f"a:{k}" for k in both)
    cues += (f"al:{k}" for k in sorted(by_name.head | by_comment.head))
    cues += (f"ay:{k}:{kind}" for k in both)
    return tuple(cues)


def _crossed(reading: _Reading, place: int, kind: str) -> Iterator[str]:
    """Cues of the column times those of the table: the same word is another thing elsewhere."""
    column = reading.table.columns[place]
    name, comment_hit = reading.names[place], reading.comments[place]
    words = words_of(column.name)
    last = words[-1] if words else ""
    titles = reading.titles
    yield from (f"x:{last}*{title}" for title in titles)
    yield f"y:{kind}*{last}"
    labels = {*_labels_of(_name, column.name), *_labels_of(_comment, column.comment)}
    persons = f"persons:{min(reading.persons, 5)}"
    yield from (f"l:{label}*{title}" for label in sorted(labels) for title in (*titles, persons))
    both = sorted(name.any | comment_hit.any) or ["-"]
    yield from (f"at:{k}*{t}" for k in both for t in sorted(reading.title.any) or ["-"])
    yield from (f"ao:{k}*{t}" for k in both for t in reading.topics)
    heads = sorted(name.head | comment_hit.head) or ["-"]
    yield from (f"ht:{k}*{t}" for k in heads for t in sorted(reading.title.head))
    key = column.primary_key and last == "id"
    if column.primary_key or last in GENERIC:
        tag = "key" if key else last
        yield from (f"i:{tag}*{what}" for what in (*reading.bag, *reading.endings, *_census(reading)))
    if last in ("name", "id"):
        own = len(words) == 1 or words[0] in words_of(reading.table.ref.name)
        yield f"self:{last}:{int(own)}:{reading.subject}"


@remembered
def _labels_of(cues: Callable[[str], tuple[str, ...]], text: str) -> frozenset[str]:
    """Labels of the lexicon's words in a name or a comment."""
    return frozenset(cue.split(":")[1] for cue in cues(text) if cue.startswith(("lex:", "zh:")))


def _neighbours(reading: _Reading, place: int) -> Iterator[str]:
    for distance in (-2, -1, 1, 2):
        other = place + distance
        if 0 <= other < len(reading.table.columns):
            column = reading.table.columns[other]
            yield from _beside(distance, column.name, column.comment, reading.labels[other])


@remembered
def _beside(distance: int, name: str, comment: str, label: str) -> tuple[str, ...]:
    """Cues of a neighbour. distance: from the column that they are of. label: of the neighbour's words."""
    side = f"{'p' if distance < 0 else 's'}{abs(distance)}"
    cues = [f"{side}:{word}" for word in words_of(name)]
    if label:
        cues.append(f"{side}l:{label}")
    head = first_phrase(comment)
    if EAST.search(head):
        cues.append(f"{side}c:{head[-2:]}")
    by_comment = comment_concepts(comment) if comment.strip() else NOTHING
    return (*cues, *(f"{side}k:{k}" for k in sorted(concepts_of(name).any | by_comment.any)))


@remembered
def type_class(declared: str) -> str:
    """Return one word for a declared type, empty if there is none."""
    text = declared.lower()
    return next((name for name, pattern in _TYPES if pattern.search(text)), "other" if text else "")


@remembered
def _length(declared: str) -> int:
    """The least of a few lengths that holds what the type allows; 999 above, 0 if it does not say."""
    digits = re.search(r"\((\d+)", declared)
    n = int(digits[1]) if digits else 0
    return next((length for length in _LENGTHS if n <= length), 999)


def _grams(text: str, shortest: int, longest: int) -> Iterable[str]:
    padded = f"^{text}$"
    grams = (padded[i:i + n] for n in range(shortest, longest + 1) for i in range(len(padded) - n + 1))
    return [gram for gram in dict.fromkeys(grams) if gram not in ("^", "$")]
