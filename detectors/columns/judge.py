"""The judge of columns: what names, comments, types and the whole table say, as one probability a column.

A linear model over hashed cues (`cues.py`) answers several questions of each column by itself; a forest of
small trees then looks at the column among the first answers for its table. `train.py` fits both and writes
`data/judge.npz`. No rule vetoes anything here: what the rules say is among the cues.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import chain, compress
from typing import Literal

import numpy as np

from detectors.columns.answers import TIERS, FirstAnswers, cue_flags, sigmoid, summed, summed_by_place
from detectors.columns.cues import TableCues, table_cues
from detectors.columns.trees import Forest
from detectors.message import Msg
from detectors.model import Evidence, TableInfo, Tier
from detectors.names.matching import first_phrase
from detectors.shipped import read_bytes

CuePlace = Literal["name", "comment", "table"]
CueWorth = tuple[float, str]                  # log-odds of something personal, and the cue
Reasons = tuple[tuple[Evidence, ...], bool]   # sentences; does a word of the column itself speak for it?
HASHES = 1 << 20                              # numbers that a cue may have
# beginnings of cues whose word is a reason, by where it stands
REASONS: Mapping[CuePlace, tuple[str, ...]] = {
    "name": ("n=", "n:", "n2:", "nl2:"),
    "comment": ("c=", "ce:", "cw:", "c2:"),
    "table": ("t:", "t2:", "te:", "tw:"),
}
# beginnings of cues that have no word, but speak for the place all the same
WORDLESS: Mapping[CuePlace, tuple[str, ...]] = {
    "name": ("g:", "nl:", "nf:", "nl3:", "k:", "kl:", "kf:", "kp:", "lex:", "name:", "wn:", "wl:"),
    "comment": ("cg:", "cf:", "cr:", "q:", "ql:", "qf:", "qp:", "zh:", "comment_hit:", "wc:"),
    "table": (
        "tg:", "tc:", "tk:", "tkl:", "tl:", "tf:", "table:", "persons:", "with:", "share:", "bag:", "wt:",
    ),
}
FINDING_FROM = 0.5                                   # from this probability on, a column is found
POSSIBLE = 0.24                               # from this on, it is possible: neither found nor surely nothing
LIKELIEST = 6                                 # labels that a judgement names
SENSITIVE = "!"                               # ends a class: its label, where it is sensitive


@dataclass(frozen=True)
class Judgement:
    """What names, comments and the table say of one column.

    probability: that it is personal information a scanner must find, not nothing, in (0, 1). related: that it
    is personal at all, attributes and operators included. kinds: the likeliest labels, if it is personal.
    sensitive: that it is of a sensitive kind, if it is personal, whichever kind that may be. reasons: work
    out why; most columns are nothing, and nobody asks. is_explained: does its evidence say them?
    """

    probability: float
    related: float
    tiers: Mapping[Tier, float]
    kinds: Mapping[str, float]
    sensitive: float
    reasons: Callable[[], Reasons] = field(repr=False, compare=False)
    is_explained: bool = True

    @cached_property
    def _reasons(self) -> Reasons:
        in_band = max(self.probability, self.related) >= POSSIBLE
        return self.reasons() if in_band else ((), False)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """A sentence for each place that speaks for it; none where it is surely nothing."""
        return self._reasons[0] if self.is_explained else ()

    @property
    def has_word(self) -> bool:
        """Does a word of its name or comment speak for it, not only parts of words, or the table?"""
        return self._reasons[1]


@dataclass(frozen=True)
class JudgeModel:
    """hashes: of the known cues, ascending. weights: int8 of shape (cues, questions), times `scales`.

    origins: of each cue, among PLACES. sensitive: classes whose columns were mostly sensitive. explains: do
    its judgements say why? To work that out takes a fifth of the time of a table.
    """

    hashes: np.ndarray
    weights: np.ndarray
    origins: np.ndarray
    scales: np.ndarray
    bias: np.ndarray
    labels: tuple[str, ...]
    sensitive: frozenset[str]
    forest: Forest
    explains: bool = True

    @cached_property
    def _rows(self) -> np.ndarray:
        """The row in `weights` of each number that a cue may have, -1 for none."""
        rows = np.full(HASHES, -1, np.int32)
        rows[self.hashes] = np.arange(len(self.hashes))
        return rows

    def first_answers(self, cues: TableCues) -> tuple[FirstAnswers, CueWorths]:
        """Return the answers of the linear model for each column of a table, and what each cue is worth."""
        runs = (*cues.columns, cues.shared)
        rows = self._rows[cue_hashes(chain.from_iterable(runs))]
        has_row = rows >= 0
        run_of = np.repeat(np.arange(len(runs)), [len(run) for run in runs])[has_row]
        lengths, weights = np.bincount(run_of, minlength=len(runs)), self.weights[rows[has_row]]
        sums, worth = summed(weights, lengths), weights[:, :2] * self.scales[:2]
        parts = summed_by_place(worth, self.origins[rows[has_row]], lengths)
        scores = (sums[:-1] + sums[-1]) * self.scales + self.bias
        answers = FirstAnswers(scores, parts[:-1] + parts[-1], self.labels)
        starts = np.cumsum([0, *map(len, runs)])
        return answers, CueWorths(runs, starts, has_row, worth.sum(axis=1))


@dataclass(frozen=True)
class CueWorths:
    """How far each cue speaks for something personal.

    runs: cues of each column, at last those of the table. starts: of the runs among all cues. has_row: has a
    cue one in `weights`? Of all cues, one after the other. worth: of those, in log-odds.
    """

    runs: Sequence[Sequence[str]]
    starts: np.ndarray
    has_row: np.ndarray
    worth: np.ndarray

    @cached_property
    def _first_worths(self) -> np.ndarray:
        """Where the worth of each run begins."""
        return np.concatenate([[0], np.cumsum(self.has_row)])[self.starts]

    def of(self, i: int) -> list[CueWorth]:
        """Return the cues of one run that have a row in `weights`."""
        start, end = self.starts[i:i + 2]
        first, last = self._first_worths[i:i + 2]
        has_row = self.has_row[start:end].tolist()
        return list(zip(self.worth[first:last].tolist(), compress(self.runs[i], has_row), strict=True))


def cue_hashes(cues: Iterable[str]) -> np.ndarray:
    """Return the number of each cue, below HASHES."""
    return np.fromiter(map(zlib.crc32, map(str.encode, cues)), np.int64) % HASHES


@cache
def model() -> JudgeModel:
    """Return the model that ships."""
    with np.load(io.BytesIO(read_bytes("data/judge.npz")), allow_pickle=False) as file:
        return model_of(file)


@cache
def model_without_reasons() -> JudgeModel:
    """Return the model that ships, whose judgements do not say why."""
    return replace(model(), explains=False)


def model_of(arrays: Mapping[str, np.ndarray]) -> JudgeModel:
    """Return the model whose arrays `train.pack` gave."""
    forest = Forest(arrays["features"], arrays["thresholds"], arrays["leaves"], float(arrays["forest_bias"]))
    return JudgeModel(
        arrays["hashes"], arrays["weights"], arrays["origins"], arrays["scales"], arrays["bias"],
        tuple(map(str, arrays["labels"])), frozenset(map(str, arrays["sensitive"])), forest,
    )


def judge(table: TableInfo, judging: JudgeModel | None = None) -> tuple[Judgement, ...]:
    """Return the judgement of every column of a table, by names, comments, types and the table alone.

    judging: another model than the one that ships.
    """
    if not table.columns:
        return ()
    judging = judging or model()
    cues = table_cues(table)
    answers, worths = judging.first_answers(cues)
    probabilities = sigmoid(judging.forest.log_odds(answers.in_context(table.columns, cue_flags(cues))))
    kinds, related = answers.kinds(), sigmoid(answers.related)
    sensitive = kinds[:, [label in judging.sensitive for label in judging.labels]].sum(axis=1)
    likeliest = np.argsort(-kinds, axis=1, kind="stable")[:, :LIKELIEST]
    shares = np.take_along_axis(kinds, likeliest, axis=1).tolist()
    reasons, labels = _Reasons(table, worths), judging.labels
    return tuple(
        Judgement(
            probability, of_person, dict(zip(TIERS, tiers, strict=True)),
            dict(zip((labels[k] for k in places), weights, strict=True)), of_sensitive,
            partial(reasons.of, i), judging.explains,
        )
        for i, (probability, of_person, tiers, places, weights, of_sensitive) in enumerate(zip(
            probabilities.tolist(), related.tolist(), answers.tiers().tolist(), likeliest.tolist(), shares,
            sensitive.tolist(), strict=True,
        ))
    )


@dataclass(frozen=True, slots=True)
class _Speech:
    """worth: log-odds of all that stands there. has_word: does a word of it speak for something personal?"""

    worth: float
    piece: Evidence
    has_word: bool


class _Reasons:
    """What of names, comments and the table speaks for each column: the strongest word of each place."""

    def __init__(self, table: TableInfo, worths: CueWorths) -> None:
        self.table, self.worths = table, worths

    @cached_property
    def _of_table(self) -> _Speech:
        title = first_phrase(self.table.comment) or self.table.ref.name
        return _speeches({"table": title}, self.worths.of(len(self.table.columns)))[0]

    def of(self, i: int) -> Reasons:
        """Return a sentence for each place that speaks for it, or for the one nearest to that; and whether a
        word of the column itself does.
        """
        column = self.table.columns[i]
        comment = first_phrase(column.comment)
        texts: dict[CuePlace, str] = {"name": column.name}
        if comment:
            texts["comment"] = comment
        own = _speeches(texts, self.worths.of(i))
        has_word = any(place.has_word for place in own)
        places = [place for place in (*own, self._of_table) if place.piece.note]
        nearest = sorted(places, key=lambda place: -place.worth)[:1]
        speaking = [place for place in places if place.worth > 0] or nearest
        return tuple(place.piece for place in speaking), has_word


def _speeches(texts: Mapping[CuePlace, str], cues: Sequence[CueWorth]) -> list[_Speech]:
    """What some places say. texts: of each, what is named where no word speaks."""
    kinds = _kinds(tuple(texts))
    totals, best = [0.0] * len(texts), [(0.0, "")] * len(texts)
    for worth, cue in cues:
        kind = kinds.get(cue[:2] if cue[1:2] == "=" else cue.partition(":")[0])
        if kind is not None:
            place, is_word = kind
            totals[place] += worth
            if is_word and worth > 0:
                best[place] = max(best[place], (worth, cue))
    return [
        _Speech(total, _piece(origin, cue, text), bool(cue))
        for (origin, text), total, (_, cue) in zip(texts.items(), totals, best, strict=True)
    ]


def _piece(origin: CuePlace, cue: str, text: str) -> Evidence:
    """The evidence of a place: the word of a cue, or the text where no word speaks."""
    word = re.split("[:=]", cue, maxsplit=1)[1] if cue else text
    return Evidence(origin, _sentence(origin, word) if word else "")


@cache
def _kinds(places: tuple[CuePlace, ...]) -> Mapping[str, tuple[int, bool]]:
    """Kinds of cues that speak for some places: which of them, and whether they have a word.

    A name without a comment beside it is read like one, too: it may be Chinese.
    """
    result: dict[str, tuple[int, bool]] = {}
    for i, place in enumerate(places):
        for read_as in ("name", "comment") if places == ("name",) else (place,):
            result |= {start.rstrip(":"): (i, True) for start in REASONS[read_as]}
            result |= {start.rstrip(":"): (i, False) for start in WORDLESS[read_as]}
    return result


def _sentence(origin: CuePlace, word: str) -> Msg:
    if origin == "name":
        return Msg("the name says {word}", word=word)
    if origin == "comment":
        return Msg("the comment says {word}", word=word)
    return Msg("the table speaks of {word}", word=word)
