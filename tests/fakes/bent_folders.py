"""Folders and archives as people have them: what is among their files, what must be read of them and
what must be named. One function a kind, in a table; values are invented.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from bent import HEADINGS, people, some, text_of
from bent_documents import workbook_of


@dataclass(frozen=True)
class Folder:
    """Files by path, and the truth about them.

    values: what must be read. tables: rows by the id of the table within its source, None where nobody can
    say how many. unread: ids of what must be named as unread. aside: files that hold no records. losses:
    kinds that must be told.
    """

    files: Mapping[str, bytes]
    values: tuple[str, ...] = ()
    tables: Mapping[str, int | None] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    losses: frozenset[str] = frozenset()


FOLDERS: dict[str, Callable[[random.Random], Folder]] = {}


def folder(name: str):
    """Register a kind of folder."""
    def register(bend):
        FOLDERS[name] = bend
        return bend

    return register


def mobiles(rows):
    return tuple(row[1] for row in rows)


def hive(rows) -> bytes:
    return "".join("\x01".join((*row, "\\N")) + "\n" for row in rows).encode()


def member_csv(rows, **options) -> bytes:
    return text_of([HEADINGS, *rows], **options).encode()


def parquet(rows, names=HEADINGS) -> bytes:
    out = pa.BufferOutputStream()
    pq.write_table(pa.table({n: [row[i] for row in rows] for i, n in enumerate(names)}), out)
    return out.getvalue().to_pybytes()


def database() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "crm.db"
        connection = sqlite3.connect(path)
        connection.execute("create table member (mobile text)")
        connection.commit()
        connection.close()
        return path.read_bytes()


def zip_of(members) -> bytes:
    """A zip of (name, body); names may stand twice."""
    import warnings

    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


@folder("a table of Hive")
def hive_table(rng):
    rows, more = some(rng), some(rng)
    packing = rng.choice(("", ".gz", ".bz2"))
    pack = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress}[packing]
    files = {f"wh/member/00000{i}_0{packing}": pack(hive(part)) for i, part in enumerate((rows, more))}
    return Folder(files, mobiles(rows + more), {"member": len(rows) + len(more)})


@folder("content without a suffix that says so")
def by_content(rng):
    rows = some(rng)
    name = rng.choice(("members", "members.dat", "members.data", "members.20240131", "members.1",
                       "members.bak", "members.csv.bak", "members.dmp"))
    sign = rng.choice("|\t;\x01,")
    body = rng.choice((
        lambda: member_csv(rows, delimiter=sign),
        lambda: parquet(rows),
        lambda: "\n".join(json.dumps(dict(zip(HEADINGS, row, strict=True))) for row in rows).encode(),
        lambda: workbook_of({(1, 1): [HEADINGS, *rows]}),
        lambda: "\n".join(row[1] for row in rows).encode(),
    ))()
    return Folder({name: body}, mobiles(rows), {"members": len(rows)})


@folder("a suffix that is wrong")
def wrong_suffix(rng):
    rows = people(rng, rng.choice((9, 40)))
    bodies = {
        "csv": member_csv(rows), "tsv": member_csv(rows, delimiter="\t"),
        "xlsx": workbook_of({(1, 1): [HEADINGS, *rows]}), "parquet": parquet(rows),
        "json": json.dumps([dict(zip(HEADINGS, row, strict=True)) for row in rows]).encode(),
        "gz": gzip.compress(member_csv(rows)), "xz": lzma.compress(member_csv(rows)),
    }
    content, suffix = rng.sample(("csv", "tsv", "xlsx", "parquet", "json", "gz", "xz"), 2)
    wrong = {"tsv": "xls", "gz": "xls", "xz": "csv", "json": "xlsx"}.get(suffix, suffix)
    return Folder({f"members.{wrong}": bodies[content]}, mobiles(rows), {"members": len(rows)})


@folder("other files beside a table")
def beside(rng):
    rows = some(rng)
    aside = {
        "合同.pdf": b"%PDF-1.4", "logo.png": b"\x89PNG\r\n\x1a\n", "~$members.xlsx": b"\x05" + b"x" * 160,
        "说明.docx": zip_of([("word/document.xml", "<x/>")]), "README.md": b"# x",
        "run.py": b"import x", ".hidden": b"x", "nothing": b"",
        "Thumbs.db": b"\xd0\xcf", "query.sql": b"select 1 from member;",
    }
    unread = {
        "crm.db": database(), "old.rar": b"Rar!\x1a\x07\x01\x00xxxx", "old.7z": b"7z\xbc\xaf\x27\x1c\x00\x04",
        "crm.mdb": b"\x00\x01\x00\x00Standard Jet DB\x00", "v.dat": bytes(range(256)) * 9,
        "letter": "大家好，\n这是一封信。\n再见\n".encode(), "dump.sql": b"INSERT INTO member VALUES (1)",
        "v.sav": b"$FL2@(#) SPSS", "v.pst": b"!BDN", "v.dbf": b"\x03\x7c\x01\x01" + b"\x00" * 60,
        "v.gz": gzip.compress(bytes(range(256)) * 9),
    }
    names = rng.sample(sorted(unread), 3)
    others = rng.sample(sorted(aside), 4)
    files = {"members.csv": member_csv(rows), **{f"a/{n}": unread[n] for n in names},
             **{n: aside[n] for n in others}}
    return Folder(files, mobiles(rows), {"members": len(rows)},
                  unread=frozenset(f"a/{n}" for n in names), aside=frozenset(others))


@folder("an archive with two members of one name")
def twins(rng):
    parts = [some(rng) for _ in range(rng.randint(2, 3))]
    members = [(rng.choice(("a.csv", "./a.csv", "../a.csv", "/a.csv")), member_csv(part)) for part in parts]
    rows = {"all/a" if i == 0 else f"all/a_{i + 1}": len(part) for i, part in enumerate(parts)}
    if len({name for name, _ in members}) > 1:
        rows = dict.fromkeys(rows)            # which of them is the first is the archive's affair
    return Folder({"all.zip": zip_of(members)}, mobiles(sum(parts, [])), rows)


@folder("archives in archives")
def nested(rng):
    first, second = some(rng), some(rng)
    make = rng.choice((zip_of, tar_of))
    inner = rng.choice((zip_of, tar_of))([("b.csv", member_csv(second)), ("logo.png", b"\x89PNG\r\n\x1a\n")])
    suffix = "zip" if inner[:2] == b"PK" else "tar.gz" if inner[:2] == b"\x1f\x8b" else "tar"
    body = make([("a.csv", member_csv(first)), (f"deep/inner.{suffix}", inner)])
    name = "all.zip" if body[:2] == b"PK" else rng.choice(("all.tgz", "all.tar.gz", "all"))
    return Folder({name: body}, mobiles(first + second),
                  {"all/a": len(first), "all/inner/b": len(second)}, aside=frozenset({"logo.png"}))


@folder("an archive with members that cannot be read")
def broken_members(rng):
    rows = people(rng, 40)
    good = zip_of([("good.csv", member_csv(rows))])
    fault = rng.choice(("encrypted", "bad checksum", "not zip"))
    if fault == "not zip":
        other = rng.choice((b"Rar!\x1a\x07\x01\x00xx", b"7z\xbc\xaf\x27\x1c", b"<html>", b"PK\x03\x04"))
        return Folder({"good.zip": good, "bad.zip": other}, mobiles(rows), {"good/good": 40},
                      unread=frozenset({"bad"}))
    body = bytearray(zip_of([("bad.csv", member_csv(people(rng, 40))), ("good.csv", member_csv(rows))]))
    central = body.index(b"PK\x01\x02")
    if fault == "encrypted":
        body[6] |= 1
        body[central + 8] |= 1
        return Folder({"all.zip": bytes(body)}, mobiles(rows), {"all/good": 40},
                      unread=frozenset({"all/bad.csv"}))
    body[60] ^= 0xFF
    return Folder({"all.zip": bytes(body)}, mobiles(rows), {"all/good": 40}, unread=frozenset({"all/bad"}))


def tar_of(members) -> bytes:
    """A tar of (name, body), packed by a third of their sizes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=("w:gz", "w", "w:xz")[sum(map(len, dict(members))) % 3]) as archive:
        for name, body in members:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


@folder("an archive of nothing")
def archive_of_nothing(rng):
    rows = some(rng)
    make = rng.choice((zip_of, tar_of))
    members = rng.choice(([], [("a.png", b"\x89PNG\r\n\x1a\n")], [("empty.dat", b"")], [("d/", b"")]))
    name = "void.zip" if make is zip_of else "void.tar"
    return Folder({"members.csv": member_csv(rows), name: make(members)}, mobiles(rows),
                  {"members": len(rows)}, unread=frozenset({"void"}))


def records(rows, names) -> bytes:
    return "\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in rows).encode()


@folder("partitions whose columns drift")
def drifting(rng):
    write, suffix = rng.choice((
        (lambda rows, names: text_of([names, *rows]).encode(), "csv"),
        (lambda rows, names: gzip.compress(text_of([names, *rows]).encode()), "csv.gz"),
        (records, "jsonl"), (parquet, "parquet"),
        (lambda rows, names: workbook_of({(1, 1): [names, *rows]}), "xlsx"),
    ))
    n = rng.choice((3, 12, 30))
    late = rng.randrange(n)
    files, values, total = {}, [], 0
    for i in range(n):
        rows = people(rng, rng.randint(2, 9))
        values += mobiles(rows)
        total += len(rows)
        names = HEADINGS
        if i == late:
            others = people(rng, len(rows))
            values += mobiles(others)
            names = [*HEADINGS, "备用电话"]
            rows = [[*row, other[1]] for row, other in zip(rows, others, strict=True)]
        files[f"member/dt=2026-01-{i + 1:02}/part-0.{suffix}"] = write(rows, names)
    return Folder(files, tuple(values), {"member": total})


@folder("two tables in the folders of partitions")
def two_tables(rng):
    files, counts = {}, {"export/member": 0, "export/order": 0}
    values = []
    for i in range(rng.randint(2, 5)):
        rows = people(rng, 5)
        orders = [["order_no", "amount", "note"]]
        orders += [[str(rng.randrange(10**6)), str(rng.randrange(90)), "x"] for _ in range(4)]
        values += mobiles(rows)
        counts["export/member"] += 5
        counts["export/order"] += 4
        files[f"export/dt=2026-01-0{i + 1}/member.csv"] = member_csv(rows)
        files[f"export/dt=2026-01-0{i + 1}/order.csv"] = text_of(orders).encode()
    return Folder(files, tuple(values), counts)


@folder("one table in files of any name")
def any_names(rng):
    parts = [people(rng, 5) for _ in range(4)]
    names = rng.choice((("a", "b"), ("chunk-1-x9", "chunk-2-k3"), ("0f", "1c"), ("part-00000", "part-00001")))
    files = {f"member/dt=2026-01-0{i // 2 + 1}/{names[i % 2]}.csv": member_csv(part)
             for i, part in enumerate(parts)}
    rows = sum(parts, [])
    return Folder(files, mobiles(rows), {"member": len(rows)})


@folder("names that look like parts")
def no_parts(rng):
    rows, others = some(rng), people(rng, 9)
    cities = text_of([["城市", "备注"], *([row[2], row[0]] for row in others)]).encode()
    return Folder({"part-time.csv": member_csv(rows), "part-list.csv": cities},
                  mobiles(rows), {"part-time": len(rows), "part-list": 9})
