"""In which encoding a text is written.

UTF-8 proves itself: other text is hardly ever valid UTF-8. GB18030 and Big5 do not, so they are told apart by
the share of common characters that each reading gives.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from scanner.connectors.files.source_file import SourceFile

HEAD = 256 << 10                              # bytes by which the layout of a text file is judged
BUDGET = 64 << 20                             # bytes that are searched for a first character beyond ASCII
SPREAD = 8                                    # places behind that, or of a file far away, that are looked at
PIECE = 64 << 10                              # bytes of each of them
JUDGED = 4 << 10                              # bytes at both ends of a block that check its national encoding
FEW = 200                                     # bytes beyond ASCII that are too few to tell encodings apart
FEWEST_KANA = 2                               # kana that hardly any Chinese table has
FEWEST_PAIRS = 12                             # characters that show a language
UTF8_HAN = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc-\xbd][\x80-\xbf]")
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_GB_COMMON = re.compile(rb"[\xb0-\xd7\xa3][\xa1-\xfe]|\xa1[\xa2-\xbf]")
_BIG5_COMMON = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|\xa1[\x40-\x7e]")
_KANA = re.compile(rb"[\x82\x83][\x40-\x96\x9f-\xf1]")                # of Shift-JIS
_EUC_KANA = re.compile(rb"[\xa4\xa5][\xa1-\xf6]")
_EUC_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
_JIS_WORD = re.compile(rb"(?:[\x81-\x9f\xe0-\xea][\x40-\x7e\x80-\xfc])+")
_JIS_KANJI = re.compile(rb"[\x81\x83\x88-\x9f][\x40-\x7e\x80-\xfc]")         # signs, kana and common kanji
_SYLLABLES = frozenset(                       # of names, places and words of tables
    "김이박최정강조윤장임한오서신권황안송류유홍전고문손양배백허남심노하곽성차주우구민진지나엄채원천방공현함변염여추도소석"
    "선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가의에는을를로으다리시동수영희철준호승재상미숙자순화번일"
    "월년매출회업팀대과메름날짜등록처완료송취환불결비밀담당직급내구분별생만개그것들및또있없된할해여며면니까요습울산북광천"
    "라세종품단격량합계총액객태번터데관학교실팔무타초중저특외입판보통신카드은행체크훈빈쇼핑몰스컴퓨서도관와인트포")
COMMON_SYLLABLES = 0.6                        # share of them in Korean text
_KANA_ROWS = b"\xa4\xa5"                      # first bytes of kana, in GB18030 as in EUC-JP
_SHIFTS = (
    (re.compile(rb"\x1b\$[@AB(]"), "iso2022_jp_2"), (re.compile(rb"~\{[!-}]{2,}~\}"), "hz"),
)
_UTF7_WORD = re.compile(rb"\+[A-Za-z0-9+/]{2,}")
_HEADINGS = re.compile("姓名|电话|手机|地址|编号|日期|城市|名称|电话|手機|電話號")
_SHIFT_SIGNS = re.compile("[\x0e\x0f\x1b]")    # between alphabets, in encodings that are not read
FAULTS = re.compile("\ufffd+")
SHIFTED = frozenset({"utf_7", *(encoding for _, encoding in _SHIFTS)})
COMMON = {"gb18030": _GB_COMMON, "big5hkscs": _BIG5_COMMON}


def holds_utf8_han(text: bytes) -> bool:
    """Return whether UTF8_HAN stands in a text: ten times as quick in a block as the expression itself.

    >>> holds_utf8_han("姓".encode()), holds_utf8_han("姓名".encode("gb18030")), holds_utf8_han(b"")
    (True, False, False)
    """
    codes = np.frombuffer(text, np.uint8)
    if len(codes) < 3:
        return False
    first, second = codes[:-2], codes[1:-1]
    goes_on = (codes & 0xC0) == 0x80
    begins = (first >= 0xE3) & (first <= 0xE9) & goes_on[1:-1]
    begins |= (first == 0xEF) & ((second == 0xBC) | (second == 0xBD))
    return bool((begins & goes_on[2:]).any())


def encoding_of(head: bytes) -> str:
    """Return the encoding of text: of Unicode, of China, Windows, Japan or Korea."""
    if head.isascii() and (shifted := next((e for sign, e in _SHIFTS if len(sign.findall(head)) > 1), "")):
        return shifted
    if head.isascii() and _is_utf7(head):
        return "utf_7"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if utf32 := _utf32(head):
        return utf32
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _marked_utf16(head)
    if utf16 := _unmarked_utf16(head):
        return utf16
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    whole_lines = head.rsplit(b"\n", 1)[0]
    if is_mostly_utf8(whole_lines):
        return "utf-8"
    return national_encoding(whole_lines)


@cache
def is_wide(encoding: str) -> bool:
    """Return whether the ASCII characters of an encoding are other bytes: UTF-16, and those of mainframes.

    >>> is_wide("utf-16-le"), is_wide("cp037"), is_wide("cp1251")
    (True, True, False)
    """
    signs = bytes(range(0x20, 0x7F))
    return signs.decode(encoding, "replace") != signs.decode("ascii")


def _is_utf7(head: bytes) -> bool:
    """Return whether words between + and - are Chinese in UTF-7; what else looks so hardly ever is.

    >>> _is_utf7("姓名,手机号".encode("utf-7")), _is_utf7(b"+8613700000001,a+bcd-e")
    (True, False)
    """
    words = _UTF7_WORD.findall(head[:PIECE])
    texts = []
    for word in words:
        try:
            texts.append(word.decode("utf_7"))
        except UnicodeDecodeError:
            continue
    is_han = sum(bool(text) and all("\u3000" <= c <= "\u9fff" or c > "\uff00" for c in text)
                 for text in texts)
    return is_han >= 2 and is_han >= 0.9 * len(words)


def is_mostly_utf8(text: bytes) -> bool:
    """Return whether some lines are UTF-8, or Han characters of it are more than what cannot be read so."""
    lines = [part for part in text.splitlines() if not part.isascii()]
    valid = sum(bool(UTF8_HAN.search(part)) and is_valid(part, "utf-8") for part in lines)
    if len(lines) > 1 and valid >= 0.2 * len(lines):
        return True
    faults = len(FAULTS.findall(text.decode("utf-8", "replace")))
    return len(UTF8_HAN.findall(text)) > faults


def national_encoding(text: bytes) -> str:
    """Return gb18030, big5hkscs or cp1252 for lines that are no UTF-8.

    >>> [national_encoding("台灣大學電機工程學系".encode(e)) for e in ("big5", "gb18030")]
    ['big5hkscs', 'gb18030']
    """
    runs = HIGH_RUN.findall(text)
    if runs and sum(len(run) == 1 for run in runs) >= 0.8 * len(runs) and not _GB_COMMON.search(text):
        return "cp1252"
    return _neighbour_encoding(text) or max(COMMON, key=lambda encoding: count_common_pairs(text, encoding))


def _neighbour_encoding(text: bytes) -> str:
    """Return the encoding of Japanese or Korean text; empty where it is hardly any.

    >>> _neighbour_encoding(("氏名,さくらのメール" * 3).encode("cp932")), _neighbour_encoding(b"abc")
    ('cp932', '')
    """
    runs = HIGH_RUN.findall(text)
    pairs = sum(map(len, runs)) // 2
    even = [run for run in runs if len(run) % 2 == 0]
    kana = sum(run[i] in _KANA_ROWS for run in even for i in range(0, len(run), 2))
    shares = (("cp932", _KANA, 0.2), ("euc_jp", _EUC_KANA, 0.15), ("cp949", _EUC_HANGUL, 0.97))
    for encoding, pattern, share in shares:
        where = text if encoding == "cp932" else b"\n".join(even)
        is_kana = encoding == "cp949" and (kana >= FEWEST_KANA or not _is_korean(text))
        if (len(pattern.findall(where)) >= max(FEWEST_PAIRS, share * pairs) and not is_kana
                and is_valid(text, encoding)):
            return encoding
    if pairs < FEWEST_PAIRS:
        return ""
    is_chinese = bool(_HEADINGS.search(text.decode("gb18030", "replace")))
    if kana >= FEWEST_KANA and len(even) == len(runs) and not is_chinese and is_valid(text, "euc_jp"):
        return "euc_jp"
    words = _JIS_WORD.findall(text)
    common = len(_GB_COMMON.findall(b"".join(words)))
    kanji = sum(len(_JIS_KANJI.findall(word)) for word in words)
    all_kanji = sum(len(word) // 2 for word in words)
    is_kanji = max(pairs, FEWEST_PAIRS) <= all_kanji <= kanji / 0.7 and common < 0.4 * pairs
    return "cp932" if is_kanji and not is_chinese and is_valid(text, "cp932") else ""


def _is_korean(text: bytes) -> bool:
    """Return whether most syllables are common ones; Chinese that is read so gives any of two thousand.

    >>> _is_korean("김민수,서울".encode("cp949")), _is_korean("产品,价格,库存".encode("gb18030"))
    (True, False)
    """
    syllables = [c for c in text.decode("cp949", "replace") if "\uac00" <= c <= "\ud7a3"]
    return sum(c in _SYLLABLES for c in syllables) >= COMMON_SYLLABLES * len(syllables)


def count_common_pairs(text: bytes, encoding: str) -> int:
    """Return how many common characters a national encoding reads in text, less what it cannot read."""
    faults = text.decode(encoding, "replace").count("\ufffd")
    return sum(map(bool, map(COMMON[encoding].fullmatch, _GB_PAIR.findall(text)))) - 2 * faults


def _utf32(head: bytes) -> str:
    """Return the encoding of UTF-32, of whose four bytes a character two are zero; empty for anything else.

    >>> _utf32("a,b\\n".encode("utf-32")), _utf32("姓\\n".encode("utf-32-be")), _utf32(b"\\0\\1" * 9)
    ('utf-32', 'utf-32-be', '')
    """
    body = head[: len(head) // 4 * 4]
    is_marked = head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE))
    for encoding, high, low in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        text = body[4 * is_marked:]
        if len(body) >= 8 and not any(text[high::4]) and not any(text[low::4]) and (
                _common_share(text, encoding) > 0.9):
            return "utf-32" if is_marked else encoding
    return ""


def _marked_utf16(head: bytes) -> str:
    """Return the encoding of text below a mark of UTF-16, which may be another one than the mark says."""
    body = head[2:]
    if b"\x00" not in body and b"\n" in body and is_valid(body[: body.rfind(b"\n")], "utf-8"):
        return "utf-8"
    marked, other = ("utf-16-le", "utf-16-be") if head[0] == 0xFF else ("utf-16-be", "utf-16-le")
    even = body[: len(body) // 2 * 2]
    is_wrong = b"\x00" in body and _common_share(even, marked) < 0.3 and _common_share(even, other) > 0.9
    return other if is_wrong else "utf-16"


def _unmarked_utf16(head: bytes) -> str:
    """Return the encoding of UTF-16 without a byte order mark; empty for anything else.

    Its ends of lines and its ASCII characters have their zero half on one side, and all of it is common text.
    """
    if head.count(0) < len(head) * 0.01:
        return ""
    even = head[: len(head) // 2 * 2]
    shares = {encoding: _common_share(even, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > 0.9 else ""


def _common_share(text: bytes, encoding: str) -> float:
    """Return the share of ASCII and Han characters; 0 where it cannot be decoded or has no line."""
    decoded = text.decode(encoding, "replace")
    if "\n" not in decoded and "\r" not in decoded or "\x00" in decoded:
        return 0.0
    common = sum(c <= "\xff" or "\u2010" <= c <= "\u2030" or "\u3000" <= c <= "\u9fff" or c > "\uff00"
                 for c in decoded[:20_000])
    return common / max(len(decoded[:20_000]), 1) - decoded.count("\ufffd") / max(len(decoded), 1)


def file_encoding(file: SourceFile, head: bytes) -> str:
    """Return the encoding of a file; where its head is ASCII, by what comes first that is not.

    head: its first bytes. Up to BUDGET bytes are searched, of a larger file and of one far away places spread
    over it. A packed file is judged by its head: what comes later and cannot be read so, by itself.
    """
    if file.encoding or len(head) < HEAD or not file.is_plain:
        return file.encoding or encoding_of(head)
    encoding = encoding_of(head)
    high = 0 if head.isascii() else sum(map(len, HIGH_RUN.findall(head)))
    if high >= FEW or encoding.startswith("utf-") and not head.isascii():
        return encoding
    lines = lines_beyond_ascii(head)
    for piece in _later_pieces(file, len(head)):
        if not piece.isascii():
            lines += lines_beyond_ascii(piece[piece.find(b"\n") + 1: piece.rfind(b"\n") + 1])
        if len(lines) >= HEAD:
            break
    return encoding_of(lines) if lines else encoding


def lines_beyond_ascii(piece: bytes) -> bytes:
    return b"".join(part for part in piece.splitlines(keepends=True) if not part.isascii())


def _later_pieces(file: SourceFile, start: int) -> Iterator[bytes]:
    """Yield pieces of a file behind its head: all up to BUDGET bytes, then places spread over the rest."""
    size = file.size
    with file.open() as stream:
        if not file.is_remote:
            stream.seek(start)
            for _ in range(BUDGET // HEAD):
                if not (piece := stream.read(HEAD)):
                    return
                yield piece
            start += BUDGET
        for i in range(1, SPREAD + 1):
            stream.seek(start + max(size - start - PIECE, 0) * i // SPREAD)
            yield stream.read(PIECE)


def is_valid(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def is_assumed(text: str, encoding: str) -> bool:
    """Return whether text that was read in a national encoding is hardly any and may be in another."""
    if encoding not in COMMON and encoding not in ("cp949", "euc_jp"):
        return bool(_SHIFT_SIGNS.search(text))
    han = [c for c in text if c >= "\x80"][:JUDGED]
    if len(han) < FEWEST_PAIRS or encoding not in COMMON:
        return False
    common = 0
    for c in han:
        raw = c.encode(encoding, "replace")
        common += len(raw) == 2 and bool(COMMON[encoding].fullmatch(raw))
    return common < 0.5 * len(han)
