"""Check-digit algorithms, each written once.

>>> luhn("4111111111111111")
True
>>> iso7064_mod11_2("11010519491231002")
'X'
"""

from __future__ import annotations

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VIN_VALUES = {**{str(d): d for d in range(10)}, **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
               **dict(zip("JKLMN", range(1, 6), strict=True)), "P": 7, "R": 9, **dict(zip("STUVWXYZ", range(2, 10), strict=True))}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def luhn(digits: str) -> bool:
    """Does the last digit check the rest? Source: ISO/IEC 7812-1 Annex B."""
    total = 0
    for i, d in enumerate(reversed(digits)):
        n = int(d) * (1 + i % 2)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def iso7064_mod11_2(digits: str) -> str:
    """Check character (0-9, X) of 17 digits. Source: ISO 7064 MOD 11-2, GB 11643-1999."""
    return "10X98765432"[sum(w * int(d) for w, d in zip(_ID_WEIGHTS, digits, strict=True)) % 11]


def uscc_check(code: str) -> bool:
    """Is character 18 the check of the first 17? Source: GB 32100-2015, MOD 31-3."""
    try:
        total = sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        return len(code) == 18 and _USCC[(31 - total % 31) % 31] == code[17]
    except ValueError:
        return False


def vin_check(vin: str) -> bool:
    """Is character 9 the check of a 17-character VIN? Source: GB 16735, ISO 3779, 49 CFR 565."""
    total = sum(_VIN_VALUES.get(c, 99) * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True))
    return vin[8] == "0123456789X"[total % 11]
