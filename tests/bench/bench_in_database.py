"""Five million rows in real PostgreSQL and MariaDB: a value-hash bound in place, an exact count in place,
and streaming every key.

`bench_in_database.py [--rows 5000000]`. Wall seconds, ratios to streaming, and the error of the bound.
"""

import argparse
import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import servers  # noqa: E402
from detectors.model import ColumnId  # noqa: E402
from mappings.individuals import PersonCounter, count_tally  # noqa: E402
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan
from scanner.connectors import connect  # noqa: E402
from scanner.connectors.protocol import KeyQuestion  # noqa: E402
from scanner.count.ladder import HASH_SAMPLE_SHARE, _persons_bound  # noqa: E402

FILL = {
    "postgresql": (
        "INSERT INTO member SELECT i, '1' || (3000000000 + (i / 2)::bigint * 7)::text FROM "
        "generate_series(1, {rows}) i"
    ),
    "mariadb": (
        "INSERT INTO member SELECT seq, CONCAT('1', 3000000000 + (seq DIV 2) * 7) FROM seq_1_to_{rows}"
    ),
}


def timed(work):
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def measured(kind, server, rows):
    server.fill(
        "CREATE TABLE member (id INTEGER PRIMARY KEY, mobile VARCHAR(20))", FILL[kind].format(rows=rows)
    )
    if kind == "postgresql":
        server.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", "ANALYZE member")
    connector = connect(server.reader, password=server.password, timeout=3_600)
    ref = next(t for t in connector.tables() if t.ref.name == "member").ref
    truth = rows // 2 + 1
    plan = RowPlan(
        (ExportedColumn("mobile", ColumnId("db/member/mobile"), "no"),),
        (KeyColumn("mobile", "phone_mobile", "phone_mobile"),),
    )

    def stream():
        counter = PersonCounter(b"k" * 32, date(2026, 1, 1), plan.exported)
        for batch in connector.read(ref, plan.columns, {}):
            counter.add(plan, {"mobile": batch.column(0)})
        return count_tally(counter.tally()).individuals.best

    bound, hash_s = timed(
        lambda: connector.key_counts(
            ref, KeyQuestion("mobile", "phone_mobile", ["mobile"]), {}, HASH_SAMPLE_SHARE
        )[0]
    )
    exact, exact_s = timed(
        lambda: connector.key_counts(ref, KeyQuestion("mobile", "phone_mobile", ["mobile"]), {}, 1)[0]
    )
    linked, stream_s = timed(stream)
    e = _persons_bound(*bound, HASH_SAMPLE_SHARE, "hash_sample", True)
    print(
        json.dumps(
            {
                "database": kind,
                "rows": rows,
                "truth": truth,
                "hash_sample_s": round(hash_s, 1),
                "exact_in_place_s": round(exact_s, 1),
                "streamed_s": round(stream_s, 1),
                "hash_to_stream": round(hash_s / stream_s, 2),
                "exact_to_stream": round(exact_s / stream_s, 2),
                "hash_interval": [e.low, e.high],
                "hash_error": round(abs(e.best - truth) / truth, 4),
                "exact": exact[0],
                "streamed": linked,
            }
        ),
        flush=True,
    )


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=5_000_000)
    rows = words.parse_args().rows
    for kind in sorted(FILL):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            with getattr(servers, kind)(Path(folder)) as server:
                if server is None:
                    print(f"{kind} is not installed: left out", file=sys.stderr)
                else:
                    measured(kind, server, rows)


if __name__ == "__main__":
    main()
