"""Law as data: YAML found by name inside the package or by path, read with unknown keys refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache, wraps
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from detectors.errors import RulesError, nearest
from detectors.input_files import input_text
from detectors.labels import labels
from detectors.message import Msg, Text
from detectors.shipped import fast_loader
from detectors.yaml_problems import yaml_problem

Loaded = TypeVar("Loaded")
TEXTS_IN_MEMORY = 256                         # of one kind of file


def shipped_names(folder: str) -> tuple[str, ...]:
    """Return the names of the YAML files shipped in a folder of `mappings`, sorted."""
    names = [f.name for f in files("mappings").joinpath(folder).iterdir()]
    return tuple(sorted(n.removesuffix(".yaml") for n in names if n.endswith(".yaml")))


def load_yaml(folder: str, name: str, keys: str = "") -> tuple[Any, str]:
    """Return (content, where) of a shipped file or of a path; raise RulesError with the nearest name.

    keys: model of `mappings/grammar.py` that a file given by its path must fit; RulesError then names
    everything that is wrong in it. Shipped files were held against it before.
    """
    import yaml

    text, where = _file_text(folder, name)
    if keys:
        check_grammar(name, keys)
    try:
        with suppress(yaml.YAMLError):        # the fast parser words its faults in its own way
            fast = _unique_key_loader(fast_loader())
            return yaml.load(text, Loader=fast), where  # noqa: S506
        return yaml.load(text, Loader=_unique_key_loader(yaml.SafeLoader)), where  # noqa: S506
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        problem = Msg("not YAML: {said}", said=yaml_problem(str(e.problem)))
        raise RulesError(problem, where=f"{where}:{line}") from None
    except yaml.YAMLError:
        raise RulesError(Msg("not YAML: a character that cannot be read"), where=where) from None
    except RecursionError:
        raise RulesError(Msg("not YAML: nested too deeply"), where=where) from None


def once_a_text(load: Callable[[str], Loaded]) -> Callable[[str], Loaded]:
    """Return a function that reads a file by its name or path again only where its text is another one.

    A path may be relative, and a file may change while a program runs; shipped files do not.
    """
    @lru_cache(TEXTS_IN_MEMORY)
    def by_text(name: str, text: str) -> Loaded:
        return load(name)

    @wraps(load)
    def load_once(name: str) -> Loaded:
        return by_text(name, _file_text("", name)[0] if is_path(name) else "")

    return load_once


def is_path(name: str) -> bool:
    """Is a name that of a file, not of one that ships?"""
    return name.endswith((".yaml", ".yml"))


def check_grammar(name: str, keys: str) -> None:
    """Raise RulesError with everything that is wrong in a file given by its path; others are as they ship.

    keys: its model in `mappings/grammar.py`.
    """
    if not is_path(name):
        return
    from detectors.grammar import parsed
    from detectors.yaml_document import parse_document
    from mappings import grammar

    text, where = _file_text("", name)
    parsed(parse_document(text, where, RulesError), getattr(grammar, keys), RulesError)


def _file_text(folder: str, name: str) -> tuple[str, str]:
    """(text, where) of a file."""
    if is_path(name):
        try:
            return input_text(Path(name), RulesError), name
        except (OSError, UnicodeDecodeError):
            raise RulesError(
                Msg("cannot be read"), where=name, hint=Msg("a UTF-8 YAML file is needed")
            ) from None
    shipped = shipped_names(folder)
    if name not in shipped:
        raise RulesError(
            _missing_file_message(folder, name),
            hint=nearest(name, shipped) or Msg("known: {names}", names=shipped),
        )
    text = files("mappings").joinpath(folder, f"{name}.yaml").read_text(encoding="utf-8")
    return text, f"mappings/{folder}/{name}.yaml"


def _missing_file_message(folder: str, name: str) -> Msg:
    match folder:
        case "taxonomies":
            return Msg('no taxonomies file "{name}"', name=name)
        case "rulesets":
            return Msg('no rulesets file "{name}"', name=name)
        case "zone_lists":
            return Msg('no zone_lists file "{name}"', name=name)
        case "purposes":
            return Msg('no purposes file "{name}"', name=name)
    return Msg('no {folder} file "{name}"', folder=folder, name=name)


def _unique_key_loader(base: Any) -> Any:
    """A loader that refuses a key that stands twice in a mapping."""
    import yaml

    class Unique(base):
        pass

    def mapping(loader: Any, node: Any, deep: bool = False) -> Any:
        keys: set[str] = set()
        for key, _ in node.value:
            if key.value in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, Msg('"{name}" stands twice', name=key.value), key.start_mark
                )
            keys.add(key.value)
        return yaml.SafeLoader.construct_mapping(loader, node, deep)

    Unique.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Unique


def check_keys(raw: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    """Raise RulesError on the first key that is not one of `keys`."""
    allowed = list(keys)
    for key in raw:
        if key not in allowed:
            raise RulesError(
                Msg('unknown key "{name}"', name=" ".join(str(key).split())),
                where=where,
                hint=nearest(key, allowed) or Msg("known: {names}", names=tuple(sorted(allowed))),
            )


def check_label(label: str, where: str, hint: Text = "") -> None:
    """Raise RulesError for a label that no detector makes. hint: where none is near."""
    if label not in labels():
        raise RulesError(
            Msg('no detector makes the label "{name}"', name=label), where=where,
            hint=nearest(label, labels()) or hint,
        )
