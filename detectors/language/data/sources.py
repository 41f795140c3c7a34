"""What the training text is put together from, and sentences put together from it."""

from __future__ import annotations

import csv
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from detectors.language.characters import FOREIGN_SYLLABLES, SURNAMES

HERE = Path(__file__).parent
_SYLLABLES = "".join(sorted(FOREIGN_SYLLABLES))
DOTTED = re.compile(r"[\u4e00-\u9fffA-Z]{1,8}(?:[·•][\u4e00-\u9fffA-Z]{1,8})+")
TRANSCRIBED = re.compile(f"[A-Z{_SYLLABLES}]+(?:[·•][A-Z{_SYLLABLES}]+)+")
LabelledText = tuple[str, str]                        # text and the kind it names, "" for none
Sentence = list[LabelledText]
WORDS: dict[str, list[str]] = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))


class Sources:
    """Words, names and places that the training text is put together from."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.words = [line.split(" ") for line in (folder / "dict.txt").read_text(encoding="utf-8").splitlines()]
        self.folder = folder
        by_class: dict[str, list[str]] = {}
        for word, _, tag in self.words:
            by_class.setdefault(tag, []).append(word)
        chinese = re.compile(r"[\u4e00-\u9fff]+$")
        surnames = frozenset(SURNAMES[:200])
        self.known = [w for w in by_class["nr"] if 2 <= len(w) <= 3 and w[0] in surnames and chinese.match(w)]
        foreign = FOREIGN_SYLLABLES
        self.foreign = [w for w in by_class["nrt"] if 2 <= len(w) <= 6 and sum(c in foreign for c in w) >= len(w) - 1]
        self.given = [c for c, n in Counter("".join(w[1:] for w in self.known)).most_common(600) for _ in range(int(n ** 0.7))]
        self.places = [w for w in by_class["ns"] if len(w) >= 2 and chinese.match(w)]
        self.institutions = [w for w in by_class["nt"] if len(w) >= 4 and chinese.match(w)]
        common = [(w, int(f), t) for w, f, t in self.words if int(f) >= 30 and chinese.match(w)]
        self.nouns = [w for w, f, t in common if t in ("n", "nz", "vn") and len(w) >= 2]
        self.verbs = [w for w, f, t in common if t == "v" and len(w) == 2]
        self.salad = [w for w, f, t in common if t not in ("nr", "nrt", "nrfg", "ns", "nt", "x", "eng")]
        self.salad_weights = [math.sqrt(f) for w, f, t in common if t not in ("nr", "nrt", "nrfg", "ns", "nt", "x", "eng")]
        division = folder / "china-division"
        self.provinces = _column(division / "provinces.csv")
        self.cities = _column(division / "cities.csv")
        self.areas = _column(division / "areas.csv")
        self.streets = _column(division / "streets.csv")
        self.surname_pool = [c for i, c in enumerate(SURNAMES[:300]) for _ in range(max(1, 60 - i // 3))]

    def chinese(self) -> str:
        rng = self.rng
        roll = rng.random()
        if roll < 0.4:
            return rng.choice(self.known)
        if roll < 0.44:
            return rng.choice(WORDS["compound_surnames"]) + self._given()
        return rng.choice(self.surname_pool) + self._given()

    def _given(self) -> str:
        return "".join(self.rng.choice(self.given) for _ in range(1 if self.rng.random() < 0.25 else 2))

    def foreigner(self) -> str:
        rng = self.rng
        roll = rng.random()
        syllables = "".join(rng.choice(sorted(FOREIGN_SYLLABLES)) for _ in range(rng.randint(2, 4)))
        one = rng.choice(self.foreign) if roll < 0.75 else syllables
        if rng.random() < 0.45:
            return one + "·" + rng.choice(self.foreign)
        if rng.random() < 0.06:
            return one + "·" + rng.choice(self.foreign) + "·" + rng.choice(self.foreign)
        if rng.random() < 0.06:
            return rng.choice("ABCDEGHJKLMRST") + "·" + rng.choice(self.foreign)
        return one

    def japanese(self) -> str:
        rng = self.rng
        return rng.choice(WORDS["japanese_surnames"]) + rng.choice(WORDS["japanese_given"])

    def person(self) -> str:
        roll = self.rng.random()
        return self.chinese() if roll < 0.8 else self.japanese() if roll < 0.84 else self.foreigner()

    def place(self) -> str:
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
        rng = self.rng
        road = rng.choice([*WORDS["roads"], rng.choice(self.nouns)]) + rng.choice(WORDS["road_kinds"])
        number = f"{rng.randint(1, 999)}号"
        estate = rng.choice(["", "", rng.choice(self.nouns) + rng.choice(WORDS["estates"])])
        block, stair, door = rng.randint(1, 30), rng.randint(1, 6), rng.randint(101, 3002)
        flat = rng.choice(["", f"{block}栋{stair}单元{door}室", f"{block}号楼{door}", f"{block}-{stair}-{door}"])
        head = "".join([
            rng.choice(["", rng.choice(self.provinces)]), rng.choice(["", rng.choice(self.cities)]),
            rng.choice(["", rng.choice(self.areas), rng.choice(self.areas) + rng.choice(self.streets)]),
        ])
        if rng.random() < 0.1:
            return head + rng.choice(self.streets) + rng.choice(["", f"{rng.choice(self.nouns)}村{rng.randint(1, 20)}组"])
        return head + road + number + estate + flat

    def organisation(self) -> str:
        rng = self.rng
        roll = rng.random()
        if roll < 0.35:
            return rng.choice(self.institutions)
        where = rng.choice(["", rng.choice(self.places), rng.choice(self.cities).removesuffix("市")])
        if roll < 0.7:
            return (
                where
                + "".join(rng.choice(self.given) for _ in range(2))
                + rng.choice(["", rng.choice(self.nouns)])
                + rng.choice(WORDS["companies"])
            )
        return (where or rng.choice(self.places)) + rng.choice(WORDS["institutions"])

    def fill(self, slot: str) -> LabelledText:
        rng = self.rng
        letter = slot[0]
        if letter == "P":
            return self.person(), "PERSON"
        if letter == "F":
            return (self.foreigner() if rng.random() < 0.85 else self.person()), "PERSON"
        if letter == "L":
            return self.place(), "LOCATION"
        if letter == "A":
            return self.address(), "ADDRESS"
        if letter == "O":
            return self.organisation(), "ORG"
        if letter == "J":
            return rng.choice(WORDS["posts"]), ""
        if letter == "D":
            year = rng.randint(1500, 2026)
            month, day = rng.randint(1, 12), rng.randint(1, 28)
            dates = [f"{year}年", f"{year}年{month}月", f"{year}年{month}月{day}日", f"{month}月{day}日", str(year)]
            return rng.choice([*dates, *WORDS["days"]]), ""
        if letter == "T":
            return rng.choice(
                [f"1{rng.randint(30, 99)}{rng.randint(0, 99999999):08d}", f"0{rng.randint(10, 999)}-{rng.randint(10000000, 89999999)}"]
            ), ""
        if letter == "N":
            return str(rng.choice([rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 9999)])), ""
        if letter == "W":
            return (rng.choice([self.person(), self.place(), rng.choice(self.nouns)]) if rng.random() < 0.4 else
                    "".join(rng.choice(self.nouns + self.verbs) for _ in range(rng.randint(1, 3)))), ""
        if letter == "V":
            return rng.choice(self.verbs), ""
        return "".join(rng.choice(self.nouns) for _ in range(rng.choice([1, 1, 1, 2]))), ""

    def from_template(self, template: str) -> Sentence:
        return [self.fill(part) if i % 2 else (part, "") for i, part in enumerate(re.split(r"\{(\w+)\}", template))]

    def random_words(self) -> Sentence:
        """Common words in a row, now and then with a name among them: what a name looks like without context."""
        out: Sentence = []
        named = self.rng.random() < 0.5
        for _ in range(self.rng.randint(4, 16)):
            out.append((self.rng.choices(self.salad, self.salad_weights)[0], ""))
            if self.rng.random() < 0.08:
                out.append((self.rng.choice("，。、：；！"), ""))
            if named and self.rng.random() < 0.1:
                out.append(self.fill(self.rng.choice("PPPFFLLOA")))
        return out

    def dialogues(self) -> Iterator[Sentence]:
        """KdConv's messages, their persons known from the triples beside them; persons are swapped in half of the copies."""
        nr = {w for w in self.known if len(w) == 3} | {w for w in self.foreign if len(w) >= 3}
        ns, nt = {w for w in self.places if len(w) >= 2}, set(self.institutions)
        longest = 8
        for path in sorted(self.folder.glob("kdconv/*.json")):
            travel = "travel" in path.name
            found = json.loads(path.read_text(encoding="utf-8"))
            persons: set[str] = set()
            for dialogue in found:
                for m in dialogue["messages"]:
                    for a in m.get("attrs", ()):
                        if a["attrname"] in WORDS["person_attributes"]:
                            persons |= {v.strip() for v in re.split(r"[、,，/;；]", re.sub(r"[（(].*?[）)]", "", a["attrvalue"]))}
                        if a["attrname"] in WORDS["attributes_of_persons"]:
                            persons.add(re.sub(r"[（(].*", "", a["name"]).strip())
            persons = {p for p in persons if 2 <= len(p) <= 16 and not re.search(r"[0-9《》。！]|乐队|组合|等$", p)}
            for dialogue in found:
                for m in dialogue["messages"]:
                    parts = self._labelled(m["message"], persons, nr if not travel else set(), ns, nt, longest)
                    yield parts
                    if any(kind == "PERSON" for _, kind in parts):
                        for _ in range(2):
                            yield [(self.person() if kind == "PERSON" else text, kind) for text, kind in parts]

    def _labelled(self, text: str, persons: set[str], nr: set[str], ns: set[str], nt: set[str], longest: int) -> Sentence:
        out: Sentence = []
        at = depth = 0
        plain = ""
        while at < len(text):
            depth += (text[at] == "《") - (text[at] == "》")
            match, kind = "", ""
            if depth == 0:
                if DOTTED.match(text, at):
                    match = max((p for p in persons if text.startswith(p, at)), key=len, default="")
                    if not match and (transcribed := TRANSCRIBED.match(text, at)):
                        match = transcribed[0]
                    kind = "PERSON" if match else ""
                if not match:
                    match = max((text[at:at + n] for n in range(2, 17) if text[at:at + n] in persons), key=len, default="")
                    kind = "PERSON" if match else ""
                if not match:
                    for n in range(longest, 1, -1):
                        piece = text[at:at + n]
                        if len(piece) == n and (piece in nt or piece in nr or (piece in ns and n >= 2)):
                            match, kind = piece, "ORG" if piece in nt else "PERSON" if piece in nr else "LOCATION"
                            break
            if match:
                out += [(plain, ""), (match, kind)]
                plain = ""
                at += len(match)
            else:
                plain += text[at]
                at += 1
        return [*out, (plain, "")]


def _column(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as f:
        return [r["name"] for r in csv.DictReader(f) if r["name"] not in ("市辖区", "县")]
