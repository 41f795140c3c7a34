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
from functools import cache
from typing import Literal

import numpy as np

from detectors.columns.answers import TIERS, FirstAnswers, cue_flags, sigmoid
from detectors.columns.cues import TableCues, table_cues
from detectors.columns.trees import Forest
from detectors.message import Msg
from detectors.model import Evidence, TableInfo, Tier
from detectors.shipped import read_bytes

CuePlace = Literal["name", "comment", "table"]
HASHES = 1 << 20                              # numbers that a cue may have
# beginnings of cues whose word is a reason, by where it stands
REASONS: Mapping[CuePlace, tuple[str, ...]] = {
    "name": ("n=", "n:", "n2:", "nl2:"),
    "comment": ("c=", "ce:", "cw:", "c2:"),
    "table": ("t:", "t2:", "te:", "tw:"),
}
FINDING_FROM = 0.5                                   # from this probability on, a column is found
POSSIBLE = 0.2                                # from this on, it is possible: neither found nor surely nothing
LIKELIEST = 6                                 # labels that a judgement names
SENSITIVE = "!"                               # ends a class: its label, where it is sensitive


@dataclass(frozen=True, slots=True)
class Judgement:
    """What names, comments and the table say of one column.

    probability: that it is personal information a scanner must find, not nothing, in (0, 1). related: that it
    is personal at all, attributes and operators included. label: the likeliest kind, if it is personal.
    certainty: of the label, in (0, 1]. sensitive: by what the value is, where the label leaves it open.
    """

    probability: float
    related: float
    tiers: Mapping[Tier, float]
    kinds: Mapping[str, float]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class JudgeModel:
    """hashes: of the known cues, ascending. weights: int8 of shape (cues, questions), times `scales`."""

    hashes: np.ndarray
    weights: np.ndarray
    scales: np.ndarray
    bias: np.ndarray
    labels: tuple[str, ...]
    forest: Forest

    def places(self, cues: Iterable[str]) -> np.ndarray:
        """Return the rows of the cues in `weights`, -1 for unknown ones."""
        hashes = np.array([cue_hash(cue) for cue in cues], np.uint32)
        places = np.searchsorted(self.hashes, hashes)
        places[places == len(self.hashes)] = 0
        return np.where(self.hashes[places] == hashes, places, -1)

    def first_answers(self, cues: TableCues) -> FirstAnswers:
        """Return the answers of the linear model for each column of a table."""
        shared = self._sum(self.places(set(cues.shared)))
        rows = np.stack([self._sum(self.places(column)) for column in cues.columns])
        return FirstAnswers((rows + shared) * self.scales + self.bias, self.labels)

    def _sum(self, places: np.ndarray) -> np.ndarray:
        return self.weights[places[places >= 0]].sum(axis=0, dtype=np.int64)


def cue_hash(cue: str) -> int:
    """Return the number of a cue, below HASHES."""
    return zlib.crc32(cue.encode()) % HASHES


@cache
def model() -> JudgeModel:
    """Return the model that ships."""
    with np.load(io.BytesIO(read_bytes("data/judge.npz")), allow_pickle=False) as file:
        forest = Forest(file["features"], file["thresholds"], file["leaves"], float(file["forest_bias"]))
        return JudgeModel(
            file["hashes"], file["weights"], file["scales"], file["bias"], tuple(map(str, file["labels"])),
            forest,
        )


def judge(table: TableInfo) -> tuple[Judgement, ...]:
    """Return the judgement of every column of a table, by names, comments, types and the table alone."""
    if not table.columns:
        return ()
    cues, judging = table_cues(table), model()
    answers = judging.first_answers(cues)
    probabilities = sigmoid(judging.forest.log_odds(answers.in_context(table.columns, cue_flags(cues))))
    kinds, tiers, related = answers.kinds(), answers.tiers(), sigmoid(answers.related)
    of_table = _reason(judging, "table", cues.shared)
    return tuple(
        Judgement(
            float(probabilities[i]), float(related[i]), dict(zip(TIERS, map(float, tiers[i]), strict=True)),
            {judging.labels[k]: float(kinds[i, k]) for k in np.argsort(-kinds[i], kind="stable")[:LIKELIEST]},
            _reasons(judging, cues.columns[i], of_table) if probabilities[i] >= POSSIBLE else (),
        )
        for i in range(len(table.columns))
    )


def _reasons(judging: JudgeModel, own: Sequence[str], of_table: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The strongest word of the name, of the comment and of the table that speaks for it."""
    return (*_reason(judging, "name", own), *_reason(judging, "comment", own), *of_table)


def _reason(judging: JudgeModel, origin: CuePlace, cues: Sequence[str]) -> tuple[Evidence, ...]:
    """The word of one place that speaks most for it; none if none does."""
    words = [cue for cue in cues if cue.startswith(REASONS[origin])]
    worth = [
        (int(judging.weights[place, 0]), cue)
        for place, cue in zip(judging.places(words), words, strict=True) if place >= 0
    ]
    best, cue = max(worth, default=(0, ""))
    return (Evidence(origin, _sentence(origin, re.split("[:=]", cue, maxsplit=1)[1])),) if best > 0 else ()


def _sentence(origin: CuePlace, word: str) -> Msg:
    if origin == "name":
        return Msg("the name says {word}", word=word)
    if origin == "comment":
        return Msg("the comment says {word}", word=word)
    return Msg("the table speaks of {word}", word=word)
