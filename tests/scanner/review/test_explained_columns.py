"""`explain` in plain words: each piece of evidence on its side, no code of a detector, both languages."""

import random

import pandas as pd
import pytest

import scanner
from detectors.columns.value_votes import VOTES
from detectors.evidence import FORMS, conflict, is_against
from detectors.message import Msg
from detectors.model import Evidence

SIDES = {"en": ("- for: ", "- against: "), "zh": ("- 支持：", "- 不支持：")}
WAYS = {                                      # of what a column called mobile holds
    "mobiles": lambda draw: f"139{draw.randrange(10**8):08d}", "words": lambda draw: "货到付款",
    "codes": lambda draw: f"K-{draw.randrange(10**6)}", "amounts": lambda draw: f"{draw.random() * 99:.2f}",
    "flags": lambda draw: draw.choice("YN"), "hashes": lambda draw: f"{draw.getrandbits(128):032x}",
    "masked": lambda draw: f"139****{draw.randrange(10**4):04d}",
}


@pytest.mark.parametrize("lang", SIDES)
@pytest.mark.parametrize("way", WAYS)
def test_every_piece_of_evidence_stands_on_its_side_with_what_was_looked_at(way, lang):
    draw = random.Random(way)
    frame = pd.DataFrame({"mobile": [WAYS[way](draw) for _ in range(200)], "name": ["王伟"] * 200})
    report = scanner.scan({"member": frame})
    text = report.explain("mobile", lang)
    evidence = [e for t in report.tables for c in t.columns if c.id.endswith("/mobile")
                for a in c.findings for e in a.finding.evidence]
    lines = [line.strip() for line in text.splitlines()]
    speaking, opposing = (sum(line.startswith(side) for line in lines) for side in SIDES[lang])

    assert opposing == sum(map(is_against, evidence)) and speaking + opposing == len(evidence)
    assert not any(word in text for word in ("(0 of ", "中 0 个", "(name,", "（name，"))
    assert way != "mobiles" or not opposing


def test_what_lowers_a_confidence_is_against_and_what_says_the_form_is_not():
    for vote in VOTES:
        assert is_against(Evidence("value", vote.note, 0, 90, "cells")) == (vote.worth < 0)
    assert is_against(Evidence("value", conflict(Msg("mobile number")), 80, 90, "cells"))
    assert not any(is_against(Evidence("value", form, 0, 90, "cells")) for form in FORMS)
