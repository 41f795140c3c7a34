"""The model that ships: a linear-chain CRF over hashed character, lexicon and segmentation features,
evaluated in numpy.

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
from detectors.language.characters import PAD, TYPES, codes, mixed
from detectors.language.segmentation import SegmentLexicon, _grams, segmented
from detectors.language.viterbi import Floats, batches, best_paths
from detectors.message import Msg

BITS = 20                                     # of a feature's hash
LONGEST = 200                                 # characters of a piece; longer texts are cut after a full stop where there is one
LABELS = ("O", "B-PERSON", "I-PERSON", "E-PERSON", "S-PERSON", "B-LOCATION", "I-LOCATION", "B-ADDRESS", "I-ADDRESS", "B-ORG", "I-ORG")
_STOPS = frozenset("。！？!?；;\n")


def features(coded: NDArray[np.uint32], lexicon: SegmentLexicon) -> NDArray[np.uint32]:
    """Hashes of BITS bits, (texts, steps, features), of texts padded as `codes` pads them."""
    rows, steps = coded.shape
    lengths, begin, kind = segmented(coded, lexicon)
    all_rows = np.arange(rows)[:, None]
    size = lengths[all_rows, begin]
    offset = np.arange(steps)[None] - begin
    place = np.where(size == 1, 3, np.where(offset == 0, 0, np.where(offset == size - 1, 2, 1)))
    tag = (kind.astype(np.uint32) * 8 + np.minimum(size, 5).astype(np.uint32)) * 4 + place.astype(np.uint32)
    word = np.zeros_like(coded)
    for n, hashes in _grams(coded):
        starts = np.minimum(begin, steps - n)
        word = np.where(size == n, hashes[all_rows, starts], word)
    before = np.where(begin > 0, begin - 1, 0)
    after = np.minimum(begin + size, steps - 1)
    types = TYPES[np.minimum(coded, 65535)]

    def at(values: NDArray[np.uint32], shift: int) -> NDArray[np.uint32]:
        moved = np.zeros_like(values)
        if shift < 0:
            moved[:, -shift:] = values[:, :shift]
        elif shift > 0:
            moved[:, :-shift] = values[:, shift:]
        else:
            moved = values
        return moved

    c = {k: at(coded, k) for k in range(-3, 4)}
    t = {k: at(types, k) for k in range(-3, 4)}
    g = {k: at(tag, k) for k in (-2, -1, 0, 1, 2)}
    last_word, next_word = word[all_rows, before], word[all_rows, after]
    last_kind, next_kind = kind[all_rows, before].astype(np.uint32), kind[all_rows, after].astype(np.uint32)
    around = t[-1] * 16 + t[0]
    templates = [
        (c[-2],), (c[-1],), (c[0],), (c[1],), (c[2],),
        (c[-2], c[-1]), (c[-1], c[0]), (c[0], c[1]), (c[1], c[2]), (c[-1], c[1]), (c[-1], c[0], c[1]),
        (c[-2], c[-1], c[0]), (c[0], c[1], c[2]), (c[-3], c[-2], c[-1]), (c[1], c[2], c[3]),
        (t[-2], around, t[1], t[2]), (around, t[1]), (t[-3], t[-2], around),
        (g[0],), (g[-1], g[0]), (g[0], g[1]), (g[-1], g[0], g[1]), (g[-2], g[-1], g[0], g[1], g[2]),
        (word, place.astype(np.uint32)), (last_word, place.astype(np.uint32)), (next_word, place.astype(np.uint32)),
        (last_word, t[0], g[0]), (next_word, t[0], g[0]), (last_kind, g[0], next_kind), (c[0], t[1], t[2]), (c[0], g[0]),
    ]
    out = np.empty((rows, steps, len(templates)), np.uint32)
    for i, parts in enumerate(templates):
        out[:, :, i] = mixed(np.full(coded.shape, i, np.uint32), *parts) >> np.uint32(32 - BITS)
    return out[:, PAD:steps - PAD]


class Crf:
    """The trained model; see the module's text."""

    def __init__(self, lexicon: SegmentLexicon, weights: NDArray[np.int8], scale: float, transitions: Floats, name: str) -> None:
        self.name = name
        self._lexicon, self._weights, self._scale, self._transitions = lexicon, weights, np.float32(scale), transitions
        self._zero = np.zeros(len(LABELS), np.float32)

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]:
        pieces = [(i, start, piece) for i, text in enumerate(texts) for start, piece in _pieces(text)]
        found: list[list[Span]] = [[] for _ in texts]
        for group in batches([len(p[2]) for p in pieces], 64):
            coded, lengths = codes([pieces[i][2] for i in group], self._lexicon.simplified)
            keys = features(coded, self._lexicon)
            scores = np.zeros((*keys.shape[:2], len(LABELS)), np.int32)
            for k in range(keys.shape[2]):
                scores += self._weights[keys[:, :, k]]
            paths = best_paths(scores * self._scale, lengths, self._transitions, self._zero, self._zero)
            for row, i in enumerate(group):
                text, offset, _ = pieces[i]
                found[text] += _spans(paths[row, :lengths[row]], offset)
        return [sorted(spans, key=lambda s: s.start) for spans in found]


def _spans(path: NDArray[np.int16], offset: int) -> list[Span]:
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
    """Name of the model of the package, read without its weights."""
    with _stored() as data:
        return f"chujing-zh-{data['version']}"


@contextmanager
def _stored() -> Iterator[Any]:
    """The arrays of the package's model, read one by one as they are asked for."""
    try:
        with resources.as_file(resources.files("detectors.language") / "data/zh.npz") as path, np.load(path) as data:
            yield data
    except (OSError, KeyError, ValueError) as e:
        raise ConfigError(
            Msg("the text model of this installation cannot be read ({kind})", kind=type(e).__name__),
            hint=Msg("install chujing again"),
        ) from None


@cache
def builtin() -> Crf:
    """The model of the package."""
    with _stored() as data:
        lexicon = SegmentLexicon(
            np.cumsum(data["gaps"], dtype=np.uint32), data["classes"], data["costs"].astype(np.float32) / 10, data["simplified"]
        )
        weights = np.zeros((1 << BITS, len(LABELS)), np.int8)
        weights[np.cumsum(data["rows"])] = data["weights"]
        return Crf(lexicon, weights, float(data["scale"]), data["transitions"], builtin_name())
