"""Law as data: YAML found by name inside the package or by path, read with unknown keys refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.message import Msg
from detectors.yaml_problems import yaml_problem


def shipped_names(folder: str) -> tuple[str, ...]:
    """Names of the YAML files shipped in a folder of `mappings`, sorted."""
    found = [f.name for f in files("mappings").joinpath(folder).iterdir()]
    return tuple(sorted(n.removesuffix(".yaml") for n in found if n.endswith(".yaml")))


def load_yaml(folder: str, name: str) -> tuple[Any, str]:
    """(content, where) of a shipped file or of a path; RulesError with the nearest name."""
    import yaml

    if name.endswith((".yaml", ".yml")):
        where = name
        try:
            text = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise RulesError(
                Msg("cannot be read"), where=name, hint=Msg("a UTF-8 YAML file is needed")
            ) from None
    else:
        if name not in shipped_names(folder):
            raise RulesError(
                _no_file(folder, name),
                hint=nearest(name, shipped_names(folder)) or Msg("known: {names}", names=tuple(shipped_names(folder))),
            )
        where = f"mappings/{folder}/{name}.yaml"
        text = files("mappings").joinpath(folder, f"{name}.yaml").read_text(encoding="utf-8")
    try:
        return yaml.load(text, Loader=_unique(yaml.SafeLoader)), where  # noqa: S506
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        problem = Msg("not YAML: {said}", said=yaml_problem(str(e.problem)))
        raise RulesError(problem, where=f"{where}:{line}") from None


def _no_file(folder: str, name: str) -> Msg:
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


def _unique(base: Any) -> Any:
    """A loader that refuses a key standing twice."""
    import yaml

    class Unique(base):
        pass

    def mapping(loader: Any, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, Msg('"{name}" stands twice', name=key.value), key.start_mark
                )
            seen.add(key.value)
        return yaml.SafeLoader.construct_mapping(loader, node, deep)

    Unique.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Unique


def check_keys(raw: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    """RulesError on the first key that is not one of `keys`."""
    allowed = list(keys)
    for key in raw:
        if key not in allowed:
            raise RulesError(
                Msg('unknown key "{name}"', name=key),
                where=where,
                hint=nearest(key, allowed) or Msg("known: {names}", names=tuple(sorted(allowed))),
            )
