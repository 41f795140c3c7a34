"""Baidu LAC 2.1.2's Chinese lexer (Apache-2.0), run in numpy from its published weights: two bidirectional
GRU layers and a CRF.

The weights are not part of this package; `chujing models add` takes the folder `LAC/lac_model` of the
unpacked distribution. Reference: Jiao, Sun, Sun: Chinese Lexical Analysis with Deep Bi-GRU-CRF Network, 2018.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detectors.errors import ConfigError
from detectors.language import Span, SpanKind
from detectors.language.viterbi import Floats, batches, best_paths
from detectors.message import Msg

WIDTH = 128                                   # units of a GRU direction, and of a word vector
LONGEST = 400                                 # characters run at once; longer texts are cut
_KINDS: dict[str, SpanKind] = {
    "nr": "PERSON", "PER": "PERSON", "ns": "LOCATION", "LOC": "LOCATION", "nt": "ORG", "ORG": "ORG",
}
_LATIN_CHARACTER = re.compile(r"[a-zA-Z0-9]")
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])")


class Lac:
    """The lexer as a text model."""

    name = "lac-2.1.2"

    def __init__(self, folder: Path) -> None:
        try:
            self._words = _word_numbers(folder / "conf/word.dic")
            pairs = (line.split("\t") for line in _lines(folder / "conf/q2b.dic"))
            self._replaced = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
            self._lexicon, self._cost = _lexicon(folder / "conf/small_seg.dic")
            self._tags = _tags(folder / "conf/tag.dic")
            files = (file for file in (folder / "model").iterdir() if file.name != "__model__")
            tensors = {file.name: _tensor(file) for file in files}
            self._vectors = tensors["word_emb"].reshape(-1, WIDTH)
            self._layers = [
                (_direction(tensors, first), _direction(tensors, first + 1)) for first in (0, 2)
            ]
            self._out = tensors["fc_4.w_0"].reshape(2 * WIDTH, -1), tensors["fc_4.b_0"]
            crf = tensors["crfw"].reshape(-1, len(self._out[1]))
        except (OSError, KeyError, ValueError, struct.error) as e:
            raise ConfigError(
                Msg("weights of LAC cannot be read ({kind})", kind=type(e).__name__),
                where=str(folder),
                hint=Msg("unpack LAC-2.1.2.tar.gz and add its folder LAC/lac_model again"),
            ) from None
        self._start, self._end, self._transitions = crf[0], crf[1], np.ascontiguousarray(crf[2:])
        self._unknown = self._words["OOV"]

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]:
        pieces = [(i, start, piece) for i, text in enumerate(texts) for start, piece in _pieces(text)]
        units = [self._units(piece) for _, _, piece in pieces]
        spans: list[list[Span]] = [[] for _ in texts]
        for batch in batches([len(ids) for ids, _ in units]):
            lengths = np.array([len(units[i][0]) for i in batch], np.int64)
            padded = np.zeros((len(batch), int(lengths.max())), np.int64)
            for row, i in enumerate(batch):
                padded[row, :lengths[row]] = units[i][0]
            emissions = self._emissions(padded, lengths)
            paths = best_paths(emissions, lengths, self._transitions, self._start, self._end)
            for row, i in enumerate(batch):
                text, offset, _ = pieces[i]
                spans[text] += self._spans(paths[row, :lengths[row]], units[i][1], offset)
        return [sorted(of_text, key=lambda span: span.start) for of_text in spans]

    def _units(self, text: str) -> tuple[list[int], list[int]]:
        """(ids, lengths) of the words of a text that have an id, else of their characters."""
        ids: list[int] = []
        lengths: list[int] = []
        for word in self._cheapest_words(text):
            if (number := self._words.get(self._replaced.get(word, word))) is not None:
                ids.append(number)
                lengths.append(len(word))
            else:
                ids += [self._words.get(self._replaced.get(c, c), self._unknown) for c in word]
                lengths += [1] * len(word)
        return ids, lengths

    def _cheapest_words(self, text: str) -> list[str]:
        """The cheapest cover by lexicon words, as LAC cuts.

        A word costs the log of the sum of the lexicon's counts, less the log of its length.
        """
        size = len(text)
        best = [(0.0, 0)] * (size + 1)
        for start in range(size - 1, -1, -1):
            choice = (best[start + 1][0] - self._cost, start + 1)
            end = start + 1
            while end <= size and (length := self._lexicon.get(text[start:end])) is not None:
                if length:
                    choice = max(choice, (best[end][0] + math.log(length) - self._cost, end))
                end += 1
            best[start] = choice
        words: list[str] = []
        start, latin = 0, ""
        while start < size:
            end = best[start][1]
            word = text[start:end]
            if end == start + 1 and _LATIN_CHARACTER.match(word):
                latin += word
            else:
                words += [w for w in (latin, word) if w]
                latin = ""
            start = end
        return [*words, latin] if latin else words

    def _emissions(self, padded: NDArray[np.int64], lengths: NDArray[np.int64]) -> Floats:
        steps = padded.shape[1]
        alive = np.arange(steps)[None] < lengths[:, None]
        states: Floats = self._vectors[padded]
        for forward, backward in self._layers:
            forward_states = _gru(states, alive, forward, range(steps))
            backward_states = _gru(states, alive, backward, range(steps - 1, -1, -1))
            states = np.concatenate([forward_states, backward_states], axis=2)
        weights, bias = self._out
        return np.asarray(states @ weights + bias, np.float32)

    def _spans(self, path: NDArray[np.int16], lengths: list[int], offset: int) -> list[Span]:
        spans: list[Span] = []
        position = offset
        open_kind, open_start = None, 0
        for label, length in zip(path, lengths, strict=True):
            kind, first = self._tags[int(label)]
            if open_kind is not None and (first or kind != open_kind):
                spans.append(Span(open_start, position, open_kind))
                open_kind = None
            if kind is not None and open_kind is None:
                open_kind, open_start = kind, position
            position += length
        if open_kind is not None:
            spans.append(Span(open_start, position, open_kind))
        return spans


def _gru(inputs: Floats, alive: NDArray[np.bool_], weights: tuple[Floats, ...], order: range) -> Floats:
    """States of a GRU, (texts, steps, WIDTH), whose reset gate acts before the candidate's product.

    As paddle's dynamic_gru. inputs: (texts, steps, features). weights: see `_direction`. order: of the steps.
    """
    project, project_bias, gates, candidate, bias = weights
    projected = inputs @ project + (project_bias + bias)
    texts, steps, _ = inputs.shape
    state = np.zeros((texts, WIDTH), np.float32)
    states = np.empty((texts, steps, WIDTH), np.float32)
    for t in order:
        both = 1.0 / (1.0 + np.exp(-(projected[:, t, :2 * WIDTH] + state @ gates)))
        update, reset = both[:, :WIDTH], both[:, WIDTH:]
        new = np.tanh(projected[:, t, 2 * WIDTH:] + (reset * state) @ candidate)
        step = state + update * (new - state)
        state = np.where(alive[:, t, None], step, state)
        states[:, t] = state
    return states


def _direction(tensors: dict[str, Floats], number: int) -> tuple[Floats, ...]:
    """(projection, its bias, gates, candidate, bias) of one direction of one layer."""
    recurrent = tensors[f"gru_{number}.w_0"]
    gates = recurrent[:2 * WIDTH * WIDTH].reshape(WIDTH, 2 * WIDTH)
    candidate = recurrent[2 * WIDTH * WIDTH:].reshape(WIDTH, WIDTH)
    project = tensors[f"fc_{number}.w_0"].reshape(-1, 3 * WIDTH)
    return project, tensors[f"fc_{number}.b_0"], gates, candidate, tensors[f"gru_{number}.b_0"]


def _tensor(path: Path) -> Floats:
    """A paddle 1.x LoDTensor of 32-bit floats, flat."""
    data = path.read_bytes()
    levels = struct.unpack_from("<Q", data, 4)[0]
    place = 12
    for _ in range(levels):
        place += 8 + struct.unpack_from("<Q", data, place)[0]
    described = struct.unpack_from("<i", data, place + 4)[0]
    return np.frombuffer(data, "<f4", offset=place + 8 + described)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def _word_numbers(path: Path) -> dict[str, int]:
    """Word -> number, from lines `number<TAB>word`."""
    return {p[1]: int(p[0]) for p in (line.split("\t") for line in _lines(path)) if len(p) == 2}


def _lexicon(path: Path) -> tuple[dict[str, int], float]:
    """(word or beginning of a word -> its length, 0 for a mere beginning; log of all counts)."""
    lexicon: dict[str, int] = {}
    total = 0
    for line in _lines(path):
        word, _, count = line.strip().rpartition(" ")
        if not word:
            continue
        total += int(count)
        lexicon[word] = len(word)
        for i in range(1, len(word)):
            lexicon.setdefault(word[:i], 0)
    return lexicon, math.log(total)


def _tags(path: Path) -> list[tuple[SpanKind | None, bool]]:
    """Label number -> (kind, whether it begins one)."""
    rows = [line.split("\t") for line in _lines(path) if "\t" in line]
    tags: list[tuple[SpanKind | None, bool]] = [(None, True)] * (max(int(r[0]) for r in rows) + 1)
    for number, tag in rows:
        name, _, place = tag.partition("-")
        tags[int(number)] = (_KINDS.get(name), place != "I")
    return tags


def _pieces(text: str) -> list[tuple[int, str]]:
    """(offset, piece) of at most LONGEST characters, cut after sentences where that is possible."""
    if len(text) <= LONGEST:
        return [(0, text)] if text else []
    pieces: list[tuple[int, str]] = []
    offset = 0
    for sentence in _SENTENCE_END.split(text):
        for i in range(0, len(sentence), LONGEST):
            part = sentence[i:i + LONGEST]
            if pieces and len(pieces[-1][1]) + len(part) <= LONGEST:
                pieces[-1] = (pieces[-1][0], pieces[-1][1] + part)
            else:
                pieces.append((offset, part))
            offset += len(part)
    return pieces
