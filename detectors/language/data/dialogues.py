"""Messages of KdConv as training text; their persons are known from the triples beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.language.characters import FOREIGN_SYLLABLES
from detectors.language.data.sources import WORDS, Sentence, Sources

LONGEST_NAME, LONGEST_PERSON = 8, 16          # characters: of the dictionary, of the triples
_SYLLABLES = "".join(sorted(FOREIGN_SYLLABLES))
_DOTTED_NAME = re.compile(r"[\u4e00-\u9fffA-Z]{1,8}(?:[·•][\u4e00-\u9fffA-Z]{1,8})+")
_TRANSCRIBED_NAME = re.compile(f"[A-Z{_SYLLABLES}]+(?:[·•][A-Z{_SYLLABLES}]+)+")
_NO_PERSON_MARK = re.compile(r"[0-9《》。！]|乐队|组合|等$")


@dataclass(frozen=True, slots=True)
class Names:
    """persons: of the triples. others: name of the dictionary -> PERSON, LOCATION or ORG."""

    persons: Collection[str]
    others: Mapping[str, str]

    def at(self, text: str, start: int) -> tuple[str, str]:
        """Return (name, kind) of the name that begins at a place of a text; two empty texts for none."""
        name = self._dotted(text, start) or self._person(text, start)
        if name:
            return name, "PERSON"
        pieces = (text[start:start + length] for length in range(LONGEST_NAME, 1, -1))
        name = next((piece for piece in pieces if piece in self.others), "")
        return name, self.others.get(name, "")

    def _dotted(self, text: str, start: int) -> str:
        """A name with a middle dot: the longest of the triples, else one of transcribing syllables."""
        if not _DOTTED_NAME.match(text, start):
            return ""
        longest = max((p for p in self.persons if text.startswith(p, start)), key=len, default="")
        transcribed = _TRANSCRIBED_NAME.match(text, start)
        return longest or (transcribed[0] if transcribed else "")

    def _person(self, text: str, start: int) -> str:
        pieces = (text[start:start + length] for length in range(2, LONGEST_PERSON + 1))
        return max((piece for piece in pieces if piece in self.persons), key=len, default="")


def dialogues(sources: Sources) -> Iterator[Sentence]:
    """Yield the messages, and for one with a person two copies with other persons."""
    for path in sorted(sources.folder.glob("kdconv/*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        messages = [message for dialogue in raw for message in dialogue["messages"]]
        names = Names(_persons(messages), _dictionary_names(sources, with_persons="travel" not in path.name))
        for message in messages:
            sentence = label_names(message["message"], names)
            yield sentence
            if any(kind == "PERSON" for _, kind in sentence):
                for _ in range(2):
                    yield [(sources.person() if kind == "PERSON" else text, kind) for text, kind in sentence]


def label_names(text: str, names: Names) -> Sentence:
    """Return a text with its names labelled, but for those in titles of works, 《》."""
    sentence: Sentence = []
    place = depth = 0
    plain = ""
    while place < len(text):
        depth += (text[place] == "《") - (text[place] == "》")
        name, kind = names.at(text, place) if depth == 0 else ("", "")
        if name:
            sentence += [(plain, ""), (name, kind)]
            plain = ""
            place += len(name)
        else:
            plain += text[place]
            place += 1
    return [*sentence, (plain, "")]


def _persons(messages: Sequence[Mapping[str, Any]]) -> set[str]:
    """Persons that the triples beside the messages name."""
    persons: set[str] = set()
    for triple in (triple for message in messages for triple in message.get("attrs", ())):
        if triple["attrname"] in WORDS["person_attributes"]:
            listed = re.sub(r"[（(].*?[）)]", "", triple["attrvalue"])
            persons |= {value.strip() for value in re.split(r"[、,，/;；]", listed)}
        if triple["attrname"] in WORDS["attributes_of_persons"]:
            persons.add(re.sub(r"[（(].*", "", triple["name"]).strip())
    return {p for p in persons if 2 <= len(p) <= LONGEST_PERSON and not _NO_PERSON_MARK.search(p)}


def _dictionary_names(sources: Sources, *, with_persons: bool) -> Mapping[str, str]:
    """Names of the dictionary by kind; an organisation goes before a person, a person before a place."""
    persons = [w for w in sources.persons if len(w) == 3] + [w for w in sources.foreign if len(w) >= 3]
    return {
        **dict.fromkeys(sources.places, "LOCATION"),
        **dict.fromkeys(persons if with_persons else (), "PERSON"),
        **dict.fromkeys(sources.institutions, "ORG"),
    }
