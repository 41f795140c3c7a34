"""Names and comments against the lexicon of `detectors/data/names.yaml`.

>>> tokens("userMobilePhone2")
('user', 'mobile', 'phone')
>>> tokens("cust_mob_no")
('cust', 'mob', 'no')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from detectors.model import Label, Tier

REMEMBERED = 1 << 16                          # names and comments whose meaning is kept: warehouses repeat them, and memory is bounded


@dataclass(frozen=True, slots=True)
class NameHit:
    """A label a name or comment suggests. strength in [0, 1]; person: only holds where a person is spoken of."""

    label: Label
    strength: float
    word: str
    tier: Tier = "core"
    person: bool = False
    near: tuple[str, ...] = ()                # only where one of these words stands in the table, its comment or its columns


def _yaml(name: str) -> Any:
    import yaml

    return yaml.safe_load(files("detectors").joinpath("data", name).read_text(encoding="utf-8"))


@cache
def contexts() -> Mapping[str, Any]:
    """Words for tables, endings and operators, from `contexts.yaml`."""
    return _yaml("contexts.yaml")


CODED = frozenset({"gender", "marital_status", "ethnicity", "education", "religion", "occupation"})      # values are codes by nature


@dataclass(frozen=True, slots=True)
class _NameEntry:
    label: Label
    tier: Tier
    person: bool
    near: tuple[str, ...]


_EXTRA: list[tuple[Label, str]] = []


def use(names: Sequence[tuple[Label, str]]) -> None:
    """Names of the user's own detectors, as (label, phrase); they go before ours."""
    _EXTRA[:] = names
    for cached in (_tables, _dictionary, tokens, _cut, match_name, match_role, match_comment, is_audit):
        cached.cache_clear()


@cache
def _tables() -> tuple[Mapping[tuple[str, ...], _NameEntry], Mapping[str, _NameEntry]]:
    """(phrases of Latin tokens, Chinese words) -> entry."""
    latin: dict[tuple[str, ...], _NameEntry] = {}
    chinese: dict[str, _NameEntry] = {}
    for label, phrase in _EXTRA:
        entry = _NameEntry(label, "core", False, ())
        if phrase.isascii():
            latin[tuple(phrase.lower().split("_"))] = entry
        else:
            chinese[phrase.lower()] = entry
    for name, raw in _yaml("names.yaml").items():
        entry = _NameEntry(Label(raw.get("label", name)), raw.get("tier", "core"), raw.get("person", False), tuple(raw.get("near", ())))
        for phrase in raw.get("en", ()):
            latin.setdefault(tuple(phrase.split("_")), entry)
        for word in raw.get("zh", ()):
            chinese.setdefault(word.lower(), entry)
    return latin, chinese


@cache
def _dictionary() -> frozenset[str]:
    """Words that glued lower-case names are cut into."""
    words = {t for phrase in _tables()[0] for t in phrase if len(t) > 2}
    words |= {w for ws in contexts()["subjects"].values() for w in ws if w.isascii() and len(w) > 2}
    return frozenset(
        words | set(contexts()["veto_endings"]) | {"id", "no", "ip", "name", "by", "receiver", "login", "last", "home", "work"}
    )


_PATTERN = re.compile(r"\{[^{}]*\}")          # `order_{YYYY_MM}`: months read as one table


@lru_cache(REMEMBERED)
def tokens(name: str) -> tuple[str, ...]:
    """Lower-case words of a column or table name; digits at the end of a word and the pattern of a table's shards dropped."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", _PATTERN.sub("", name)))
    out: list[str] = []
    for part in re.split(r"[^A-Za-z0-9\u4e00-\u9fff]+", spaced):
        word = part.lower().rstrip("0123456789")
        if word:
            out += contexts()["short"].get(word) or _cut(word)
    return tuple(out)


# pinyin initials of a person (病人, 医生, 学生, 员工, 客户, 联系人, 参保人 ...) before those of an attribute
_INITIALS = re.compile(
    r"(br|hz|ys|hs|xs|js|yg|kh|hy|yh|jz|jhr|lxr|cbr|tbr|bbxr|ry|jsy|sqr|jkr|fr)(xm|xb|nl|csrq|sfz|sfzh|sfzhm|sj|sjh|sjhm|dh|lxdh|lxfs|dz|zz|mz|zw|zjh|zjhm)"
)


@lru_cache(REMEMBERED)
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


def _vetoed(words: tuple[str, ...], phrase_end: int, strong: bool) -> bool:
    tail = words[phrase_end:]
    endings = contexts()["veto_endings"]
    return bool(tail) and tail[-1] in endings and not (strong and tail in (("no",), ("code",), ("cd",)))


@lru_cache(REMEMBERED)
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


_NUMBERS = frozenset({"id", "no", "code", "num", "number", "uid", "uuid", "key"})
_ZH_ROLE = re.compile(r"(?:的)?(姓名|名字|真实姓名|名)$")
_ZH_NUMBER = re.compile(r"(?:的)?(编号|编码|ID|id|号|代码|工号|主键|标识)$")


@cache
def _persons() -> Mapping[str, frozenset[str]]:
    return {k: frozenset(v) for k, v in _yaml("persons.yaml").items()}


@lru_cache(REMEMBERED)
def match_role(name: str, comment: str, numeric: bool) -> NameHit | None:
    """A person's name or number by the role the name or comment speaks of; numeric: is the column's type a number?

    >>> match_role("courier_id", "", True).label, match_role("landlord", "", False).label, match_role("c3", "报案人", False).label
    ('user_id', 'person_name', 'person_name')
    """
    roles = _persons()
    words = tokens(name)
    if len(words) > 1 and words[-1] == "name" and words[-2] in roles["en"]:
        return NameHit(Label("person_name"), 0.85, "_".join(words[-2:]), "core", False, ())
    if len(words) > 1 and words[-1] in _NUMBERS and words[-2] in roles["en"] - roles["of_things_too"]:
        return NameHit(Label("user_id"), 0.85, "_".join(words[-2:]), "core", False, ())
    if words and words[-1] in roles["alone"] or len(words) == 2 and words[1] == "by" and words[0] in roles["by"]:
        return NameHit(
            Label("user_id" if numeric else "person_name"), 0.8, words[-1] if words[-1] != "by" else "_".join(words), "core", False, ()
        )
    head = _HEAD.split(comment.strip(), maxsplit=1)[0].strip()
    if re.search("[\u4e00-\u9fff]", name) and not head:
        head = name
    role = next((head[:m.start()] for p in (_ZH_ROLE, _ZH_NUMBER) if (m := p.search(head))), "")
    if head in roles["zh"]:
        return NameHit(Label("user_id" if numeric else "person_name"), 0.85, head, "core", False, ())
    if any(role.endswith(r) for r in roles["zh"]):
        numbered = _ZH_NUMBER.search(head) is not None
        return NameHit(Label("user_id" if numbered else "person_name"), 0.88, head, "core", False, ())
    return None


@lru_cache(REMEMBERED)
def is_code(comment: str) -> bool:
    """`状态（0正常 1停用）`: a comment that lists codes."""
    return bool(
        re.search(
            r"(?<![0-9])[0-9][:：=、.\->]{0,2}\s?[\u4e00-\u9fff]{1,8}.{0,8}?(?<![0-9])[1-9][:：=、.\->]{0,2}\s?[\u4e00-\u9fff]", comment
        )
    )


_HAN = re.compile("[\u4e00-\u9fff]")
_HEAD = re.compile(r"[（(:：,，;；。\[【|\s]")
_ZH_END = re.compile(
    r"(状态|标志|标识符|类型|时间|日期|次数|数量|数|是否.*|模板|型号|方式名|级别|等级|规则|校验|开关|比例|金额|价格|总数|人数|排序|说明|描述|标题|图标|配置|结果|原因|分类|版本|有效期|编码|限制|格式|长度|强度)$"
)


_NETWORK = re.compile(
    r"(请求|图|图片|图像|链接|网络|文件|接口|页面|跳转|访问|下载|视频|音频|主页|图标|logo|url|网址|服务器?|回调|上传|通知|路由|资源|存储|组件|内存)地址|栈"
)


@lru_cache(REMEMBERED)
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


@lru_cache(REMEMBERED)
def is_audit(name: str, comment: str) -> bool:
    """An operator column: who created, changed or approved the record."""
    words = "_".join(tokens(name))
    if words in contexts()["audit"]:
        return True
    head = _HEAD.split(comment.strip(), maxsplit=1)[0]
    return any(head.startswith(w) and len(head) <= len(w) + 3 for w in contexts()["audit_zh"])


@cache
def chinese_words() -> Mapping[Label, tuple[str, ...]]:
    """Chinese words that names and comments use, by label."""
    return {Label(label): tuple(map(str, entry.get("zh", ()))) for label, entry in _yaml("names.yaml").items()}
