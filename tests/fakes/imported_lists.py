"""Whole lists of zones, as a company has them that brought the official table: shipped ones with entries."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from places import ROOT

from mappings.yaml_files import load_yaml
from mappings.zones import FOLDER

_SCRATCH = ROOT / ".hypothesis"                # where unit tests may write and read
_SCRATCH.mkdir(exist_ok=True)
_FOLDER = TemporaryDirectory(prefix="lists-", dir=_SCRATCH)
ENTRY = {
    "data_category": "虚构", "description": "虚构的条目", "data_kind": "important_data",
    "required_path": "security_assessment", "source_page": "虚构",
}


@cache
def imported(name):
    """The path of a list that ships, whole: with an entry of each of its sectors."""
    raw, _ = load_yaml(FOLDER, name)
    entries = [{"industry": sector, "scenario": sector, **ENTRY} for sector in raw["sectors"]]
    file = Path(_FOLDER.name) / f"{name}.yaml"
    whole = {**raw, "complete": "yes", "entries": [*raw["entries"], *entries]}
    file.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    return str(file)


def cases_of(file):
    """What stands in a file of cases; `imported/NAME` in it is the path of that list."""
    text = file.read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\bimported/([a-z]\w+)", lambda match: imported(match[1]), text))
