"""Write what is generated from the code into `reports/docs/`: the JSON Schemas. Tests fail when they are stale."""

from __future__ import annotations

import json
from pathlib import Path

from reports.formats.json import report_schema

HERE = Path(__file__).parent / "docs"


def main() -> None:
    """Write every generated document."""
    HERE.mkdir(exist_ok=True)
    text = json.dumps(report_schema(), ensure_ascii=False, indent=1) + "\n"
    (HERE / "report.schema.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
