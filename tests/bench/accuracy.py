"""Column detection on a labelled corpus: `accuracy.py CORPUS [--errors N]`.

CORPUS holds gold.csv, SYSTEM.schema.json and SYSTEM.sqlite. The blind systems are only ever shown as one total.
"""

import csv
import json
import sqlite3
import sys
from pathlib import Path

import pyarrow as pa

from detectors.fusion import detect
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef
from mappings.assess import assess
from mappings.taxonomy import load_taxonomy
from scanner.evaluate import Prediction, evaluate, key

BLIND = ("his", "newbee", "roncoo_pay", "sakila")


def systems(corpus):
    for path in sorted(corpus.glob("*.schema.json")):
        yield path.name.removesuffix(".schema.json"), json.loads(path.read_text(encoding="utf-8")), path.with_name(
            path.name.removesuffix(".schema.json") + ".sqlite")


def predict(corpus, values):
    taxonomy = load_taxonomy()
    out = {}
    for system, schema, database in systems(corpus):
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        connection.text_factory = lambda b: b.decode("utf-8", "replace")
        for t in schema["tables"]:
            columns = tuple(ColumnInfo(c["name"], c["type"] or "", c["comment"] or "", True, bool(c["pk"])) for c in t["columns"])
            info = TableInfo(TableRef(t["name"]), columns, t["comment"] or "")
            samples = []
            for c in columns:
                cells = None
                if values:
                    quoted = c.name.replace('"', '""')
                    rows = connection.execute(f'SELECT "{quoted}" FROM "{t["name"]}"').fetchall()  # noqa: S608
                    cells = pa.array([None if r[0] is None or isinstance(r[0], bytes) else str(r[0]) for r in rows], pa.string())
                samples.append(ColumnSample(info.ref.column(system, c.parts), info, c, cells))
            for a in assess(detect(info, samples), taxonomy):
                f = a.finding
                if f.primary:
                    out[key(system, t["name"], f.column.rsplit("/", 1)[1].replace("%2E", "."))] = Prediction(
                        f.kind == "personal_information", f.label, a.sensitive, f.confidence, f.kind == "important_data_candidate")
    return out


def main(argv):
    corpus = Path(argv[0])
    errors = int(argv[argv.index("--errors") + 1]) if "--errors" in argv else 0
    with (corpus / "gold.csv").open(encoding="utf-8-sig", newline="") as file:
        gold = list(csv.DictReader(file))
    seen = [g for g in gold if g["system"] not in BLIND]
    blind = [g for g in gold if g["system"] in BLIND]
    for name, values in (("values", True), ("metadata only", False)):
        predictions = predict(corpus, values)
        print(evaluate(predictions, seen).line(f"open, {name}"))
        print(evaluate(predictions, [g for g in seen if g["has_values"] == "yes"]).line("  with values"))
        print(evaluate(predictions, blind).line(f"blind, {name}"))
        if values and errors:
            for g in seen:
                p = predictions.get(key(g["system"], g["table"], g["column"]), Prediction(False))
                if g["tier"] not in ("weak", "audit") and p.pi != (g["pi"] == "pi"):
                    print("FP" if p.pi else "FN", g["system"], g["table"], g["column"], g["pi_type"], p.label, p.confidence, g["note"])


if __name__ == "__main__":
    main(sys.argv[1:])
