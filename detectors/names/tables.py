"""What a table is about: person, organisation, product, order, log, dictionary, or nothing said."""

from __future__ import annotations

from functools import lru_cache

from detectors.message import Word
from detectors.model import TableInfo
from detectors.names.lexicon import contexts, match_comment, match_name, tokens

_PERSONAL = frozenset({"resident_id", "phone_mobile", "email", "gender", "birth_date", "username", "nickname", "credential",
                       "photo_avatar_url", "person_name", "marital_status", "age", "im_account"})
_NEUTRAL = frozenset(
    [
        "info",
        "information",
        "detail",
        "details",
        "ext",
        "extend",
        "extra",
        "data",
        "base",
        "main",
        "list",
        "tbl",
        "table",
        "t",
        "new",
        "old",
        "record",
        "view",
        "v",
        "profile",
        "copy",
        "bak",
        "tmp",
        "basic", "audit", "apply", "check", "temp",
        "dim",
        "fact",
        "ods",
        "dwd",
        "dws",
        "ads",
        "full",
        "all",
        "inc",
        "df",
        "di",
        "message",
        "msg",
    ]
)


def singular(word: str) -> str:
    """The singular of an English plural, near enough.

    >>> singular("patients"), singular("categories"), singular("addresses"), singular("status")
    ('patient', 'category', 'address', 'status')
    """
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ses", "xes", "ches", "shes")) else word.removesuffix("s")


_TITLES = {
    "person": "人员", "organisation": "组织", "product": "商品", "order": "订单", "log": "日志", "dictionary": "字典",
}


def subject_title(subject: str) -> Word:
    """Return a subject as people read it."""
    return Word(subject, zh=_TITLES.get(subject, subject))


@lru_cache(64)                                # whoever asks twice asks at once; tables are many and large
def table_subject(table: TableInfo) -> str:
    """One word for what a row of the table is; neighbours decide when the name does not."""
    words = tokens(table.ref.name)
    subjects = contexts()["subjects"]
    labels = set()
    for column in table.columns:
        hit = match_name(column.name) or match_comment(column.comment)
        if hit and hit.strength >= 0.8:
            labels.add(str(hit.label))
    personal = len(labels & _PERSONAL)
    found = ""
    for word in reversed(words):              # the last word names the thing: user_role is a role, sys_user a user
        found = next((s for s in subjects if word in subjects[s] or singular(word) in subjects[s]), "")
        if found or word not in _NEUTRAL:
            break
    if found == "organisation" and words[-1] == "bank" and set(words) & set(subjects["person"]):
        found = "person"                      # a user's bank account is the user's
    if found == "order" and "address" in words and set(words) & set(subjects["organisation"]):
        found = "organisation"
    if not found and table.comment:
        comment = table.comment.removesuffix("表").removesuffix("信息")
        ends = [(len(w), s) for s, ws in subjects.items() for w in ws if not w.isascii() and comment.endswith(w)]
        found = max(ends)[1] if ends else ""
    if found in ("", "log", "order", "person") and personal >= 4:
        return "person"
    if found == "person" and len(table.columns) <= 4 and personal == 0 and len(words) > 1:
        return "person" if len(words) <= 2 else ""
    return found
