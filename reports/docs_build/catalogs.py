"""The page of catalogs: what can stand after `chujing push --to`, and what each can do."""

from __future__ import annotations

import inspect
from types import ModuleType

from reports.catalogs.registry import catalogs, find
from reports.docs_build.markdown import block, code, first_line, page, table

INTRODUCTION = """\
What can stand after `chujing push --to`. [Into catalogs](../catalogs.md) says how a push works."""

ABILITIES = {                                 # function of a catalog's module -> what it lets people do
    "push": "push",
    "files": "write files (`-o`)",
    "check": "`--check`",
    "owners": "`review owners --from`",
    "decisions": "`review import --from`",
    "RECOGNIZERS": "`--recognizers`",
}


def catalogs_page() -> str:
    """Return the page."""
    modules = {name: find(name) for name in catalogs()}
    rows = [
        (code(name), first_line(_about(module)), _ability_words(module)) for name, module in modules.items()
    ]
    sections = [f"## {name}\n\n{block(_about(module))}" for name, module in modules.items()]
    return page("Catalogs", INTRODUCTION, table(("catalog", "what", "can"), rows), *sections)


def _about(module: ModuleType) -> str:
    return inspect.getdoc(module) or ""


def _ability_words(module: ModuleType) -> str:
    return ", ".join(words for name, words in ABILITIES.items() if hasattr(module, name))
