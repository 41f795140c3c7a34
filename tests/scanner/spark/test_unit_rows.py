"""Units in the columns of a frame are those that were put there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mappings.person_records import Units
from scanner.spark import unit_rows
from scanner.spark.unit_rows import PileUnits, batch_of, values_of

pytestmark = pytest.mark.unit
MOST = (1 << 64) - 1
KINDS = (("resident_id", "resident_id"), ("user_id", "crm:user\x1fcrm/会员"), ("email", "email"))


@st.composite
def units(draw, width):
    n = draw(st.integers(1, 9))
    hashes = st.integers(0, MOST)
    counts = st.sampled_from([np.int32, np.int64])
    return Units(
        draw(arrays.arrays(np.uint64, (n, width), elements=hashes)),
        draw(st.none() | arrays.arrays(np.uint64, n, elements=hashes)),
        draw(arrays.arrays(np.uint64, n, elements=st.sampled_from([3, 5, MOST]))),
        draw(st.none() | arrays.arrays(np.int64, n, elements=st.integers(0, (1 << 62)))),
        draw(st.none() | arrays.arrays(draw(counts), n, elements=st.integers(1, 1 << 30))),
    )


def same(one, other):
    both = (getattr(u, name) for name in ("keys", "name", "bits", "first_row", "rows") for u in (one, other))
    return all((a is None) == (b is None) and (a is None or np.array_equal(a, b))
               for a, b in zip(both, both, strict=True))


@given(st.data(), st.integers(1, 3), st.sampled_from([(), ("t/a", "t/b", "one")]), st.integers(1, 4))
def test_units_come_back_as_they_went(data, width, side, piece):
    given_units = data.draw(units(width))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit_rows, "PIECE", piece)
        batches = [batch_of(7, each) for each in PileUnits(side, KINDS[:width], given_units).pieces()]

    found = list(values_of(batches))

    assert {(each.side, each.pile) for each in found} == {(side, KINDS[:width])}
    assert [len(each.units) for each in found[:-1]] == [piece] * (len(found) - 1)
    place = 0
    for each in found:
        part = given_units.select(np.arange(place, place + len(each.units)))
        assert same(each.units, part)
        place += len(part)
    assert place == len(given_units)
