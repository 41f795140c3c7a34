"""Values alone, under an opaque name: every kind is found in every shape once,
and no look-alike is taken for a person's.
"""

from value_columns import columns, run


def once():
    seen = set()
    for column in columns(seed=11):
        if column[:3] not in seen:
            seen.add(column[:3])
            yield column


def test_every_kind_in_every_shape_and_every_look_alike():
    score, wrong = run(once())

    assert score["look-alike"][1] >= 50
    assert [w for w in wrong if w[0] in ("look-alike", "few")] == []
    for group, least in (("checked", 0.97), ("other", 0.90)):
        got, of = score[group]
        assert got / of >= least, wrong
