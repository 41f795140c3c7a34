"""Our detectors as Presidio recognisers, unchanged, through one adaptor; and an NLP engine that never downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import spacy
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine, SpacyNlpEngine

from detectors.model import ValueDetector
from detectors.registry import value_detectors

CONTEXT_WINDOW = 20                           # characters before a match in which a context word counts
CONTEXT_GAIN = 0.1


class ValueRecognizer(EntityRecognizer):
    """One ValueDetector as a Presidio recogniser; the entity is the label in capitals."""

    def __init__(self, detector: ValueDetector, language: str) -> None:
        self.detector = detector
        super().__init__([detector.label.upper()], name=f"chujing_{detector.name}", supported_language=language)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None) -> list[RecognizerResult]:
        """Occurrences in a text, with a little more confidence after a context word."""
        results = []
        for match in self.detector.find(text):
            before = text[max(0, match.start - CONTEXT_WINDOW):match.start].lower()
            gain = CONTEXT_GAIN if any(word in before for word in self.detector.context) else 0.0
            results.append(RecognizerResult(self.supported_entities[0], match.start, match.end, min(1.0, match.score + gain)))
        return results


def recognizers(language: str, detectors: Sequence[ValueDetector] | None = None) -> list[ValueRecognizer]:
    """One recogniser per detector."""
    return [ValueRecognizer(d, language) for d in (detectors or value_detectors())]


def blank_nlp_engine(languages: Sequence[str] = ("zh", "en")) -> NlpEngine:
    """A Presidio NLP engine on blank spaCy pipelines: tokenises, never downloads."""
    engine: Any = SpacyNlpEngine(models=[{"lang_code": lang, "model_name": f"blank:{lang}"} for lang in languages])
    engine.nlp = {lang: spacy.blank(lang) for lang in languages}
    return engine
