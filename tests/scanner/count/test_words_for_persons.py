"""Keys of two kinds, each under a word for persons: two people a row or one; words do not settle it."""

import pytest

import scanner

CONFIG = """
version: 1
sources: {{s: {{url: {path}}}}}
exporter: {{id: e, entities: [e]}}
flows:
  - {{id: f, entity: e, recipient: {{name: r, country: SG}}, purpose: crm,
     fields: [s/t/{phone}, s/t/{email}]}}
"""
SIZE = 60


def counted(folder, phone, email, phones):
    """The persons of rows with one of some mobiles and an e-mail address of their own."""
    path = folder / "t.csv"
    rows = [f"1380013{i % phones:04d},k{i}@ex.cn" for i in range(SIZE)]
    path.write_text("\n".join((f"{phone},{email}", *rows)), encoding="utf-8")
    config = folder / "c.yaml"
    config.write_text(CONFIG.format(path=path, phone=phone, email=email), encoding="utf-8")
    return scanner.scan(config).flows[0].individuals


@pytest.mark.parametrize("phones", [5, SIZE])
@pytest.mark.parametrize("words", ["walker keeper", "rider coach", "seller lodger", "captain nurse"])
def test_two_words_for_persons_hold_both(tmp_path, words, phones):
    one, other = words.split()
    persons = counted(tmp_path, f"{one}_phone", f"{other}_email", phones)

    assert persons.low <= SIZE < SIZE + phones <= persons.high
    assert persons.method != "exact"


@pytest.mark.parametrize("words", ["home work", "office private", "member member", "user login"])
def test_words_for_places_and_uses_are_nobody(tmp_path, words):
    one, other = words.split()
    persons = counted(tmp_path, f"{one}_phone", f"{other}_email", SIZE)

    assert (persons.low, persons.best, persons.high) == (SIZE, SIZE, SIZE)
