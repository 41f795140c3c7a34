"""The model that ships: a linear-chain CRF over hashed character, lexicon and segmentation features,
evaluated in numpy.

`data/train.py` makes `data/zh.npz` from sources under MIT or Apache licences; `data/README.md` names them.
Everything is computed for a batch of texts at once: codes of characters, hashes of their neighbourhoods, the
likeliest segmentation by the lexicon, label scores by table look-up, and the best label sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.errors import ConfigError
from detectors.language import Span, SpanKind
from detectors.language.viterbi import Floats, batches, best_paths
from detectors.message import Msg

BITS = 20                                     # of a feature's hash
LONGEST_WORD = 6
LONGEST = 200                                 # characters of a piece; longer texts are cut after a full stop where there is one
LABELS = ("O", "B-PERSON", "I-PERSON", "E-PERSON", "S-PERSON", "B-LOCATION", "I-LOCATION", "B-ADDRESS", "I-ADDRESS", "B-ORG", "I-ORG")
CLASSES = ("", "nr", "nrt", "ns", "nt", "nz", "n", "v", "a", "d", "m", "t", "i", "x")        # jieba's parts of speech, grouped
PAD = 4                                      # characters of padding on either side of a text
_STOPS = frozenset("。！？!?；;\n")
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯"
    "江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文欧柯司施樊洪翟安颜倪葛季温牛芦俞章鲁"
    "申尤毕聂丛焦柳邢路岳齐梅庄辛管祝左涂谷祁时舒耿"
    "卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包柏宁柴桂庞窦窦房解应宗宣郁杭诸嵇"
    "滑荣羊惠曲家封芮羿储汲邴糜松井富巫乌巴弓牧隗山"
    "宓蓬全郗班仰秋仲伊宫仇栾暴钭厉戎祖符刘詹束龙叶幸司韶郜黎蓟印宿怀蒲台从鄂索咸籍卓蔺屠蒙池胥能苍双闻莘"
    "党谭贡劳逄姬扶堵冉宰郦雍却璩濮寿通边扈燕冀郏浦尚农别庄晏"
    "瞿阎慕连茹习宦艾鱼容古慎戈廖庾终暨居衡步都满弘匡国寇广禄阙东殳沃利蔚越夔隆师巩厍晁勾敖融冷訾辛阚那简"
    "饶空毋沙乜养鞠须丰巢蒯相后红竺权逯盖益桓公欧阳上官诸葛"
    "司马夏侯皇甫尉迟公孙慕容令狐钟离宇文长孙司徒司空冼佘佟阮邝商亓仝付代佀佴兰关初刁苟卞厚双塔"
)
_COMMON = frozenset(SURNAMES[:100])
_RARE = frozenset(SURNAMES)
FOREIGN_SYLLABLES = frozenset(
    "阿埃艾安奥巴贝本比彼伯博布查达戴丹德登迪蒂杜顿多恩尔法菲费芬弗福富盖戈哥格古哈海汉赫亨霍基吉加贾杰捷"
    "金卡凯康考柯科克肯库昆拉莱赖兰朗劳勒雷里理利莉连廉琳卢鲁"
    "路露伦罗洛马麦迈曼梅门蒙米密明莫默姆穆娜纳南内尼涅宁纽努诺欧帕佩皮普齐奇契强乔切丘琼瑞萨塞桑森沙莎山"
    "史舒斯丝思斯苏索塔泰坦汤特滕提廷图托瓦万旺威韦维魏温文沃乌"
    "西希锡夏谢辛欣休雅亚扬耶伊因英尤约泽曾扎詹珍朱兹佐"
)


@dataclass(frozen=True, slots=True)
class SegmentLexicon:
    """Words as hashes in order, with a class (index into CLASSES) and a cost, the negative log of their share of all words."""

    hashes: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    costs: Floats
    simplified: NDArray[np.uint16]            # code point -> code point, width and script folded

    def look(self, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.uint8], Floats]:
        """(class or 0, cost) of hashes."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        known = self.hashes[place] == hashes
        return np.where(known, self.classes[place], 0).astype(np.uint8), np.where(known, self.costs[place], np.float32(np.inf)).astype(
            np.float32
        )


def mixed(*parts: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A hash of several arrays of the same shape, in order."""
    value = np.full(parts[0].shape, 0x9E3779B9, np.uint32)
    for part in parts:
        value = (value ^ part) * np.uint32(0x85EBCA6B)
        value ^= value >> np.uint32(15)
        value *= np.uint32(0xC2B2AE35)
        value ^= value >> np.uint32(13)
    return value


def codes(texts: Sequence[str], lexicon: SegmentLexicon) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """(code points folded to simplified, half-width, one letter, one digit; padded by zeros on all sides; lengths)."""
    lengths = np.array([len(t) for t in texts], np.int64)
    out = np.zeros((len(texts), int(lengths.max()) + 2 * PAD), np.uint32)
    for row, text in enumerate(texts):
        raw = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4")
        out[row, PAD:PAD + len(raw)] = lexicon.simplified[np.minimum(raw, len(lexicon.simplified) - 1)]
    return out, lengths


TYPES = np.zeros(65536, np.uint32)
TYPES[0x4E00:0xA000] = 1
for _c in _RARE:
    TYPES[ord(_c)] = 2
for _c in _COMMON:
    TYPES[ord(_c)] = 3
for _c in FOREIGN_SYLLABLES:
    TYPES[ord(_c)] += 3                      # 4 foreign only, 5 and 6 a surname too
TYPES[ord("0")] = 8
TYPES[ord("a")] = 9
TYPES[ord("·")] = 10
for _c in "《》“”\"‘’":
    TYPES[ord(_c)] = 11
for _c in "。！？!?；;，,、：:（）()":
    TYPES[ord(_c)] = 12


def segmented(coded: NDArray[np.uint32], lexicon: SegmentLexicon) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """(length of the likeliest word at each place it begins, beginning of the word each place lies in, class of that word)."""
    rows, steps = coded.shape
    unknown = np.float32(14.0)
    costs = np.full((LONGEST_WORD, rows, steps), np.inf, np.float32)
    kinds = np.zeros((LONGEST_WORD, rows, steps), np.uint8)
    for n, hashes in _grams(coded):
        kinds[n - 1, :, :steps - n + 1], costs[n - 1, :, :steps - n + 1] = lexicon.look(hashes)
    costs[0] = np.where(np.isinf(costs[0]), unknown, costs[0])
    best = np.zeros((rows, steps + LONGEST_WORD), np.float32)
    best[:, steps + 1:] = np.inf
    choice = np.zeros((rows, steps), np.int64)
    for at in range(steps - 1, -1, -1):
        ways = costs[:, :, at].T + best[:, at + 1:at + 1 + LONGEST_WORD]
        choice[:, at] = np.argmin(ways, axis=1)
        best[:, at] = ways[np.arange(rows), choice[:, at]]
    begin = np.zeros((rows, steps), np.int64)
    kind = np.zeros((rows, steps), np.uint8)
    left = np.zeros(rows, np.int64)
    all_rows = np.arange(rows)
    for at in range(steps):
        fresh = left == 0
        begin[:, at] = np.where(fresh, at, begin[:, at - 1])
        left = np.where(fresh, choice[:, at], left - 1)
        kind[:, at] = kinds[choice[all_rows, begin[:, at]], all_rows, begin[:, at]]
    return choice + 1, begin, kind


def _grams(coded: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    steps = coded.shape[1]
    for n in range(1, min(LONGEST_WORD, steps) + 1):
        yield n, mixed(*(coded[:, k:steps - n + 1 + k] for k in range(n)))


def features(coded: NDArray[np.uint32], lexicon: SegmentLexicon) -> NDArray[np.uint32]:
    """Hashes of BITS bits, (texts, steps, features), of texts padded as `codes` pads them."""
    rows, steps = coded.shape
    lengths, begin, kind = segmented(coded, lexicon)
    all_rows = np.arange(rows)[:, None]
    size = lengths[all_rows, begin]
    offset = np.arange(steps)[None] - begin
    place = np.where(size == 1, 3, np.where(offset == 0, 0, np.where(offset == size - 1, 2, 1)))
    tag = (kind.astype(np.uint32) * 8 + np.minimum(size, 5).astype(np.uint32)) * 4 + place.astype(np.uint32)
    word = np.zeros_like(coded)
    for n, hashes in _grams(coded):
        starts = np.minimum(begin, steps - n)
        word = np.where(size == n, hashes[all_rows, starts], word)
    before = np.where(begin > 0, begin - 1, 0)
    after = np.minimum(begin + size, steps - 1)
    types = TYPES[np.minimum(coded, 65535)]

    def at(values: NDArray[np.uint32], shift: int) -> NDArray[np.uint32]:
        moved = np.zeros_like(values)
        if shift < 0:
            moved[:, -shift:] = values[:, :shift]
        elif shift > 0:
            moved[:, :-shift] = values[:, shift:]
        else:
            moved = values
        return moved

    c = {k: at(coded, k) for k in range(-3, 4)}
    t = {k: at(types, k) for k in range(-3, 4)}
    g = {k: at(tag, k) for k in (-2, -1, 0, 1, 2)}
    last_word, next_word = word[all_rows, before], word[all_rows, after]
    last_kind, next_kind = kind[all_rows, before].astype(np.uint32), kind[all_rows, after].astype(np.uint32)
    around = t[-1] * 16 + t[0]
    templates = [
        (c[-2],), (c[-1],), (c[0],), (c[1],), (c[2],),
        (c[-2], c[-1]), (c[-1], c[0]), (c[0], c[1]), (c[1], c[2]), (c[-1], c[1]), (c[-1], c[0], c[1]),
        (c[-2], c[-1], c[0]), (c[0], c[1], c[2]), (c[-3], c[-2], c[-1]), (c[1], c[2], c[3]),
        (t[-2], around, t[1], t[2]), (around, t[1]), (t[-3], t[-2], around),
        (g[0],), (g[-1], g[0]), (g[0], g[1]), (g[-1], g[0], g[1]), (g[-2], g[-1], g[0], g[1], g[2]),
        (word, place.astype(np.uint32)), (last_word, place.astype(np.uint32)), (next_word, place.astype(np.uint32)),
        (last_word, t[0], g[0]), (next_word, t[0], g[0]), (last_kind, g[0], next_kind), (c[0], t[1], t[2]), (c[0], g[0]),
    ]
    out = np.empty((rows, steps, len(templates)), np.uint32)
    for i, parts in enumerate(templates):
        out[:, :, i] = mixed(np.full(coded.shape, i, np.uint32), *parts) >> np.uint32(32 - BITS)
    return out[:, PAD:steps - PAD]


class Crf:
    """The trained model; see the module's text."""

    def __init__(self, lexicon: SegmentLexicon, weights: NDArray[np.int8], scale: float, transitions: Floats, name: str) -> None:
        self.name = name
        self._lexicon, self._weights, self._scale, self._transitions = lexicon, weights, np.float32(scale), transitions
        self._zero = np.zeros(len(LABELS), np.float32)

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]:
        pieces = [(i, start, piece) for i, text in enumerate(texts) for start, piece in _pieces(text)]
        found: list[list[Span]] = [[] for _ in texts]
        for group in batches([len(p[2]) for p in pieces], 64):
            coded, lengths = codes([pieces[i][2] for i in group], self._lexicon)
            keys = features(coded, self._lexicon)
            scores = np.zeros((*keys.shape[:2], len(LABELS)), np.int32)
            for k in range(keys.shape[2]):
                scores += self._weights[keys[:, :, k]]
            paths = best_paths(scores * self._scale, lengths, self._transitions, self._zero, self._zero)
            for row, i in enumerate(group):
                text, offset, _ = pieces[i]
                found[text] += _spans(paths[row, :lengths[row]], offset)
        return [sorted(spans, key=lambda s: s.start) for spans in found]


def _spans(path: NDArray[np.int16], offset: int) -> list[Span]:
    spans: list[Span] = []
    kind: SpanKind | None = None
    start = 0
    for i, label in enumerate([*path.tolist(), 0]):
        place, _, named = LABELS[label].partition("-")
        if kind is not None and (place in ("O", "B", "S") or named != kind):
            spans.append(Span(offset + start, offset + i, kind))
            kind = None
        if place != "O" and kind is None:
            kind, start = named, i  # type: ignore[assignment]
    return spans


def _pieces(text: str) -> list[tuple[int, str]]:
    pieces = []
    start = 0
    while start < len(text):
        end = min(len(text), start + LONGEST)
        if end < len(text):
            end = next((i for i in range(end, start + LONGEST // 2, -1) if text[i - 1] in _STOPS), end)
        pieces.append((start, text[start:end]))
        start = end
    return pieces


@cache
def builtin_name() -> str:
    """Name of the model of the package, read without its weights."""
    with _stored() as data:
        return f"chujing-zh-{data['version']}"


@contextmanager
def _stored() -> Iterator[Any]:
    """The arrays of the package's model, read one by one as they are asked for."""
    try:
        with resources.as_file(resources.files("detectors.language") / "data/zh.npz") as path, np.load(path) as data:
            yield data
    except (OSError, KeyError, ValueError) as e:
        raise ConfigError(
            Msg("the text model of this installation cannot be read ({kind})", kind=type(e).__name__),
            hint=Msg("install chujing again"),
        ) from None


@cache
def builtin() -> Crf:
    """The model of the package."""
    with _stored() as data:
        lexicon = SegmentLexicon(
            np.cumsum(data["gaps"], dtype=np.uint32), data["classes"], data["costs"].astype(np.float32) / 10, data["simplified"]
        )
        weights = np.zeros((1 << BITS, len(LABELS)), np.int8)
        weights[np.cumsum(data["rows"])] = data["weights"]
        return Crf(lexicon, weights, float(data["scale"]), data["transitions"], builtin_name())
