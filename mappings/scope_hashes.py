"""Hashes of keys that are somebody's within a tenant, a branch, a state alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mappings.person_keys import KeyHashes, hash_keys

_U64 = np.uint64


def scope_hashes(values: pa.Array, secret: bytes) -> np.ndarray:
    """Return uint64 per row: the tenant, branch or state that a key stands under; 0: none."""
    return hash_keys(values, "im_account", "key_scope", secret)[0]


def within_scope(hashes: KeyHashes, scope: np.ndarray) -> KeyHashes:
    """Return keys that are equal only under an equal scope. A row without one holds the key as it is."""
    return hashes._replace(
        first=_mixed(hashes.first, scope), further=_mixed(hashes.further, scope[hashes.further_rows])
    )


def _mixed(keys: np.ndarray, scope: np.ndarray) -> np.ndarray:
    mix = (keys ^ (scope * _U64(0x9E3779B97F4A7C15))) * _U64(0xBF58476D1CE4E5B9)
    mix ^= mix >> _U64(31)
    return np.where((keys != 0) & (scope != 0), np.maximum(mix, _U64(1)), keys)
