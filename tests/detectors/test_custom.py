"""The user's own detectors: read strictly, examples run, patterns that cannot hang, faults isolated."""

import sqlite3

import pytest

import scanner
from detectors import custom, registry
from detectors.errors import RulesError
from detectors.names import lexicon
from reports.model import labels
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source

GOOD = """
detectors:
  - name: loyalty_no
    label: user_id
    title: 会员卡号
    pattern: 'HY[0-9]{10}'
    check: luhn
    names: [hykh_own]
    examples: [HY0000000018]
    counterexamples: [HY0000000019]
  - {name: blood, label: health, words: [A型, B型, O型, AB型], examples: [A型], counterexamples: [C型]}
"""


@pytest.fixture(autouse=True)
def _none_left():
    yield
    registry.use([])
    lexicon.use([])


def write(tmp_path, text):
    path = tmp_path / "detectors.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def luhn_numbers(n):
    from detectors.checksums import luhn

    return [next(f"HY{i:09d}{d}" for d in range(10) if luhn(f"{i:09d}{d}")) for i in range(1, n)]


def test_they_work_beside_ours_by_value_and_by_name(tmp_path):
    path = write(tmp_path, GOOD)
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE t (c01 TEXT, c02 TEXT, hykh_own TEXT, mobile TEXT)")
    connection.executemany(
        "INSERT INTO t VALUES (?,?,NULL,NULL)",
        [(v, "ABO"[i % 3] + "型") for i, v in enumerate(luhn_numbers(60))],
    )
    connection.commit()

    report = job.scan(Config(sources=(Source("s", f"sqlite:///{tmp_path / 'a.db'}"),), detectors=path))
    plain = scanner.scan(f"sqlite:///{tmp_path / 'a.db'}")

    assert labels(report) == {
        "s/t/c01": "user_id",
        "s/t/c02": "health",
        "s/t/hykh_own": "user_id",
        "s/t/mobile": "phone_mobile",
    }
    assert labels(plain) == {"a/t/mobile": "phone_mobile"}


BAD = {
    "an unknown key": (
        "- {name: a, label: email, patern: x}",
        'unknown key "patern". Did you mean "pattern"?',
    ),
    "an unknown label": ("- {name: a, label: emial, pattern: x}", 'Did you mean "email"?'),
    "no label": ("- {name: a, pattern: x}", '"label" is missing'),
    "nothing to look for": ("- {name: a, label: email}", "nothing to look for"),
    "an unknown check": ("- {name: a, label: email, pattern: x, check: lun}", 'Did you mean "luhn"?'),
    "look-around": ("- {name: a, label: email, pattern: '(?<=x)y'}", "no RE2 expression"),
    "a pattern that does not compile": ("- {name: a, label: email, pattern: '(x'}", "no RE2 expression"),
    "an example that is not found": (
        "- {name: a, label: email, pattern: 'x+', examples: [y]}",
        'example "y" is not found',
    ),
    "a counterexample that is found": (
        "- {name: a, label: email, pattern: 'x+', counterexamples: [xx]}",
        'counterexample "xx" is found',
    ),
    "no list": ("", "no list called detectors"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said(tmp_path, text, words):
    with pytest.raises(RulesError) as e:
        custom.load(write(tmp_path, f"detectors:\n  {text}\n" if text else "x: 1\n"))

    assert words in e.value.line()
    assert "detectors.yaml" in e.value.line()


def test_a_pattern_that_would_explode_does_not(tmp_path):
    own = custom.load(
        write(tmp_path, "detectors: [{name: a, label: email, pattern: '(a+)+b', examples: [aab]}]")
    )

    assert not custom.finds(own[0].detector, "a" * 50_000)


def test_a_detector_that_raises_is_named_and_the_rest_goes_on(tmp_path, monkeypatch):
    (tmp_path / "m.csv").write_text(
        "a,b\n" + "".join(f"HY{i:010d},137{i * i * 7919 % 10**8:08d}\n" for i in range(50)), encoding="utf-8"
    )
    path = write(tmp_path, GOOD)
    monkeypatch.setitem(custom.CHECKS, "luhn", lambda t: 1 // (len(t) - 12) or True)

    report = job.scan(
        Config(sources=(Source("s", str(tmp_path / "m.csv")),), detectors=_without_examples(path))
    )

    assert labels(report)["s/m/b"] == "phone_mobile"
    assert [(s.id, s.reason) for s in report.skipped] == [
        ("detector loyalty_no", "raised ZeroDivisionError; its findings are missing")
    ]


def _without_examples(path):
    path.write_text(
        GOOD.replace("    examples: [HY0000000018]\n    counterexamples: [HY0000000019]\n", ""),
        encoding="utf-8",
    )
    return path
