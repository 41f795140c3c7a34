"""Other scanners on the same labelled corpus and the same rows: `peers.py CORPUS [--rows 200] [--out FILE]`.

presidio-structured with its own recognisers, with ours, and DataProfiler's labeller; each reads the tables of
SYSTEM.sqlite as any user would hand them over. A peer is credited generously: whatever it names counts as
personal information unless the name is plainly none (a date, a number). No weights are fetched, so Presidio
runs without a statistical NER model, as it does where nothing can be downloaded. Then the speed of both on
the same cells, in CPU seconds of one thread. Environment: `.ci/requirements-peers.txt` (`make peers
CORPUS=...`).
"""

import argparse
import csv
import json
import logging
import os
import sqlite3
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: E402
from presidio_structured import PandasAnalysisBuilder  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from accuracy import BLIND, bootstrap, predict  # noqa: E402
from bench_detect import columns  # noqa: E402

from detectors import presidio  # noqa: E402
from detectors.columns import value_findings  # noqa: E402
from scanner.review.evaluate import Prediction, column_key, evaluate, f1  # noqa: E402

NOT_PERSONAL = {
    "DATE_TIME",
    "URL",
    "UNKNOWN",
    "BACKGROUND",
    "PAD",
    "DATE",
    "DATETIME",
    "TIME",
    "QUANTITY",
    "ORDINAL",
    "INTEGER",
    "FLOAT",
    "PERCENT",
    "NONE",
    "",
}


def engine(ours):
    """A Presidio analyzer in English with its own recognisers, or in Chinese with ours alone."""
    nlp = presidio.blank_nlp_engine()
    if not ours:
        return AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    registry = RecognizerRegistry(recognizers=list(presidio.recognizers("zh")), supported_languages=["zh"])
    return AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=["zh"])


def structured(analyzer, language):
    """Names of columns of one table by presidio-structured."""

    def named(frame):
        mapping = PandasAnalysisBuilder(analyzer).generate_analysis(frame, language=language).entity_mapping
        return {column: entity for column, entity in mapping.items() if entity not in NOT_PERSONAL}

    return named


def dataprofiler():
    """Names of columns of one table by DataProfiler's structured labeller; None where it is not installed."""
    try:
        from dataprofiler import Profiler, ProfilerOptions
    except ImportError:
        return None
    options = ProfilerOptions()
    options.set({"*.is_enabled": False, "data_labeler.is_enabled": True, "multiprocess.is_enabled": False})

    def named(frame):
        report = Profiler(frame, profiler_type="structured", options=options).report(
            {"output_format": "compact"}
        )
        said = {c["column_name"]: c.get("data_label") or "" for c in report["data_stats"]}
        return {column: label for column, label in said.items() if not set(label.split("|")) <= NOT_PERSONAL}

    return named


def tables(corpus, rows):
    """(system, table, frame of text) of every table with rows."""
    for path in sorted(corpus.glob("*.sqlite")):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for (table,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall():
            name = table.replace('"', '""')
            frame = pd.read_sql_query(f'SELECT * FROM "{name}" LIMIT {int(rows)}', db)
            if len(frame):
                text = frame.apply(
                    lambda c: [
                        "" if v is None or v != v else v.hex() if isinstance(v, bytes) else str(v) for v in c
                    ]
                )
                yield path.stem, table, text
        db.close()


def predictions(corpus, rows, named):
    """What a peer says of every column, and the CPU seconds and cells it took."""
    said, cells, start = {}, 0, time.process_time()
    for system, table, frame in tables(corpus, rows):
        cells += frame.size
        for column, entity in named(frame).items():
            said[column_key(system, table, column)] = Prediction(True, str(entity).lower())
    return said, time.process_time() - start, cells


def measured(corpus, rows):
    """Rows of the table: who, F1 on all open columns, on those with values, hard negatives,
    blind F1 with its interval.
    """
    with (corpus / "gold.csv").open(encoding="utf-8-sig", newline="") as file:
        gold = list(csv.DictReader(file))
    seen = [g for g in gold if g["system"] not in BLIND]
    valued = [g for g in seen if g["has_values"] == "yes"]
    blind = [g for g in gold if g["system"] in BLIND]
    peers = {
        "presidio-structured, its own recognisers": structured(engine(False), "en"),
        "presidio-structured, our recognisers": structured(engine(True), "zh"),
        "DataProfiler": dataprofiler(),
        "chujing": None,
    }
    for who, named in peers.items():
        if who == "DataProfiler" and named is None:
            print("DataProfiler is not installed: left out", file=sys.stderr)
            continue
        said, seconds, cells = (
            predictions(corpus, rows, named) if named else (predict(corpus, True), None, None)
        )
        everything, with_values = evaluate(said, seen), evaluate(said, valued)
        low, high = bootstrap(said, blind) if blind else (0.0, 0.0)
        unseen = evaluate(said, blind)
        yield {
            "who": who,
            "open_f1": round(everything.f1, 3),
            "with_values_f1": round(with_values.f1, 3),
            "hard_negatives": f"{everything.hard_fp}/{everything.hard}",
            "blind_f1": round(f1(unseen.tp, unseen.fp, unseen.fn), 3),
            "blind_95": [round(low, 3), round(high, 3)],
            "cpu_s": seconds and round(seconds, 1),
            "cells": cells,
        }


def speed(cells, peer_cells=5_000):
    """CPU seconds per million cells of presidio-structured with our recognisers over ours,
    on the same mixed columns.
    """
    data = columns(cells, seed=7)
    builder = PandasAnalysisBuilder(engine(True))
    part = pd.DataFrame({f"c{i:02d}": c[: peer_cells // 10] for i, c in enumerate(data)})
    builder.generate_analysis(part.head(20), language="zh")
    start = time.process_time()
    builder.generate_analysis(part, language="zh")
    theirs = (time.process_time() - start) / part.size
    arrays = [pa.array(c) for c in data]
    value_findings(arrays[0].slice(0, 100))
    least = float("inf")
    for _ in range(3):
        start = time.process_time()
        for a in arrays:
            value_findings(a)
        least = min(least, time.process_time() - start)
    ours = least / cells
    return {
        "cells": cells,
        "peer_cells": int(part.size),
        "ours_us_per_cell": round(ours * 1e6, 2),
        "presidio_structured_us_per_cell": round(theirs * 1e6, 1),
        "ratio": round(theirs / ours),
    }


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("corpus", type=Path, nargs="?")
    words.add_argument("--rows", type=int, default=200)
    words.add_argument("--cells", type=int, default=1_000_000)
    words.add_argument("--out", type=Path)
    told = words.parse_args()
    lines = list(measured(told.corpus, told.rows)) if told.corpus else []
    for line in [*lines, speed(told.cells)]:
        print(json.dumps(line, ensure_ascii=False))
        if told.out:
            with told.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
