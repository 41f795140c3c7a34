"""Text models: the one that ships, and better weights that users bring. Nothing is ever downloaded.

    LAC 2.1.2       the unpacked distribution, or its folder LAC/lac_model zh_core_web_*   an unpacked spaCy
    pipeline (the folder with config.cfg and meta.json), or the package's folder around it en_core_web_*   the
    same, for English text
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, nearest
from detectors.language import Span, SpanKind, TextModel, crf
from detectors.language.lac import Lac
from detectors.message import Msg
from detectors.renamed import old_names

_SPACY_KINDS: dict[str, SpanKind] = {
    "PERSON": "PERSON", "PER": "PERSON", "ORG": "ORG",
    "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION",
}
_PREFERRED = ("lac-2.1.2", "zh_core_web_trf", "zh_core_web_lg", "zh_core_web_md", "zh_core_web_sm")


def folder() -> Path:
    """Return where added models lie: CHUJING_MODELS, else the user's data folder."""
    if named := os.environ.get("CHUJING_MODELS"):
        return Path(named)
    data = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "chujing" / "models"


class SpacyModel:
    """A spaCy pipeline the user brought."""

    def __init__(self, path: Path) -> None:
        import spacy

        self.name = path.name
        try:
            self._pipeline: Any = spacy.load(path)
        except Exception as e:  # third-party code: whatever it raises, the model cannot be used
            missing = getattr(e, "name", None) if isinstance(e, ImportError) else None
            hint = Msg("is it a pipeline for the installed spaCy?")
            if missing:
                hint = Msg("pip install {package}", package=missing)
            what = Msg("spaCy cannot load it ({kind})", kind=type(e).__name__)
            raise ConfigError(what, where=str(path), hint=hint) from None

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]:
        return [_spans(doc) for doc in self._pipeline.pipe(texts, batch_size=64)]


def _spans(doc: Any) -> list[Span]:
    """The entities of a spaCy document that are of our kinds."""
    entities = (entity for entity in doc.ents if entity.label_ in _SPACY_KINDS)
    return [Span(entity.start_char, entity.end_char, _SPACY_KINDS[entity.label_]) for entity in entities]


def _is_lac(path: Path) -> bool:
    return (path / "conf/word.dic").is_file() and (path / "model/word_emb").is_file()


def _is_spacy(path: Path) -> bool:
    return (path / "config.cfg").is_file() and (path / "meta.json").is_file()


def _within(path: Path) -> Path | None:
    """The folder of a model at or below a path, three levels at most."""
    level = [path]
    for _ in range(4):
        for candidate in level:
            if (_is_lac(candidate) and candidate.name == "lac_model") or _is_spacy(candidate):
                return candidate
        below = (child for parent in level if parent.is_dir() for child in parent.iterdir())
        level = sorted(child for child in below if child.is_dir())
    return None


def _name(path: Path) -> str:
    if _is_lac(path):
        return Lac.name
    try:
        meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
        return f"{meta['lang']}_{meta['name']}"
    except (OSError, ValueError, KeyError):
        raise ConfigError(
            Msg("meta.json says no language and name"),
            where=str(path),
            hint=Msg("unpack the model's package again"),
        ) from None


def added_models() -> Iterator[Path]:
    """Yield the folders of added models, by name."""
    base = folder()
    if base.is_dir():
        yield from sorted(path for path in base.iterdir() if _is_lac(path) or _is_spacy(path))


def add(path: Path) -> str:
    """Try a model, copy it, and return its name; raise ConfigError if it is none or cannot be loaded."""
    if not path.is_dir():
        raise ConfigError(
            Msg("no such folder") if not path.exists() else Msg("a folder is needed"),
            where=str(path),
            hint=Msg("unpack the archive first"),
        )
    source = _within(path)
    if source is None:
        raise ConfigError(
            Msg("no model there"),
            where=str(path),
            hint=Msg("LAC 2.1.2's folder LAC/lac_model, or a spaCy pipeline's with config.cfg"),
        )
    name = _name(source)
    if not name.startswith(("lac-", "zh_", "en_")):
        raise ConfigError(
            Msg('models for Chinese and English are used, "{name}" is for neither', name=name),
            where=str(path),
        )
    load(source)(["张三住在北京。" if not name.startswith("en_") else "John Smith lives in London."])
    _copy(source, folder() / name)
    text_model.cache_clear()
    return name


def _copy(source: Path, target: Path) -> None:
    """Put a copy of a folder in the place of another; ConfigError if it cannot be written."""
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        shutil.copytree(source, fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    except OSError as e:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ConfigError(
            Msg("cannot be written ({kind})", kind=type(e).__name__),
            where=str(target),
            hint=Msg("set CHUJING_MODELS to a folder you can write"),
        ) from None


def remove(name: str) -> None:
    """Forget an added model; raise ConfigError if there is none of the name."""
    folders = {path.name: path for path in added_models()}
    if name not in folders:
        raise ConfigError(
            Msg('no added model "{name}"', name=name),
            hint=nearest(name, folders) or Msg("chujing models lists them"),
        )
    shutil.rmtree(folders[name])
    text_model.cache_clear()


def load(path: Path) -> TextModel:
    """Return the model in a folder."""
    return Lac(path) if _is_lac(path) else SpacyModel(path)


def _best(language: str) -> Path | None:
    """Folder of the best added model for a language."""
    folders = {path.name: path for path in added_models()}
    english = sorted((name for name in folders if name.startswith("en_")), reverse=True)
    names = _PREFERRED if language == "zh" else english
    return next((folders[name] for name in names if name in folders), None)


def model_name(language: str = "zh") -> str:
    """Return the name of the model that `text_model` would load; empty if there is none."""
    best = _best(language)
    return best.name if best else crf.builtin_name() if language == "zh" else ""


@cache
def text_model(language: str = "zh") -> TextModel | None:
    """Return the best model for a language: an added one, else ours for Chinese; None if there is none."""
    best = _best(language)
    return load(best) if best else crf.builtin() if language == "zh" else None


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
