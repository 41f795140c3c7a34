"""Do real servers and SQLite with a dictionary lead to the same findings? `servers_agree.py CORPUS`.

Loads the dumps mall and jsherp into MariaDB and ruoyi_vue_pro into PostgreSQL, scans both sides, compares
`label`, `tier` and `sensitive` of the primary finding over the columns that both have.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import servers  # noqa: E402
from reports.model import primary  # noqa: E402
from scanner import job  # noqa: E402
from scanner.config.model import Config  # noqa: E402
from scanner.config.sources import Source  # noqa: E402


def findings(source):
    report = job.scan(Config(sources=(source,)))
    for s in report.skipped:
        print("skipped", s.id, s.reason)
    out = {}
    for table in report.tables:
        for c in table.columns:
            p = primary(c)
            name = (table.id.rsplit("/", 1)[1].lower(), c.name.lower())
            out[name] = (p.finding.label, p.finding.tier, p.sensitive) if p else None
    return out


def load_mysql(server, dump):
    url = server.admin.split("@", 1)[1]
    port = url.split(":", 1)[1].split("/", 1)[0]
    with dump.open("rb") as sql:
        subprocess.run(
            ["mariadb", "-h127.0.0.1", f"-P{port}", "-uadmin", f"-p{servers.ADMIN_PASSWORD}", "-f", "shop"],
            stdin=sql,
            check=False,
            capture_output=True,
        )


def load_postgresql(server, dump):
    psql = shutil.which("psql") or next(str(p) for p in Path("/usr/lib/postgresql").glob("*/bin/psql"))
    subprocess.run(
        [psql, "-q", server.admin.replace("+psycopg", ""), "-f", str(dump)], check=False, capture_output=True
    )
    server.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")


def compare(name, corpus, server, load, dump):
    load(server, dump)
    there = findings(Source(name, server.reader, password=server.password))
    here = findings(
        Source(name, f"sqlite:///{corpus / name}.sqlite", dictionary=corpus / f"{name}.schema.json")
    )
    both = sorted(set(here) & set(there))
    differ = [k for k in both if here[k] != there[k]]
    print(
        f"{name}: {len(both) - len(differ)} of {len(both)} equal = {1 - len(differ) / max(len(both), 1):.4f}"
    )
    for k in differ:
        print("  ", *k, "file:", here[k], "server:", there[k])


def main(corpus):
    for name in ("mall", "jsherp"):
        with tempfile.TemporaryDirectory() as folder, servers.mariadb(Path(folder)) as server:
            compare(name, corpus, server, load_mysql, corpus / "sql" / f"{name}.mysql.sql")
    with tempfile.TemporaryDirectory() as folder, servers.postgresql(Path(folder)) as server:
        compare(
            "ruoyi_vue_pro", corpus, server, load_postgresql, corpus / "sql" / "ruoyi_vue_pro.postgresql.sql"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
