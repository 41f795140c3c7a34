"""The model that ships: a linear-chain CRF over hashed features of characters and words, in numpy.

`data/train.py` makes `data/zh.npz` from sources under MIT or Apache licences; `data/README.md` names them.
Everything is computed for a batch of texts at once: codes of characters, hashes of their neighbourhoods, the
likeliest segmentation by the lexicon, label scores by table look-up, and the best label sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.errors import ConfigError
from detectors.language import Span, SpanKind
from detectors.language.agreement import agreed
from detectors.language.characters import PAD, Codes, codes, mixed_hashes, types
from detectors.language.segmentation import Segmentation, SegmentLexicon, grams, segment
from detectors.language.viterbi import Floats, batches, best_paths
from detectors.message import Msg

BITS = 20                                     # of a feature's hash
LONGEST = 200                                 # characters of a piece that is read at once
BATCH = 64
LABELS = (
    "O", "B-PERSON", "I-PERSON", "E-PERSON", "S-PERSON", "B-LOCATION", "I-LOCATION", "B-ADDRESS", "I-ADDRESS",
    "B-ORG", "I-ORG",
)
_STOPS = frozenset("。！？!?；;\n")
_FIRST, _INNER, _LAST, _ONLY = 0, 1, 2, 3     # place of a character in its word


class Crf:
    """The trained model.

    weights: (2**BITS, labels), to be multiplied by `scale`. transitions: (from, to).
    """

    def __init__(
        self,
        name: str,
        lexicon: SegmentLexicon,
        weights: NDArray[np.int8],
        scale: float,
        transitions: Floats,
    ) -> None:
        self.name = name
        self._lexicon = lexicon
        self._weights, self._scale, self._transitions = weights, np.float32(scale), transitions
        self._zero = np.zeros(len(LABELS), np.float32)

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]:
        pieces = [(i, start, piece) for i, text in enumerate(texts) for start, piece in _pieces(text)]
        spans: list[list[Span]] = [[] for _ in texts]
        for batch in batches([len(piece) for _, _, piece in pieces], BATCH):
            paths, lengths = self._paths([pieces[i][2] for i in batch])
            for row, i in enumerate(batch):
                text, offset, _ = pieces[i]
                spans[text] += _spans(paths[row, :lengths[row]], offset)
        return agreed(texts, [sorted(of_text, key=lambda span: span.start) for of_text in spans])

    def _paths(self, pieces: Sequence[str]) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
        """(indices into LABELS of shape (pieces, steps), lengths of the pieces)."""
        coded, lengths = codes(pieces, self._lexicon.simplified)
        keys = features(coded, self._lexicon)
        scores = np.zeros((*keys.shape[:2], len(LABELS)), np.int32)
        for k in range(keys.shape[2]):
            scores += self._weights[keys[:, :, k]]
        return best_paths(scores * self._scale, lengths, self._transitions, self._zero, self._zero), lengths


def features(coded: Codes, lexicon: SegmentLexicon) -> Codes:
    """Return hashes of BITS bits, (texts, steps, features), of texts padded as `codes` pads them."""
    steps = coded.shape[1]
    templates = _templates(coded, segment(coded, lexicon))
    hashes = np.empty((*coded.shape, len(templates)), np.uint32)
    for i, parts in enumerate(templates):
        hashes[:, :, i] = mixed_hashes(np.full(coded.shape, i, np.uint32), *parts) >> np.uint32(32 - BITS)
    return hashes[:, PAD:steps - PAD]


def _templates(coded: Codes, words: Segmentation) -> list[tuple[Codes, ...]]:
    """What features are made of: characters, classes, words, tags around a place; ordered as in training."""
    rows, steps = coded.shape
    all_rows = np.arange(rows)[:, None]
    size = words.length[all_rows, words.begin]
    place = _places(words, size)
    tag = (words.kind.astype(np.uint32) * 8 + np.minimum(size, 5).astype(np.uint32)) * 4 + place
    word = np.zeros_like(coded)
    for n, hashes in grams(coded):
        starts = np.minimum(words.begin, steps - n)
        word = np.where(size == n, hashes[all_rows, starts], word)
    before = np.where(words.begin > 0, words.begin - 1, 0)
    after = np.minimum(words.begin + size, steps - 1)
    last_word, next_word = word[all_rows, before], word[all_rows, after]
    last_kind = words.kind[all_rows, before].astype(np.uint32)
    next_kind = words.kind[all_rows, after].astype(np.uint32)
    kinds = types(coded)
    c = {k: _shifted_values(coded, k) for k in range(-3, 4)}
    t = {k: _shifted_values(kinds, k) for k in range(-3, 4)}
    g = {k: _shifted_values(tag, k) for k in range(-2, 3)}
    around = t[-1] * 16 + t[0]
    return [
        (c[-2],), (c[-1],), (c[0],), (c[1],), (c[2],),
        (c[-2], c[-1]), (c[-1], c[0]), (c[0], c[1]), (c[1], c[2]), (c[-1], c[1]), (c[-1], c[0], c[1]),
        (c[-2], c[-1], c[0]), (c[0], c[1], c[2]), (c[-3], c[-2], c[-1]), (c[1], c[2], c[3]),
        (t[-2], around, t[1], t[2]), (around, t[1]), (t[-3], t[-2], around),
        (g[0],), (g[-1], g[0]), (g[0], g[1]), (g[-1], g[0], g[1]), (g[-2], g[-1], g[0], g[1], g[2]),
        (word, place), (last_word, place), (next_word, place),
        (last_word, t[0], g[0]), (next_word, t[0], g[0]), (last_kind, g[0], next_kind),
        (c[0], t[1], t[2]), (c[0], g[0]),
    ]


def _places(words: Segmentation, size: NDArray[np.int64]) -> Codes:
    """Where in its word each character stands. size: length of that word."""
    offset = np.arange(size.shape[1])[None] - words.begin
    inside = np.where(offset == 0, _FIRST, np.where(offset == size - 1, _LAST, _INNER))
    return np.where(size == 1, _ONLY, inside).astype(np.uint32)


def _shifted_values(values: Codes, shift: int) -> Codes:
    """Values of the places `shift` steps on; 0 beyond the ends."""
    if shift == 0:
        return values
    moved = np.zeros_like(values)
    if shift < 0:
        moved[:, -shift:] = values[:, :shift]
    else:
        moved[:, :-shift] = values[:, shift:]
    return moved


def _spans(path: NDArray[np.int16], offset: int) -> list[Span]:
    """What a label sequence names. offset: of the piece in its text."""
    spans: list[Span] = []
    kind: SpanKind | None = None
    start = 0
    for i, label in enumerate([*path.tolist(), 0]):
        place, _, named = LABELS[label].partition("-")
        if kind is not None and (place in ("O", "B", "S") or named != kind):
            spans.append(Span(offset + start, offset + i, kind))
            kind = None
        if place != "O" and kind is None:
            kind, start = named, i  # type: ignore[assignment]
    return spans


def _pieces(text: str) -> list[tuple[int, str]]:
    """(offset, piece) of at most LONGEST characters, cut after a full stop of its second half if any."""
    pieces = []
    start = 0
    while start < len(text):
        end = min(len(text), start + LONGEST)
        if end < len(text):
            end = next((i for i in range(end, start + LONGEST // 2, -1) if text[i - 1] in _STOPS), end)
        pieces.append((start, text[start:end]))
        start = end
    return pieces


@cache
def builtin_name() -> str:
    """Return the name of the model of the package, read without its weights."""
    with _stored_arrays() as data:
        return f"chujing-zh-{data['version']}"


@cache
def builtin() -> Crf:
    """Return the model of the package; raise ConfigError if it cannot be read."""
    with _stored_arrays() as data:
        costs = data["costs"].astype(np.float32) / 10
        hashes = np.cumsum(data["gaps"], dtype=np.uint32)
        lexicon = SegmentLexicon(hashes, data["classes"], costs, data["simplified"])
        weights = np.zeros((1 << BITS, len(LABELS)), np.int8)
        weights[np.cumsum(data["rows"])] = data["weights"]
        return Crf(builtin_name(), lexicon, weights, float(data["scale"]), data["transitions"])


@contextmanager
def _stored_arrays() -> Iterator[Any]:
    """The arrays of the package's model, read one by one as they are asked for."""
    file = resources.files("detectors.language") / "data/zh.npz"
    try:
        with resources.as_file(file) as path, np.load(path) as data:
            yield data
    except (OSError, KeyError, ValueError) as e:
        raise ConfigError(
            Msg("the text model of this installation cannot be read ({kind})", kind=type(e).__name__),
            hint=Msg("install chujing again"),
        ) from None
