"""Our classifier inside DataHub's own ingestion, over dumps of real systems, against a gold standard.

    python tests/bench/datahub_recipe.py GOLD.csv SYSTEM=DUMP.sql ... [-o FOLDER]

A dump named *.postgresql.sql goes into PostgreSQL, *.mysql.sql into MariaDB, both started here. A field is
right when its term's label is the gold one or an alternative; precision is over fields with a term, recall
over fields that gold calls personal.
"""

import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[n] / p) for n, p in ((1, "fakes"), (1, "clients"), (2, ""))]
import datahub_ingest  # noqa: E402
import sqlalchemy as sa  # noqa: E402

import servers  # noqa: E402


def main(argv):
    gold_file, *systems = argv
    with Path(gold_file).open(encoding="utf-8") as file:
        gold = {(r["system"], r["table"].lower(), r["column"].lower()): r for r in csv.DictReader(file)}
    for given in systems:
        name, _, dump = given.partition("=")
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            folder.chmod(0o755)
            server = servers.postgresql if ".postgresql." in dump else servers.mariadb
            (folder / "server").mkdir()
            (folder / "out").mkdir()
            with server(folder / "server") as running:
                if running is None:
                    raise SystemExit(f"no server for {dump}")
                url = load(running.admin, Path(dump))
                started = time.perf_counter()
                found, log, _ = datahub_ingest.ingest(url, folder / "out")
                score(name, found, gold, time.perf_counter() - started)
                if "was not classified" in log:
                    raise SystemExit("some tables were not classified")


def load(admin, dump):
    """Feed a dump to the server's own client; gives the URL."""
    where = sa.make_url(admin)
    if where.get_backend_name() == "postgresql":
        done = subprocess.run(
            [
                "psql",
                "-q",
                "-h",
                where.host,
                "-p",
                str(where.port),
                "-U",
                where.username,
                "-d",
                where.database,
            ],
            stdin=dump.open(),
            env={"PGPASSWORD": where.password or "", "PATH": "/usr/bin:/bin"},
            capture_output=True,
        )
    else:
        tool = next(t for t in ("/usr/bin/mariadb", "/usr/bin/mysql") if Path(t).exists())
        done = subprocess.run(
            [
                tool,
                "-h",
                where.host,
                "-P",
                str(where.port),
                "-u",
                where.username,
                f"-p{where.password}",
                where.database,
                "--protocol=tcp",
                "--force",
                "--default-character-set=utf8mb4",
            ],
            stdin=dump.open(),
            capture_output=True,
        )
    faults = [x for x in done.stderr.decode(errors="replace").splitlines() if "ERROR" in x]
    print(f"{dump.name}: {len(faults)} statements refused", *faults[:3], sep="\n  ")
    return where.render_as_string(False)


def score(system, found, gold, seconds):
    """Print precision and recall of the terms, and what is wrong."""
    right = wrong = personal = hit = some = 0
    off = []
    for (dataset, field), urns in found.items():
        row = gold.get((system, dataset.rsplit(".", 1)[-1].lower(), field.lower()))
        if row is None:
            continue
        label = urns[0].split(".", 2)[-1] if urns else "none"
        fits = label in (row["pi_type"], *row["pi_type_alt"].split("|"))
        is_personal = row["pi"] == "pi"
        personal += is_personal
        hit += is_personal and fits
        some += is_personal and label != "none"
        if label != "none":
            right, wrong = right + fits, wrong + (not fits)
        if label != "none" and not fits or is_personal and not fits:
            off.append(f"{dataset}.{field}: {label}, gold {row['pi_type']}")
    print(
        f"{system}: {len(found)} fields, {sum(map(bool, found.values()))} terms, {seconds:.1f} s; "
        "on gold's columns: "
        f"personal or not: precision {some}/{right + wrong}, recall {some}/{personal}; by label: "
        f"precision {right}/{right + wrong}, "
        f"recall {hit}/{personal}"
    )
    print(*sorted(off)[:25], sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
