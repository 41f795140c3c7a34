"""Check-digit algorithms, each written once.

>>> luhn("4111111111111111")
True
>>> iso7064_mod11_2("11010519491231002")
'X'
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

import numpy as np

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)), "P": 7, "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_DOUBLED = str.maketrans("0123456789", "0246813579")       # twice the digit, less nine if that has two digits
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_USCC_VALUES = {c: i for i, c in enumerate(_USCC)}


def luhn(digits: str) -> bool:
    """Does the last digit check the rest? Source: ISO/IEC 7812-1 Annex B."""
    plain, doubled = digits[::-2], digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, plain)) + sum(map(int, doubled))) % 10 == 0


def iso7064_mod11_2(digits: str) -> str:
    """Check character (0-9, X) of 17 digits. Source: ISO 7064 MOD 11-2, GB 11643-1999."""
    return "10X98765432"[sum(map(mul, _ID_WEIGHTS, map(int, digits))) % 11]


def uscc_check(code: str) -> bool:
    """Is character 18 the check of the first 17? Source: GB 32100-2015, MOD 31-3."""
    try:
        total = sum(map(mul, _USCC_WEIGHTS, map(_USCC_VALUES.__getitem__, code[:17])))
        return len(code) == 18 and _USCC[(31 - total % 31) % 31] == code[17]
    except KeyError:
        return False


def vin_check(vin: str) -> bool:
    """Is character 9 the check of a 17-character VIN? Source: GB 16735, ISO 3779, 49 CFR 565."""
    total = sum(_VIN_VALUES.get(c, 99) * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True))
    return vin[8] == "0123456789X"[total % 11]


# The same of many numbers at once. rows: characters as uint8, shape (n, width). Results: bools, shape (n,).


def digits_rows(rows: np.ndarray) -> np.ndarray:
    """Are all characters ASCII digits?"""
    return np.asarray((rows - np.uint8(48) < np.uint8(10)).all(axis=1))


def varied_rows(rows: np.ndarray, least: int) -> np.ndarray:
    """Are at least `least` digits of a row different? Of rows of digits."""
    kinds = np.zeros(len(rows), np.uint16)
    for place in rows.T:
        kinds |= np.uint16(1) << (place & np.uint8(15)).astype(np.uint16)
    return np.asarray(np.bitwise_count(kinds) >= least)


def weighted_rows(digits: np.ndarray, weights: Sequence[int]) -> np.ndarray:
    """Return the sums of digits times weights, of rows. digits: uint8 of shape (n, width), below 10."""
    total = np.zeros(len(digits), np.uint16)
    for place, weight in zip(digits.T, weights, strict=True):
        total += place * np.uint16(weight)
    return total


def luhn_rows(rows: np.ndarray) -> np.ndarray:
    """`luhn` of rows of digits."""
    total = np.zeros(len(rows), np.uint16)
    for i, place in enumerate(rows.T[::-1]):
        digit = place - np.uint8(48)
        total += digit + digit - np.uint8(9) * (digit > 4) if i % 2 else digit
    return np.asarray(total % np.uint16(10) == 0)


def iso7064_mod11_2_rows(characters: np.ndarray) -> np.ndarray:
    """Is character 18 the check of the first 17? An `x` counts as `X`.

    characters: uint8 of shape (18, n), one row for each place of the number.
    """
    total = np.zeros(characters.shape[1], np.uint16)
    for weight, place in zip(_ID_WEIGHTS, characters, strict=False):
        total += np.uint16(weight) * (place - np.uint8(48))
    expected = np.take(np.frombuffer(b"10X98765432", np.uint8), total % np.uint16(11))
    return np.asarray(expected == np.where(characters[17] == ord("x"), ord("X"), characters[17]))


_USCC_TABLE = np.full(256, -1, np.float32)
for _char, _value in _USCC_VALUES.items():
    _USCC_TABLE[ord(_char)] = _value


def uscc_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (is of characters of the code alone, check character is right), see `uscc_check`."""
    values = _USCC_TABLE[rows]
    spelt = (values >= 0).all(axis=1)
    total = (values[:, :17] @ np.array(_USCC_WEIGHTS, np.float32)).astype(np.int32)
    return spelt, spelt & ((31 - total % 31) % 31 == values[:, 17])
