"""Compressed files and archives, bent: cut off, garbage behind them, checks that do not fit."""

import gzip
import io
import json
import lzma
import zipfile

from bent import HEADINGS, KINDS, Bent, kind, people, text_of

PACK = {"gz": gzip.compress, "xz": lzma.compress}
MANY = 5_000                                  # rows, so that most come before the cut
DAMAGED = frozenset({"compression_damaged"})


def _table(rng, n):
    rows = people(rng, n)
    return rows, rng.choice((
        ("csv", text_of([HEADINGS, *rows])),
        ("jsonl", "\n".join(json.dumps(dict(zip(HEADINGS, row, strict=True))) for row in rows)),
    ))


@kind("packed: garbage behind it")
def garbage_behind(rng):
    rows, (suffix, text) = _table(rng, rng.choice((4, 300)))
    body = gzip.compress(text.encode()) + rng.choice((b"x", b"\n\n", rng.randbytes(40)))
    return Bent(f"bent.{suffix}.gz", body, tuple(row[1] for row in rows), len(rows), tuple(HEADINGS), DAMAGED)


@kind("packed: cut off")
def cut_off(rng):
    rows, (suffix, text) = _table(rng, MANY)
    packing = rng.choice(sorted(PACK))
    body = PACK[packing](text.encode())
    return Bent(f"bent.{suffix}.{packing}", body[: int(len(body) * rng.uniform(0.85, 0.95))],
                tuple(row[1] for row in rows[:1_000]), None, tuple(HEADINGS), DAMAGED)


@kind("packed: a check that does not fit")
def wrong_check(rng):
    rows, (suffix, text) = _table(rng, rng.choice((4, 300)))
    if rng.random() < 0.5:
        body = bytearray(gzip.compress(text.encode()))
        body[-8] ^= 1 << rng.randrange(8)
        return Bent(f"bent.{suffix}.gz", bytes(body), tuple(row[1] for row in rows), len(rows),
                    tuple(HEADINGS), DAMAGED)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"a.{suffix}", text)
        place = archive.infolist()[0]
    body = bytearray(out.getvalue())
    at = body.index(b"PK\x01\x02") + 16      # the sum of the member in the list at the end
    body[at] ^= 1 << rng.randrange(8)
    assert place.CRC
    return Bent("bent.zip", bytes(body), tuple(row[1] for row in rows), len(rows), tuple(HEADINGS), DAMAGED)


BENT_PACKED = [name for name in KINDS if name.startswith("packed: ")]
