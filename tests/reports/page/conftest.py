"""A real browser, and pages opened in it: at the end nothing but files was asked for."""

import os
import shutil

import pytest

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


PATIENCE = 180_000  # milliseconds until a page that does not answer is given up, on a loaded machine too


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and os.environ.get("CHUJING_REQUIRE_SERVERS") == "1":
        pytest.fail("Chromium is required here and was not found")
    if found is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=found, args=FLAGS, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser):
    """Opens a file in a window of its own; at the end,
    nothing but files was asked for and no script failed.
    """
    contexts, trouble = [], []

    def open_(path, hash="", **how):
        context = browser.new_context(
            **{"locale": "zh-CN", "viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
            | how
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        tab = context.new_page()
        tab.on(
            "request", lambda r: trouble.append(r.url) if not r.url.startswith(("file:", "blob:")) else None
        )
        tab.on("pageerror", lambda e: trouble.append(str(e)))
        tab.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        tab.on("dialog", lambda d: (trouble.append(d.message), d.dismiss()))
        tab.goto(path.as_uri() + hash)
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
