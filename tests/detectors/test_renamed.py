"""Import paths of version 0.1.0 keep working and warn."""

import importlib
import subprocess
import sys

import places
import pytest
import yaml

from detectors.renamed import MODULES, NAMES, old_names

CASES = places.CASES / "public_names.yaml"
PUBLIC = yaml.safe_load(CASES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("old", MODULES)
def test_an_old_module_is_the_new_one(old):
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=f"^{old} is now {MODULES[old]}$"):
        module = importlib.import_module(old)

    assert module is importlib.import_module(MODULES[old])
    assert module.__spec__.name == MODULES[old]


@pytest.mark.parametrize("old", [n for n in NAMES if not n.endswith("*")])
def test_an_old_name_warns_with_the_new_one(old):
    module, _, name = old.rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"^{old} is now {NAMES[old]}$"):
        value = getattr(importlib.import_module(module), name)

    assert value is not None


@pytest.mark.system                           # libraries of others look for a network when they are imported
@pytest.mark.parametrize("module", PUBLIC)
def test_what_plugins_import_stays(module):
    assert [name for name in PUBLIC[module] if not hasattr(importlib.import_module(module), name)] == []


def test_what_never_was_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'scanner.config' has no attribute 'nothing'"):
        old_names("scanner.config")("nothing")
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        importlib.import_module("detectors.columns")
        exec("from detectors.columns import nothing")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("scanner.nothing")


@pytest.mark.system
def test_the_warning_names_the_line_that_imports():
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from scanner.pipeline import scan\nfrom detectors.fusion import Inherited, detect",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stderr.splitlines() == [
        "<string>:1: DeprecationWarning: scanner.pipeline is now scanner.job",
        "<string>:2: DeprecationWarning: detectors.fusion is now detectors.columns.fusion",
    ]
