"""A masked key beside a plain one of its kind: the same number once more, or somebody else's?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.key_forms import MASK, shows_key
from mappings.person_keys import distinct_texts

_HAS_MASK = MASK.replace("(?<=[0-9])", "[0-9]").replace("(?=[0-9])", "[0-9]")     # without looking around


def masked_rows(column: pa.Array, other: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return bool per row: is the key of a column masked beside a plain one; does it show another one?"""
    compared, unlike = np.zeros(len(column), bool), np.zeros(len(column), bool)
    if not pa.types.is_string(column.type):
        return compared, unlike
    is_masked, is_plain = (
        np.asarray(pc.fill_null(pc.match_substring_regex(each.cast(pa.string()), _HAS_MASK), empty)
                   .to_numpy(zero_copy_only=False)) == has_mask
        for each, empty, has_mask in ((column, False, True), (other, True, False))
    )
    rows = np.flatnonzero(is_masked & is_plain)
    if not len(rows):
        return compared, unlike
    (masked, place), (plain, place_of_plain) = (
        distinct_texts(each.take(pa.array(rows))) for each in (column, other)
    )
    for row, i, j in zip(rows.tolist(), place.tolist(), place_of_plain.tolist(), strict=True):
        text, key = masked[i] if i < len(masked) else None, plain[j] if j < len(plain) else None
        if text is not None and key is not None:
            compared[row], unlike[row] = True, not shows_key(text, key)
    return compared, unlike
