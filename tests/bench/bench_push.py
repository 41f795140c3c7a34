"""Push 50,000 columns to a catalog on loopback: requests, seconds, memory; a second push;
killed at random moments and repeated.

python tests/bench/bench_push.py [--to datahub] [--tables 1000] [--columns 50] [--kills 10]
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "fakes"), str(ROOT)]
import atlas_server  # noqa: E402
import catalog_server  # noqa: E402
import findings  # noqa: E402
import openmetadata_server  # noqa: E402

from reports.formats.json import write  # noqa: E402

CATALOGS = {
    "datahub": catalog_server.Catalog,
    "atlas": atlas_server.AtlasServer,
    "openmetadata": openmetadata_server.OpenMetadata,
}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--to", choices=tuple(CATALOGS), default="datahub")
    options.add_argument("--tables", type=int, default=1000)
    options.add_argument("--columns", type=int, default=50)
    options.add_argument("--kills", type=int, default=10)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with (folder / "report.json").open("w", encoding="utf-8") as file:
            write(findings.wide(asked.tables, asked.columns), file)
        whole = catalog(asked)
        with catalog_server.serving(whole) as url:
            seconds, memory, said = push(asked.to, folder / "one", folder / "report.json", url)
            print(
                f"first push: {asked.tables * asked.columns} columns, {len(whole.requests)} requests "
                f"({len(whole.writes)} write), "
                f"{seconds:.1f} s, {memory:.0f} MiB; {said}"
            )
            sent = len(whole.requests)
            seconds, memory, said = push(asked.to, folder / "one", folder / "report.json", url)
            print(
                f"second push: {len(whole.requests) - sent} requests, {seconds:.1f} s, "
                f"{memory:.0f} MiB; {said}"
            )
        cut = catalog(asked)
        with catalog_server.serving(cut) as url:
            second = (asked.to, folder / "two", folder / "report.json", url)
            kills = killed(partial(started, *second), cut, asked.kills)
            push(*second)
        marks = marked(asked.to, cut)
        print(
            f"killed {kills} times: {len(marks)} marks on {len({m[:2] for m in marks})} fields, "
            f"{len(cut.writes)} write requests against "
            f"{len(whole.writes)}; the same as without: "
            f"{same(state(asked.to, cut)) == same(state(asked.to, whole))}"
        )


def catalog(asked):
    made = CATALOGS[asked.to]()
    for n in range(asked.tables):
        columns = [f"c{i:03}" for i in range(asked.columns)]
        if asked.to == "datahub":
            made.dataset(f"urn:li:dataset:(urn:li:dataPlatform:postgres,public.t{n:05},PROD)", *columns)
        elif asked.to == "atlas":
            made.table("rdbms_table", f"public.t{n:05}", *columns)
        else:
            made.table(f"crm.default.public.t{n:05}", *columns)
    return made


def state(to, catalog):
    match to:
        case "datahub":
            return catalog.aspects
        case "atlas":
            return catalog.state()
    return {
        "tables": {n: [c.get("tags") for c in t["columns"]] for n, t in catalog.held["tables"].items()},
        "tags": sorted(catalog.held["tags"]),
        "properties": sorted(p["name"] for p in catalog.properties),
    }


def marked(to, catalog):
    """(table, field, mark)."""
    if to == "datahub":
        return [(urn, f, t) for urn in catalog.aspects for f, t in catalog.terms(urn)]
    if to == "openmetadata":
        return [
            (n, c["name"], x["tagFQN"])
            for n, t in catalog.held["tables"].items()
            for c in t["columns"]
            for x in c.get("tags", ())
        ]
    return [(g, "", c["typeName"]) for g, e in catalog.entities.items() for c in e.get("classifications", ())]


def started(to, base, report, url):
    base.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "scanner",
        "push",
        "--to",
        to,
        "--url",
        url,
        "--include",
        "suggested",
        "--report",
        report,
    ]
    return subprocess.Popen(
        command,
        cwd=base,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CHUJING_LANG": "en"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def push(to, base, report, url):
    """(seconds, MiB at most, last line) of a whole push."""
    begun = time.perf_counter()
    child = started(to, base, report, url)
    most = 0
    while child.poll() is None:  # the kernel's own peak of a child starts with the memory of its parent
        most = max(
            [most, *(int(x.split()[1]) for x in status(child.pid).splitlines() if x.startswith("VmHWM"))]
        )
        time.sleep(0.05)
    seconds, said = time.perf_counter() - begun, child.stderr.read()
    assert child.returncode == 0, said
    return seconds, most / 1024, said.strip().splitlines()[-1]


def status(pid):
    try:
        return Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return ""


def killed(start, catalog, times):
    """Kill pushes after a number of further write requests drawn anew each time;
    how many were under way when they died.
    """
    draw, hit = random.Random(7), 0
    for _ in range(times):
        child, until = start(), len(catalog.writes) + draw.randint(1, 12)
        while child.poll() is None and len(catalog.writes) < until:
            time.sleep(0.01)
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            hit += 1
        child.wait()
    return hit


def same(aspects):
    """Without order and times."""
    if isinstance(aspects, dict):
        return {k: same(v) for k, v in sorted(aspects.items())}
    return sorted((same(v) for v in aspects), key=json.dumps) if isinstance(aspects, list) else aspects


if __name__ == "__main__":
    main()
