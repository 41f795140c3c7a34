"""The picture in the README: the first screen of a report's English page, taken with Chromium.

    make demo && .venv/bin/python -m reports.docs_build.picture demo-output/report.html
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PICTURE = Path(__file__).parents[1] / "docs" / "en" / "report.png"
SCREEN = (1280, 1020)                         # pixels: width, height


def take_picture(page: Path, picture: Path = PICTURE) -> None:
    """Write the picture of a report's page."""
    from playwright.sync_api import sync_playwright

    width, height = SCREEN
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(
            viewport={"width": width, "height": height}, locale="en-US", color_scheme="light"
        )
        tab.goto(page.resolve().as_uri(), wait_until="networkidle")
        tab.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    take_picture(Path(sys.argv[1]))
