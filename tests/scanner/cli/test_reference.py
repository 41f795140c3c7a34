"""The pages of documentation: generated ones are fresh, links lead somewhere, what is named exists."""

import re
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from scanner.cli.reference import DOCS, ROOT, generated_pages

pytestmark = pytest.mark.system
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / ".github").glob("*.md")),
    *sorted(DOCS.rglob("*.md")),
]
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:detectors|mappings|reports|scanner|tests|\.ci|\.github)/[\w./-]*)`")
BLANK = re.compile("NAME|SUFFIX")              # the reader fills it in
MOST_LINES_OF_README = 150


def test_generated_pages_are_fresh():
    stale = [
        file.relative_to(ROOT).as_posix()
        for file, text in generated_pages().items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_and_named_paths_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in LINK.findall(text) if "://" not in link]
    dead = [link for link in links if not (page.parent / link).exists()]
    paths = [path for path in PATH.findall(text) if not BLANK.search(path)]
    gone = [path for path in paths if not (ROOT / path).exists()]

    assert (dead, gone) == ([], [])


def test_every_page_is_in_the_index():
    index = (DOCS / "en" / "index.md").read_text(encoding="utf-8")
    pages = {page.relative_to(DOCS / "en").as_posix() for page in (DOCS / "en").rglob("*.md")}

    assert pages - set(LINK.findall(index)) == {"index.md"}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_README


def test_of_the_documentation_the_wheel_holds_the_schema_alone():
    builder = WheelBuilder(str(ROOT))
    files = {Path(file.distribution_path).as_posix() for file in builder.recurse_included_files()}
    documents = [file for file in files if file.startswith(("reports/docs", "tests/"))]

    assert documents == ["reports/docs/report.schema.json"]
    assert {"scanner/cli/app.py", "mappings/rulesets/cn-2024.yaml", "reports/messages/zh.mo"} <= files
