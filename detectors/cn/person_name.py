"""Chinese personal name (姓名): a surname and one or two more characters, the whole cell.

Company and product names often begin with a surname, so words that end like an organisation, a place or a
thing are left out, and values alone are moderate evidence; a column needs most of its distinct values to look
like this.

Source: 公安部 全国姓名报告 (surname frequencies).

>>> is_valid("张伟明")
True
>>> is_valid("周边产品")
False
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from detectors.language.cells import CLASSES, builtin
from detectors.language.characters import FOREIGN_SYLLABLES as TRANSCRIBING
from detectors.model import Label, ValueDetector

PROBABLE = 0.5                                # of the cell classifier

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦"
    "白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳"
    "翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷"
    "盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费"
    "卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
COMPOUND = (
    "欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "司徒", "端木",
    "东方", "夏侯",
)
_NO_NAME_WORD = re.compile(
    r"(公司|集团|银行|医院|学校|大学|中心|部门?|科室?|组|店|厂|室|处|局|院|所|站|区|县|市|省|镇|村|路|街|"
    r"楼|层|号|车间|仓库?|产品|商品|类型?|型|费|单|表|"
    r"管理|系统|服务|信息|测试|待|已|未|完成|正常|异常|成功|失败|启用|禁用|男|女|包|机|器|鞋|衣|裤|油|米|"
    r"面|水|酒|茶|药|片|色|款|装|员|师|长|族|语|文|学|币|元|率|量|值|数|码|点|度)$"
)
_NO_NAME_START = re.compile(
    r"^(高[级中档质血]|成[功年都本]|时间|文[件本字化]|安[全装]|全[部国]|向[上下]|明[细天]|金[额融牌]|"
    r"方[式案法]|关[闭于]|单[位价号]|"
    r"应[用收付]|常[规用]|白[色酒]|黄[色金]|路[由线]|管理|项目|连接|解[决析]|简[单体]|古[典代]|"
    r"华[东南北中]|江[苏西]|云南|马来|石[油家]|温度|易[碎]|马[桶上]|包[装裹]|万[元能])"
)


def is_valid(text: str) -> bool:
    """Surname first, one or two given characters, and no ending that people do not bear."""
    if _NO_NAME_WORD.search(text) or _NO_NAME_START.search(text):
        return False
    if text[:2] in COMPOUND:
        return 3 <= len(text) <= 4
    return 2 <= len(text) <= 3 and text[0] in SURNAMES


def votes(texts: Sequence[str]) -> np.ndarray:
    """Cells that pass `is_valid` and that the cell classifier takes for persons, two without a sign, too."""
    passes = _probable(texts, [is_valid(t) for t in texts], "PERSON")
    pairs = [i for i, text in enumerate(texts) if are_two(text)]
    if pairs:
        halves = [half for i in pairs for half in (texts[i][:2], texts[i][2:])]
        persons = _probable(halves, [True] * len(halves), "PERSON").reshape(-1, 2).all(axis=1)
        passes[pairs] |= persons
    return passes


def are_two(text: str) -> bool:
    """Are four characters two whole names of two?

    >>> are_two("王伟李娜"), are_two("欧阳文华"), are_two("张王丽娜")
    (True, False, False)
    """
    return len(text) == 4 and not is_valid(text) and is_valid(text[:2]) and is_valid(text[2:])


def person_share(text: str) -> float:
    """Return how likely the cell classifier takes one cell for a person, in [0, 1]."""
    return float(builtin()([text])[0, CLASSES.index("PERSON")])


def is_foreign(text: str) -> bool:
    """Parts joined by a middle dot, or syllables that transcribe foreign names and nothing else."""
    return "·" in text or "•" in text or (len(text) >= 3 and all(c in TRANSCRIBING for c in text))


def foreign_votes(texts: Sequence[str]) -> np.ndarray:
    """Cells that pass `is_foreign` and that the cell classifier takes for foreigners' names."""
    return _probable(texts, [is_foreign(t) for t in texts], "FOREIGN")


def _probable(texts: Sequence[str], plausible: Sequence[bool], kind: str) -> np.ndarray:
    """The plausible cells that the classifier takes for `kind`."""
    passes = np.array(plausible, bool)
    if passes.any():
        cells = [text for text, ok in zip(texts, plausible, strict=True) if ok]
        passes[passes] = builtin()(cells)[:, CLASSES.index(kind)] >= PROBABLE
    return passes


DETECTOR = ValueDetector(
    name="person_name",
    votes=votes,
    label=Label("person_name"),
    title="姓名",
    title_en="personal name (Chinese)",
    source="公安部 全国姓名报告",
    shape=re.compile(r"^[\u4e00-\u9fff]{2,4}$"),
    is_valid=is_valid,
    chance=0.10,
    base=0.6,
    digitless=True,
    min_length=2,
    max_length=4,
    context=("姓名", "联系人"),
    examples=("张伟明", "欧阳明月", "李娜"),
    counterexamples=("周边产品", "高级", "北京市", "金额"),
)
FOREIGN = ValueDetector(
    name="person_name_foreign",
    label=Label("person_name"),
    title="外国人名（音译）",
    title_en="foreign name in Chinese",
    source="新华社译名室 世界人名翻译大辞典",
    shape=re.compile(r"^[\u4e00-\u9fff]{1,8}(?:[·•][\u4e00-\u9fffA-Z]{1,8}){1,3}$|^[\u4e00-\u9fff]{3,6}$"),
    is_valid=is_foreign,
    votes=foreign_votes,
    chance=0.05,
    base=0.6,
    digitless=True,
    min_length=3,
    max_length=30,
    examples=("约翰·史密斯", "克里斯蒂娜"),
    counterexamples=("北京市", "周边产品"),
)
MASKED = ValueDetector(
    name="person_name_masked",
    label=Label("person_name"),
    title="姓名（已掩码）",
    title_en="masked name",
    source="公安部 全国姓名报告",
    shape=re.compile(r"^[\u4e00-\u9fff][*＊]{1,3}[\u4e00-\u9fff]?$"),
    base=0.8,
    min_length=2,
    max_length=5,
    examples=("张*明", "李**"),
    counterexamples=("张伟",),
)
DETECTORS = (DETECTOR, FOREIGN, MASKED)
del DETECTOR, FOREIGN, MASKED
