"""Import paths of version 0.1.0 keep working and warn."""

import importlib
import subprocess
import sys

import pytest

from detectors.renamed import MODULES, NAMES, old_names


@pytest.mark.parametrize("old", MODULES)
def test_an_old_module_is_the_new_one(old):
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=f"^{old} is now {MODULES[old]}$"):
        module = importlib.import_module(old)

    assert module is importlib.import_module(MODULES[old])
    assert module.__spec__.name == MODULES[old]


@pytest.mark.parametrize("old", [n for n in NAMES if not n.endswith("*")] + [
    "scanner.config.read", "scanner.config.Config", "scanner.config.Source",
    "scanner.config.source_name",
])
def test_an_old_name_gives_what_it_gave(old):
    module, _, name = old.rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"^{old} is now "):
        value = getattr(importlib.import_module(module), name)

    assert value is not None


def test_what_never_was_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'scanner.config' has no attribute 'nothing'"):
        old_names("scanner.config")("nothing")
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        importlib.import_module("detectors.columns")
        exec("from detectors.columns import nothing")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("scanner.nothing")


def test_the_warning_names_the_line_that_imports():
    run = subprocess.run([sys.executable, "-c", "from scanner.pipeline import scan\nfrom detectors.fusion import Inherited, detect"],
                         capture_output=True, text=True, check=True)

    assert run.stderr.splitlines() == [
        "<string>:1: DeprecationWarning: scanner.pipeline is now scanner.job",
        "<string>:2: DeprecationWarning: detectors.fusion is now detectors.columns.fusion",
    ]
