"""Trains the text model: `python -m detectors.language.data.train SOURCES`, about ten minutes; README.md says
what SOURCES holds.

The same sources give the same `zh.npz`.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from detectors.language import crf
from detectors.language.viterbi import batches

HERE = Path(__file__).parent
VERSION = "1"
_SYLLABLES = "".join(sorted(crf.FOREIGN_SYLLABLES))
DOTTED = re.compile(r"[\u4e00-\u9fffA-Z]{1,8}(?:[·•][\u4e00-\u9fffA-Z]{1,8})+")
TRANSCRIBED = re.compile(f"[A-Z{_SYLLABLES}]+(?:[·•][A-Z{_SYLLABLES}]+)+")
LabelledText = tuple[str, str]                        # text and the kind it names, "" for none
Sentence = list[LabelledText]
GROUPS = {"nr": "nr", "nrfg": "nr", "nrt": "nrt", "ns": "ns", "nt": "nt", "nz": "nz", "n": "n", "ng": "n", "s": "n", "f": "n", "v": "v",
          "vn": "v", "vg": "v", "vd": "v", "a": "a", "ad": "a", "an": "a", "z": "a", "b": "a", "d": "d", "zg": "d", "c": "d", "p": "d",
          "u": "d", "r": "d", "y": "d", "m": "m", "q": "m", "mq": "m", "t": "t", "i": "i", "l": "i", "j": "n"}
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
        surnames = frozenset(crf.SURNAMES[:200])
        self.known = [w for w in by_class["nr"] if 2 <= len(w) <= 3 and w[0] in surnames and chinese.match(w)]
        foreign = crf.FOREIGN_SYLLABLES
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
        self.surname_pool = [c for i, c in enumerate(crf.SURNAMES[:300]) for _ in range(max(1, 60 - i // 3))]

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
        syllables = "".join(rng.choice(sorted(crf.FOREIGN_SYLLABLES)) for _ in range(rng.randint(2, 4)))
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


def labels(sentence: Sentence) -> tuple[str, list[str]]:
    text = "".join(t for t, _ in sentence)
    out: list[str] = []
    for t, kind in sentence:
        if not kind:
            out += ["O"] * len(t)
        elif kind == "PERSON":
            out += ["S-PERSON"] if len(t) == 1 else ["B-PERSON", *["I-PERSON"] * (len(t) - 2), "E-PERSON"] if t else []
        else:
            out += [f"B-{kind}", *[f"I-{kind}"] * (len(t) - 1)] if t else []
    return text, out


def lexicon(folder: Path) -> tuple[crf.SegmentLexicon, dict[str, np.ndarray]]:
    """The runtime's lexicon from jieba's dictionary and OpenCC's character table."""
    simplified = np.arange(65536, dtype=np.uint16)
    for line in (folder / "TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        traditional, _, to = line.partition("\t")
        if len(traditional) == 1 and to and ord(traditional) < 65536 and ord(to[0]) < 65536:
            simplified[ord(traditional)] = ord(to[0])
    for code in range(0xFF01, 0xFF5F):
        if chr(code) not in "，。：；！？（）":
            simplified[code] = code - 0xFEE0
    for code in range(65536):
        c = chr(int(simplified[code]))
        if "0" <= c <= "9":
            simplified[code] = ord("0")
        elif c.isascii() and c.isalpha():
            simplified[code] = ord("a")
    for c in "•・‧":
        simplified[ord(c)] = ord("·")
    empty = crf.SegmentLexicon(np.zeros(1, np.uint32), np.zeros(1, np.uint8), np.zeros(1, np.float32), simplified)
    rows = [line.split(" ") for line in (folder / "dict.txt").read_text(encoding="utf-8").splitlines()]
    rows = [r for r in rows if 1 <= len(r[0]) <= crf.LONGEST_WORD and all(ord(c) < 65536 for c in r[0])]
    total = sum(int(r[1]) for r in rows)
    table: dict[int, tuple[int, float]] = {}
    for word, count, tag in rows:
        coded, _ = crf.codes([word], empty)
        inner = coded[:, crf.PAD:-crf.PAD]
        key = int(crf.mixed(*(inner[:, k:k + 1] for k in range(len(word))))[0, 0])
        cost = min(25.5, -math.log(max(int(count), 1) / total))
        kind = crf.CLASSES.index(GROUPS.get(tag, "x"))
        if key not in table or cost < table[key][1]:
            table[key] = (kind, cost)
    keys = np.array(sorted(table), np.uint32)
    classes = np.array([table[int(k)][0] for k in keys], np.uint8)
    costs = np.round(np.array([table[int(k)][1] for k in keys]) * 10).astype(np.uint8)
    stored = {"gaps": np.diff(keys, prepend=np.uint32(0)), "classes": classes, "costs": costs, "simplified": simplified}
    return crf.SegmentLexicon(keys, classes, (costs / 10).astype(np.float32), simplified), stored


def main() -> None:
    import pycrfsuite  # python-crfsuite, for training only

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--seed", type=int, default=20240322)
    parser.add_argument("--iterations", type=int, default=70)
    parser.add_argument("--per-template", type=int, default=60)
    parser.add_argument("--random-words", type=int, default=6000)
    parser.add_argument("--c1", type=float, default=0.3)
    parser.add_argument("--c2", type=float, default=0.02)
    parser.add_argument("--out", type=Path, default=HERE / "zh.npz")
    options = parser.parse_args()
    sources = Sources(options.sources, options.seed)
    templates = [t for t in (HERE / "templates.txt").read_text(encoding="utf-8").splitlines() if t and not t.startswith("#")]
    sentences = [sources.from_template(t) for t in templates for _ in range(options.per_template if "{" in t else 5)]
    sentences += [sources.random_words() for _ in range(options.random_words)]
    sentences += list(sources.dialogues())
    pairs = [(t, tags) for t, tags in map(labels, sentences) if t]
    print(f"{len(pairs)} sentences, {sum(len(t) for t, _ in pairs)} characters", flush=True)
    lex, stored = lexicon(options.sources)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": options.c1, "c2": options.c2, "max_iterations": options.iterations, "feature.possible_transitions": False})
    for group in batches([len(t) for t, _ in pairs], 64):
        coded, lengths = crf.codes([pairs[i][0] for i in group], lex)
        keys = crf.features(coded, lex)
        for row, i in enumerate(group):
            trainer.append([[str(k) for k in step] for step in keys[row, :lengths[row]]], pairs[i][1])
    print("training", flush=True)
    trainer.train(str(options.out.with_suffix(".crfsuite")))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(options.out.with_suffix(".crfsuite")))
    info = tagger.info()
    size = len(crf.LABELS)
    transitions = np.full((size, size), -30.0, np.float32)
    for (a, b), w in info.transitions.items():
        transitions[crf.LABELS.index(a), crf.LABELS.index(b)] = w
    weights = np.zeros((1 << crf.BITS, size), np.float32)
    for (attribute, label), w in info.state_features.items():
        weights[int(attribute), crf.LABELS.index(label)] = w
    scale = 0.04
    small = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    rows = np.flatnonzero(small.any(axis=1)).astype(np.uint32)
    arrays: dict[str, Any] = {
        "version": np.array(VERSION), "rows": np.diff(rows, prepend=np.uint32(0)), "weights": small[rows], "scale": np.float32(scale),
        "transitions": transitions, **stored,
    }
    np.savez_compressed(options.out, **arrays)
    options.out.with_suffix(".crfsuite").unlink()
    print(f"{len(rows)} features, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
