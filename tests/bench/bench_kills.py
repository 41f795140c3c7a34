"""Scans killed with kill -9 at random moments: no table lost, nobody counted twice,
the state opens every time.

.venv/bin/python tests/bench/bench_kills.py --kills 100
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from mappings.ledger_entries import count_entries
from scanner.config import hash_key
from scanner.config.model import read
from scanner.count import ledger
from scanner.state import store

TABLES = 40
CONFIG = """version: 1
exporter: {id: acme, entities: [acme]}
sources: {shop: {url: "sqlite:///shop.db"}, files: {url: files}}
flows:
  - {id: hq, entity: acme, status: active, recipient: {name: HQ, country: DE}, purpose: crm,
     fields: [shop/member_00/mobile, files/member_01/mobile]}
"""


def fill(folder: Path) -> None:
    (folder / "files").mkdir()
    with sqlite3.connect(folder / "shop.db") as c:
        for n in range(TABLES):
            c.execute(f"CREATE TABLE member_{n:02d} (id INTEGER PRIMARY KEY, mobile TEXT, city TEXT)")
            people = [f"137{n * 50 + i:08d}" for i in range(100)]
            c.executemany(
                f"INSERT INTO member_{n:02d} (mobile, city) VALUES (?, '上海')", [(p,) for p in people]
            )
            (folder / "files" / f"member_{n:02d}.csv").write_text(
                "mobile,note\n" + "".join(f"{p},x\n" for p in people), encoding="utf-8"
            )
    (folder / "chujing.yaml").write_text(CONFIG, encoding="utf-8")


def touch(folder: Path, draw: random.Random) -> None:
    """Rows change in some tables, so that the next scan has something to read."""
    for n in draw.sample(range(2, TABLES), 12):  # not those of the flow: its ledger is to hold one entry
        with (folder / "files" / f"member_{n:02d}.csv").open("a", encoding="utf-8") as f:
            f.write("13700000000,x\n")


def state(folder: Path) -> dict[str, str]:
    """Table -> moment it was recorded, after checking that the state is whole."""
    file = folder / ".chujing" / "state.db"
    if not file.exists():
        return {}
    store.runs(folder)  # brings its tables up to date, which is where a half-made state would fail
    with sqlite3.connect(file) as c:
        assert c.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = c.execute("SELECT name, checked, body FROM table_result").fetchall()
    names = [r[0] for r in rows]
    assert len(names) == len(set(names)), "a table stands twice"
    for name, _, body in rows:
        assert json.loads(gzip.decompress(body))["id"] == name
    return {name: checked for name, checked, _ in rows}


def scan(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scanner",
            "scan",
            "-c",
            "chujing.yaml",
            "-q",
            "--record",
            "-o",
            "report.json",
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def plain(folder: Path) -> dict[str, object]:
    told = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    told.pop("run")
    return told


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--kills", type=int, default=100)
    ask.add_argument("--seed", type=int, default=5)
    given = ask.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "work"
        folder.mkdir()
        os.environ["CHUJING_KEY_FILE"] = str(folder / "key")
        fill(folder)
        start = time.monotonic()
        assert scan(folder).wait() == 0
        whole = time.monotonic() - start
        shutil.rmtree(folder / ".chujing")  # the first kills meet a state that is being made
        kills = finished = 0
        before: dict[str, str] = {}
        while kills < given.kills:
            child = scan(folder)
            try:
                child.wait(draw.uniform(0, 1.1 * whole))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
                kills += 1
            else:
                assert child.returncode == 0, child.stderr and child.stderr.read()
                finished += 1
                touch(folder, draw)
            now = state(folder)
            assert set(before) <= set(now), "a table was lost"
            before = now
        assert scan(folder).wait() == 0
        resumed = plain(folder)
        fresh = Path(made) / "fresh"
        fresh.mkdir()
        for name in ("shop.db", "chujing.yaml", "files"):
            (fresh / name).symlink_to(folder / name)
        assert scan(fresh).wait() == 0
        again = plain(fresh)
        same = resumed == again
        people = []
        for f in (folder, fresh):
            key, _ = hash_key.key_of_year(read(f / "chujing.yaml").key_file, date.today().year, f)
            book = list(ledger.read_entries(f, key, date.today().year))
            people.append((len(book), count_entries(book).individuals.best))
        print(f"{kills} kills, {finished} scans that ended before, scan alone {whole:.1f} s")
        print(
            f"state opened {kills + finished} of {kills + finished} times; "
            f"{len(before)} of {2 * TABLES} tables recorded, none twice"
        )
        print(f"the report, but for its run, equals that of a fresh scan: {same}")
        print(
            f"ledger: {people[0][0]} entries, {people[0][1]} persons after the kills; "
            f"{people[1][0]} entry, {people[1][1]} persons fresh"
        )
        assert same and people[0] == people[1]


if __name__ == "__main__":
    main()
