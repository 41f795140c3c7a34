"""A masked key beside a plain one: does it show the same number?"""

import pyarrow as pa
import pytest

from mappings.masked_pairs import masked_rows

PLAIN = "13712345670"
# the masked text -> is it compared, does it show another number
MASKS = {
    "137****5670": (True, False),
    "137xxxx5670": (True, False),
    "+86 137-••••-5670": (True, False),
    "*******5670": (True, False),
    "137*": (True, False),
    "138****5670": (True, True),
    "137****5671": (True, True),
    PLAIN: (False, False),
    "": (False, False),
    None: (False, False),
}


@pytest.mark.parametrize(("masked", "answer"), MASKS.items(), ids=map(repr, MASKS))
@pytest.mark.parametrize("swapped", [False, True])
def test_a_mask_shows_the_number_or_another(masked, answer, swapped):
    columns = [pa.array([masked, None], pa.string()), pa.array([PLAIN, PLAIN], pa.string())]
    compared, unlike = masked_rows(*(columns[::-1] if swapped else columns))

    assert (bool(compared[0]), bool(unlike[0])) == answer
    assert not compared[1]


def test_numbers_are_not_masked_and_two_masks_are_not_compared():
    masked, whole = pa.array(["137****5670"]), pa.array([13712345670])

    assert masked_rows(masked, whole)[0].tolist() == [True]
    assert masked_rows(masked, masked)[0].tolist() == [False]
    assert masked_rows(whole, whole)[0].tolist() == [False]
