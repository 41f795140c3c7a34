"""Words and numbers by which one name in a cell stands for several people: couples, families, `and others`.

What a name is followed by decides: a number says how many there are; without one they are taken for two.

>>> [party_of(t) for t in ("王伟等3人", "Mr and Mrs Smith", "Ann Lee +1", "王伟(携配偶)")]
[('王伟', 3), ('Smith', 2), ('Ann Lee', 2), ('王伟', 2)]
>>> [party_of(t) for t in ("王伟(双胞胎)", "王伟父母", "John Smith (couple)", "Иванов с супругой")]
[('王伟', 2), ('王伟', 2), ('John Smith', 2), ('Иванов', 2)]
>>> party_of("王伟经理"), party_of("Smith, John Jr."), party_of("王五人"), party_of("Grace Guest")
(None, None, None, None)
"""

from __future__ import annotations

import re

MOST_PEOPLE = 64                              # whom one name is taken for
_NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "俩": 2, "仨": 3, "兩": 2}
_N = "(?P<n>[1-9][0-9]?|[二两兩三四五六七八九十])"
_MORE = "(?P<more>[1-9][0-9]?|[一二两兩三四五六七八九十])"        # people beside the one who is named
_KIN = (
    "家人|家属|家屬|家族|家眷|配偶|妻子?|丈夫|夫人|太太|老公|老婆|爱人|伴侣|子女|孩子|小孩|儿子|女儿|儿女|妻儿|"
    "父母|父亲|母亲|爸爸|妈妈|朋友|同事|同伴|随行|随员|一家"
)
_COMPANION = (
    "others?|more|guests?|family|spouse|wife|husband|partner|children|kids?|son|daughter|friends?|one|"
    "familie|frau|mann|kinder|begleitung|weitere|andere|familia|famille|famiglia|família|esposa|esposo|otros|"
    "супругой|супругом|мужем|женой|семь[её]й|детьми|сыном|дочерью|"
    "épouse|époux|autres|moglie|altri|outros|семья|супруга|другие|istri|suami|keluarga"
)
_AND = r"(?:[&+]|(?:^|(?<=[\s(\[.]))(?:and|und|et|y|e|и|со?|dan|with|w/|plus|mit|avec|con|com)(?=\s))"
_PEOPLE = (
    "people|persons?|pax|guests?|adults?|travell?ers|members|personen|gäste|personas|personnes|persone|pessoas|"
    "человека?|чел|orang|người|kişi"
)
# after a name, to the end of the cell
_AFTER = re.compile(
    rf"[\s(\[,，、]*(?:"
    rf"(?:ご?夫[妇婦妻]|伉俪|[两小]口子|小两口|부부|祖?父母|爸妈|双亲|双胞胎|孪生"
    rf"|[父母][子女]|[姐姊]妹|兄弟|兄妹|姐弟|祖孙|婆媳)"
    rf"{_N}?[口人]?"
    rf"|(?:一家|全家|ご?一家|ご家族|家庭)(?:{_N.replace('<n>', '<family>')}口?人?)?"
    rf"|等(?:{_N.replace('<n>', '<etc>')}\s*[人位名])?[人]?"
    rf"|[他외外]\s*{_MORE}\s*[名人명]"
    rf"|[共]?{_N.replace('<n>', '<count>')}\s*[人位名口명](?:家庭|同行)?"
    rf"|[及携攜和与偕带同](?:同|其)?(?:{_KIN})"
    rf"|[x×✕]\s*{_N.replace('<n>', '<times>')}"
    rf"|\+\s*{_MORE.replace('<more>', '<plus>')}"
    rf"|(?:party|group|family) of {_N.replace('<n>', '<party>')}"
    rf"|{_N.replace('<n>', '<pax>')} (?:{_PEOPLE})\.?"
    rf"|{_AND}\s*(?:{_MORE.replace('<more>', '<others>')}\s+)?(?:his |her |the )?(?:{_COMPANION})"
    rf"|et al\.?|u\. ?a\.|(?<=[\s(\[])(?:family|household|couple|twins?|siblings)"
    rf")[\s)\]]*$", re.I,
)
_MALE = r"(?:mr|dr|prof|rev|sir|herr|sr|sig|m|monsieur|señor|senhor|г-н)"
_FEMALE = r"(?:mrs|ms|mr|dr|lady|frau|sra|sig\.?ra|mme|madame|señora|senhora|г-жа)"
# before a name, from the beginning of the cell
_BEFORE = re.compile(
    rf"^(?:{_MALE}\.?\s*{_AND}\s*{_FEMALE}\.?"
    rf"|(?:the )?(?:familie|famille|familia|família|famiglia|семья|keluarga"
    rf"|gia đình|ehepaar|eheleute|geschwister|супруги|married couple))\s+", re.I,
)
# characters of the words above that make a short cell more than a name
SIGNS = "妇婦妻俪父母妈亲胞孪兄家等两人属媳孙口转"


def party_of(text: str) -> tuple[str, int] | None:
    """Return the name that stands for several people, and how many they are; None where it stands for one."""
    match = _AFTER.search(text) or _BEFORE.search(text)
    if match is None:
        return None
    rest = (text[:match.start()] + text[match.end():]).strip(" ,，、(（[")
    if rest[:4].lower() == "the ":
        rest = rest[4:]
    if len(rest) < 2:                         # a Chinese name that ends like one of the words
        return None
    groups = {name: _number(value) for name, value in match.groupdict().items() if value}
    more = max((groups.get(name, 0) for name in ("more", "plus", "others")), default=0)
    stated = max((n for name, n in groups.items() if name not in ("more", "plus", "others")), default=0)
    number = more + 1 if more else stated or 2
    return (rest, min(number, MOST_PEOPLE)) if number > 1 else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMERALS[text]
