"""The same Parquet folder scanned here and on a Spark master with two workers: are findings and counts equal,
and what does it cost?

`bench_spark.py [--rows 100000000] [--folder FOLDER] [--cores 1] [--memory 2g] [--keys 3]`: a quarter as many
persons as rows, some with very many rows; one flow, every row linked by so many keys. Each scan runs in a
process of its own. Printed are seconds of wall and of CPU (for Spark: of all its processes, and less those of
a scan of 1,000 rows, which is what a session costs), the peak memory of the process that drives (for Spark:
of Python, and of the JVM beside it), and the bytes that the workers shuffled.
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "fakes")]

from bench_count import numbers  # noqa: E402

import servers  # noqa: E402

CHUNK = 1_000_000  # rows of a row group
FILE = 10  # row groups of a file
CITIES = np.array(["上海", "杭州", "北京", "深圳", "成都", "西安"])
FLOW = """
version: 1
exporter: {{id: bench, entities: [bench], facts: {{ciio: no, important_data: none}}}}
sources: {{lake: {{url: {folder}}}}}
flows:
  - {{id: hq, entity: bench, recipient: {{name: HQ}}, purpose: crm,
     fields: [{fields}]}}
"""
FIELDS = ["visits/id_no", "visits/mobile", "visits/member_id"]
REAPER = 36  # prctl: children of processes that ended come to this one
RUN = """
import json, os, sys, time
from datetime import date
from pathlib import Path
import scanner
from reports.formats.json import to_json

def peak(process):
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(l.split()[1]) for l in lines if l.startswith("VmHWM")), 0) / 1024

def children(process):
    for c in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        yield c
        yield from children(c)

config, master = sys.argv[1:3]
began = time.monotonic()
options = {}
if master:
    from scanner.spark import Engine
    options["engine"] = Engine(master)
report = scanner.scan(config, as_of=date(2026, 11, 1), exact=True, **options)
seconds = time.monotonic() - began
jvm = max([peak(c) for c in children(os.getpid())] or [0]) if master else 0
if master:
    options["engine"].close()
result = {"seconds": seconds, "peak": peak("self"), "jvm": jvm, "report": to_json(report) | {"run": None}}
print(json.dumps(result))
"""


def write(folder, rows):
    """Invented visits of invented people; the table a function of `rows` alone."""
    table = folder / "visits"
    table.mkdir(parents=True)
    people = max(1, rows // 4)
    draw = np.random.default_rng(7)
    sink = None
    for number, start in enumerate(range(0, rows, CHUNK)):
        n = min(CHUNK, rows - start)
        often = np.minimum(draw.zipf(1.3, n), people) - 1
        who = np.where(draw.random(n) < 0.2, often, draw.integers(0, people, n)).astype(np.int64)
        who += 1_000  # nobody has the numbers that people type for none
        ids, mobiles = numbers(who)
        blank = who % 10 == 0  # some never gave it
        shared = who % 500 == 0  # and some share a number with the one before
        mobiles[shared] = numbers(who[shared] // 1_000)[1]
        chunk = pa.table(
            {
                "line": pa.array(np.arange(start, start + n)),
                "id_no": pa.array(ids, mask=blank),
                "mobile": pa.array(mobiles),
                "member_id": pa.array(who),
                "city": pa.array(CITIES[who % len(CITIES)]).dictionary_encode(),
                "amount": pa.array(draw.random(n)),
            }
        )
        if number % FILE == 0:
            if sink is not None:
                sink.close()
            sink = pq.ParquetWriter(table / f"part-{number // FILE:04}.parquet", chunk.schema)
        sink.write_table(chunk, row_group_size=CHUNK)
    sink.close()


def run(home, data, keys, master=""):
    """One scan in a process and a folder of its own. Spark's defaults stand in that folder."""
    fields = ", ".join([*FIELDS[:keys], "visits/city"])
    (home / "chujing.yaml").write_text(FLOW.format(folder=data, fields=fields))
    env = os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_CONF_DIR": str(home)}
    found = subprocess.run(
        [sys.executable, "-c", RUN, str(home / "chujing.yaml"), master],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    if found.returncode:
        sys.exit(found.stderr[-3000:])
    return json.loads(found.stdout)


def cpu():
    """Seconds of CPU of all processes of ours; all have ended or are about to."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def there(folder, name, data, given):
    """(one scan on a master of its own, CPU of all processes, bytes shuffled)."""
    place = folder / f"spark-{name}"
    events = place / "events"
    events.mkdir(parents=True)
    (place / "spark-defaults.conf").write_text(
        f"spark.eventLog.enabled true\nspark.eventLog.dir {events}\nspark.eventLog.compress false\n"
        "spark.driver.memory 2g\n"
    )
    before = cpu()
    with servers.spark_master(place, given.cores, given.memory) as spark:
        result = run(place, data, given.keys, spark.master)
    tasks = (json.loads(line).get("Task Metrics") for file in events.rglob("*") if file.is_file()
             for line in file.open() if '"SparkListenerTaskEnd"' in line)
    shuffled = sum(task["Shuffle Write Metrics"]["Shuffle Bytes Written"] for task in tasks if task)
    shutil.rmtree(events)
    return result, cpu() - before, shuffled


def labels(report):
    found = [c for t in report["tables"] for c in t["columns"]]
    return {c["id"]: [(f["label"], f["confidence"]) for f in c["findings"]] for c in found}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=100_000_000)
    options.add_argument("--folder", type=Path)
    options.add_argument("--cores", type=int, default=1)
    options.add_argument("--memory", default="2g")
    options.add_argument("--keys", type=int, choices=(1, 2, 3), default=3)
    given = options.parse_args()
    ctypes.CDLL(None).prctl(REAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        data = given.folder or folder / "data"
        if not data.exists():
            write(data, given.rows)
        small = folder / "small"
        write(small, 1_000)
        before = cpu()
        (folder / "here").mkdir()
        here = run(folder / "here", data, given.keys)
        local = cpu() - before
        print(f"local   {here['seconds']:8.1f} s   CPU {local:8.1f} s   peak {here['peak']:,.0f} MiB")
        _, session, _ = there(folder, "session", small, given)
        spark, used, shuffled = there(folder, "there", data, given)
        print(
            f"spark   {spark['seconds']:8.1f} s   CPU {used:8.1f} s, of the session {session:.1f} s   "
            f"peak {spark['peak']:,.0f} MiB, JVM {spark['jvm']:,.0f} MiB"
        )
        print(f"CPU less the session {used - session:.1f} s: {(used - session) / local:.2f} of the local one")
        print(f"shuffled {shuffled / given.rows:.1f} bytes a row")
        one, other = here["report"], spark["report"]
        print(f"persons {one['flows'][0]['individuals']}")
        print(
            f"counts equal: {one['flows'] == other['flows']}   labels and confidences equal: "
            f"{labels(one) == labels(other)}   "
            f"whole report equal: {one == other}"
        )
        for x, y in zip(one["flows"], other["flows"], strict=True):
            if x != y:
                said = ("individuals", "sensitive_individuals", "minors", "count_notes")
                print("differ:", {k: (x[k], y[k]) for k in said if x[k] != y[k]})
        if one["skipped"] or other["skipped"]:
            print(one["skipped"], other["skipped"])


if __name__ == "__main__":
    main()
