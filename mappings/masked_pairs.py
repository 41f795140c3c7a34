"""A masked key beside a plain one of its kind: the same number once more, or somebody else's?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import fold
from mappings.key_forms import MASK, shows_key
from mappings.person_keys import distinct_texts

_HAS_MASK = MASK.replace("(?<=[0-9])", "[0-9]").replace("(?=[0-9])", "[0-9]")     # without looking around


def masked_rows(column: pa.Array, other: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return bool per row: is the key of one column masked beside a plain one; does it show another one?"""
    is_masked = _are_masked(column)
    rows = np.flatnonzero(is_masked ^ _are_masked(other))
    compared, unlike = np.zeros(len(column), bool), np.zeros(len(column), bool)
    if not len(rows):
        return compared, unlike
    (texts, place), (others, place_of_other) = (
        distinct_texts(fold(each.take(pa.array(rows)))) for each in (column, other)
    )
    texts, others = [*texts, None], [*others, None]          # null is one past the end
    for row, i, j in zip(rows.tolist(), place.tolist(), place_of_other.tolist(), strict=True):
        masked, plain = (texts[i], others[j]) if is_masked[row] else (others[j], texts[i])
        if masked is not None and plain is not None:
            compared[row], unlike[row] = True, not shows_key(masked, plain)
    return compared, unlike


def _are_masked(column: pa.Array) -> np.ndarray:
    """bool per row: is a part of the text masked?"""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return np.zeros(len(column), bool)
    hits = pc.fill_null(pc.match_substring_regex(column, _HAS_MASK), False)
    return np.asarray(hits.to_numpy(zero_copy_only=False))
