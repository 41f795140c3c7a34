"""Every test has one layer, and a unit test that touches a file, a socket or a process is caught."""

import socket
import sqlite3
import subprocess
import sys
import threading
from types import SimpleNamespace

import layers
import pytest
from places import CASES, ROOT

pytestmark = pytest.mark.system
WATCH = layers.Watch()


def item(place, *marks, fixtures=(), **params):
    return SimpleNamespace(
        path=ROOT / place,
        nodeid=place,
        fixturenames=fixtures,
        callspec=SimpleNamespace(params=params),
        iter_markers=lambda: (SimpleNamespace(name=m) for m in marks),
    )


@pytest.mark.parametrize(
    ("given", "layer"),
    [
        (item("tests/mappings/test_x.py"), "unit"),
        (item("detectors/cn/mobile.py"), "unit"),
        (item("tests/mappings/test_x.py", fixtures=("tmp_path",)), "system"),
        (item("tests/scanner/test_x.py", kind="mariadb"), "server"),
        (item("tests/scanner/test_x.py", fixtures=("tmp_path", "browser")), "browser"),
        (item("tests/scanner/spark/test_x.py", fixtures=("tmp_path",)), "spark"),
        (item("tests/clients/test_x.py"), "client"),
        (item("tests/clients/test_x.py", "system", "parametrize"), "system"),
        (item("tests/test_x.py"), ""),
        (item("tests/bench/x.py"), ""),
    ],
    ids=[
        "room",
        "doctest",
        "folder of its own",
        "server by name",
        "browser",
        "spark",
        "client",
        "marked",
        "no room",
        "bench",
    ],
)
def test_the_layer_follows_from_mark_folder_and_fixtures(given, layer):
    assert layers.layer_of(given) == layer


def test_two_marks_are_an_error():
    with pytest.raises(ValueError, match="system and unit"):
        layers.layer_of(item("tests/mappings/test_x.py", "unit", "system"))


def watched(what):
    WATCH.begin()
    what()
    return WATCH.end()


TOUCHES = {
    "file": lambda folder: (folder / "x").write_bytes(b""),
    "os.mkdir": lambda folder: (folder / "y").mkdir(),
    "database": lambda folder: sqlite3.connect(folder / "z.db").close(),
    "socket": lambda _: socket.create_server(("127.0.0.1", 0)).close(),
    "process": lambda _: subprocess.run([sys.executable, "-c", ""], check=True),
}


@pytest.mark.parametrize("word", TOUCHES)
def test_what_a_unit_test_may_not_touch_is_caught(word, tmp_path):
    touched = watched(lambda: TOUCHES[word](tmp_path))

    assert touched and touched[0].startswith(word)


def test_packages_cases_and_memory_may_be_read_and_other_threads_are_not_ours():
    go, done = threading.Event(), threading.Event()

    def other():
        go.wait()
        socket.create_server(("127.0.0.1", 0)).close()
        done.set()

    threading.Thread(target=other, daemon=True).start()

    def reads():
        (CASES / "deadlines.yaml").read_bytes()
        (ROOT / "mappings" / "rulesets" / "cn-2024.yaml").read_bytes()
        sqlite3.connect(":memory:").close()
        go.set()
        done.wait()

    assert watched(reads) == []
