"""Names of columns and tables cut into words.

>>> tokens("userMobilePhone2")
('user', 'mobile', 'phone')
>>> tokens("cust_mob_no")
('cust', 'mob', 'no')
"""

from __future__ import annotations

import re

from detectors.names.lexicon import contexts, lexicon, remembered

LONGEST_WORD = 14                             # characters of a word cut out of a name without separators
_SHARD_SPAN = re.compile(r"\{[^{}]*\}")           # `order_{YYYY_MM}`: months read as one table
# pinyin initials of a person (病人, 医生, 学生, 员工, 客户, 联系人, 参保人 ...) before those of an attribute
_PINYIN_INITIALS = re.compile(
    r"(br|hz|ys|hs|xs|js|yg|kh|hy|yh|jz|jhr|lxr|cbr|tbr|bbxr|ry|jsy|sqr|jkr|fr)"
    r"(xm|xb|nl|csrq|sfz|sfzh|sfzhm|sj|sjh|sjhm|dh|lxdh|lxfs|dz|zz|mz|zw|zjh|zjhm)"
)


@remembered
def tokens(name: str) -> tuple[str, ...]:
    """Return the lower-case words of a name, without digits at their ends and without a pattern of shards."""
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", _SHARD_SPAN.sub("", name))
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", spaced)
    words: list[str] = []
    for part in re.split(r"[^A-Za-z0-9\u4e00-\u9fff]+", spaced):
        word = part.lower().rstrip("0123456789")
        if word:
            words += contexts()["short"].get(word) or _cut(word)
    return tuple(words)


@remembered
def _cut(word: str) -> tuple[str, ...]:
    """`firstname` -> first, name: only if dictionary words cover the whole word; the fewest words win."""
    if initials := _PINYIN_INITIALS.fullmatch(word):
        return initials[1], initials[2]
    if len(word) < 6 or word in _dictionary() or (word,) in lexicon().latin or not word.isascii():
        return (word,)
    best: dict[int, tuple[str, ...]] = {0: ()}       # characters covered -> the words
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - LONGEST_WORD), end - 1):
            if start in best and word[start:end] in _dictionary():
                option = (*best[start], word[start:end])
                if end not in best or len(option) < len(best[end]):
                    best[end] = option
    return best.get(len(word), (word,))


@remembered
def _dictionary() -> frozenset[str]:
    """Words that glued lower-case names are cut into."""
    phrases = {token for phrase in lexicon().latin for token in phrase if len(token) > 2}
    subjects = {word for words in contexts()["subjects"].values() for word in words}
    long_subjects = {word for word in subjects if word.isascii() and len(word) > 2}
    others = {"id", "no", "ip", "name", "by", "receiver", "login", "last", "home", "work"}
    return frozenset(phrases | long_subjects | set(contexts()["veto_endings"]) | others)
