"""Names of persons in the form in which they are compared: one form for the spellings of one name.

Case, blanks, punctuation, the order of words, titles, initials beside full words, and traditional for
simplified characters make no other name. A masked name, or a title with a surname alone, is compared with
others of its kind by what it shows, and agrees with every full name, as do names in two scripts; no agreement
of these is proof.

>>> [compared_name(t) for t in ("Mr. John A. Smith", "SMITH, John", "john  smith")]
['john smith', 'john smith', 'john smith']
>>> [compared_name(t) for t in ("陳 麗華", "陈丽华女士", "张先生", "李**")]
['陈丽华', '陈丽华', '张*', '李**']
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from detectors.cn import person_name
from mappings import party_words
from mappings.parted_names import TITLES, begins_with_family_name, parted_names
from mappings.party_words import party_of

_LONG_TITLES = tuple(t for t in TITLES if len(t) > 1)
_LATIN_TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "madam", "mme", "herr", "frau", "jr",
    "sr", "ii", "iii", "phd", "md", "esq",
})
_HAN = re.compile(r"[\u3400-\u9fff]")
_SIGNS = re.compile(r"[\s·•・.,，、;；:：'’`\"()（）\[\]/\\_-]+")
# of names, by frequency of the characters in them; source: 简化字总表
_TRADITIONAL = (
    "張王李趙陳楊黃吳劉馬羅鄭謝韓馮於董蕭鄧許傅盧蘇葉呂魏蔣閻餘杜範鍾譚廖賈鄒陸湯龍萬錢嚴顧賀龔喬賴樊"
    "蘭華國麗藝偉強軍鳳東貴寶榮業興慶義誠謙亞雲輝潤澤濤凱傑劍銳鋒鑫鈺銘錦鐵麥瑋瑩瓊賢貞寧夢樂歡學書畫紅"
    "紹緒維網綠繼續練純細結絲緯縣陽陰隊階際險隱靈靜頌頎顏順領頻飛駿騰驍駱魯鮑鴻鵬鶴鷹黨齊龐齡聰聖聲聯肅勝"
    "勳勁務勵區協單厲參吳啟員問園圓圖塵壽壯娛嫻嬌孫實審寫專將爾屆島嶺歲帥師幣幹幾庫應廣彥後從憶懷愛慧戰擇"
)
_SIMPLIFIED = (
    "张王李赵陈杨黄吴刘马罗郑谢韩冯于董萧邓许傅卢苏叶吕魏蒋阎余杜范钟谭廖贾邹陆汤龙万钱严顾贺龚乔赖樊"
    "兰华国丽艺伟强军凤东贵宝荣业兴庆义诚谦亚云辉润泽涛凯杰剑锐锋鑫钰铭锦铁麦玮莹琼贤贞宁梦乐欢学书画红"
    "绍绪维网绿继续练纯细结丝纬县阳阴队阶际险隐灵静颂颀颜顺领频飞骏腾骁骆鲁鲍鸿鹏鹤鹰党齐庞龄聪圣声联肃胜"
    "勋劲务励区协单厉参吴启员问园圆图尘寿壮娱娴娇孙实审写专将尔届岛岭岁帅师币干几库应广彦后从忆怀爱慧战择"
)
_SIMPLIFY = str.maketrans({t: s for t, s in zip(_TRADITIONAL, _SIMPLIFIED, strict=True) if t != s})
_MARKS = np.zeros(1 << 16, bool)              # code points that may make a name another one when compared
_MARKS[[ord(c) for title in TITLES for c in title[-1]]] = True
_MARKS[list(_SIMPLIFY)] = True
_MARKS[[ord(c) for c in "某" + party_words.SIGNS]] = True
_FAMILY_NAMES = np.zeros(1 << 16, bool)       # code points that are one
_FAMILY_NAMES[[ord(c) for c in person_name.SURNAMES]] = True
HAN, MASKED = 1, 2                            # marks of a name


def compared_name(text: str) -> str | None:
    """Return the form of a name; None where it names nobody in particular."""
    text = unicodedata.normalize("NFKC", text).strip()
    if set(text) <= set("*·. "):
        return None
    if "*" in text and _HAN.search(text) is None:
        return _initials(text)
    return _han_name(text) if _HAN.search(text) else _latin_name(text)


_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_BETWEEN = re.compile(
    r"[、;&+\n\r\t→⇒➔]|->|\s+(?:o/b/o|c/o|obo|on behalf of|care of)\s+|\s*[/|]\s*(?=[A-Za-z])"
    r"|\s+(?:and|und|et|y)\s+|\s+(?=[^\s:]{1,3}:)", re.I
)
_COMPOUND = re.compile(r"[^\s,;&+/|]+(?: [^\s,;&+/|]+)+ y [^\s,;&+/|]+")        # María García y Ortega
_BLANK = re.compile(r"[\s/|]+")
# in brackets behind a name: for whom, or whose relative somebody is
_FOR = re.compile(
    "^(?:代(?:理|办|替|表)?人?|替|携|由|妻子?|夫|丈夫|配偶|母亲?|父亲?|子|女|儿子|女儿|监护人|家长|经办人?|委托人)?"
    "[: ]?"
)
_HAN_AND = re.compile("[和与及跟转]")
_LATER_WORDS = re.compile("[文学元语]")       # end words as well as given names


def names_of_cell(text: str) -> tuple[str, ...]:
    """Return the names of a cell as they are compared, each once: of several people, where signs part them.

    >>> names_of_cell("张三、李四"), names_of_cell("John Smith and Jane Doe"), names_of_cell("Smith, John")
    (('张三', '李四'), ('john smith', 'doe jane'), ('john smith',))
    >>> names_of_cell("张三/Zhang San"), names_of_cell("王和平"), names_of_cell("张三 李四")
    (('张三',), ('王和平',), ('张三', '李四'))
    >>> names_of_cell("张三→李四"), names_of_cell("张三转李四"), names_of_cell("John Smith\\tJane Doe")
    (('张三', '李四'), ('张三', '李四'), ('john smith', 'doe jane'))
    >>> names_of_cell("王伟@李娜"), names_of_cell("John Smith oraz Jane Doe")
    (('王伟', '李娜'), ('john smith', 'doe jane'))
    """
    whole = unicodedata.normalize("NFKC", text).strip()
    if party := party_of(whole):
        named = names_of_cell(party[0])
        return (*named, *(f"{named[0]} {i}" for i in range(len(named) + 1, party[1] + 1))) if named else ()
    parts = _name_parts(whole)
    if len(parts) < 2 and not _COMPOUND.fullmatch(whole):
        parts = parted_names(_BRACKETS.sub("", whole)) or parts
    compared = [name for name in map(compared_name, parts) if name is not None] if len(parts) > 1 else []
    names = list(dict.fromkeys(compared))
    marks = [name_mark(name) for name in names]
    if not marks or marks.count(marks[0]) < 2:
        name = names[0] if names else compared_name(whole)
        return () if name is None else (name,)
    return tuple(name for name, mark in zip(names, marks, strict=True) if mark == marks[0])


def _name_parts(text: str) -> list[str]:
    """The names of a cell as they stand there; one part where nothing parts them."""
    if any(c.isdigit() for c in text) or _COMPOUND.fullmatch(text):
        return [text]
    parts = [part.rpartition(":")[2].strip() for part in _BETWEEN.split(_BRACKETS.sub("", text))]
    beside = (_FOR.sub("", each[1:-1]) for each in _BRACKETS.findall(text))
    parts += [name for name in beside if person_name.is_valid(name[:-1] + _LATER_WORDS.sub("伟", name[-1:]))]
    parts = [name for part in parts for name in _parts_by_commas(part) if name]
    return [name for part in parts for name in _whole_names(part)]


def _parts_by_commas(part: str) -> list[str]:
    """A comma parts Chinese names, full ones, and three and more; else it stands after the family name."""
    names = [name.rpartition(":")[2].strip() for name in part.split(",")]
    names = [name for name in names if _HAN.search(name) or _latin_name(name) is not None]
    are_full = all(len(name.split()) > 1 for name in names)
    if len(names) > 1 and (_HAN.search(part) or are_full or len(names) > 2):
        return names
    return [part]


def _whole_names(part: str) -> list[str]:
    """A blank, a slash or a word for `and` parts Chinese names that each begin with a family name."""
    for between in (_BLANK, _HAN_AND):
        names = [name for name in between.split(part) if name]
        if len(names) > 1 and all(map(begins_with_family_name, names)):
            return names
    return [part]


def _han_name(text: str) -> str | None:
    name = _SIGNS.sub("", text).translate(_SIMPLIFY).lower().replace("某", "*")
    for title in _LONG_TITLES:
        name = name.removesuffix(title)
    if len(name) == 2 and name[-1] in TITLES:
        name = name[:1]
    if len(name) == 1:
        name += "*"
    return name if _HAN.search(name) else None


def _initials(text: str) -> str | None:
    """The first letters of a masked Latin name, in order, each before its mask."""
    first = sorted(word[0] for word in _SIGNS.split(text.casefold()) if word and word[0] != "*")
    return "*".join([*first, ""]) or None


def _latin_name(text: str) -> str | None:
    """The words in alphabetical order, without accents, titles, and initials beside two full words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = [w for w in _SIGNS.split(plain) if w and w not in _LATIN_TITLES]
    full = [w for w in words if len(w) > 1]
    words = full if len(full) > 1 else words
    return " ".join(sorted(words)) or None


def is_marked(points: np.ndarray) -> np.ndarray:
    """bool per code point below 65,536: may a Chinese name that holds it be compared in another form?"""
    return _MARKS[points]


def is_family_name(points: np.ndarray) -> np.ndarray:
    """bool per code point below 65,536: is it a family name?"""
    return _FAMILY_NAMES[points]


def name_mark(name: str) -> int:
    """Return the marks of a compared name: is it Chinese, is it masked? Names of one mark are compared."""
    return (HAN if _HAN.search(name) else 0) | (MASKED if "*" in name else 0)
