"""Names of columns and tables cut into words.

>>> tokens("userMobilePhone2")
('user', 'mobile', 'phone')
>>> tokens("cust_mob_no")
('cust', 'mob', 'no')
"""

from __future__ import annotations

import re

from detectors.names.lexicon import _tables, contexts, remembered

_PATTERN = re.compile(r"\{[^{}]*\}")          # `order_{YYYY_MM}`: months read as one table
# pinyin initials of a person (病人, 医生, 学生, 员工, 客户, 联系人, 参保人 ...) before those of an attribute
_INITIALS = re.compile(
    r"(br|hz|ys|hs|xs|js|yg|kh|hy|yh|jz|jhr|lxr|cbr|tbr|bbxr|ry|jsy|sqr|jkr|fr)(xm|xb|nl|csrq|sfz|sfzh|sfzhm|sj|sjh|sjhm|dh|lxdh|lxfs|dz|zz|mz|zw|zjh|zjhm)"
)


@remembered
def tokens(name: str) -> tuple[str, ...]:
    """Lower-case words of a column or table name; digits at the end of a word and the pattern of a table's shards dropped."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", _PATTERN.sub("", name)))
    out: list[str] = []
    for part in re.split(r"[^A-Za-z0-9\u4e00-\u9fff]+", spaced):
        word = part.lower().rstrip("0123456789")
        if word:
            out += contexts()["short"].get(word) or _cut(word)
    return tuple(out)


@remembered
def _cut(word: str) -> tuple[str, ...]:
    """`firstname` -> first, name: only if dictionary words cover the whole word; fewest words win."""
    if initials := _INITIALS.fullmatch(word):
        return initials[1], initials[2]
    if len(word) < 6 or word in _dictionary() or (word,) in _tables()[0] or not word.isascii():
        return (word,)
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 14), end - 1):
            if start in best and word[start:end] in _dictionary():
                option = (*best[start], word[start:end])
                if end not in best or len(option) < len(best[end]):
                    best[end] = option
    return best.get(len(word), (word,))


@remembered
def _dictionary() -> frozenset[str]:
    """Words that glued lower-case names are cut into."""
    words = {t for phrase in _tables()[0] for t in phrase if len(t) > 2}
    words |= {w for ws in contexts()["subjects"].values() for w in ws if w.isascii() and len(w) > 2}
    return frozenset(
        words | set(contexts()["veto_endings"]) | {"id", "no", "ip", "name", "by", "receiver", "login", "last", "home", "work"}
    )
