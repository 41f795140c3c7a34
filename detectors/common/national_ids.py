"""Identity numbers of other countries and regions, each under its own check digit.

Sources: the issuing offices' published rules; ISO/IEC 7064 (Germany), Verhoeff 1969 (India), ISO/IEC 7812-1
(Sweden). Where a number has no check digit (Malaysia, United Kingdom), nothing here looks for it.

>>> is_hkid("A123456(3)"), is_hkid("A123456(4)")
(True, False)
>>> is_curp("HEGG560427MVZRRL04"), is_fiscal_code("RSSMRA85T10A562S")
(True, True)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from detectors.checksums import digits_rows, luhn, varied_rows, weighted_rows
from detectors.model import Label, ValueDetector

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"        # letters in the order of their numbers, 10 to 35
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_CURP = "0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ODD_FISCAL = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_VERHOEFF = np.array([[int(c) for c in row] for row in (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432",
    "7659821043", "8765932104", "9876543210",
)], np.uint8)
_VERHOEFF_PLACES = np.array([[int(c) for c in row] for row in (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415",
    "7046913258",
)])
# of ISO/IEC 7064 MOD 11,10: the next product by the last one and a digit
_NEXT_PRODUCT = np.array([((total - 1) % 10 + 1) * 2 % 11 for total in range(20)], np.uint8)
_DAYS = np.array((0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def _plain(text: str) -> str:
    return re.sub(r"[\s().\-/]", "", text).upper()


def _is_day(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True


def is_hkid(text: str) -> bool:
    """Hong Kong: one or two letters, six digits, a check character of modulus 11."""
    number = _plain(text)
    body, check = number[:-1], number[-1]
    values = [36] * (8 - len(body)) + [_ALPHABET.index(c) + 10 if c.isalpha() else int(c) for c in body]
    total = sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def is_taiwan_id(text: str) -> bool:
    """Taiwan: a letter, nine digits, of which the last is a check digit of modulus 10."""
    number = _TAIWAN.index(text[0]) + 10
    return (number // 10 + number % 10 * 9 + _weighted(text[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def is_nric(text: str) -> bool:
    """Singapore: a letter of kind and century, seven digits, a check letter of modulus 11."""
    total = _weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if text[0] in "TG" else 0)
    return text[8] == ("JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK")[total % 11]


def is_korean_id(text: str) -> bool:
    """Korea: a day of birth, sex and century, and a check digit of modulus 11."""
    number = _plain(text)
    year = (1900 if number[6] in "1256" else 2000) + int(number[:2])
    check = (11 - _weighted(number[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    return _is_day(year, number[2:4], number[4:6]) and check == int(number[12])


RowTest = Callable[[np.ndarray], np.ndarray]   # digits, uint8 of shape (n, width) -> which rows pass


def _are_my_numbers(d: np.ndarray) -> np.ndarray:
    """Japan: twelve digits, the last a check digit of modulus 11."""
    rest = weighted_rows(d[:, :11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return np.asarray(np.where(rest <= 1, 0, 11 - rest) == d[:, 11])


def _are_aadhaar(d: np.ndarray) -> np.ndarray:
    """India: twelve digits under Verhoeff's check digit."""
    check = np.zeros(len(d), np.uint8)
    for i in range(12):
        check = _VERHOEFF[check, _VERHOEFF_PLACES[i % 8, d[:, 11 - i]]]
    return check == 0


def _are_nir(d: np.ndarray) -> np.ndarray:
    """France: thirteen digits and a key of modulus 97."""
    rest = weighted_rows(d[:, :13], [10 ** place % 97 for place in range(12, -1, -1)]) % 97
    month = d[:, 3] * 10 + d[:, 4]
    key = d[:, 13] * 10 + d[:, 14]
    return np.asarray((rest + key == 97) & (month >= 1) & ((month <= 12) | (month >= 20)))


def _are_pesel(d: np.ndarray) -> np.ndarray:
    """Poland: a day of birth whose month tells the century, and a check digit of modulus 10."""
    month, day = (d[:, 2] * 10 + d[:, 3]) % 20, d[:, 4] * 10 + d[:, 5]
    dated = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _DAYS[np.minimum(month, 12)])
    return np.asarray(dated & (weighted_rows(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0))


def _are_tax_ids(d: np.ndarray) -> np.ndarray:
    """Germany: ISO/IEC 7064 MOD 11,10; one of the first ten digits stands twice or thrice."""
    product = np.full(len(d), 10, np.uint8)
    for i in range(10):
        product = _NEXT_PRODUCT[product + d[:, i]]
    passes = np.asarray((11 - product) % 10 == d[:, 10])
    digits = d[passes, :10].T
    counts = np.stack([(digits == digit).sum(axis=0) for digit in range(10)])
    passes[passes] = ((counts > 1).sum(axis=0) == 1) & (counts.max(axis=0, initial=0) <= 3)
    return passes


def _are_turkish_ids(d: np.ndarray) -> np.ndarray:
    """Turkey: eleven digits, the last two check digits of modulus 10."""
    tenth = weighted_rows(d[:, :9], (7, 9, 7, 9, 7, 9, 7, 9, 7)) % 10       # 9 as -1
    return np.asarray((d[:, 9] == tenth) & (weighted_rows(d[:, :10], (1,) * 10) % 10 == d[:, 10]))


def _are_thai_ids(d: np.ndarray) -> np.ndarray:
    """Thailand: thirteen digits, the last a check digit of modulus 11."""
    return np.asarray((11 - weighted_rows(d[:, :12], range(13, 1, -1)) % 11) % 10 == d[:, 12])


def is_cpf(text: str) -> bool:
    """Brazil: eleven digits, the last two check digits of modulus 11."""
    number = _plain(text)
    for n in (9, 10):
        check = _weighted(number[:n], range(n + 1, 1, -1)) * 10 % 11 % 10
        if check != int(number[n]):
            return False
    return len(set(number)) > 1


def is_dni(text: str) -> bool:
    """Spain: eight digits, or a letter for foreigners and seven, with a check letter of modulus 23."""
    number = _plain(text)
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return _DNI[int(digits) % 23] == number[-1]


def is_fiscal_code(text: str) -> bool:
    """Italy: sixteen letters and digits, the last a check letter of modulus 26."""
    places = [_ALPHABET.index(c) if c.isalpha() else int(c) for c in text.upper()]
    total = sum(_ODD_FISCAL[p] if i % 2 == 0 else p for i, p in enumerate(places[:15]))
    return total % 26 == places[15]


def is_personnummer(text: str) -> bool:
    """Sweden: a day of birth, a mark of the century, three digits and one of Luhn."""
    number = _plain(text.replace("+", "-"))[-10:]
    return _is_day(2000 + int(number[:2]), number[2:4], number[4:6]) and luhn(number)


def is_hetu(text: str) -> bool:
    """Finland: a day of birth, a mark of the century, three digits and a check character of modulus 31."""
    century = {"+": 1800, "-": 1900, "A": 2000}[text[6]]
    is_day = _is_day(century + int(text[4:6]), text[2:4], text[:2])
    return is_day and _HETU[int(text[:6] + text[7:10]) % 31] == text[10]


def is_curp(text: str) -> bool:
    """Mexico: letters of the name, day of birth, sex, state, and a check digit of modulus 10."""
    total = sum(_CURP.index(c) * w for c, w in zip(text[:17], range(18, 1, -1), strict=True))
    return (10 - total % 10) % 10 == int(text[17])


@dataclass(frozen=True, slots=True)
class _IdentityRule:
    """An identity number. chance: share of random texts of the shape that pass."""

    name: str
    titles: tuple[str, str]
    shape: str
    is_valid: Callable[[str], bool]
    chance: float
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    exact: tuple[int, ...]                    # lengths of a run of letters and digits; one of them occurs
    numeric: bool = False
    signs: tuple[str, ...] = ()
    gate: str = ""
    letters: int = 0
    base: float = 0.9


@dataclass(frozen=True, slots=True)
class _DigitRule:
    """An identity number of digits alone. first: its first digit, from and to."""

    name: str
    titles: tuple[str, str]
    width: int
    first: tuple[int, int]
    passes: RowTest
    chance: float
    example: str
    counterexample: str

    @property
    def shape(self) -> str:
        """Return the pattern of a number that stands alone."""
        low, high = self.first
        return rf"(?<![0-9A-Za-z])[{low}-{high}][0-9]{{{self.width - 1}}}(?![0-9A-Za-z])"

    def rows(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (has the shape, passes the check) of many runs at once."""
        low, high = self.first
        shaped = digits_rows(rows) & (rows[:, 0] >= 48 + low) & (rows[:, 0] <= 48 + high)
        passes = shaped.copy()
        passes[shaped] = self.passes(rows[shaped] - np.uint8(48))
        passes[passes] = varied_rows(rows[passes], 4)
        return shaped, passes

    def is_valid(self, text: str) -> bool:
        """Return whether one number passes."""
        return bool(self.rows(np.frombuffer(text.encode(), np.uint8)[None])[1][0])


DIGIT_RULES = (
    _DigitRule("my_number", ("日本个人编号", "Japanese My Number"), 12, (0, 9), _are_my_numbers, 0.11,
               "123456789018", "123456789012"),
    _DigitRule("aadhaar", ("印度身份号码", "Aadhaar"), 12, (2, 9), _are_aadhaar, 0.1,
               "234123412346", "234123412347"),
    _DigitRule("nir", ("法国社会保险号", "French NIR"), 15, (1, 2), _are_nir, 0.011,
               "255081416802538", "255081416802539"),
    _DigitRule("pesel", ("波兰个人号码", "Polish PESEL"), 11, (0, 9), _are_pesel, 0.03,
               "44051401359", "44051401358"),
    _DigitRule("tax_id_germany", ("德国税号", "German tax number"), 11, (1, 9), _are_tax_ids, 0.03,
               "36574261809", "36574261808"),
    _DigitRule("turkish_id", ("土耳其身份号码", "Turkish identity number"), 11, (1, 9), _are_turkish_ids,
               0.01, "12345678950", "12345678951"),
    _DigitRule("thai_id", ("泰国身份号码", "Thai identity number"), 13, (1, 8), _are_thai_ids, 0.1,
               "1101700230708", "1101700230709"),
)
RULES = (
    _IdentityRule("hkid", ("香港身份证号码", "Hong Kong identity card"),
          r"[A-Z]{1,2}[0-9]{6}\(?[0-9A]\)?",
          is_hkid, 0.091, ("A123456(3)", "AB987654(3)"), ("A123456(4)",), (7, 8, 9), letters=1),
    _IdentityRule("taiwan_id", ("台湾身份证号码", "Taiwan identity number"),
          r"[A-Z][1289][0-9]{8}",
          is_taiwan_id, 0.1, ("A123456789",), ("A123456788",), (10,), letters=1),
    _IdentityRule("nric_singapore", ("新加坡身份证号码", "Singapore NRIC"),
          r"[STFG][0-9]{7}[A-Z]",
          is_nric, 0.04, ("S1234567D",), ("S1234567E",), (9,), signs=("STFG",), letters=2),
    _IdentityRule("korean_id", ("韩国居民登录号码", "Korean resident number"),
          r"[0-9]{6}-[1-8][0-9]{6}",
          is_korean_id, 0.03, ("900101-1234568",), ("900101-1234567",), (7,), True, gate="-"),
    _IdentityRule("cpf", ("巴西税号", "Brazilian CPF"),
          r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",
          is_cpf, 0.01, ("529.982.247-25",), ("529.982.247-26",), (3,), True, ("-",), gate="."),
    _IdentityRule("dni", ("西班牙身份证号码", "Spanish DNI or NIE"),
          r"(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-Z]",
          is_dni, 0.04, ("12345678Z", "X1234567L"), ("12345678A",), (8, 9), letters=1),
    _IdentityRule("fiscal_code", ("意大利税号", "Italian fiscal code"),
          r"[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]",
          is_fiscal_code, 0.04, ("RSSMRA85T10A562S",), ("RSSMRA85T10A562T",), (16,), letters=9),
    _IdentityRule("personnummer", ("瑞典个人号码", "Swedish personal number"),
          r"(?:19|20)?[0-9]{6}[-+][0-9]{4}",
          is_personnummer, 0.04, ("811228-9874",), ("811228-9875",), (4,), True, gate="-|+"),
    _IdentityRule("hetu", ("芬兰个人号码", "Finnish personal code"),
          r"[0-3][0-9][01][0-9]{3}[-+A][0-9]{3}[0-9A-Y]",
          is_hetu, 0.03, ("131052-308T",), ("131052-308U",), (6, 11), gate="-|+|A"),
    _IdentityRule("curp", ("墨西哥人口登记号", "Mexican CURP"),
          r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]",
          is_curp, 0.1, ("HEGG560427MVZRRL04",), ("HEGG560427MVZRRL05",), (18,), signs=("HMX",), letters=10),
)
_DIGITS = tuple(
    ValueDetector(
        name=rule.name, label=Label("other_id_document"), title=rule.titles[0], title_en=rule.titles[1],
        source="issuing office", is_valid=rule.is_valid, rows=rule.rows, widths=(rule.width,),
        exact=(rule.width,), numeric=True,
        shape=re.compile(rule.shape), chance=rule.chance, base=0.75, min_length=rule.width, max_length=40,
        digits=rule.width, subject_key=True,
        examples=(rule.example,), counterexamples=(rule.counterexample,),
    )
    for rule in DIGIT_RULES
)
_LETTERED = tuple(
    ValueDetector(
        name=rule.name, label=Label("other_id_document"), title=rule.titles[0], title_en=rule.titles[1],
        source="issuing office",
        shape=re.compile(rf"(?<![0-9A-Za-z.-])(?:{rule.shape})(?![0-9A-Za-z]|[.-][0-9])"),
        is_valid=rule.is_valid, chance=rule.chance, base=rule.base, min_length=8, max_length=40, digits=6,
        exact=rule.exact, numeric=rule.numeric, signs=rule.signs,
        gate=rule.gate, letters=rule.letters, subject_key=True, examples=rule.examples,
        counterexamples=rule.counterexamples,
    )
    for rule in RULES
)
DETECTORS = (*_DIGITS, *_LETTERED)
