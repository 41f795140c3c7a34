"""`make docs`: write the generated pages of `reports/docs/`.

No command of chujing, and not part of the wheel. What only this package knows is handed to
`reports/docs_build/`: commands, the shape of chujing.yaml, connectors and dialects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.docs_build.formats import Dialect

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "reports" / "docs"


def generated_pages() -> Mapping[Path, str]:
    """Return the text of every generated file."""
    import json

    import typer.main

    from reports.docs_build.catalogs import catalogs_page
    from reports.docs_build.commands import commands_page
    from reports.docs_build.configuration import configuration_page
    from reports.docs_build.detectors import detectors_page
    from reports.docs_build.formats import formats_page
    from reports.docs_build.rules import rules_page
    from reports.formats.json import report_schema
    from scanner.cli.app import app
    from scanner.config.model import config_schema

    reference = DOCS / "en" / "reference"
    return {
        DOCS / "report.schema.json": json.dumps(report_schema(), ensure_ascii=False, indent=1) + "\n",
        reference / "commands.md": commands_page(typer.main.get_command(app)),
        reference / "configuration.md": configuration_page(config_schema()),
        reference / "detectors.md": detectors_page(),
        reference / "rules.md": rules_page(),
        reference / "formats.md": formats_page(_readers(), _dialects(), ROOT),
        reference / "catalogs.md": catalogs_page(),
    }


def _readers() -> Mapping[str, Sequence[str]]:
    """Return the file of each reader with the suffixes and schemes it serves."""
    from scanner.connectors.registry import families

    readers: dict[str, list[str]] = {}
    for served, module in families().items():
        readers.setdefault(f"{module.replace('.', '/')}.py", []).append(served)
    return readers


def _dialects() -> Sequence[Dialect]:
    """Return the SQL dialects that have a file."""
    import pkgutil

    from reports.docs_build.formats import Dialect
    from scanner.connectors.sql import dialects

    folder = Path(dialects.__file__).parent
    return [
        Dialect(module.name, getattr(dialects.rules(module.name), "EXTRA", ""), folder / f"{module.name}.py")
        for module in pkgutil.iter_modules(dialects.__path__)
    ]


def main() -> None:
    """Write every generated file."""
    for file, text in generated_pages().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
