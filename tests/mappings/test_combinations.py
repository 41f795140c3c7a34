"""Columns that are harmless alone and sensitive together are judged as a whole, at table level,
under both profiles.
"""

import pytest

import scanner
from reports.wording.table import combination_words

CASES = {
    "name, number and card": ("name text, id_card text, bank_card text", ["identity_and_account"]),
    "name, number and telephone": ("name text, id_card text, mobile text", ["identity_and_contact"]),
    "track": ("user_id int, lng real, lat real, located_at datetime", ["track"]),
    "places without a time": ("user_id int, lng real, lat real", []),
    "account": ("username text, password text", ["account_and_credential"]),
    "a name alone": ("name text, city text", []),
}


def scan(tmp_path, columns, **options):
    import sqlite3

    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(f"CREATE TABLE member ({columns})")
    return scanner.scan(f"sqlite:///{tmp_path / 'a.db'}", values=False, **options).tables[0]


@pytest.mark.parametrize("profile", ["2025", "strict"])
@pytest.mark.parametrize(("columns", "expected"), CASES.values(), ids=CASES)
def test_combinations_of_a_table(columns, expected, profile, tmp_path):
    table = scan(tmp_path, columns, profile=profile)

    assert [c.id for c in table.combinations] == expected
    assert all(c.source and c.confidence_of_source for c in table.combinations)


def test_words_name_the_columns(tmp_path):
    table = scan(tmp_path, "name text, id_card text, bank_card text")

    assert combination_words(table.combinations[0], "en").endswith("(bank_card, id_card, name)")
    assert combination_words(table.combinations[0], "zh").startswith("组合判断")
