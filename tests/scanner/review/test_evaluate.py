"""Scores on an invented gold table whose numbers were worked out by hand.

Ten columns: five core positives of which four are found (one under another label), one weak and one audit
column that do not count, three negatives of which one hard one is wrongly flagged. PI: tp 4, fp 1, fn 1, F1 =
8 / 10. Labels: tp 3, fp 2, fn 2, micro F1 = 6 / 10.
"""

import pytest

from scanner.review.evaluate import Prediction, evaluate

GOLD = [
    ("mobile", "pi", "phone_mobile", "core", "no", "no"),
    ("id_no", "pi", "resident_id", "core", "depends", "no"),
    ("mail", "pi", "email", "core", "no", "no"),
    ("illness", "pi", "health", "core", "yes", "no"),
    ("nick", "pi", "nickname", "core", "no", "no"),
    ("sex", "pi", "gender", "weak", "no", "no"),
    ("create_by", "pi", "username", "audit", "no", "no"),
    ("status", "none", "none", "none", "no", "no"),
    ("shop_phone", "none", "none", "none", "no", "yes"),
    ("sku_name", "none", "none", "none", "no", "yes"),
]
SAID = {
    "mobile": ("phone_mobile", "no", 0.9),
    "id_no": ("passport", "no", 0.8),
    "mail": ("email", "no", 0.9),
    "illness": ("health", "yes", 0.7),
    "shop_phone": ("phone_mobile", "no", 0.6),
    "create_by": ("username", "no", 0.9),
}


def test_scores_worked_by_hand():
    keys = ("column", "pi", "pi_type", "tier", "sensitive", "hard_negative")
    gold = [
        dict(zip(keys, row, strict=True)) | {"system": "s", "table": "t", "pi_type_alt": ""} for row in GOLD
    ]
    said = {
        ("s", "t", c): Prediction(True, label, sensitive, confidence)
        for c, (label, sensitive, confidence) in SAID.items()
    }

    scores = evaluate(said, gold)

    assert (scores.tp, scores.fp, scores.fn, scores.n) == (4, 1, 1, 8)
    assert scores.f1 == pytest.approx(0.8)
    assert (scores.label_tp, scores.label_fp, scores.label_fn) == (3, 2, 2)
    assert scores.label_micro_f1 == pytest.approx(0.6)
    assert (scores.hard, scores.hard_fp) == (2, 1)
    assert scores.sensitive_f1 == 1.0
