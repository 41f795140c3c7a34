"""Words, names and places that training text is put together from, and the text.

Everything is drawn from one random generator, in a fixed order: the same sources and seed give the same text.
"""

from __future__ import annotations

import csv
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from detectors.language.characters import FOREIGN_SYLLABLES, SURNAMES

HERE = Path(__file__).parent
WORDS: dict[str, list[str]] = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
LabelledText = tuple[str, str]                # text and the kind it names, "" for none
Sentence = list[LabelledText]
NAMES = ("nr", "nrt", "nrfg", "ns", "nt", "x", "eng")     # jieba's tags of names and of what is no word
_CHINESE_TEXT = re.compile(r"[\u4e00-\u9fff]+$")


class Sources:
    """The lists of a folder, and what is drawn from them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.folder = folder
        lines = (folder / "dict.txt").read_text(encoding="utf-8").splitlines()
        self.words = [line.split(" ") for line in lines]           # (word, frequency, part of speech)
        self._read_names()
        self._read_words()
        division = folder / "china-division"
        self.provinces = _names(division / "provinces.csv")
        self.cities = _names(division / "cities.csv")
        self.areas = _names(division / "areas.csv")
        self.streets = _names(division / "streets.csv")

    def _read_names(self) -> None:
        """Names of persons, places and institutions of the dictionary, and their characters."""
        by_tag: dict[str, list[str]] = {}
        for word, _, tag in self.words:
            by_tag.setdefault(tag, []).append(word)
        surnames = frozenset(SURNAMES[:200])
        persons = (w for w in by_tag["nr"] if 2 <= len(w) <= 3 and _CHINESE_TEXT.match(w))
        self.persons = [w for w in persons if w[0] in surnames]
        self.foreign = [w for w in by_tag["nrt"] if 2 <= len(w) <= 6 and _is_transcribed(w)]
        counts = Counter("".join(w[1:] for w in self.persons)).most_common(600)
        self.given_characters = [c for c, n in counts for _ in range(int(n ** 0.7))]
        self.surname_pool = [c for i, c in enumerate(SURNAMES[:300]) for _ in range(max(1, 60 - i // 3))]
        self.places = [w for w in by_tag["ns"] if len(w) >= 2 and _CHINESE_TEXT.match(w)]
        self.institutions = [w for w in by_tag["nt"] if len(w) >= 4 and _CHINESE_TEXT.match(w)]

    def _read_words(self) -> None:
        """Common nouns, verbs and words of any kind, with the weights they are drawn by."""
        common = [(w, int(f), tag) for w, f, tag in self.words if int(f) >= 30 and _CHINESE_TEXT.match(w)]
        self.nouns = [w for w, _, tag in common if tag in ("n", "nz", "vn") and len(w) >= 2]
        self.verbs = [w for w, _, tag in common if tag == "v" and len(w) == 2]
        self.salad = [w for w, _, tag in common if tag not in NAMES]
        self.salad_weights = [math.sqrt(f) for _, f, tag in common if tag not in NAMES]

    def chinese(self) -> str:
        """Return a Chinese person's name."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.4:
            return rng.choice(self.persons)
        if roll < 0.44:
            return rng.choice(WORDS["compound_surnames"]) + self._given_name()
        return rng.choice(self.surname_pool) + self._given_name()

    def _given_name(self) -> str:
        length = 1 if self.rng.random() < 0.25 else 2
        return "".join(self.rng.choice(self.given_characters) for _ in range(length))

    def foreigner(self) -> str:
        """Return a foreigner's transcribed name."""
        rng = self.rng
        roll = rng.random()
        syllables = "".join(rng.choice(sorted(FOREIGN_SYLLABLES)) for _ in range(rng.randint(2, 4)))
        first = rng.choice(self.foreign) if roll < 0.75 else syllables
        if rng.random() < 0.45:
            return first + "·" + rng.choice(self.foreign)
        if rng.random() < 0.06:
            return first + "·" + rng.choice(self.foreign) + "·" + rng.choice(self.foreign)
        if rng.random() < 0.06:
            return rng.choice("ABCDEGHJKLMRST") + "·" + rng.choice(self.foreign)
        return first

    def japanese(self) -> str:
        """Return a Japanese person's name."""
        rng = self.rng
        return rng.choice(WORDS["japanese_surnames"]) + rng.choice(WORDS["japanese_given"])

    def person(self) -> str:
        """Return a person's name: Chinese four times in five."""
        roll = self.rng.random()
        return self.chinese() if roll < 0.8 else self.japanese() if roll < 0.84 else self.foreigner()

    def place(self) -> str:
        """Return the name of a place."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.5:
            return rng.choice(self.places)
        if roll < 0.65:
            return rng.choice(self.cities)
        if roll < 0.75:
            return rng.choice(self.areas)
        if roll < 0.85:
            return rng.choice(WORDS["countries"])
        return rng.choice(self.provinces + self.cities)

    def address(self) -> str:
        """Return a postal address, more or less complete."""
        rng = self.rng
        road = rng.choice([*WORDS["roads"], rng.choice(self.nouns)]) + rng.choice(WORDS["road_kinds"])
        number = f"{rng.randint(1, 999)}号"
        estate = rng.choice(["", "", rng.choice(self.nouns) + rng.choice(WORDS["estates"])])
        block, stair, door = rng.randint(1, 30), rng.randint(1, 6), rng.randint(101, 3002)
        flats = ["", f"{block}栋{stair}单元{door}室", f"{block}号楼{door}", f"{block}-{stair}-{door}"]
        flat = rng.choice(flats)
        head = "".join([
            rng.choice(["", rng.choice(self.provinces)]), rng.choice(["", rng.choice(self.cities)]),
            rng.choice(["", rng.choice(self.areas), rng.choice(self.areas) + rng.choice(self.streets)]),
        ])
        if rng.random() < 0.1:
            street = rng.choice(self.streets)
            return head + street + rng.choice(["", f"{rng.choice(self.nouns)}村{rng.randint(1, 20)}组"])
        return head + road + number + estate + flat

    def organisation(self) -> str:
        """Return the name of an organisation."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.35:
            return rng.choice(self.institutions)
        where = rng.choice(["", rng.choice(self.places), rng.choice(self.cities).removesuffix("市")])
        if roll < 0.7:
            brand = "".join(rng.choice(self.given_characters) for _ in range(2))
            trade = rng.choice(["", rng.choice(self.nouns)])
            return where + brand + trade + rng.choice(WORDS["companies"])
        return (where or rng.choice(self.places)) + rng.choice(WORDS["institutions"])

    def day(self) -> str:
        """Return a day, month or year, or a word for one."""
        rng = self.rng
        year = rng.randint(1500, 2026)
        month, day = rng.randint(1, 12), rng.randint(1, 28)
        in_year = f"{month}月{day}日"
        dates = [f"{year}年", f"{year}年{month}月", f"{year}年{in_year}", in_year, str(year)]
        return rng.choice([*dates, *WORDS["days"]])

    def telephone(self) -> str:
        """Return a mobile or landline number."""
        rng = self.rng
        mobile = f"1{rng.randint(30, 99)}{rng.randint(0, 99999999):08d}"
        return rng.choice([mobile, f"0{rng.randint(10, 999)}-{rng.randint(10000000, 89999999)}"])

    def number(self) -> str:
        """Return a number of one to four digits."""
        rng = self.rng
        return str(rng.choice([rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 9999)]))

    def work(self) -> str:
        """Return the title of a work: a name, a place, a noun, or a few words."""
        rng = self.rng
        if rng.random() < 0.4:
            return rng.choice([self.person(), self.place(), rng.choice(self.nouns)])
        return "".join(rng.choice(self.nouns + self.verbs) for _ in range(rng.randint(1, 3)))

    def some_nouns(self) -> str:
        """Return one noun or two."""
        return "".join(self.rng.choice(self.nouns) for _ in range(self.rng.choice([1, 1, 1, 2])))

    def fill(self, slot: str) -> LabelledText:
        """Return what stands in a slot of a template, by its first letter; nouns for any other letter."""
        letter = slot[0]
        if letter == "F":
            return (self.foreigner() if self.rng.random() < 0.85 else self.person()), "PERSON"
        draw, kind = self._slots().get(letter, (self.some_nouns, ""))
        return draw(), kind

    def _slots(self) -> Mapping[str, tuple[Callable[[], str], str]]:
        """Letter -> (what is drawn, the kind it names)."""
        return {
            "P": (self.person, "PERSON"),
            "L": (self.place, "LOCATION"),
            "A": (self.address, "ADDRESS"),
            "O": (self.organisation, "ORG"),
            "J": (lambda: self.rng.choice(WORDS["posts"]), ""),
            "D": (self.day, ""),
            "T": (self.telephone, ""),
            "N": (self.number, ""),
            "W": (self.work, ""),
            "V": (lambda: self.rng.choice(self.verbs), ""),
        }

    def from_template(self, template: str) -> Sentence:
        """Return a template with its slots, `{P}`, filled."""
        parts = re.split(r"\{(\w+)\}", template)
        return [self.fill(part) if i % 2 else (part, "") for i, part in enumerate(parts)]

    def random_words(self) -> Sentence:
        """Return common words in a row, now and then with a name among them: a name without context."""
        sentence: Sentence = []
        with_names = self.rng.random() < 0.5
        for _ in range(self.rng.randint(4, 16)):
            sentence.append((self.rng.choices(self.salad, self.salad_weights)[0], ""))
            if self.rng.random() < 0.08:
                sentence.append((self.rng.choice("，。、：；！"), ""))
            if with_names and self.rng.random() < 0.1:
                sentence.append(self.fill(self.rng.choice("PPPFFLLOA")))
        return sentence


def _is_transcribed(word: str) -> bool:
    """All characters but one at most transcribe foreign names."""
    return sum(character in FOREIGN_SYLLABLES for character in word) >= len(word) - 1


def _names(path: Path) -> list[str]:
    """Names of divisions, without those that only say which level they are of."""
    with path.open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file) if row["name"] not in ("市辖区", "县")]
