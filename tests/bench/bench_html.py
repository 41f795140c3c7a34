"""The HTML report at size: seconds, memory and bytes of writing it; in Chromium,
seconds until it is open and the first filter answers.

`bench_html.py [--columns 50000] [--systems 20] [--graded] [--no-browser] [--keep FOLDER]`. --graded: two
further taxonomies beside the national one. Above 50,000 columns it is an index with pages in a folder. Memory
is that of the writer alone: the peak above what the report itself takes.
"""

import argparse
import re
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "fakes"), str(Path(__file__).parents[2])]
from generated import report  # noqa: E402

from mappings.grading import load_grading  # noqa: E402
from reports.formats import html  # noqa: E402


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--columns", type=int, default=50_000)
    asked.add_argument("--systems", type=int, default=20)
    asked.add_argument("--graded", action="store_true")
    asked.add_argument("--no-browser", action="store_true")
    asked.add_argument("--keep", type=Path)
    args = asked.parse_args()
    made = report(args.columns, args.systems)
    if args.graded:
        finance = load_grading("jrt-0197-2020")
        made = replace(made, gradings=(finance, replace(finance, id="own", title="本公司", source="本公司")))
    with tempfile.TemporaryDirectory() as folder:
        path = (args.keep or Path(folder)) / "report.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        before, start = _peak(), time.perf_counter()
        files = html.save(made, path)
        seconds = time.perf_counter() - start
        sizes = sorted(f.stat().st_size / 2**20 for f in files[1:])
        print(
            f"{args.columns:,} columns: {seconds:.1f} s, {_peak() - before:.0f} MiB above the report's "
            f"{before:.0f} MiB"
        )
        print(f"{len(files)} files, {path.name} {path.stat().st_size / 2**20:.2f} MiB", end="")
        print(f", pages {sizes[0]:.2f} to {sizes[-1]:.2f} MiB, all {sum(sizes):.0f} MiB" if sizes else "")
        if not args.no_browser:
            for page in (files[0], *files[1:2]):
                _open(page)


def _peak():
    """Most memory used so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _open(path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}).new_page()
        start = time.perf_counter()
        tab.goto(path.as_uri())
        opened = time.perf_counter() - start
        told = f"{path.name}: open in {opened:.2f} s"
        if tab.locator("#grid").count():
            first = tab.evaluate("""async () => {
              const select = document.getElementById('f-sensitive'), start = performance.now();
              select.value = 'yes'; select.dispatchEvent(new Event('change'));
              await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
              return (performance.now() - start) / 1000; }""")
            start = time.perf_counter()
            tab.locator("#f-q").fill("member_1")
            tab.wait_for_url(re.compile("q=member_1"))
            found = time.perf_counter() - start
            told += (
                f"; first filter {first:.2f} s, text search {found:.2f} s, "
                f"{tab.locator('.line').count()} rows in the document"
            )
        print(told)
        browser.close()


if __name__ == "__main__":
    main()
