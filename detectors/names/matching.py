"""What a name or a comment suggests, by the words of the lexicon."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detectors.model import Label, Tier
from detectors.names.lexicon import CODED, _tables, contexts, remembered
from detectors.names.tokens import tokens

_HAN = re.compile("[\u4e00-\u9fff]")
_HEAD = re.compile(r"[（(:：,，;；。\[【|\s]")
_ZH_END = re.compile(
    r"(状态|标志|标识符|类型|时间|日期|次数|数量|数|是否.*|模板|型号|方式名|级别|等级|规则|校验|开关|比例|金额|价格|总数|人数|排序|说明|描述|标题|图标|配置|结果|原因|分类|版本|有效期|编码|限制|格式|长度|强度)$"
)
_NETWORK = re.compile(
    r"(请求|图|图片|图像|链接|网络|文件|接口|页面|跳转|访问|下载|视频|音频|主页|图标|logo|url|网址|服务器?|回调|上传|通知|路由|资源|存储|组件|内存)地址|栈"
)


@dataclass(frozen=True, slots=True)
class NameHit:
    """A label a name or comment suggests. strength in [0, 1]; person: only holds where a person is spoken of."""

    label: Label
    strength: float
    word: str
    tier: Tier = "core"
    person: bool = False
    near: tuple[str, ...] = ()                # only where one of these words stands in the table, its comment or its columns


@remembered
def match_name(name: str) -> NameHit | None:
    """What a column name suggests, if anything."""
    if _HAN.search(name):
        return match_comment(name)
    words = tokens(name)
    latin = _tables()[0]
    best: tuple[int, int, NameHit] | None = None
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            entry = latin.get(words[start:end])
            if entry is None or _vetoed(words, end, str(entry.label) in CODED):
                continue
            before = set(words[:start]) & set(contexts()["veto_anywhere"])
            if before and not set(words[:start]) & set(contexts()["subjects"]["person"]):
                continue
            last = end == len(words)
            length = sum(len(w) for w in words[start:end])
            strength = (
                0.9
                if last and start == 0
                else 0.85
                if last
                else 0.6
                if set(words[end:])
                <= {"no", "code", "cd", "str", "text", "val", "value", "cn", "en", "hash", "md", "masked", "enc", "url", "img", "thumb"}
                else 0.35
            )
            if length <= 2 and not (last and (start == 0 or words[start:end] == ("ip",))):
                strength *= 0.6
            hit = NameHit(entry.label, strength, "_".join(words[start:end]), entry.tier, entry.person, entry.near)
            rank = (round(strength * 100), length)
            if best is None or rank > best[:2]:
                best = (*rank, hit)
    return best[2] if best else None


def _vetoed(words: tuple[str, ...], phrase_end: int, strong: bool) -> bool:
    tail = words[phrase_end:]
    endings = contexts()["veto_endings"]
    return bool(tail) and tail[-1] in endings and not (strong and tail in (("no",), ("code",), ("cd",)))


@remembered
def match_comment(comment: str) -> NameHit | None:
    """What a comment suggests: the longest word, best at the end of the first phrase."""
    head = _HEAD.split(comment.strip(), maxsplit=1)[0].strip().lower()
    if not head:
        return None
    if not _HAN.search(head):
        words = comment.strip().rstrip(".").split()
        if len(words) > 4 or not re.search("[a-z]{2}", head):
            return None
        name = "_".join(words)
        parts = _HEAD.split(name)
        if _HAN.search(parts[0]) or not _HAN.search(name):
            return match_name(name)
        return match_name(parts[0]) or match_comment(next(p for p in parts if _HAN.search(p)))      # email（工作）, app(端)手机号
    if _NETWORK.search(head):
        return None
    chinese = _tables()[1]
    best: tuple[int, int, NameHit] | None = None
    for word, entry in chinese.items():
        at = head.rfind(word)
        if at < 0:
            continue
        ends = at + len(word) == len(head)
        if not ends and (_ZH_END.search(head) or len(word) < 2):
            continue
        if len(word) == 1 and head != word:
            continue
        strength = 0.92 if head == word else 0.82 if ends else 0.5
        rank = (round(strength * 10) if len(word) > 1 else 0, len(word))
        if best is None or (len(word), strength) > (best[1], best[2].strength):
            best = (*rank, NameHit(entry.label, strength, word, entry.tier, entry.person, entry.near))
    return best[2] if best else None


@remembered
def is_code(comment: str) -> bool:
    """`状态（0正常 1停用）`: a comment that lists codes."""
    return bool(
        re.search(
            r"(?<![0-9])[0-9][:：=、.\->]{0,2}\s?[\u4e00-\u9fff]{1,8}.{0,8}?(?<![0-9])[1-9][:：=、.\->]{0,2}\s?[\u4e00-\u9fff]", comment
        )
    )


@remembered
def is_audit(name: str, comment: str) -> bool:
    """An operator column: who created, changed or approved the record."""
    words = "_".join(tokens(name))
    if words in contexts()["audit"]:
        return True
    head = _HEAD.split(comment.strip(), maxsplit=1)[0]
    return any(head.startswith(w) and len(head) <= len(w) + 3 for w in contexts()["audit_zh"])
