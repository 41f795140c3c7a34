"""Characters as numbers: code points folded, their classes, and hashes of several together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PAD = 4                                       # characters of padding on either side of a text
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
FOREIGN_SYLLABLES = frozenset(
    "阿埃艾安奥巴贝本比彼伯博布查达戴丹德登迪蒂杜顿多恩尔法菲费芬弗福富盖戈哥格古哈海汉赫亨霍基吉加贾杰捷"
    "金卡凯康考柯科克肯库昆拉莱赖兰朗劳勒雷里理利莉连廉琳卢鲁"
    "路露伦罗洛马麦迈曼梅门蒙米密明莫默姆穆娜纳南内尼涅宁纽努诺欧帕佩皮普齐奇契强乔切丘琼瑞萨塞桑森沙莎山"
    "史舒斯丝思斯苏索塔泰坦汤特滕提廷图托瓦万旺威韦维魏温文沃乌"
    "西希锡夏谢辛欣休雅亚扬耶伊因英尤约泽曾扎詹珍朱兹佐"
)
TYPES = np.zeros(65536, np.uint32)            # class of each code point, after folding
TYPES[0x4E00:0xA000] = 1
for _character in SURNAMES:
    TYPES[ord(_character)] = 2
for _character in SURNAMES[:100]:
    TYPES[ord(_character)] = 3
for _character in FOREIGN_SYLLABLES:
    TYPES[ord(_character)] += 3               # 4 foreign only, 5 and 6 a surname too
TYPES[ord("0")] = 8
TYPES[ord("a")] = 9
TYPES[ord("·")] = 10
for _character in "《》“”\"‘’":
    TYPES[ord(_character)] = 11
for _character in "。！？!?；;，,、：:（）()":
    TYPES[ord(_character)] = 12

Codes = NDArray[np.uint32]


def codes(texts: Sequence[str], simplified: NDArray[np.uint16]) -> tuple[Codes, NDArray[np.int64]]:
    """Return (code points, lengths) of texts; code points padded by zeros to (texts, longest + 2 * PAD).

    simplified: code point -> code point; it folds script, width, letters to one and digits to one.
    """
    lengths = np.array([len(text) for text in texts], np.int64)
    coded = np.zeros((len(texts), int(lengths.max()) + 2 * PAD), np.uint32)
    for row, text in enumerate(texts):
        raw = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4")
        coded[row, PAD:PAD + len(raw)] = simplified[np.minimum(raw, len(simplified) - 1)]
    return coded, lengths


def types(coded: Codes) -> Codes:
    """Return the class of each code point, of the same shape."""
    return TYPES[np.minimum(coded, 65535)]


def mixed_hashes(*parts: Codes) -> Codes:
    """Return a hash of several arrays of the same shape, item by item, in order."""
    value = np.full(parts[0].shape, 0x9E3779B9, np.uint32)
    for part in parts:
        value = (value ^ part) * np.uint32(0x85EBCA6B)
        value ^= value >> np.uint32(15)
        value *= np.uint32(0xC2B2AE35)
        value ^= value >> np.uint32(13)
    return value
