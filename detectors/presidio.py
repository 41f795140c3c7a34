"""Our detectors as Presidio recognisers, through one adaptor; and an NLP engine that never downloads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import spacy
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, NlpEngine, SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from detectors.errors import ConfigError, nearest
from detectors.language import Span, TextModel, crf
from detectors.language.models import added_models, load, text_model
from detectors.message import Msg
from detectors.model import ValueDetector
from detectors.registry import value_detectors

CONTEXT_WINDOW = 20                           # characters before a match in which a context word counts
CONTEXT_GAIN = 0.1


class ValueRecognizer(EntityRecognizer):
    """One ValueDetector as a Presidio recogniser; the entity is the label in capitals."""

    def __init__(self, detector: ValueDetector, language: str) -> None:
        self.detector = detector
        name = f"chujing_{detector.name}"
        super().__init__([detector.label.upper()], name=name, supported_language=language)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None,
    ) -> list[RecognizerResult]:
        """Return the occurrences in a text, with a little more confidence after a context word."""
        results = []
        for match in self.detector.find(text):
            before = text[max(0, match.start - CONTEXT_WINDOW):match.start].lower()
            gain = CONTEXT_GAIN if any(word in before for word in self.detector.context) else 0.0
            score = min(1.0, match.score + gain)
            results.append(RecognizerResult(self.supported_entities[0], match.start, match.end, score))
        return results


def recognizers(language: str, detectors: Sequence[ValueDetector] | None = None) -> list[ValueRecognizer]:
    """Return one recogniser a detector."""
    return [ValueRecognizer(detector, language) for detector in (detectors or value_detectors())]


@Language.factory("chujing_ner", default_config={"model": ""})
class NamesInText:
    """spaCy component that sets `doc.ents` from a text model: PERSON, LOCATION, ADDRESS, ORG.

    model: empty for the best there is, `builtin`, or the name of an added one.
    """

    def __init__(self, nlp: spacy.language.Language, name: str, model: str) -> None:
        self.model = _chosen(model, nlp.lang)

    def __call__(self, doc: Doc) -> Doc:
        return next(iter(self.pipe([doc])))

    def pipe(self, stream: Iterable[Doc], batch_size: int = 128) -> Iterator[Doc]:
        """Yield the docs with their entities, batch by batch."""
        for docs in batched(stream, batch_size):
            for doc, spans in zip(docs, self._read(docs), strict=True):
                named = [doc.char_span(s.start, s.end, label=s.kind, alignment_mode="expand") for s in spans]
                doc.ents = filter_spans([entity for entity in named if entity is not None])
                yield doc

    def _read(self, docs: Sequence[Doc]) -> list[list[Span]]:
        """What the model names in each text; nothing without a model."""
        return self.model([doc.text for doc in docs]) if self.model else [[] for _ in docs]


def batched(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    """Yield lists of at most `size` docs."""
    docs = iter(stream)
    while part := list(islice(docs, size)):
        yield part


def _chosen(name: str, language: str) -> TextModel | None:
    if name == "builtin":
        return crf.builtin()
    if not name:
        return text_model(language)
    folders = {folder.name: folder for folder in added_models()}
    if name not in folders:
        raise ConfigError(
            Msg('no text model "{name}"', name=name),
            hint=nearest(name, folders) or Msg("chujing models add PATH"),
        )
    return load(folders[name])


class OfflineNlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine on blank pipelines with `chujing_ner`; `load` never downloads."""

    def __init__(self, languages: Sequence[str] = ("zh", "en"), model: str = "") -> None:
        entities = {"PERSON": "PERSON", "LOCATION": "LOCATION", "ADDRESS": "LOCATION", "ORG": "ORGANIZATION"}
        configuration = NerModelConfiguration(
            model_to_presidio_entity_mapping=entities, labels_to_ignore=[], default_score=0.6,
        )
        models = _blank_models(languages)
        self._model_name = model
        super().__init__(models=models, ner_model_configuration=configuration)

    def load(self) -> None:
        """Make blank pipelines; the text model comes from this installation or from `chujing models`."""
        self.nlp = {}
        for model in self.models:
            language = model["lang_code"]
            self.nlp[language] = spacy.blank(language)
            self.nlp[language].add_pipe("chujing_ner", config={"model": self._model_name})


def blank_nlp_engine(languages: Sequence[str] = ("zh", "en")) -> NlpEngine:
    """Return a Presidio NLP engine on blank spaCy pipelines: it tokenises, never downloads, names nothing."""
    engine: Any = SpacyNlpEngine(models=_blank_models(languages))
    engine.nlp = {language: spacy.blank(language) for language in languages}
    return engine


def _blank_models(languages: Sequence[str]) -> list[dict[str, str]]:
    return [{"lang_code": language, "model_name": f"blank:{language}"} for language in languages]
