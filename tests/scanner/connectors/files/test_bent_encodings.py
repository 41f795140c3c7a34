"""Text that changes its encoding on the way, small, large, packed, far away: every value is read or told."""

import gzip
import random

import bent_encodings
import fsspec
import pytest

from scanner.connectors import connect
from scanner.connectors.files import csv, csv_layout, encodings, sampling, text
from scanner.gather.examine import table_rows
from scanner.testing import rows_of

PLACES = ("here", "packed", "far away", "far away and large")


def open_at(place, folder, body):
    """A connector for a file of some bytes."""
    if place.startswith("far"):
        system = fsspec.filesystem("memory")
        system.store.clear()
        system.pipe("/lake/bent.csv", body)
        return connect("memory://lake/bent.csv")
    path = folder / ("bent.csv.gz" if place == "packed" else "bent.csv")
    path.write_bytes(gzip.compress(body) if place == "packed" else body)
    return connect(str(path))


def faults(source, made):
    """What is wrong with the reading of a text."""
    (info,) = source.tables()
    sample = source.sample(info.ref, tuple(c.name for c in info.columns), 1_000_000, 1)
    cells = {cell for row in rows_of(sample.batches) for cell in row}
    count = table_rows(info.rows, sample.drawn, sample.losses)
    told = {loss.kind for loss in sample.losses}
    found = set()
    if missing := sum(value not in cells for value in made.values):
        found.add(f"{missing} of {len(made.values)} values were lost, told: {sorted(told)}")
    if made.losses - told:
        found.add(f"not told: {sorted(made.losses - told)}")
    if not made.losses and (told or (count.low, count.method) != (made.rows, "exact")):
        found.add(f"not exact: {sorted(told)} {count}")
    return found


@pytest.fixture
def small_blocks(monkeypatch):
    """Heads, budgets and blocks as small as the files of the tests."""
    csv_layout._layout_of.cache_clear()
    for module in (encodings, text, csv_layout):
        monkeypatch.setattr(module, "HEAD", 16 << 10)
    monkeypatch.setattr(encodings, "BUDGET", 32 << 10)
    monkeypatch.setattr(encodings, "PIECE", 4 << 10)
    monkeypatch.setattr(csv, "BLOCK", 64 << 10)
    yield
    csv_layout._layout_of.cache_clear()


@pytest.mark.parametrize("place", PLACES[:3])
@pytest.mark.parametrize("kind", bent_encodings.ENCODINGS)
def test_every_value_is_read_or_told(kind, place, tmp_path, small_blocks):
    wrong = {}
    for seed, n in enumerate((40, 1_500, 3_000)):
        made = bent_encodings.ENCODINGS[kind](random.Random(seed), n)
        if kind.startswith("ASCII") and place == "packed":          # known by what comes later alone
            made = bent_encodings.BentText(made.body, made.values, made.rows, frozenset({"other_encoding"}))
            if n == 40:
                continue
        if found := faults(open_at(place, tmp_path, made.body), made):
            wrong[seed] = found

    assert wrong == {}


@pytest.mark.parametrize("kind", ["the second half in GB18030", "from GB18030 to Big5", "one encoding"])
def test_lines_drawn_from_a_large_file_are_read_by_their_encoding(
    kind, tmp_path, small_blocks, monkeypatch,
):
    monkeypatch.setattr(sampling, "LARGE", 64 << 10)
    made = bent_encodings.ENCODINGS[kind](random.Random(4), 4_000)
    for place in ("here", "far away"):
        source = open_at(place, tmp_path, made.body)
        (info,) = source.tables()
        sample = source.sample(info.ref, tuple(c.name for c in info.columns), 500, 1)
        names = {row[0] for row in rows_of(sample.batches)}

        assert names <= set(made.values)
        assert made.losses <= {loss.kind for loss in sample.losses}


def test_arrow_takes_for_utf8_what_python_decodes():
    """Bytes at the borders of what UTF-8 allows: overlong forms, surrogates, beyond the last character."""
    edges = b"A\x00\x80\x8f\x90\x9f\xa0\xbf\xc0\xc2\xe0\xe1\xed\xef\xf0\xf4\xf5"
    rng = random.Random(2)
    seen = {True: 0, False: 0}
    for _ in range(20_000):
        block = bytes(rng.choices(edges, k=rng.randrange(1, 5)))
        is_utf8 = block.decode("utf-8", "replace").encode() == block
        assert text.is_valid_utf8(block) == is_utf8, block
        seen[is_utf8] += 1
    assert min(seen.values()) > 500
