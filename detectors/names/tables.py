"""What a table is about: person, organisation, product, order, log, dictionary, or nothing said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detectors.message import Msg, Text
from detectors.model import TableInfo
from detectors.names.lexicon import contexts, remembered_of_table
from detectors.names.matching import match_comment, match_name
from detectors.names.tokens import tokens

PERSONAL = frozenset({                        # labels of which several make a row a person
    "resident_id", "phone_mobile", "email", "gender", "birth_date", "username", "nickname", "credential",
    "photo_avatar_url", "person_name", "marital_status", "age", "im_account",
})
NEUTRAL = frozenset({                         # words of a table's name that do not say what a row is
    "info", "information", "detail", "details", "ext", "extend", "extra", "data", "base", "main", "list",
    "message", "msg", "record", "view", "v", "profile", "basic", "tbl", "table", "t", "new", "old", "copy",
    "bak", "tmp", "temp", "audit", "apply", "check", "dim", "fact", "ods", "dwd", "dws", "ads", "full", "all",
    "inc", "df", "di",
})
_TITLES = {
    "person": Msg("person"),
    "organisation": Msg("organisation"),
    "product": Msg("product"),
    "order": Msg("order"),
    "log": Msg("log"),
    "dictionary": Msg("dictionary"),
}


def singular(word: str) -> str:
    """Return the singular of an English plural, near enough.

    >>> singular("patients"), singular("categories"), singular("addresses"), singular("status")
    ('patient', 'category', 'address', 'status')
    """
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ses", "xes", "ches", "shes")) else word.removesuffix("s")


def subject_title(subject: str) -> Text:
    """Return a subject as people read it."""
    return _TITLES.get(subject, subject)


@remembered_of_table
def table_subject(table: TableInfo) -> str:
    """Return one word for what a row is, empty if unknown; columns decide where the name does not."""
    words = tokens(table.ref.name)
    personal = _personal_labels(table)
    subject = _subject_of_name(words) or _subject_of_comment(table.comment)
    if subject in ("", "log", "order", "person") and personal >= 4:
        return "person"
    if subject == "person" and len(table.columns) <= 4 and personal == 0 and len(words) > 2:
        return ""
    return subject


def _personal_labels(table: TableInfo) -> int:
    """How many different labels of persons the names and comments of the columns surely speak of."""
    hits = (match_name(column.name) or match_comment(column.comment) for column in table.columns)
    return len({str(hit.label) for hit in hits if hit is not None and hit.strength >= 0.8} & PERSONAL)


def _subject_of_name(words: tuple[str, ...]) -> str:
    """The subject that the last word with a meaning names: user_role is a role, sys_user a user."""
    subjects: Mapping[str, Sequence[str]] = contexts()["subjects"]
    subject = ""
    for word in reversed(words):
        spellings = {word, singular(word)}
        subject = next((s for s, vocabulary in subjects.items() if spellings & set(vocabulary)), "")
        if subject or word not in NEUTRAL:
            break
    if subject == "organisation" and words[-1] == "bank" and set(words) & set(subjects["person"]):
        return "person"                       # a user's bank account is the user's
    if subject == "order" and "address" in words and set(words) & set(subjects["organisation"]):
        return "organisation"
    return subject


def _subject_of_comment(comment: str) -> str:
    """The subject whose longest Chinese word ends the comment."""
    text = comment.removesuffix("表").removesuffix("信息")
    endings = [
        (len(word), subject)
        for subject, vocabulary in contexts()["subjects"].items()
        for word in vocabulary
        if not word.isascii() and text.endswith(word)
    ]
    return max(endings)[1] if endings else ""
