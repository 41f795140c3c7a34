"""What multinationals hold beside Chinese numbers: IBAN, telephone numbers of other countries, US social
security numbers.

Sources: ISO 13616 (IBAN, MOD 97-10 of ISO 7064), ITU-T E.164, SSA (numbers never issued: 000, 666, 9xx; group
00; serial 0000).

>>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE89370400440532013001")
(True, False)
>>> is_ssn("536-90-4399"), is_ssn("666-90-4399")
(True, False)
"""

from __future__ import annotations

import re

from detectors.model import Label, ValueDetector


def is_iban(text: str) -> bool:
    """Country, two check digits that leave a remainder of one, 15 to 34 characters."""
    number = re.sub(r"\s", "", text).upper()
    if not 15 <= len(number) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def is_foreign_phone(text: str) -> bool:
    """A valid number of another country by its numbering plan; China's are told apart elsewhere."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return False
    return number.country_code != 86 and phonenumbers.is_valid_number(number)


def is_ssn(text: str) -> bool:
    """Area, group and serial that may have been issued."""
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


DETECTORS = (
    ValueDetector(
        name="iban",
        label=Label("bank_account"),
        title="国际银行账号",
        title_en="IBAN",
        source="ISO 13616",
        shape=re.compile(
            r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?(?![0-9A-Za-z])"
        ),
        is_valid=is_iban,
        chance=0.011,
        base=0.95,
        min_length=15,
        max_length=42,
        digits=8,
        letters=2,
        subject_key=True,
        context=("iban", "account"),
        examples=("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"),
        counterexamples=("DE89370400440532013001",),
    ),
    ValueDetector(
        name="phone_foreign",
        label=Label("phone_mobile"),
        title="境外电话号码",
        title_en="telephone number abroad",
        source="ITU-T E.164",
        shape=re.compile(
            r"(?<![0-9A-Za-z+])\+(?!86)[1-9][0-9]{0,2}[ .-]?(?:\(0?[0-9]{1,4}\)[ .-]?)?[0-9]"
            r"(?:[ .-]?[0-9]){5,11}(?![0-9A-Za-z])"
        ),
        is_valid=is_foreign_phone,
        chance=0.12,
        base=0.9,
        min_length=9,
        max_length=24,
        gate="+",
        digits=8,
        subject_key=True,
        context=("phone", "tel", "mobile"),
        examples=("+44 7911 123456", "+1 650-253-0000"),
        counterexamples=("+44 12", "+8613912345678"),
    ),
    ValueDetector(
        name="us_ssn",
        label=Label("resident_id"),
        title="美国社会安全号码",
        title_en="US social security number",
        source="SSA",
        shape=re.compile(r"(?<![0-9A-Za-z-])[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}(?![0-9A-Za-z-])"),
        is_valid=is_ssn,
        base=0.7,
        min_length=11,
        max_length=24,
        gate="-",
        digits=9,
        subject_key=True,
        context=("ssn", "social security"),
        examples=("536-90-4399",),
        counterexamples=("666-90-4399", "536-90-439"),
    ),
)
