"""What people claim of the export itself in a paper, against the decision: path, article, persons, recipient.

Only what is said outright is named; a sentence about another time, another case or a condition is left to
people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from detectors.message import Msg
from mappings.model import Estimate
from mappings.names import bare_name, fold_name
from mappings.yaml_files import load_yaml
from reports.filings.blocks import PaperText
from reports.filings.pack import Pack
from scanner.deliver.paper_places import Written

UNITS = {"万": 10_000, "亿": 100_000_000}
ABOUT = 0.1                                   # how far from the figure "about" may be
LONGEST = 60                                  # characters of a sentence that is quoted
_ITEM_PATHS = {number: f"exempt_art5_{n}" for n, number in enumerate("一二三四", 1)}


@dataclass(frozen=True, slots=True)
class MechanismWords:
    """Words that name a mechanism as due, the paths it goes with, and words that deny it to those."""

    due: re.Pattern[str]
    paths: frozenset[str]
    denied: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """Patterns of claims, as they ship. articles: number -> the paths it goes with."""

    mechanisms: tuple[MechanismWords, ...]
    articles: Mapping[str, frozenset[str]]
    patterns: Mapping[str, re.Pattern[str]]

    def has(self, name: str, text: str) -> bool:
        """Does a text hold words of a name?"""
        return self.patterns[name].search(text) is not None


@cache
def claim_words() -> ClaimWords:
    """Return the words of claims."""
    raw, _ = load_yaml("vocabulary", "paper_claims")
    mechanisms = (
        MechanismWords(
            re.compile(f"(?:{raw['due']})[^，。；]{{0,12}}(?:{each['words']})"), frozenset(each["paths"]),
            re.compile(each["denied"]) if "denied" in each else None,
        )
        for each in raw["mechanisms"].values()
    )
    return ClaimWords(
        tuple(mechanisms),
        {number: frozenset(paths) for number, paths in raw["articles"].items()},
        {name: re.compile(re.sub(r"\s", "", text)) for name, text in raw.items() if isinstance(text, str)},
    )


def claim_faults(pack: Pack, expected: PaperText, file: str, written: Iterable[Written]) -> Iterator[Msg]:
    """Yield the sentences of people that claim of this export what the decision does not say."""
    flows = [flow for scenario in pack.scenarios for flow in scenario.flows]
    paths = {path for flow in flows for path in flow.decision.possible}
    figures = tuple(_figures(pack, expected))
    for each in written:
        for sentence in re.split("[。；;\n]", fold_name(each.text)):
            if claim_words().has("condition", sentence):
                continue
            if _names_other_path(sentence, paths):
                quote = sentence[:LONGEST]
                yield Msg('{file}: "{text}" is not what the decision says', file=file, text=quote)
            yield from _person_faults(pack, file, sentence, figures if not _is_other(each.own) else None)
        yield from _recipient_faults(pack, file, each.text)


# ---- mechanisms and articles


def _names_other_path(sentence: str, paths: set[str]) -> bool:
    """Does a sentence say that something is due, or exempt, that no possible path is?"""
    words, exempt = claim_words(), {path for path in paths if path.startswith("exempt")}
    for clause in re.split("[，,：:]", sentence):
        is_denied = words.has("not_said", clause)
        if not exempt and words.has("exempt", clause) and not is_denied:
            return True
        cited = words.patterns["item"].search(clause)
        if cited and _ITEM_PATHS[cited[1]] not in paths and not words.has("not_relied", clause):
            return True
        for mechanism in words.mechanisms:
            is_due = mechanism.due.search(clause) and not words.has("not_due", clause)
            if is_due and not paths & mechanism.paths and not words.has("past", clause):
                return True
            denied = mechanism.denied
            if denied and paths and paths <= mechanism.paths and denied.search(clause) and not is_denied:
                return True
    return _relies_on_other_article(sentence, paths)


def _relies_on_other_article(sentence: str, paths: set[str]) -> bool:
    """Does a sentence rest the export on an article of the Provisions that does not go with its paths?"""
    words = claim_words()
    if not paths or not words.has("cited", sentence) or not words.has("relied", sentence):
        return False
    cited = re.findall("第([一二三四五六七八九十]+)条", sentence)
    own = words.articles.get(cited[0]) if len(cited) == 1 else None      # several are compared, not relied on
    return own is not None and not own & paths and not words.has("aside", sentence)


# ---- persons


def _is_other(text: str) -> bool:
    return claim_words().has("other_persons", fold_name(text))


def _figures(pack: Pack, expected: PaperText) -> Iterator[tuple[float, float]]:
    """Yield the numbers of persons that the paper and its flows have, each from one number to another."""
    flows = [flow for scenario in pack.scenarios for flow in scenario.flows]
    counts = [c for f in flows for c in (f.individuals, f.sensitive_individuals, f.minors)]
    for year in pack.report.exporter:
        counts += [year.individuals, year.sensitive_individuals]
        counts += [c for union in year.unions for c in (union.count.individuals, union.count.sensitive)]
    for entity in pack.entities:
        counts += pack.total_of(entity) or ()
    yield from map(_range, counts)
    ranges = [_range(flow.individuals) for flow in flows]
    yield sum(low for low, _ in ranges), sum(high for _, high in ranges)
    cells = (cell for grid in expected.grids for row in grid.rows for cell in row)
    for text in (*(line.text for line in expected.lines), *cells):
        yield from ((float(n), float(n)) for n in re.findall(r"\d+", re.sub(r"(?<=\d),(?=\d{3})", "", text)))


def _range(count: Estimate) -> tuple[float, float]:
    return count.low or 0, float("inf") if count.high is None else count.high


def _person_faults(
    pack: Pack, file: str, sentence: str, figures: tuple[tuple[float, float], ...] | None
) -> Iterator[Msg]:
    """Yield the numbers of persons that are more than were counted, or no figure of the decision.

    figures: None where the place asks for other persons.
    """
    ends = [flow.individuals.high for scenario in pack.scenarios for flow in scenario.flows]
    most = None if None in ends else sum(filter(None, ends))
    too_many = set()
    words = claim_words()
    for match in words.patterns["in_all"].finditer(sentence):
        persons = _number(match[1], match[2])
        if most is not None and persons > most and not words.has("line", match[0]):
            too_many.add(persons)
            yield Msg(
                '{file}: "{text}" names more persons than the {most} that were counted',
                file=file, text=match[0], most=most,
            )
    whole = re.sub(r"(?<=\d),(?=\d{3})", "", sentence)
    if figures is None or _is_other(whole) or not words.has("persons", whole):
        return
    for match in words.patterns["number"].finditer(whole):
        persons, off = _number(match[2], match[3]), ABOUT if match[1] or match[3] else 0
        fits = any(low * (1 - off) <= persons <= high * (1 + off) for low, high in figures)
        if persons and persons not in too_many and not fits:
            yield Msg(
                '{file}: "{text}": {persons} persons are no figure of the decision', file=file,
                text=match[0], persons=persons,
            )


def _number(digits: str, unit: str | None) -> int:
    return round(float(digits.replace(",", "")) * UNITS.get(unit or "", 1))


# ---- recipient


def _recipient_faults(pack: Pack, file: str, text: str) -> Iterator[Msg]:
    """Yield the recipients that are named outright and are none of the report's.

    A name in other letters than any name of the paper may be a translation: it is left to people.
    """
    onward = [name for s in pack.scenarios for flow in s.flows for name in flow.flow.onward]
    own = [bare_name(name) for name in (*(s.recipient for s in pack.scenarios), *onward) if name]
    # those of other flows are named as not belonging into the paper
    others = [bare_name(flow.flow.recipient.name) for flow in pack.report.flows]
    for match in claim_words().patterns["recipient"].finditer(text):
        shown_name, name = match[1].strip(), bare_name(match[1])
        is_company = claim_words().has("company", shown_name)
        if not is_company or any(_is_han(name) != _is_han(each) for each in own):
            continue
        if not any(each in name or name in each for each in filter(None, (*own, *others))):
            yield Msg(
                '{file}: the recipient "{name}" is not that of the decision', file=file, name=shown_name
            )


def _is_han(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None
