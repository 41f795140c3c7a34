"""What a name or a comment suggests, by the words of the lexicon."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detectors.model import Label, Tier
from detectors.names.lexicon import CODED, LexiconEntry, contexts, lexicon, remembered
from detectors.names.tokens import tokens

FILLERS = frozenset({                         # words after a phrase that hardly weaken it: phone_no, name_en
    "no", "code", "cd", "str", "text", "val", "value", "cn", "en", "hash", "md", "masked", "enc", "url",
    "img", "thumb",
})
_HAN_CHARACTER = re.compile("[\u4e00-\u9fff]")
_PUNCTUATION = re.compile(r"[（(:：,，;；。\[【|\s]")
_OTHER_NOUN = re.compile(                     # a comment that ends so speaks of something about the thing
    r"(状态|标志|标识符|类型|时间|日期|次数|数量|数|是否.*|模板|型号|方式名|级别|等级|规则|校验|开关|比例|"
    r"金额|价格|总数|人数|排序|说明|描述|标题|图标|配置|结果|原因|分类|版本|有效期|编码|限制|格式|长度|强度)$"
)
_NETWORK_WORD = re.compile(                        # addresses that are no places
    r"(请求|图|图片|图像|链接|网络|文件|接口|页面|跳转|访问|下载|视频|音频|主页|图标|logo|url|网址|服务器?|"
    r"回调|上传|通知|路由|资源|存储|组件|内存)地址|栈"
)
_CODE_LIST = re.compile(                          # 状态（0正常 1停用）
    r"(?<![0-9])[0-9][:：=、.\->]{0,2}\s?[\u4e00-\u9fff]{1,8}.{0,8}?"
    r"(?<![0-9])[1-9][:：=、.\->]{0,2}\s?[\u4e00-\u9fff]"
)


@dataclass(frozen=True, slots=True)
class NameHit:
    """A label that `word` of a name or comment suggests. strength in [0, 1]. The rest: see `LexiconEntry`."""

    label: Label
    strength: float
    word: str
    tier: Tier = "core"
    person: bool = False
    near: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: LexiconEntry, strength: float, word: str) -> NameHit:
        return cls(entry.label, strength, word, entry.tier, entry.person, entry.near)


def first_phrase(comment: str) -> str:
    """Return a comment up to its first punctuation or blank."""
    return _PUNCTUATION.split(comment.strip(), maxsplit=1)[0]


@remembered
def match_name(name: str) -> NameHit | None:
    """Return what a column name suggests; None for nothing."""
    if _HAN_CHARACTER.search(name):
        return match_comment(name)
    words, latin = tokens(name), lexicon().latin
    best: tuple[int, int, NameHit] | None = None
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            entry = latin.get(words[start:end])
            if entry is None or _is_vetoed(words, start, end, entry):
                continue
            length = sum(map(len, words[start:end]))
            strength = _strength_in_name(words, start, end, length)
            rank = (round(strength * 100), length)
            if best is None or rank > best[:2]:
                best = (*rank, NameHit.of(entry, strength, "_".join(words[start:end])))
    return best[2] if best else None


def _is_vetoed(words: tuple[str, ...], start: int, end: int, entry: LexiconEntry) -> bool:
    """Does the end of the name (phone_status), or a word before the phrase (shop_phone), speak against it?"""
    before, after = set(words[:start]), words[end:]
    if after and after[-1] in contexts()["veto_endings"]:
        coded = entry.label in CODED and after in (("no",), ("code",), ("cd",))
        if not coded:
            return True
    of_thing, of_person = set(contexts()["veto_anywhere"]), set(contexts()["subjects"]["person"])
    return bool(before & of_thing) and not before & of_person


def _strength_in_name(words: tuple[str, ...], start: int, end: int, length: int) -> float:
    """How far a phrase speaks for the name: best if it is the name, or its end. length: of the phrase."""
    last = end == len(words)
    if last:
        strength = 0.9 if start == 0 else 0.85
    else:
        strength = 0.6 if set(words[end:]) <= FILLERS else 0.35
    certain = last and (start == 0 or words[start:end] == ("ip",))
    return strength if length > 2 or certain else strength * 0.6


@remembered
def match_comment(comment: str) -> NameHit | None:
    """Return what the first phrase of a comment suggests, by the longest word; None for nothing."""
    head = first_phrase(comment).lower()
    if not head or _NETWORK_WORD.search(head):
        return None
    if not _HAN_CHARACTER.search(head):
        return _match_latin_comment(comment, head)
    best: NameHit | None = None
    for word, entry in lexicon().chinese.items():
        strength = _strength_in_comment(head, word) if word in head else 0
        if strength and (best is None or (len(word), strength) > (len(best.word), best.strength)):
            best = NameHit.of(entry, strength, word)
    return best


def _strength_in_comment(head: str, word: str) -> float:
    """How far a Chinese word in the first phrase of a comment speaks for it; 0 for not at all."""
    if head == word:
        return 0.92
    if len(word) == 1:
        return 0
    if head.endswith(word):
        return 0.82
    return 0 if _OTHER_NOUN.search(head) else 0.5


def _match_latin_comment(comment: str, head: str) -> NameHit | None:
    """A comment whose first phrase has no Chinese: it is read as a name, unless it is a sentence."""
    words = comment.strip().rstrip(".").split()
    if len(words) > 4 or not re.search("[a-z]{2}", head):
        return None
    name = "_".join(words)
    phrases = _PUNCTUATION.split(name)
    if _HAN_CHARACTER.search(phrases[0]) or not _HAN_CHARACTER.search(name):
        return match_name(name)
    chinese = next(phrase for phrase in phrases if _HAN_CHARACTER.search(phrase))
    return match_name(phrases[0]) or match_comment(chinese)          # email（工作）, app(端)手机号


@remembered
def is_code(comment: str) -> bool:
    """Does a comment list codes: `状态（0正常 1停用）`?"""
    return _CODE_LIST.search(comment) is not None


@remembered
def is_audit(name: str, comment: str) -> bool:
    """Is it an operator's column: who created, changed or approved the record?"""
    if "_".join(tokens(name)) in contexts()["audit"]:
        return True
    head = first_phrase(comment)
    return any(head.startswith(word) and len(head) <= len(word) + 3 for word in contexts()["audit_zh"])
