"""Hashes of keys that are somebody's within a tenant, a branch, a state alone."""

from __future__ import annotations

import numpy as np

from mappings.person_keys import KeyHashes

_U64 = np.uint64


def within_scope(hashes: KeyHashes, scope: np.ndarray) -> KeyHashes:
    """Return keys that are equal only under an equal scope: hashes of `hash_scopes`, an entry a row."""
    return hashes._replace(
        first=_mixed(hashes.first, scope), further=_mixed(hashes.further, scope[hashes.further_rows])
    )


def _mixed(keys: np.ndarray, scope: np.ndarray) -> np.ndarray:
    mix = (keys ^ (scope * _U64(0x9E3779B97F4A7C15))) * _U64(0xBF58476D1CE4E5B9)
    mix ^= mix >> _U64(31)
    return np.where(keys != 0, np.maximum(mix, _U64(1)), keys)


def within_rows(hashes: KeyHashes, places: np.ndarray) -> KeyHashes:
    """Return keys that are another person's in each row with a place other than 0."""
    apart = within_scope(hashes, places)
    own, further_own = places == 0, places[hashes.further_rows] == 0
    return hashes._replace(
        first=np.where(own, hashes.first, apart.first),
        further=np.where(further_own, hashes.further, apart.further),
    )
