"""Every value detector carries its evidence: examples found, counterexamples left alone, chance measured."""

import random
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.chance import SIGNIFICANT, binomial_tail, is_accident
from detectors.columns import value_findings
from detectors.folding import fold
from detectors.registry import value_detectors

DETECTORS = {d.name: d for d in value_detectors()}
RANDOM = {
    "resident_id_18": lambda r: (
        str(r.randint(1, 9)) + "".join(r.choices("0123456789", k=16)) + r.choice("0123456789X")
    ),
    "resident_id_15": lambda r: str(r.randint(1, 9)) + "".join(r.choices("0123456789", k=14)),
    "bank_card": lambda r: r.choice("23456") + "".join(r.choices("0123456789", k=r.randint(15, 18))),
    "uscc": lambda r: (
        r.choice("159")
        + r.choice("1239")
        + "".join(r.choices("0123456789", k=6))
        + "".join(r.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=10))
    ),
    "vin": lambda r: "".join(r.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=17)),
    "imei": lambda r: "35" + "".join(r.choices("0123456789", k=13)),
    "permanent_residence": lambda r: (
        "9" + r.choice("123456789") + "".join(r.choices("0123456789", k=15)) + r.choice("0123456789X")
    ),
    "iban": lambda r: r.choice(("DE", "FR")) + "".join(r.choices("0123456789", k=20)),
    "iccid": lambda r: "89" + "".join(r.choices("0123456789", k=18)),
    "phone_foreign": lambda r: (
        f"+{r.choice('12345679')}" + "".join(r.choices("0123456789", k=r.randint(8, 11)))
    ),
    "mobile": lambda r: str(r.randint(1, 9)) + "".join(r.choices("0123456789", k=10)),
}


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=DETECTORS)
def test_examples_are_found_and_counterexamples_are_not(detector):
    assert detector.examples and detector.counterexamples
    for example in detector.examples:
        assert list(detector.find(example)), "example not found"
    for wrong in detector.counterexamples:
        assert not list(detector.find(wrong)), "counterexample found"


@pytest.mark.parametrize("name", RANDOM)
def test_chance_is_measured(name):
    detector, source = DETECTORS[name], random.Random(7)
    n = max(5_000, min(60_000, int(200 / detector.chance)))  # some 200 pass by chance
    passed = sum(1 for _ in range(n) if any(True for _ in detector.find(RANDOM[name](source))))

    assert passed / n == pytest.approx(detector.chance, rel=0.25, abs=0.0015)


def column(*cells):
    return {h.detector.name: h for h in value_findings(pa.array(cells))}


def mobiles(n=50):
    source = random.Random(3)
    return ["13" + "".join(source.choices("0123456789", k=9)) for _ in range(n)]


SHAPES = {
    "clean": lambda m: m,
    "with +86": lambda m: "+86 " + m,
    "dashes": lambda m: f"{m[:3]}-{m[3:7]}-{m[7:]}",
    "full width": lambda m: "".join(chr(ord(c) + 0xFEE0) for c in m),
    "scientific": lambda m: f"{m[0]}.{m[1:]}E+10",
    "decimal": lambda m: m + ".0",
    "blanks around": lambda m: f"  {m} ",
    "zero width": lambda m: "\u200b" + m,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_mobile_in_many_shapes(shape):
    hits = column(*[SHAPES[shape](m) for m in mobiles()])

    assert hits["mobile"].strength > 0.8


def test_integers_and_floats_are_numbers_again():
    numbers = [int(m) for m in mobiles()]

    assert "mobile" in column(*numbers)
    assert "mobile" in {h.detector.name for h in value_findings(pa.array([float(n) for n in numbers]))}


def test_random_digits_are_not_cards_or_identities():
    source = random.Random(11)
    orders = ["62" + "".join(source.choices("0123456789", k=14)) for _ in range(500)]
    snowflakes = [str(10**17 + source.randrange(9 * 10**17)) for _ in range(500)]

    assert not {"bank_card", "resident_id_18"} & set(column(*orders))
    assert not {"bank_card", "resident_id_18", "mobile"} & set(column(*snowflakes))


def test_a_handful_is_too_few_to_tell():
    assert column("13912345678", "13812345679")["mobile"].note == "too few to tell"


def test_sparse_personal_data_in_remarks_is_found_with_its_density():
    hits = column(*[f"客户{i}要求改期" for i in range(90)], *[f"请回电{m}谢谢" for m in mobiles(10)])

    assert hits["mobile"].note == "sparse"
    assert (hits["mobile"].matched, hits["mobile"].examined) == (10, 100)


ODD = {
    "nothing": pa.array([], pa.string()),
    "all null": pa.nulls(9, pa.string()),
    "blank": pa.array(["", " ", "N/A", "无"]),
    "bytes": pa.array([b"\xff\x00", b"13912345678"]),
    "ten megabytes": pa.array(["x" * 10_000_000, "y"]),
    "booleans": pa.array([True, False, None]),
    "lists": pa.array([[1, 2], None]),
    "null type": pa.nulls(4),
}


@pytest.mark.parametrize("values", ODD.values(), ids=ODD)
def test_odd_columns_find_nothing_and_break_nothing(values):
    assert value_findings(values) == ()


def test_placeholders_are_not_examined():
    assert fold(pa.array(["N/A", "无", "-", None, " 甲 "])).to_pylist() == [None, None, None, None, "甲"]


def test_binomial_tail_agrees_with_counting():
    # three heads or more of four fair coins: 5 of 16
    assert binomial_tail(3, 4, 0.5) == pytest.approx(5 / 16)
    assert binomial_tail(0, 4, 0.5) == 1.0


def test_patterns_say_digits_not_any_digit():
    assert not [d.name for d in DETECTORS.values() if re.search(r"\\d", d.shape.pattern)]


FAST = [d for d in value_detectors() if d.rows is not None]


@pytest.mark.parametrize("detector", FAST, ids=[d.name for d in FAST])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_many_at_once_agrees_with_one_by_one(detector, data):
    width = data.draw(st.sampled_from(detector.widths))
    near = [
        e
        for e in (*detector.examples, *detector.counterexamples)
        if len(e) == width and e.isascii() and e.isalnum()
    ]
    alphabet = "0123456789" if detector.name != "uscc" else "0123456789ABCDEFGHXYZ"
    texts = (
        data.draw(st.lists(st.text(alphabet, min_size=width, max_size=width), min_size=1, max_size=20)) + near
    )
    spoiled = [
        t[:i] + data.draw(st.sampled_from(alphabet + "Xx")) + t[i + 1 :]
        for t in near
        for i in (0, 3, width - 1)
    ]
    texts += spoiled
    rows = np.frombuffer("".join(texts).encode(), np.uint8).reshape(len(texts), width)

    shaped, valid = detector.rows(rows)

    assert shaped.tolist() == [detector.shape.fullmatch(t) is not None for t in texts]
    assert valid.tolist() == [
        detector.shape.fullmatch(t) is not None and bool(detector.is_valid(t)) for t in texts
    ]


def test_what_is_no_accident_agrees_with_the_whole_tail():
    for n in (1, 5, 40, 1_000, 20_000):
        for p in (0.00047, 0.0033, 0.071, 0.3):
            mean, spread = n * p, (n * p + 1) ** 0.5
            for k in {0, 1, 2, n, *(int(mean + step * spread) for step in (-4, -1, 0, 1, 2, 3, 4, 5))}:
                if 0 <= k <= n:
                    assert is_accident(k, n, p) == (binomial_tail(k, n, p) > SIGNIFICANT), (k, n, p)
