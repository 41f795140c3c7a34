"""Closed sets and structures in Chinese: ethnicity (民族), gender (性别), postal address (地址).

Sources: GB/T 3304-1991 (ethnic groups), GB/T 2261.1-2003 (sex), GB/T 2260 (province names).

>>> is_address("浙江省杭州市西湖区文三路 90 号 3 幢 201 室")
True
"""

from __future__ import annotations

import re

from detectors.model import Label, ValueDetector

GROUPS = (
    "汉|蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|"
    "东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|"
    "毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|"
    "门巴|珞巴|基诺"
)
_PLACE_WORD = re.compile(r"省|自治区|市|区|县|旗|镇|乡|街道|村")
_STREET_ADDRESS = re.compile(
    r"(路|街|道|巷|弄|里|胡同|村|社区|小区|花园|大厦|广场|苑|园)[^，。；]{0,20}?"
    r"[0-9一二三四五六七八九十]+ ?(号|弄|栋|幢|座|楼|单元|室|层|#)"
    r"|[0-9]+ ?(号楼|号|栋|幢|单元|室)"
)


def is_address(text: str) -> bool:
    """An administrative part and a street or building part."""
    if len(text) < 8 or "。" in text:
        return False
    return bool(_PLACE_WORD.search(text) or "路" in text) and bool(_STREET_ADDRESS.search(text))


DETECTORS = (
    ValueDetector(
        name="ethnicity",
        label=Label("ethnicity"),
        title="民族",
        title_en="ethnicity",
        source="GB/T 3304-1991",
        shape=re.compile(rf"^(?:(?:{GROUPS})族|汉)$"),
        base=0.97,
        max_length=6,
        examples=("汉族", "维吾尔族"),
        counterexamples=("家族", "水"),
    ),
    ValueDetector(
        name="gender",
        label=Label("gender"),
        title="性别",
        title_en="gender",
        source="GB/T 2261.1-2003",
        shape=re.compile(r"^(?:男|女|男性|女性|先生|女士|[Mm]ale|[Ff]emale|MALE|FEMALE)$"),
        base=0.9,
        max_length=6,
        examples=("男", "female"),
        counterexamples=("男装", "0"),
    ),
    ValueDetector(
        name="address",
        gate="号|弄|栋|幢|座|楼|单元|室|层|#",
        label=Label("postal_address"),
        title="地址",
        title_en="postal address",
        source="GB/T 2260",
        shape=re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9（）()·\-、 #]{7,80}"),
        is_valid=is_address,
        required=_STREET_ADDRESS.pattern,
        chance=0.002,
        base=0.7,
        min_length=8,
        max_length=120,
        context=("地址", "住址"),
        examples=("浙江省杭州市西湖区文三路 90 号 3 幢 201 室",),
        counterexamples=("本产品适用于各种路面环境的使用",),
    ),
)
