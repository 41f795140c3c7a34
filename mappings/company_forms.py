"""Legal forms in names of companies: two names that differ in nothing else may be one company, or two.

`Beta` beside `Beta GmbH` is as often a short name as a parent beside its subsidiary, and `Beta AG` beside
`Beta GmbH` is mostly two companies: names do not say, so a person is asked. What is no legal form (Holding,
Europe, a place, a number) makes another company, and nothing is asked.

Source: ISO 20275 (entity legal forms); 公司法 第七条.
"""

from __future__ import annotations

import re
import unicodedata

from mappings.names import BORDERS, party_name

# words of party_name, of which a name may end in several: co ltd, gmbh co kg, s a de c v
_LATIN = frozenset((
    "ab", "ag", "aps", "as", "asa", "bhd", "bv", "co", "corp", "cv", "dd", "de", "doo", "eeig", "eurl",
    "ev", "gbr", "ggmbh", "gk", "gmbh", "inc", "jsc", "kft", "kg", "kgaa", "kk", "llc", "llp", "lp",
    "ltd", "ltda", "mbh", "nv", "nyrt", "oao", "ojsc", "oo", "ooo", "oy", "oyj", "pao", "pjsc", "plc",
    "pllc", "pt", "pte", "pty", "rt", "sa", "sae", "sagl", "sapi", "sarl", "sas", "sasu", "sca", "scrl",
    "sdn", "se", "sl", "slu", "sme", "snc", "soc", "spa", "spzoo", "srl", "sro", "tbk", "tnk", "ug",
    "ulc", "vof", "zao", "zrt", "ао", "зао", "оао", "ооо", "пао",
))
_PAIRS = frozenset(("a s", "s a", "s l", "sp z", "z o", "i s"))        # of forms that are parted by marks
_HAN = re.compile(
    "股份有限公司|有限责任公司|股份公司|有限公司|有限合伙|株式会社|合同会社|合資会社|有限会社|주식회사|유한회사|公司"
)
_JOINING = frozenset(("and", "und", "et", "og", "och", "the"))


def company_core(text: str) -> str:
    """Return a name without its legal forms, accents and joining words; as it is where nothing remains.

    >>> [company_core(n) for n in ("Beta GmbH", "BETA", "Beta S.A. de C.V.", "株式会社北光")]
    ['beta', 'beta', 'beta', '北光']
    >>> company_core("Beta Holding GmbH"), company_core("Ltd")
    ('beta holding', 'ltd')
    """
    plain = party_name(text)
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    bare = unicodedata.normalize("NFC", bare)
    words = [word for word in BORDERS.sub(" ", _HAN.sub(" ", bare)).split() if word not in _JOINING]
    while words and (words[-1] in _LATIN or " ".join(words[-2:]) in _PAIRS):
        words = words[:-1] if words[-1] in _LATIN else words[:-2]
    if len(words) > 1 and words[0] in ("pt", "ooo", "ооо", "ао", "зао", "пао"):
        words = words[1:]
    return " ".join(words) or plain


def may_be_one_company(one: str, other: str) -> bool:
    """Do two names differ, and in their legal forms alone?"""
    return party_name(one) != party_name(other) and company_core(one) == company_core(other) != ""
