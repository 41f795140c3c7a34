"""Libraries that read files, beside ours, over bent files as `bend.py` makes them.

`bench_readers.py [--files 200] [--seed 0]`: so many texts, workbooks and files of JSON each. right: every
value is there, under as many columns and rows as there are. other: every value is there, in other columns or
rows. said: values are missing, and that is said. lost: values are missing in silence. refused: an error.
Others than ours are given UTF-8, wherever one encoding, as ours finds it, reads all of a file.
"""

import argparse
import csv
import io
import json
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow.csv
import pyarrow.json
import python_calamine

sys.path[:0] = [str(Path(__file__).parents[1] / "fakes"), str(Path(__file__).parents[2])]
import bent_mixed  # noqa: E402
import bent_mixed_documents  # noqa: E402
from bent_reading import read  # noqa: E402

from scanner.connectors.files.encodings import encoding_of  # noqa: E402


def sniffed(path):
    text = path.read_bytes().decode("utf-8")
    sniffer, sample = csv.Sniffer(), text[:8192]
    rows = list(csv.reader(io.StringIO(text, newline=""), sniffer.sniff(sample)))
    return [(rows[0], rows[1:]) if sniffer.has_header(sample) else ([""] * max(map(len, rows)), rows)]


def of_frame(frame):
    return [(list(frame.columns), frame.astype(str).to_numpy().tolist())]


def of_arrow(table):
    return [(table.column_names, [list(map(str, row.values())) for row in table.to_pylist()])]


def of_duckdb(path):
    with duckdb.connect() as connection:
        cursor = connection.execute("SELECT * FROM read_csv(?, all_varchar=true)", [str(path)])
        return [([column[0] for column in cursor.description], cursor.fetchall())]


def of_openpyxl(path):
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return [_headed(sheet.iter_rows(values_only=True)) for sheet in book]


def of_calamine(path):
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return [_headed(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]


def _headed(rows):
    texts = [["" if cell is None else _plain(cell) for cell in row] for row in rows]
    filled = [row for row in texts if any(row)]
    return (filled[0], filled[1:]) if filled else ([], [])


def _plain(cell):
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def of_json(path):
    text = path.read_text("utf-8")
    try:
        records = json.loads(text)
    except ValueError:
        records = [json.loads(line) for line in text.splitlines() if line.strip()]
    records = records if isinstance(records, list) else [records]
    names = dict.fromkeys(key for record in records if isinstance(record, dict) for key in record)
    return [(list(names), [[json.dumps(record, ensure_ascii=False)] for record in records])]


def of_pandas_json(path):
    try:
        return of_frame(pd.read_json(path, dtype=False))
    except ValueError:
        return of_frame(pd.read_json(path, lines=True, dtype=False))


def ours(path):
    reading = read(path)
    if reading.refused:
        raise ValueError("refused")
    return list(zip(reading.columns, reading.tables, strict=True)), sum(x.n for x in reading.losses if x.lost)


FAMILIES = {
    "text": (bent_mixed.text, {
        "csv.Sniffer": sniffed,
        "pandas sep=None": lambda p: of_frame(pd.read_csv(p, sep=None, engine="python", dtype=str,
                                                          keep_default_na=False)),
        "pyarrow.csv": lambda p: of_arrow(pyarrow.csv.read_csv(p)),
        "duckdb read_csv": of_duckdb,
        "ours": ours}),
    "workbook": (bent_mixed_documents.workbook, {
        "openpyxl": of_openpyxl, "python-calamine": of_calamine, "ours": ours}),
    "JSON": (bent_mixed_documents.document, {
        "json": of_json, "pyarrow.json": lambda p: of_arrow(pyarrow.json.read_json(p)),
        "pandas.read_json": of_pandas_json, "ours": ours}),
}


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=200)
    asked.add_argument("--seed", type=int, default=0)
    args = asked.parse_args()
    warnings.simplefilter("ignore")
    print(f"{'':9} {'':16} {'right':>6} {'other':>6} {'said':>6} {'lost':>6} {'refused':>8} {'CPU s':>6}")
    for family, (make, readers) in FAMILIES.items():
        for name, reader in readers.items():
            counts, seconds = judged(family, make, reader, args)
            columns = " ".join(f"{counts[word]:6,}" for word in ("right", "other", "said", "lost"))
            print(f"{family:9} {name:16} {columns} {counts['refused']:8,} {seconds:6.1f}")


def judged(family, make, reader, args):
    """Return how many files are right, other, said, lost and refused, and the seconds of reading them."""
    counts, seconds = Counter(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        for i in range(args.files):
            bent = make(random.Random(f"{args.seed} {family} {i}"))
            path = Path(folder) / bent.file
            path.write_bytes(bent.body if reader is ours or family == "workbook" else as_utf8(bent.body))
            start = time.process_time()
            try:
                made = reader(path)
            except Exception:                 # whatever a library raises
                counts["refused"] += 1
                continue
            finally:
                seconds += time.process_time() - start
            tables, said = made if reader is ours else (made, 0)
            counts[word_for(bent, tables, said)] += 1
    return counts, seconds


def as_utf8(body):
    try:
        return body.decode(encoding_of(body)).removeprefix("\ufeff").encode()
    except UnicodeDecodeError:
        return body


def word_for(bent, tables, said):
    text = "\n".join(str(cell) for names, rows in tables for row in (names, *rows) for cell in row)
    missing = sum(value not in text for value in bent.values)
    if missing:
        return "said" if missing <= said else "lost"
    widths = [len(names) for names, _ in tables]
    rows = sum(len(rows) for _, rows in tables)
    is_right = (bent.names is None or widths == [len(bent.names)]) and bent.rows in (None, rows)
    return "right" if is_right else "other"


if __name__ == "__main__":
    main()
