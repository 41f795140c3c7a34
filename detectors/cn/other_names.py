"""Personal names in other scripts and orders, with titles, and lists of names; the whole cell.

A name in Latin letters counts by the commonest given names and surnames, or as Chinese in pinyin; of other
scripts, by surnames or their endings. Words alone are moderate evidence: a column needs most of its values.

Sources: US Social Security Administration and Census Bureau (frequent names, public domain); 公安部
全国姓名报告, in pinyin (ISO 7098); frequent surnames of Japan and Korea.

>>> latin_votes(["Smith, John", "Zhang Weiming", "WEI ZHANG", "Red Apple"]).tolist()
[True, True, True, False]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from detectors.cn.person_name import COMPOUND, SURNAMES, is_valid, votes
from detectors.model import Label, ValueDetector
from detectors.names.latin_names import is_latin_name, name_set, name_words

WORDS = name_words()
FORENAMES = name_set("forenames")
ARABIC_FORENAMES = name_set("arabic_forenames")
_TITLE_LATIN = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Herr|Frau|Mme|Sr|Sra)\.? "
_TITLE = "|".join(WORDS["titles"])
_JOINT = "[,;/&]"                             # wide ones are folded before
_RUSSIAN = re.compile(r"(?:[оеё]ва?|[иы]на?|[сц]кий|[сц]кая|енко|чук|юк|ян|вна|ич)$")
_JAPANESE, _KANA, _KOREAN = ("|".join(WORDS[f"{key}_family"]) for key in ("japanese", "kana", "korean"))


def _all_cells(test: Callable[[str], bool]) -> Callable[[Sequence[str]], np.ndarray]:
    """Votes of a test that looks at each cell by itself."""
    return lambda texts: np.array([test(text) for text in texts], bool)


latin_votes = _all_cells(is_latin_name)


def titled_votes(texts: Sequence[str]) -> np.ndarray:
    """Cells of a name and a title: the name is a surname alone, or one that the cell classifier knows."""
    names = [re.sub(f"(?:{_TITLE})$", "", text) for text in texts]
    full = votes(names)
    return np.array([
        n in SURNAMES or n in COMPOUND or bool(vote) for n, vote in zip(names, full, strict=True)
    ], bool)


def list_votes(texts: Sequence[str]) -> np.ndarray:
    """Cells of which every part is a name that the cell classifier knows."""
    parts = [[p.strip() for p in re.split(_JOINT, text) if p.strip()] for text in texts]
    every = sorted({part for row in parts for part in row})
    is_person = dict(zip(every, votes(every).tolist(), strict=True)) if every else {}
    return np.array([len(row) > 1 and all(is_person[p] for p in row) for row in parts], bool)


def _is_russian(text: str) -> bool:
    return any(_RUSSIAN.search(word.lower()) for word in text.split())


def _is_arabic(text: str) -> bool:
    return bool(ARABIC_FORENAMES & set(text.split()))


def _detector(name: str, titles: tuple[str, str], shape: str, more: dict[str, object]) -> ValueDetector:
    """A detector of whole cells that are names. titles: Chinese, English. more: what is its own."""
    settings: dict[str, object] = {
        "base": 0.65, "chance": 0.02, "min_length": 2, "max_length": 60, "digitless": True, **more,
    }
    return ValueDetector(
        name=f"person_name_{name}", label=Label("person_name"), title=titles[0], title_en=titles[1],
        source="SSA; 公安部 全国姓名报告", shape=re.compile(shape), **settings,  # type: ignore[arg-type]
    )


_WORD = r"[A-Z][A-Za-z'’-]{0,19}"
DETECTORS = (
    _detector("latin", ("姓名（拉丁字母）", "personal name in Latin letters"),
              rf"^{_WORD}(?:,? (?:{_WORD}|[A-Z]\.)){{1,3}}$",
              {"is_valid": is_latin_name, "votes": latin_votes, "letters": 4, "signs": (" ",),
               "examples": ("John Smith", "Smith, John", "Zhang Weiming", "WEI ZHANG"),
               "counterexamples": ("Red Apple", "John Inc", "Beijing")}),
    _detector("titled_latin", ("姓名（带称谓，拉丁字母）", "personal name with a title in Latin letters"),
              rf"^{_TITLE_LATIN}{_WORD}(?: (?:{_WORD}|[A-Z]\.)){{0,3}}$",
              {"base": 0.85, "letters": 4, "signs": (" ",),
               "examples": ("Mr. John Smith", "Dr. Li"),
               "counterexamples": ("Mr.", "Drive Red")}),
    _detector("titled", ("姓名（带称谓）", "personal name with a title (Chinese)"),
              rf"^[\u4e00-\u9fff]{{1,4}}(?:{_TITLE})$",
              {"is_valid": lambda text: is_titled(text), "votes": titled_votes, "gate": _TITLE, "base": 0.8,
               "max_length": 8,
               "examples": ("王先生", "张伟明女士", "欧阳老师"),
               "counterexamples": ("项目经理", "先生")}),
    _detector("list", ("多个姓名", "list of personal names (Chinese)"),
              rf"^[\u4e00-\u9fff]{{2,4}}(?: ?{_JOINT} ?[\u4e00-\u9fff]{{2,4}}){{1,20}}$",
              {"is_valid": lambda text: all(is_valid(p.strip()) for p in re.split(_JOINT, text)),
               "votes": list_votes, "gate": ",|;|/|&", "max_length": 100, "min_length": 5,
               "examples": ("张伟明,李娜", "王芳; 陈静怡; 刘洋"), "counterexamples": ("北京市,上海市",)}),
    _detector("cyrillic", ("姓名（西里尔字母）", "personal name in Cyrillic letters"),
              r"^[А-ЯЁ][а-яё]{1,19}(?:,? (?:[А-ЯЁ][а-яё]{1,19}|[А-ЯЁ]\.)){1,3}$",
              {"is_valid": _is_russian, "votes": _all_cells(_is_russian), "gate": "о|а|е|и", "min_length": 5,
               "examples": ("Иван Петров", "Смирнова Анна Сергеевна"), "counterexamples": ("Красный Дом",)}),
    _detector("japanese", ("日本人名", "personal name (Japanese)"),
              rf"^(?:(?:{_JAPANESE})[ ]?[\u4e00-\u9fff\u3040-\u30ff々]{{1,4}}"
              rf"|(?:{_KANA})[ ・]?[ァ-ヶー]{{2,6}})$",
              {"gate": f"{_JAPANESE}|{_KANA}", "min_length": 3, "max_length": 14,
               "examples": ("佐藤花子", "田中 一郎", "スズキ ハナコ"),
               "counterexamples": ("北京市", "サービス")}),
    _detector("korean", ("韩国人名", "personal name (Korean)"),
              rf"^(?:{_KOREAN}) ?[가-힣]{{2}}$",
              {"base": 0.55, "min_length": 3, "max_length": 5, "examples": ("김민준", "이 서연"),
               "counterexamples": ("쇼핑몰", "김치")}),
    _detector("arabic", ("姓名（阿拉伯字母）", "personal name in Arabic letters"),
              r"^[\u0621-\u064a]{2,14}(?: [\u0621-\u064a]{2,14}){1,4}$",
              {"is_valid": _is_arabic, "votes": _all_cells(_is_arabic), "gate": "ا|ل|م|ن|ر", "min_length": 5,
               "examples": ("محمد العلي", "فاطمة حسن"), "counterexamples": ("كتاب جديد",)}),
)


def is_titled(text: str) -> bool:
    """A surname or a name before a title."""
    name = re.sub(f"(?:{_TITLE})$", "", text)
    return name != text and (name in SURNAMES or name in COMPOUND or len(name) > 1 and is_valid(name))
