"""Keys of JSON that are somebody's become cells, odd keys cost nothing, and clean keys stay columns."""

import json
import random

import bent
import bent_keys
import pytest
from bent_reading import faults

CLEAN = (
    ["余额", "项目", "程序", "应付", "车型"], ["beijing", "tianjin", "hebei"], ["home", "work"],
    ["first_name", "email", "city", "phone", "note"],
)


@pytest.mark.parametrize("kind", bent_keys.BENT_KEYS)
def test_keys_of_people_are_cells(kind, tmp_path):
    wrong = {seed: found for seed in range(4)
             if (found := faults(tmp_path, bent.KINDS[kind](random.Random(seed))))}

    assert wrong == {}


@pytest.mark.parametrize("keys", CLEAN)
def test_clean_keys_stay_columns(keys, tmp_path):
    records = [{"id": str(i), **dict.fromkeys(keys[: 1 + i % len(keys)], str(i))} for i in range(20)]
    text = "\n".join(map(json.dumps, records))

    assert faults(tmp_path, bent.Bent("a.jsonl", text.encode(), (), 20, ("id", *keys))) == {}
