"""Small files of every format that a reader of native code reads, to be changed at random and scanned.

Each is read as a scan reads it: in a reader process, listed, sampled and streamed. A table is read, or it is
skipped with one line; no cell appears in that line or in a name.
"""

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import mutations
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet
import xls_file

from detectors.errors import ChujingError
from detectors.model import Skipped
from scanner.connectors.host.connector import open_hosted
from scanner.connectors.protocol import Access

ROWS = 60
CANARY = "Zq7HiddenCell"                      # in cells: no message and no name may show it


def _table():
    return pa.table({
        "id": range(ROWS), "name": [f"{CANARY}{i}" for i in range(ROWS)], "amount": [i / 3 for i in range(ROWS)],
        "tags": [[f"t{i}", None] for i in range(ROWS)], "who": [{"x": i, "y": f"y{i}"} for i in range(ROWS)],
        "kind": pa.array(["a", "b", None] * (ROWS // 3)).dictionary_encode(),
        "day": pa.array(range(ROWS), pa.date32()),
    })


def _simple():
    return _table().select(["id", "name", "amount"])


def _feather(compression):
    packed = io.BytesIO()
    pa.feather.write_feather(_table(), packed, compression=compression, chunksize=25)
    return packed.getvalue()


def _stream():
    packed = io.BytesIO()
    with pa.ipc.new_stream(packed, _table().schema) as stream:
        stream.write_table(_table(), 25)
    return packed.getvalue()


def _parquet():
    packed = io.BytesIO()
    pa.parquet.write_table(_table(), packed, row_group_size=25)
    return packed.getvalue()


def _orc():
    packed = io.BytesIO()
    pa.orc.write_table(_table().drop_columns(["kind"]), packed)
    return packed.getvalue()


def _avro():
    import fastavro

    schema = {"type": "record", "name": "r", "fields": [
        {"name": "id", "type": "long"}, {"name": "name", "type": ["null", "string"]}, {"name": "amount", "type": "double"},
        {"name": "tags", "type": {"type": "array", "items": "string"}}]}
    packed = io.BytesIO()
    rows = ({**row, "tags": ["a"]} for row in _simple().to_pylist())
    fastavro.writer(packed, fastavro.parse_schema(schema), rows, codec="deflate")
    return packed.getvalue()


def _csv():
    rows = "".join(f'{r["id"]},"{r["name"]}",{r["amount"]}\n' for r in _simple().to_pylist())
    return ("id,name,amount\n" + rows).encode()


def _jsonl():
    import json

    rows = [{**row, "kind": None, "day": str(row["day"])} for row in _table().to_pylist()]
    return "\n".join(json.dumps(row) for row in rows).encode()


def _xlsx():
    from openpyxl import Workbook

    book = Workbook()
    for row in [["id", "name", "amount"], *([*r.values()] for r in _simple().to_pylist())]:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _xls():
    rows = [["id", "name", "amount"], *([*r.values()] for r in _simple().to_pylist())]
    return xls_file.workbook([(i, j, cell) for i, row in enumerate(rows) for j, cell in enumerate(row)])


def _ods():
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    rows = [["id", "name", "amount"], *([*r.values()] for r in _simple().to_pylist())]
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
               f'<table:table table:name="s">{body}</table:table></office:spreadsheet></office:body>'
               "</office:document-content>")
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = ('<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
                f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>')
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return packed.getvalue()


def _zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", _csv())
        archive.writestr("b.parquet", _parquet())
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class NativeFile:
    """A format. suffix: of its files."""

    suffix: str
    content: Callable[[], bytes]
    mutate: Callable = mutations.mutate_bytes


KINDS = {
    "feather": NativeFile("feather", lambda: _feather("uncompressed")),
    "feather, compressed": NativeFile("feather", lambda: _feather("lz4")),
    "arrow stream": NativeFile("arrows", _stream),
    "parquet": NativeFile("parquet", _parquet),
    "orc": NativeFile("orc", _orc),
    "avro": NativeFile("avro", _avro),
    "csv": NativeFile("csv", _csv),
    "csv.gz": NativeFile("csv.gz", lambda: gzip.compress(_csv(), mtime=0)),
    "jsonl": NativeFile("jsonl", _jsonl),
    "xlsx": NativeFile("xlsx", _xlsx, mutations.mutate_archive),
    "xls": NativeFile("xls", _xls),
    "ods": NativeFile("ods", _ods, mutations.mutate_archive),
    "zip": NativeFile("zip", _zip),
}


def outcome_of(folder, limit=300):
    """Return how the scan of a folder of one file went: what was read or said, and what is wrong with that."""
    lines, names, read = [], [], 0
    try:
        source = open_hosted(str(folder), Access("s"))
        source._silence = limit
    except ChujingError as e:
        return str(e.what), _fault([e.line()], [])
    try:
        for info in list(source.tables()):
            if isinstance(info, Skipped):
                lines.append(f"{info.id} {info.reason} {info.hint}")
                continue
            names += [info.ref.name, info.comment, *(c.name for c in info.columns)]
            try:
                columns = [c.name for c in info.columns]
                sample = source.sample(info.ref, columns, 20, 1)
                lines += [str(loss.message) for loss in sample.losses]
                lines += [f"{s.id} {s.reason} {s.hint}" for s in sample.skipped]
                for _ in source.read(info.ref, columns, {}):
                    pass
                read += 1
            except ChujingError as e:
                lines.append(str(e.line()))
    finally:
        source.close()
    said = "read" if read else "crashed" if any("crashed" in line for line in lines) else "said"
    return (said if read or lines else "nothing"), _fault(lines, names) or ("" if read or lines else "silence")


def _fault(lines, names):
    if any(CANARY in line for line in lines):
        return "a message shows a cell"
    if any(CANARY in name for name in names):
        return "a name shows a cell"
    if any("\n" in line or "Traceback" in line for line in lines):
        return "not one line"
    if any("not read to its end" in line for line in lines):
        return "hangs"
    return ""
