"""What people claim of the export itself in a paper, against the decision: path, article, persons, recipient.

Only what is said outright is named; a clause about another time, another case or a condition is left to
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

NUMBER = re.compile(
    r"(约|大约|近)?(?<![\d.,年-])(\d[\d,]*(?:\.\d+)?)(万|亿)?(?:余|多)?(?:名|位|个)?"
    r"(?:自然人|个人信息主体|人(?![次份天均]))"
)
UNITS = {"万": 10_000, "亿": 100_000_000}
ABOUT = 0.1                                   # how far from the figure "about" may be
LONGEST = 60                                  # characters of a sentence that is quoted
Paths = frozenset[str]


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """Patterns of claims, as they ship. mechanisms, articles: (pattern, the paths it goes with)."""

    mechanisms: tuple[tuple[re.Pattern[str], Paths], ...]
    articles: tuple[tuple[re.Pattern[str], Paths], ...]
    patterns: Mapping[str, re.Pattern[str]]

    def has(self, name: str, clause: str) -> bool:
        """Does a clause hold words of a name?"""
        return self.patterns[name].search(clause) is not None


@cache
def claim_words() -> ClaimWords:
    """Return the words of claims."""
    raw, _ = load_yaml("wording", "paper_claims")
    mechanisms = raw.pop("mechanisms").values()
    articles = raw.pop("articles").items()
    return ClaimWords(
        tuple((re.compile(each["words"]), frozenset(each["paths"])) for each in mechanisms),
        tuple((re.compile(pattern), frozenset(paths)) for pattern, paths in articles),
        {name: re.compile(re.sub(r"\s", "", pattern)) for name, pattern in raw.items()},
    )


def claim_faults(
    pack: Pack, expected: PaperText, file: str, written: Iterable[Written]
) -> Iterator[Msg]:
    """Yield the sentences of people that claim of this export what the decision does not say."""
    paths = frozenset(p for s in pack.scenarios for flow in s.flows for p in flow.decision.possible)
    figures = frozenset(_figures(pack, expected))
    for each in written:
        for sentence in re.split("[。;\n]", fold_name(each.text)):
            is_condition = claim_words().has("condition", sentence)
            for clause in re.sub(r"(?<=\d),(?=\d{3})", "", sentence).split(","):
                if not is_condition:
                    yield from _path_faults(paths, file, clause)
                yield from _person_faults(figures, file, clause, fold_name(each.own))
        yield from _recipient_faults(pack, file, each.text)


# ---- mechanism and article


def _path_faults(paths: Paths, file: str, clause: str) -> Iterator[Msg]:
    if paths and _contradicts(paths, clause):
        yield Msg('{file}: "{text}" is not the path of the decision', file=file, text=clause[:LONGEST])


def _contradicts(paths: Paths, clause: str) -> bool:
    words = claim_words()
    is_aside = words.has("aside", clause)
    exempt = all(path.startswith("exempt") for path in paths)
    if words.has("exempt", clause) and not exempt and not re.search("不(?:属于|符合|适用)|是否", clause):
        return True
    for pattern, own in words.mechanisms:
        match = pattern.search(clause)
        if match is None:
            continue
        if words.has("denied", clause[: match.start()]) and paths <= own and len(own) == 1:
            return True
        if not paths & own and words.has("chosen", clause) and not is_aside:
            return True
    return any(
        pattern.search(clause) and not paths & own and words.has("relied", clause) and not is_aside
        for pattern, own in words.articles
    )


# ---- persons


def _figures(pack: Pack, expected: PaperText) -> Iterator[int]:
    """Yield the numbers of persons that the paper and its flows have."""
    for scenario in pack.scenarios:
        for flow in scenario.flows:
            yield from _of(flow.individuals, flow.sensitive_individuals, flow.minors)
    for year in pack.report.exporter:
        yield from _of(year.individuals, year.sensitive_individuals)
        for union in year.unions:
            yield from _of(union.count.individuals, union.count.sensitive)
    for entity in pack.entities:
        for total in pack.total_of(entity) or ():
            yield from _of(total)
    cells = (cell for grid in expected.grids for row in grid.rows for cell in row)
    for text in (*(line.text for line in expected.lines), *cells):
        yield from (int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\d|\d", text))


def _of(*counts: Estimate) -> Iterator[int]:
    for count in counts:
        yield from (n for n in (count.low, count.best, count.high) if n is not None)


def _person_faults(figures: frozenset[int], file: str, clause: str, own: str) -> Iterator[Msg]:
    words = claim_words()
    if not words.has("persons", clause) or any(words.has("other_persons", text) for text in (clause, own)):
        return
    for match in NUMBER.finditer(clause):
        about, digits, unit = match[1], match[2].replace(",", ""), match[3]
        persons = round(float(digits) * UNITS.get(unit, 1))
        off = ABOUT if about or unit else 0
        if persons and not any(abs(persons - n) <= off * max(n, persons) for n in figures):
            yield Msg(
                '{file}: "{text}": {persons} persons are no figure of the decision', file=file,
                text=clause[:LONGEST], persons=persons,
            )


# ---- recipient


def _recipient_faults(pack: Pack, file: str, text: str) -> Iterator[Msg]:
    """Yield the recipients that are named outright and are none of the paper's.

    A name in other letters than every name of the paper may be a translation: it is left to people.
    """
    onward = [name for s in pack.scenarios for flow in s.flows for name in flow.flow.onward]
    own = [bare_name(name) for name in (*(s.recipient for s in pack.scenarios), *onward) if name]
    for match in claim_words().patterns["recipient"].finditer(text):
        shown_name, name = match[1].strip(), bare_name(match[1])
        is_company = claim_words().has("company", shown_name)
        if not is_company or any(_is_han(name) != _is_han(each) for each in own):
            continue
        if not any(each in name or name in each for each in own):
            yield Msg(
                '{file}: the recipient "{name}" is not that of the decision', file=file, name=shown_name
            )


def _is_han(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None
