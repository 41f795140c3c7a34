"""The judge of columns: what names, comments, types and the whole table say, as one probability a column.

A linear model over hashed cues (`cues.py`) answers several questions of each column by itself; a forest of
small trees then looks at the column among the first answers for its table. `train.py` fits both and writes
`data/judge.npz`. No rule vetoes anything here: what the rules say is among the cues.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
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
HASHES = 1 << 20                              # numbers that a cue may have
# beginnings of cues whose word is a reason, by where it stands
REASONS: Mapping[CuePlace, tuple[str, ...]] = {
    "name": ("n=", "n:", "n2:", "nl2:"),
    "comment": ("c=", "ce:", "cw:", "c2:"),
    "table": ("t:", "t2:", "te:", "tw:"),
}
# beginnings of cues that have no word, but speak for the place all the same
WORDLESS: Mapping[CuePlace, tuple[str, ...]] = {
    "name": ("g:", "nl:", "nf:", "nl3:", "k:", "kl:", "kf:", "kp:", "lex:", "name:"),
    "comment": ("cg:", "cf:", "cr:", "q:", "ql:", "qf:", "qp:", "zh:", "comment_hit:"),
    "table": ("tg:", "tc:", "tk:", "tkl:", "tl:", "tf:", "table:", "persons:", "with:", "share:", "bag:"),
}
FINDING_FROM = 0.5                                   # from this probability on, a column is found
POSSIBLE = 0.24                               # from this on, it is possible: neither found nor surely nothing
LIKELIEST = 6                                 # labels that a judgement names
SENSITIVE = "!"                               # ends a class: its label, where it is sensitive


@dataclass(frozen=True, slots=True)
class Judgement:
    """What names, comments and the table say of one column.

    probability: that it is personal information a scanner must find, not nothing, in (0, 1). related: that it
    is personal at all, attributes and operators included. kinds: the likeliest labels, if it is personal.
    sensitive: that it is of a sensitive kind, if it is personal, whichever kind that may be.
    has_word: does a word of its name or comment speak for it, not only parts of words, or the table?
    """

    probability: float
    related: float
    tiers: Mapping[Tier, float]
    kinds: Mapping[str, float]
    sensitive: float
    evidence: tuple[Evidence, ...]
    has_word: bool


@dataclass(frozen=True)
class JudgeModel:
    """hashes: of the known cues, ascending. weights: int8 of shape (cues, questions), times `scales`.

    origins: of each cue, among PLACES. sensitive: classes whose columns were mostly sensitive.
    """

    hashes: np.ndarray
    weights: np.ndarray
    origins: np.ndarray
    scales: np.ndarray
    bias: np.ndarray
    labels: tuple[str, ...]
    sensitive: frozenset[str]
    forest: Forest

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


@dataclass(frozen=True, slots=True)
class CueWorths:
    """How far each cue speaks for something personal.

    runs: cues of each column, at last those of the table. starts: of the runs among all cues. has_row: has a
    cue one in `weights`? Of all cues, one after the other. worth: of those, in log-odds.
    """

    runs: Sequence[Sequence[str]]
    starts: np.ndarray
    has_row: np.ndarray
    worth: np.ndarray

    def of(self, i: int) -> list[CueWorth]:
        """Return the cues of one run that have a row in `weights`."""
        start, end = self.starts[i:i + 2]
        has_row = self.has_row[start:end]
        first = np.count_nonzero(self.has_row[:start])
        worth = self.worth[first:first + np.count_nonzero(has_row)]
        return list(zip(worth.tolist(), compress(self.runs[i], has_row.tolist()), strict=True))


def cue_hashes(cues: Iterable[str]) -> np.ndarray:
    """Return the number of each cue, below HASHES."""
    return np.fromiter(map(zlib.crc32, map(str.encode, cues)), np.int64) % HASHES


@cache
def model() -> JudgeModel:
    """Return the model that ships."""
    with np.load(io.BytesIO(read_bytes("data/judge.npz")), allow_pickle=False) as file:
        return model_of(file)


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
            *(reasons.of(i) if max(probability, of_person) >= POSSIBLE else ((), False)),
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
        title = first_phrase(table.comment) or table.ref.name
        self.of_table = _place("table", ("table",), worths.of(len(table.columns)), title)

    def of(self, i: int) -> tuple[tuple[Evidence, ...], bool]:
        """Return a sentence for each place that speaks for it, or for the one nearest to that; and whether a
        word of the column itself does.
        """
        column, own = self.table.columns[i], self.worths.of(i)
        comment = first_phrase(column.comment)
        read_as: tuple[CuePlace, ...] = ("name",) if comment else ("name", "comment")
        places = [_place("name", read_as, own, column.name)]     # a Chinese name is read like a comment
        if comment:
            places.append(_place("comment", ("comment",), own, comment))
        has_word = any(place.has_word for place in places)
        places = [place for place in (*places, self.of_table) if place.piece.note]
        nearest = sorted(places, key=lambda place: -place.worth)[:1]
        speaking = [place for place in places if place.worth > 0] or nearest
        return tuple(place.piece for place in speaking), has_word


def _place(
    origin: CuePlace, read_as: tuple[CuePlace, ...], cues: Sequence[CueWorth], text: str,
) -> _Speech:
    """What one place says. text: what is named where no word speaks."""
    has_words = _kinds(read_as)
    total, best = 0.0, (0.0, "")
    for worth, cue in cues:
        is_word = has_words.get(cue[:2] if cue[1:2] == "=" else cue.partition(":")[0])
        if is_word is not None:
            total += worth
            best = max(best, (worth, cue)) if is_word and worth > 0 else best
    if best[1]:
        text = re.split("[:=]", best[1], maxsplit=1)[1]
    piece = Evidence(origin, _sentence(origin, text) if text else "")
    return _Speech(total, piece, bool(best[1]))


@cache
def _kinds(read_as: tuple[CuePlace, ...]) -> Mapping[str, bool]:
    """Kinds of cues that speak for some places, and whether they have a word."""
    words = {start.rstrip(":"): True for place in read_as for start in REASONS[place]}
    return words | {start.rstrip(":"): False for place in read_as for start in WORDLESS[place]}


def _sentence(origin: CuePlace, word: str) -> Msg:
    if origin == "name":
        return Msg("the name says {word}", word=word)
    if origin == "comment":
        return Msg("the comment says {word}", word=word)
    return Msg("the table speaks of {word}", word=word)
