"""Files of several or damaged pieces: what can be read is, and the rest is named."""

import gzip
import io
import random
import re
import tarfile
import zipfile
from functools import partial

import pyarrow as pa
import pytest
from bent import HEADINGS, some, text_of
from bent_documents import workbook_of
from openpyxl import load_workbook
from openpyxl.comments import Comment
from pyarrow import feather

from detectors.errors import SourceError
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.testing import rows_of


def csv_of(rows):
    return text_of([HEADINGS, *rows]).encode()


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def arrow_stream(rows, names=HEADINGS):
    out = pa.BufferOutputStream()
    table = pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write(table)
    return out.getvalue().to_pybytes()


def cut_tar(rng, parts):
    body = tar_of({f"{i}.csv": csv_of(part) for i, part in enumerate(parts)}).rstrip(b"\0")
    return body[: rng.randrange(600, len(body))]


def cut_packed_tar(rng, parts):
    body = gzip.compress(tar_of({f"{i}.csv": csv_of(part) for i, part in enumerate(parts)}), 0)
    return body[: rng.randrange(900, len(body) - 1024 - 8)]


def tar_with_a_damaged_header(rng, parts):
    first, *others = ({f"{i}.csv": csv_of(part)} for i, part in enumerate(parts))
    body = tar_of(first).rstrip(b"\0")
    body += b"\0" * (-len(body) % 512)
    rest = bytearray(tar_of({name: value for other in others for name, value in other.items()}))
    rest[rng.randrange(0, 148)] ^= rng.randrange(1, 256)
    return body + bytes(rest)


CUT = {"cut.tar": cut_tar, "cut.tgz": cut_packed_tar, "odd.tar": tar_with_a_damaged_header}
TOGETHER = {
    "both.tar": lambda rng, parts: b"".join(
        tar_of({f"{i}.csv": csv_of(part)}) for i, part in enumerate(parts)),
    "both.zip": lambda rng, parts: b"".join(
        zip_of({f"{i}.csv": csv_of(part)}) for i, part in enumerate(parts)),
    "both.arrow": lambda rng, parts: b"".join(map(arrow_stream, parts)),
    "both.arrows": lambda rng, parts: b"".join(
        arrow_stream(part, [f"{name}{i}" for name in HEADINGS]) for i, part in enumerate(parts)),
}


def read(place):
    """Cells of a folder, and whether anything is said to be missing."""
    source = connect(str(place), name="s")
    cells, is_told = set(), False
    for info in source.tables():
        if isinstance(info, Skipped):
            is_told = True
            continue
        sample = source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)
        cells |= {cell for row in rows_of(sample.batches) for cell in row}
        is_told |= bool(sample.skipped) or any(loss.lost for loss in sample.losses)
    return cells, is_told


def missing_and_told(tmp_path, name, make, seed):
    rng = random.Random(seed)
    parts = [some(rng) for _ in range(2)]
    place = tmp_path / str(seed)
    place.mkdir()
    (place / name).write_bytes(make(rng, parts))
    cells, is_told = read(place)
    return any(row[1] not in cells for part in parts for row in part), is_told


@pytest.mark.parametrize("name", CUT)
def test_what_was_cut_off_an_archive_is_named(name, tmp_path):
    answers = [missing_and_told(tmp_path, name, CUT[name], seed) for seed in range(25)]

    assert [told for _, told in answers] == [True] * len(answers)
    assert any(missing for missing, _ in answers)


@pytest.mark.parametrize("name", TOGETHER)
def test_what_follows_the_first_piece_is_read_or_named(name, tmp_path):
    answers = [missing_and_told(tmp_path, name, TOGETHER[name], seed) for seed in range(8)]

    assert [missing and not told for missing, told in answers] == [False] * len(answers)
    assert [told for _, told in answers] == [name in ("both.zip", "both.arrows")] * len(answers)


def sheet_xml(rows, bend):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook_of({(1, 1): [HEADINGS, *rows]}))) as book, \
            zipfile.ZipFile(out, "w") as bent:
        for name in book.namelist():
            body = book.read(name).decode()
            bent.writestr(name, bend(body) if name == "xl/worksheets/sheet1.xml" else body)
    return out.getvalue()


def cell_of(text, rng):
    """The element of a cell below the headings."""
    return rng.choice([m for m in re.finditer(r'<c r="([A-Z]+)(\d+)"[^/>]*>.*?</c>', text) if int(m[2]) > 2])


ODD_CELLS = {
    "no such string": lambda m: re.sub("<c .*", f'<c r="{m[1]}{m[2]}" t="s"><v>99999</v></c>', m[0]),
    "no number": lambda m: re.sub("<c .*", f'<c r="{m[1]}{m[2]}"><v>1x</v></c>', m[0]),
    "no truth": lambda m: re.sub("<c .*", f'<c r="{m[1]}{m[2]}" t="b"><v>x</v></c>', m[0]),
    "no day": lambda m: re.sub("<c .*", f'<c r="{m[1]}{m[2]}" t="d"><v>x</v></c>', m[0]),
    "no column": lambda m: m[0].replace(f'r="{m[1]}', 'r="ZZZZ'),
}


@pytest.mark.parametrize("name", ODD_CELLS)
def test_an_odd_cell_of_a_workbook_costs_a_cell(name, tmp_path):
    for seed in range(4):
        rng = random.Random(seed)
        rows = some(rng)
        place = tmp_path / str(seed)
        place.mkdir()
        bend = partial(bent_cell, name=name, rng=rng)
        (place / "a.xlsx").write_bytes(sheet_xml(rows, bend))
        cells, is_told = read(place)

        assert (sum(cell not in cells for row in rows for cell in row) <= 1, is_told) == (True, True)


def bent_cell(text, name, rng):
    match = cell_of(text, rng)
    return text[: match.start()] + ODD_CELLS[name](match) + text[match.end():]


@pytest.mark.parametrize("number", ["999999999", "1e300", "-4", "x", "4.5", "inf", "nan"])
def test_an_odd_number_of_a_row_costs_nothing(number, tmp_path):
    rows = some(random.Random(1))
    body = sheet_xml(rows, lambda text: text.replace('<row r="5"', f'<row r="{number}"'))
    (tmp_path / "a.xlsx").write_bytes(body)
    cells, is_told = read(tmp_path)

    assert ([row for row in rows if row[1] not in cells], is_told) == ([], False)


def cards_of(rng, rows):
    """Cards under each other: blank rows between them or none, a colon, values now and then missing."""
    gap, colon = rng.randint(0, 2), rng.choice(("", ":", "："))
    cells, top = {}, 1
    for row in rows:
        for i, (name, value) in enumerate(zip(HEADINGS, row, strict=True)):
            cells[top + i, 1] = [[name + colon, value]]
        top += len(HEADINGS) + gap
    return workbook_of(cells)


def test_cards_under_each_other_are_a_row_each(tmp_path):
    for seed in range(8):
        rng = random.Random(seed)
        rows = some(rng)
        (place := tmp_path / str(seed)).mkdir()
        (place / "a.xlsx").write_bytes(cards_of(rng, rows))
        source = connect(str(place))
        (info,) = source.tables()
        sample = source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)

        assert [c.name for c in info.columns] == list(HEADINGS)
        assert [tuple(row) for row in rows_of(sample.batches)] == [tuple(row) for row in rows]


def test_tables_of_one_shape_beside_each_other_are_tables(tmp_path):
    for seed in range(8):
        rng = random.Random(seed)
        rows, more = some(rng), some(rng)
        gap = rng.randint(1, 3)
        right = len(HEADINGS) + 1 + gap
        (place := tmp_path / str(seed)).mkdir()
        (place / "a.xlsx").write_bytes(
            workbook_of({(1, 1): [HEADINGS, *rows], (1, right): [HEADINGS, *more[: len(rows)]]}))
        source = connect(str(place))
        infos = list(source.tables())

        assert [[c.name for c in info.columns] for info in infos] == [list(HEADINGS)] * 2


@pytest.mark.parametrize("n", [0, 1, 7])
def test_comments_on_cells_are_counted(n, tmp_path):
    rows = some(random.Random(n))
    book = load_workbook(io.BytesIO(workbook_of({(1, 1): [HEADINGS, *rows]})))
    for i in range(n):
        book.active.cell(i + 2, 1).comment = Comment("收件人 林一", "x")
    book.save(tmp_path / "a.xlsx")
    source = connect(str(tmp_path))
    (info,) = source.tables()
    sample = source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)

    assert [(loss.kind, loss.n) for loss in sample.losses] == [("comments_unread", n)] * bool(n)


def test_a_file_of_which_no_row_can_be_read_is_unread(tmp_path):
    rows = some(random.Random(3)) * 40
    table = pa.table({name: [row[i] for row in rows] for i, name in enumerate(HEADINGS)})
    feather.write_feather(table, tmp_path / "a.feather", compression="lz4")
    body = bytearray((tmp_path / "a.feather").read_bytes())
    with pa.ipc.open_file(pa.BufferReader(bytes(body))) as reader:
        metadata = len(reader.schema.serialize())
    for i in range(metadata + 600, len(body) - 2 * metadata - 600):
        body[i] = (body[i] * 7 + 13) % 256
    (tmp_path / "a.feather").write_bytes(body)
    source = connect(str(tmp_path))
    (info,) = source.tables()

    assert info.rows.method != "exact"
    with pytest.raises(SourceError, match="no row can be read"):
        source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)
