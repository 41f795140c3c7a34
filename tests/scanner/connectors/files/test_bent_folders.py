"""Bent folders and archives: every file is read, named as unread, or listed as one without records."""

import os
import random
import sqlite3
import zipfile
from pathlib import Path
from urllib.parse import unquote

import bent
import bent_folders
import pytest

from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.files import merging
from scanner.gather.examine import table_rows
from scanner.testing import rows_of


def read(place):
    """Cells, losses, rows by table, ids of the unread and the files without records of a folder."""
    source = connect(str(place), name="s")
    cells, losses, counts, unread = [], [], {}, set()
    for info in source.tables():
        if isinstance(info, Skipped):
            unread.add(unquote(info.id).removeprefix("s/"))
            continue
        sample = source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)
        cells += [str(cell) for row in rows_of(sample.batches) for cell in row]
        losses += sample.losses
        name = unquote(info.ref.id("s")).removeprefix("s/")
        counts[name] = table_rows(info.rows, sample.drawn, sample.losses)
        unread |= {unquote(s.id).removeprefix("s/") for s in sample.skipped}
    return "\n".join(cells), losses, counts, unread, "\n".join(source.other_files())


def faults(place, made):
    """What is wrong with the reading of a folder."""
    for name, body in made.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    cells, losses, counts, unread, aside = read(place)
    found = set()
    if any(value not in cells for value in made.values):
        found.add("a value was lost")
    if set(counts) != set(made.tables):
        found.add(f"tables {sorted(counts)} are not {sorted(made.tables)}")
    wrong = [name for name, rows in made.tables.items() if rows is not None
             and name in counts and (counts[name].low, counts[name].method) != (rows, "exact")]
    if wrong and not made.losses:
        found.add(f"rows of {wrong}")
    if unread != made.unread:
        found.add(f"unread {sorted(unread)} are not {sorted(made.unread)}")
    if missing := [name for name in made.aside if name not in aside and "…" not in aside]:
        found.add(f"not listed: {missing}")
    if missing := made.losses - {loss.kind for loss in losses}:
        found.add(f"not told: {sorted(missing)}")
    return found


@pytest.mark.parametrize("kind", bent_folders.FOLDERS)
def test_bent_folders_are_read_or_accounted_for(kind, tmp_path):
    wrong = {}
    for seed in range(8):
        made = bent_folders.FOLDERS[kind](random.Random(seed))
        if found := faults(tmp_path / str(seed), made):
            wrong[seed] = (sorted(made.files), found)

    assert wrong == {}


def tables_and_unread(place, **options):
    source = connect(str(place), name="s", options=options)
    infos = list(source.tables())
    return ([i.ref.name for i in infos if not isinstance(i, Skipped)],
            {unquote(i.id): i.reason for i in infos if isinstance(i, Skipped)}, source.other_files())


@pytest.fixture
def linked(tmp_path):
    """A folder with links out of it, into it, to nothing and to itself."""
    data, outside = tmp_path / "data", tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    data.mkdir()
    for path in (data / "a.csv", outside / "b.csv", outside / "deep" / "c.csv"):
        path.write_text("id,name\n1,x\n2,y\n", encoding="utf-8")
    (data / "b.csv").symlink_to(outside / "b.csv")
    (data / "folder").symlink_to(outside / "deep", target_is_directory=True)
    (data / "again.csv").symlink_to(data / "a.csv")
    (data / "loop").symlink_to(data, target_is_directory=True)
    (outside / "deep" / "back").symlink_to(outside / "deep", target_is_directory=True)
    (data / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    return data


def test_links_out_of_a_folder_are_named_and_not_followed(linked):
    tables, unread, others = tables_and_unread(linked)

    assert tables == ["a"]
    assert {name: "not followed" in why for name, why in unread.items()} == {
        "s/b.csv": True, "s/folder": True, "s/gone.csv": False}
    assert others == ("links to files of the folder: 2 (again.csv, loop)",)


def test_links_are_followed_where_asked_each_place_once(linked):
    tables, unread, _ = tables_and_unread(linked, follow_links="yes")

    assert (tables, set(unread)) == (["a", "b", "c"], {"s/gone.csv"})


def test_a_pattern_does_not_follow_links_out_of_its_folder_either(linked):
    assert tables_and_unread(f"{linked}/*.csv")[0] == ["a"]


def test_a_folder_that_may_not_be_opened_is_named(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")
    scandir = os.scandir

    def refuse(place):
        if str(place).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refuse)
    tables, unread, _ = tables_and_unread(tmp_path)

    assert (tables, list(unread)) == (["a"], ["s/closed"])


def test_what_we_remember_of_a_folder_is_no_data_of_it(tmp_path):
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")
    before = tables_and_unread(tmp_path)
    for place in (tmp_path, tmp_path / "below"):
        (place / ".chujing").mkdir(parents=True)
        sqlite3.connect(place / ".chujing" / "state.db").execute("CREATE TABLE run (id)").connection.close()

    assert tables_and_unread(tmp_path) == before


NAMES = (b"\xd0\xd5\xc3\xfb.csv", b"\xff\xfe", b"a\nb.csv", b"\x1b[31mred.csv", b"caf\xe9.dat",
         b"\xd0\xd5\xc3\xfb/x.csv")


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_text_costs_nothing(name, tmp_path):
    path = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(path)).parent.mkdir(exist_ok=True)
    Path(os.fsdecode(path)).write_text("id,name,city\n1,x,y\n2,y,z\n", encoding="utf-8")
    cells, _, counts, unread, _ = read(tmp_path)

    assert ("z" in cells, len(counts), unread) == (True, 1, set())
    assert all(table.encode("utf-8") for table in counts)


PARTS = {                                     # format, what the last undescribed part has more, what is told
    "columns alike": ("csv", False, {}),
    "a column more": ("csv", True, {"columns_unlisted": True}),
    "no metadata": ("jsonl", True, {"columns_from_parts": False}),
}


@pytest.mark.parametrize(("suffix", "has_more", "told"), PARTS.values(), ids=PARTS)
def test_columns_of_very_many_parts_are_those_of_a_spread_and_the_share_is_said(
    suffix, has_more, told, tmp_path, monkeypatch,
):
    monkeypatch.setattr(merging, "MOST_HERE", 6)
    for i in range(40):
        names = ["id", "name", *(["phone"] if has_more and i == 20 else [])]
        row = ["1", "x", "13700000001"][: len(names)]
        text = ",".join(names) + "\n" + ",".join(row)
        body = text.encode() if suffix == "csv" else bent_folders.records([row], names)
        path = tmp_path / f"t/dt=2026-01-{i:02}/part-0.{suffix}"
        path.parent.mkdir(parents=True)
        path.write_bytes(body)
    source = connect(str(tmp_path))
    (info,) = source.tables()
    sample = source.sample(info.ref, tuple(c.name for c in info.columns), 1_000, 1)
    list(source.read(info.ref, ("id",), {}))

    assert {loss.kind: loss.lost for loss in sample.losses} == told
    assert {loss.kind: loss.lost for loss in source.losses(info.ref)} == told


@pytest.mark.parametrize("name", ["\0m.csv", "../", "..", "m/", "a\nb.csv", "a\u2028b.csv", "a\u202evsc.b"])
def test_members_of_an_archive_with_odd_names_are_read_in_names_of_one_line(name, tmp_path):
    rows = bent.people(random.Random(name), 9)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name                  # as other programs write it
        archive.writestr(info, bent.text_of([bent.HEADINGS, *rows]))
        archive.writestr("empty/", b"")
    source = connect(str(tmp_path))
    [table] = source.tables()
    sample = source.sample(table.ref, [c.name for c in table.columns], 100, 1)

    assert rows_of(sample.batches) == list(map(tuple, rows))
    assert f"{table.ref.schema}{table.ref.name}".isprintable()
