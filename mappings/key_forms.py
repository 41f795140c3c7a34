"""The compared form of a person key, by its meaning: what is written differently becomes equal, placeholders become nothing."""

from __future__ import annotations

import re
from datetime import date

from detectors.checksums import iso7064_mod11_2
from detectors.cn import resident_id

SHORT_KEYS = frozenset({"user_id", "employee_no", "username", "im_account", "medical_record_no"})  # a short one may well be somebody's
PLACEHOLDER_WORDS = frozenset({
    "test", "admin", "demo", "unknown", "na", "no", "null", "none", "nil", "n/a", "tbd", "xxx", "anonymous", "guest", "default", "system",
    "无", "空", "暂无", "未知", "不详", "测试", "匿名", "游客", "其他", "没有", "未填写", "保密",
})
PLACEHOLDER_NUMBERS = frozenset({
    "13800138000", "13800000000", "13900000000", "13912345678", "18888888888", "12345678901", "123456789012345678",
    "110101199001011234", "11111111111", "10086", "10010", "10000",
})
_TEST_MAIL = re.compile(r"^(test|demo|admin|noreply|no-reply|example|xxx|abc|123)[0-9]*@|@(example\.(com|org|net)|test\.|localhost)")


def is_placeholder(text: str) -> bool:
    """Is it a value people type when they have none?

    >>> [is_placeholder(t) for t in ("13800138000", "111111111111111111", "N/A", "13000000000", "13712345670", "11")]
    [True, True, True, True, False, False]
    """
    low = text.lower()
    same = len(low) - len(low.rstrip(low[-1:]))
    return low in PLACEHOLDER_WORDS or low in PLACEHOLDER_NUMBERS or (same >= 6 and same >= len(low) - 2) or bool(_TEST_MAIL.search(low))


def normalise(label: str, text: str) -> str | None:
    """The value as it is compared; None for what cannot tell persons apart: masked, placeholder, or not of its kind."""
    text = text.strip()
    if not text or "*" in text or text.lower() in PLACEHOLDER_WORDS:
        return None
    if label in SHORT_KEYS or label == "person_name":
        return text if text not in ("0", "-1") else None     # a short number may well be somebody's
    if is_placeholder(text):
        return None
    if label == "resident_id":
        return _resident_id(text)
    if label == "phone_mobile":
        digits = re.sub(r"[^0-9]", "", text)
        digits = re.sub(r"^(0086|86|0)(?=1[3-9][0-9]{9}$)", "", digits)
        return digits if 7 <= len(digits) <= 15 and not is_placeholder(digits) else None
    if label == "email":
        return text.lower() if "@" in text else None
    if label in ("bank_card", "bank_account"):
        number = re.sub(r"[\s-]", "", text)
        return number if sum(c.isdigit() for c in number) >= 8 else None     # a bank's name is no account
    if label in ("passport", "other_id_document"):
        number = re.sub(r"[\s-]", "", text).upper()
        return number if sum(c.isdigit() for c in number) >= 4 and len(number) >= 6 else None
    return text if text not in ("0", "-1") else None


def _resident_id(text: str) -> str | None:
    number = resident_id.compact(text)
    if len(number) == 15 and number.isdecimal() and resident_id.is_valid_15(number):
        body = number[:6] + "19" + number[6:]
        return body + iso7064_mod11_2(body)
    if len(number) < 15 or is_placeholder(number):
        return None
    return number if resident_id.is_valid(number) else f"?{number}"   # kept as a key, but no proof that two differ


def birth_date_of(label: str, text: str) -> date | None:
    """Date of birth in a resident ID or a date column; None if there is none.

    >>> birth_date_of("birth_date", "2015/3/9")
    datetime.date(2015, 3, 9)
    """
    try:
        if label == "resident_id":
            number = _resident_id(text)
            return resident_id.birth_date(number) if number and not number.startswith("?") else None
        m = re.match(r"^((?:19|20)[0-9]{2})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})", text)
        return date(int(m[1]), int(m[2]), int(m[3])) if m else None
    except ValueError:
        return None


def is_under_14(birth: date, on: date) -> bool:
    """Is a person born on `birth` under fourteen on the day `on`? Source: 个人信息保护法 第三十一条."""
    return (on.year - birth.year) - ((on.month, on.day) < (birth.month, birth.day)) < 14
