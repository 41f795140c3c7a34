"""A generated Hive metastore of many tables: the first sweep, the unchanged second one,
and one after some tables changed.

.venv/bin/python tests/bench/bench_sweep.py --tables 30000 --columns 40
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "fakes")]
import metastore  # noqa: E402
import sqlalchemy as sa  # noqa: E402

import servers  # noqa: E402

CHANGED = 300  # tables that get a column before the third sweep


def plan(folder: Path, password: str) -> tuple[float, str]:
    """(seconds of the sweep, figures) of one `chujing plan`;
    the wall clock runs until its list is written.
    """
    start = time.monotonic()
    with (folder / "plan.txt").open("w") as out, (folder / "told.txt").open("w") as told:
        child = subprocess.Popen(
            [sys.executable, "-m", "scanner", "plan", "-o", "plan.json"],
            cwd=folder,
            stdout=out,
            stderr=told,
            env={**os.environ, "META": password, "CHUJING_LANG": "en"},
        )
        _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    line = (folder / "told.txt").read_text(encoding="utf-8").splitlines()[0]
    swept = float(line.partition(" swept in ")[2].partition(" s:")[0])
    return swept, (
        f"{swept:7.1f} s swept {seconds:7.1f} s until the list  {used.ru_utime + used.ru_stime:8.1f} s CPU  "
        f"{used.ru_maxrss / 1024:6.0f} MiB peak  exit {os.waitstatus_to_exitcode(status)}"
    )


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--tables", type=int, default=3_000)
    ask.add_argument("--columns", type=int, default=40)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as made, servers.postgresql(Path(made)) as server:
        if server is None:
            raise SystemExit("PostgreSQL is not installed")
        work = Path(made) / "work"
        work.mkdir()
        metastore.fill(server.admin, tables=given.tables, columns=given.tables * given.columns)
        server.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        (work / "chujing.yaml").write_text(
            "version: 1\nsources:\n  lake:\n    url: hive://127.0.0.1:1/default\n"
            f"    metastore: {server.reader}\n"
            "    metastore_password: {env: META}\n",
            encoding="utf-8",
        )
        print(f"{given.tables} tables x about {given.columns} columns", flush=True)
        first, told = plan(work, server.password)
        print("first    ", told, flush=True)
        print("\n".join((work / "plan.txt").read_text(encoding="utf-8").splitlines()[:4]), flush=True)
        second, told = plan(work, server.password)
        print("unchanged", told, f" {second / first:.1%} of the first", flush=True)
        engine = sa.create_engine(server.admin)
        with engine.begin() as c:  # as Hive does: a new record of columns, and a new time
            some = c.execute(
                sa.text('SELECT "TBL_ID", "SD_ID" FROM "TBLS" ORDER BY "TBL_ID" LIMIT :n'), {"n": CHANGED}
            ).all()
            for table, descriptor in some:
                about = {"table": table, "new": descriptor + 10**9, "old": descriptor}
                c.execute(
                    sa.text(
                        'INSERT INTO "COLUMNS_V2" SELECT :new, "COMMENT", "COLUMN_NAME", "TYPE_NAME", '
                        '"INTEGER_IDX" '
                        'FROM "COLUMNS_V2" WHERE "CD_ID" = :old'
                    ),
                    about,
                )
                c.execute(
                    sa.text(
                        "INSERT INTO \"COLUMNS_V2\" VALUES (:new, NULL, 'added_id_card', 'string', 9999)"
                    ),
                    about,
                )
                c.execute(sa.text('UPDATE "SDS" SET "CD_ID" = :new WHERE "SD_ID" = :old'), about)
        engine.dispose()
        third, told = plan(work, server.password)
        print(f"{CHANGED} changed", told, f" {third / first:.1%} of the first", flush=True)


if __name__ == "__main__":
    main()
