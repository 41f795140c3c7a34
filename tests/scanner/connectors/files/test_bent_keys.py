"""Keys of JSON that are somebody's become cells, odd keys cost nothing, and clean keys stay columns;
bytes and values that are no plain JSON cost themselves.
"""

import json
import random

import bent
import bent_json
import bent_keys
import bent_packed
import pytest
from bent_reading import faults

CLEAN = (
    ["余额", "项目", "程序", "应付", "车型"], ["beijing", "tianjin", "hebei"], ["home", "work"],
    ["utm_source_2_a1_b2", "iPhone12ProMaxCount", "isAnItemOfTheListToBeUsed", "gross margin"],
    ["first_name", "email", "city", "phone", "note"],
)


@pytest.mark.parametrize("kind", [*bent_keys.BENT_KEYS, *bent_json.BENT_JSON, *bent_packed.BENT_PACKED])
def test_bent_files_are_read_or_accounted_for(kind, tmp_path):
    wrong = {seed: found for seed in range(6)
             if (found := faults(tmp_path, bent.KINDS[kind](random.Random(seed))))}

    assert wrong == {}


@pytest.mark.parametrize("keys", CLEAN)
def test_clean_keys_stay_columns(keys, tmp_path):
    records = [{"id": str(i), **dict.fromkeys(keys[: 1 + i % len(keys)], str(i))} for i in range(20)]
    text = "\n".join(map(json.dumps, records))

    assert faults(tmp_path, bent.Bent("a.jsonl", text.encode(), (), 20, ("id", *keys))) == {}
