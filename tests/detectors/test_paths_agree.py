"""The columnar paths (bytes, runs, RE2, numpy) find in a column
just the values that a detector finds by itself in each text.

The plain detection that they are compared with knows no gates of columns: it counts characters in Python,
text by text, and asks the detector's own pattern and check.
"""

import random
import re

import numpy as np
import pyarrow as pa
import pytest

import value_columns
from detectors.checksums import luhn, luhn_rows, varied_rows
from detectors.columns.features import features
from detectors.columns.matching import (
    DistinctValues,
    Matches,
    find_matches,
    match_by_hand,
    match_runs,
    possible_values,
)
from detectors.columns.values import value_findings
from detectors.folding import fold
from detectors.registry import value_detectors

GLUE = (
    " ",
    "，",
    ".",
    "-",
    "_",
    "a",
    "Z",
    "0",
    "7",
    "、",
    ",",
    "/",
    "(",
    "+",
    "+86",
    "电话",
    "号",
    "*",
    ":",
    "\t",
    "86",
    "0086 ",
    "@",
    "=",
)
RUN = re.compile(r"[0-9A-Za-z]+")
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
JOINTS = (", ", "、", ";", " / ", "|", "\n", "\r\n", " 和 ", "：")
AROUND = (" ", "\u3000", '"', "'", "\t", "\x00", "\u200b", "")


def texts(seed, n):
    """Examples of every detector and of look-alikes, cut, joined and disturbed."""
    draw = random.Random(seed)
    parts = [e for d in value_detectors() for e in (*d.examples, *d.counterexamples)]
    parts += [value_columns.digits(draw, k) for k in (3, 4, 6, 8, 11, 13, 15, 16, 18, 19)]
    out = []
    for _ in range(n):
        text = "".join(
            draw.choice(GLUE) if draw.random() < 0.5 else draw.choice(parts)
            for _ in range(draw.randint(1, 5))
        )
        if draw.random() < 0.3 and text:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice(GLUE) + text[at + 1 :]
        out.append(text)
    return [t for t in dict.fromkeys(out) if t.strip(" \t\r\n\u3000\x00'\"") == t and t]


@pytest.mark.parametrize("seed", range(4))
def test_columns_and_single_texts_agree(seed):
    values = [t.replace("、", ",") for t in texts(seed, 3_000)]
    array = pa.array(list(dict.fromkeys(values)))
    column = DistinctValues(array, np.ones(len(array), int), features(array), len(array))
    differences = []
    for d in value_detectors():
        if d.votes is not None:
            continue
        matches = Matches(len(array))
        mask = possible_values(d, column)
        if d.rows is not None:
            mask = match_runs(d, column, mask, matches)
        if mask.any():
            match_by_hand(d, column.select(mask), matches)
        expected = [next(d.find(t), None) is not None for t in array.to_pylist()]
        differences += [
            (d.name, t, e)
            for t, e, f in zip(array.to_pylist(), expected, matches.matched, strict=True)
            if e != f
        ]

    assert differences == []


def disturbed(draw, text):
    """The text as people and programs write it: in wide characters, twice, between blanks, in a sentence."""
    kind = draw.randrange(8)
    if kind == 0:
        return text.translate(WIDE)
    if kind == 1:
        return "".join(c.translate(WIDE) if draw.random() < 0.3 else c for c in text)
    if kind == 2:
        return draw.choice(JOINTS).join([text] * draw.randint(2, 4))
    if kind == 3:
        return draw.choice(AROUND) + text + draw.choice(AROUND)
    if kind == 4:
        return f"{draw.choice(value_columns.WORDS)}{draw.choice(GLUE)}{text}{draw.choice(GLUE)}"
    return text


def cells(seed, n):
    """Cells of the kinds of all detectors, alone and disturbed, with nulls and placeholders among them."""
    draw = random.Random(seed)
    makers = [make for _, make, *_ in value_columns.KINDS.values()]
    numbers = [lambda r, n=n: value_columns.digits(r, n) for n in (11, 12, 13, 15, 16, 18, 19)]
    made = [disturbed(draw, draw.choice((*makers, *numbers))(draw)) for _ in range(n)]
    return [*made, *texts(seed, n), None, "", "无", "N/A", "1.39E+10", "13912345678.0", *value_columns.WORDS]


def has_needs(detector, text):
    """Does a text have what the detector declares that a cell must have before it is tried?"""
    runs = RUN.findall(text)
    fitting = [run for run in runs if run.isdigit()] if detector.numeric else runs
    lengths = {min(len(run), 31) for run in fitting}
    digits, letters = (sum(map(test, text)) for test in (is_digit, is_letter))
    enough = (
        len(text) >= detector.min_length and digits >= detector.digits and letters >= detector.letters
        and max(map(len, runs), default=0) >= detector.run
        and len(runs) >= detector.runs
        and not (detector.digitless and digits)
        and all(set(signs) & set(text) for signs in detector.signs)
        and (not detector.gate or any(literal in text for literal in detector.gate.split("|")))
    )
    if detector.shape.pattern.startswith("^"):
        enough = enough and len(text) <= detector.max_length
    parts = detector.parts if " " in text or "-" in text else ()
    return enough and (not detector.exact or bool(lengths & {*detector.exact, *parts}))


def is_digit(character):
    return character in "0123456789"


def is_letter(character):
    return character.isascii() and character.isalpha()


def column(values):
    """The distinct values of folded cells."""
    distinct = pa.array(list(dict.fromkeys(text for text in fold(pa.array(values)).to_pylist() if text)))
    return DistinctValues(distinct, np.ones(len(distinct), int), features(distinct), len(distinct))


@pytest.mark.parametrize("seed", range(3))
def test_gated_and_plain_detection_agree(seed):
    together = column(cells(seed, 1_500))
    values = together.texts.to_pylist()
    differences = []
    for detector in value_detectors():
        if detector.votes is not None:
            continue
        matches = find_matches(detector, together)
        for i, text in enumerate(values):
            shaped = bool(has_needs(detector, text) and detector.shape.search(text))
            matched = shaped and next(detector.find(text), None) is not None
            ours = (False, False) if matches is None else (matches.shaped[i], matches.matched[i])
            if ours[1] != matched or detector.chance and ours[0] != shaped:
                differences.append((detector.name, text, shaped, matched))

    assert differences == []


@pytest.mark.parametrize("detector", value_detectors(), ids=lambda d: d.name)
def test_what_a_detector_needs_is_in_every_cell_it_finds(detector):
    """Examples among other text: no need that a detector declares keeps an occurrence out."""
    draw = random.Random(detector.name)
    for _ in range(200):
        text = draw.choice(detector.examples)
        if not detector.shape.pattern.startswith("^"):
            before, after = draw.choice(("", "电话", "id ", "(", "，")), draw.choice(("", " ok", "。", ")"))
            text = before + text + after
        if next(detector.find(text), None) is not None:
            assert has_needs(detector, text), text
            assert re.search(detector.required, text), text


@pytest.mark.parametrize("seed", range(3))
def test_a_value_counts_alike_in_a_few_and_in_many(seed):
    """Small columns are matched by hand, large ones by bytes and rows, very large ones in several blocks."""
    draw = random.Random(seed)
    values = [text for text in column(cells(seed, 300)).texts.to_pylist() if "\n" not in text][:400]
    many = column([*values, *(value_columns.digits(draw, 9) + "无关的文字" * 8 for _ in range(9_000))])
    at = {text: i for i, text in enumerate(many.texts.to_pylist())}
    differences = []
    for detector in value_detectors():
        if detector.votes is not None:
            continue
        matches = find_matches(detector, many)
        for start in range(0, len(values), 20):
            few = column(values[start:start + 20])
            alone = find_matches(detector, few)
            for i, text in enumerate(few.texts.to_pylist()):
                here = alone is not None and alone.matched[i]
                there = matches is not None and matches.matched[at[text]]
                if here != there:
                    differences.append((detector.name, text))

    assert differences == []


def test_hits_do_not_depend_on_where_the_cells_lie():
    """A slice, repeated cells, large strings: the same hits, and each cell counted."""
    values = cells(5, 400)
    plain = value_findings(pa.array(values))
    assert value_findings(pa.concat_arrays([pa.array(["x", None]), pa.array(values)]).slice(2)) == plain
    assert value_findings(pa.array(values, pa.large_string())) == plain
    assert value_findings(pa.array(values).dictionary_encode()) == plain
    for once, twice in zip(plain, value_findings(pa.array([*values, *values])), strict=True):
        assert (twice.matched, twice.distinct_matched) == (2 * once.matched, once.distinct_matched)


@pytest.mark.parametrize("width", [11, 15, 19])
def test_rows_are_checked_like_single_numbers(width):
    draw = random.Random(width)
    numbers = [value_columns.digits(draw, width) for _ in range(2_000)] + ["7" * width, "78" * width]
    numbers = [number[:width] for number in numbers]
    rows = np.frombuffer("".join(numbers).encode(), np.uint8).reshape(-1, width)
    assert luhn_rows(rows).tolist() == [luhn(number) for number in numbers]
    for least in (2, 3, 4):
        assert varied_rows(rows, least).tolist() == [len(set(number)) >= least for number in numbers]
