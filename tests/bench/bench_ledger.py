"""The year's ledger at size: 12 months x 20 flows x 1 M persons each, exact union and sketches.

`bench_ledger.py [--months 12] [--flows 20] [--persons 1000000]`: each flow draws its persons from a company
of 25 M. Printed: bytes of an entry, CPU seconds and peak memory of the exact union, and over 200 unions of
sketches how often they are within 1 % of the truth.
"""

import argparse
import json
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from mappings.ledger import ORDINARY, SKETCH_SIZE, PersonSet, head_counts, limit_size, union_of_sets
from mappings.ledger_bytes import from_bytes, to_bytes
from mappings.stored_hashes import StoredHashes
from mappings.unit_runs import UnitMemory

KIND = ("resident_id", "resident_id")
COMPANY = 25_000_000


def spread(ordinals):
    """Hashes of persons by ordinal: a mix that is one to one, as a keyed hash would look."""
    x = ordinals.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    for by, times in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(by))) * np.uint64(times)
    return (x ^ (x >> np.uint64(31))) & ~np.uint64(15)


def entry(draw, persons):
    """One flow's month: a run of the company's customers, most of them the same every month."""
    start = draw.integers(0, COMPANY - 2 * persons)
    who = start + draw.choice(2 * persons, persons, replace=False)
    return who, PersonSet({KIND: np.sort(spread(who)) | np.uint64(ORDINARY)})


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--months", type=int, default=12)
    words.add_argument("--flows", type=int, default=20)
    words.add_argument("--persons", type=int, default=1_000_000)
    told = words.parse_args()
    draw = np.random.default_rng(7)
    seen = np.zeros(COMPANY, bool)
    with tempfile.TemporaryDirectory() as folder:
        stored = []
        for number in range(told.months * told.flows):
            who, made = entry(draw, told.persons)
            seen[who] = True
            stored.append(Path(folder) / str(number))
            stored[-1].write_bytes(to_bytes(made))
        size, start, memory = stored[0].stat().st_size, time.process_time(), UnitMemory()
        sets = []
        for path in stored:                   # as the ledger of a state reads them
            persons = from_bytes(path.read_bytes(), "bench")
            sets.append(replace(persons, hashes=StoredHashes(persons.hashes, memory)))
        year = union_of_sets(sets)
        took = time.process_time() - start
        del sets
    found = head_counts(year).individuals
    print(
        json.dumps(
            {
                "entries": len(stored),
                "bytes_of_an_entry": size,
                "union_cpu_s": round(took, 1),
                "counted": found.best,
                "truth": int(seen.sum()),
                "bytes_of_the_union": 8 * len(year.hashes[KIND]),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        ),
        flush=True,
    )
    del year
    right, inside, errors = 0, 0, []
    for i in range(200):
        one = np.random.default_rng(100 + i)
        parts = [np.sort(spread(one.integers(0, 600_000, 200_000) + i * 600_000)) for _ in range(4)]
        truth = len(np.unique(np.concatenate(parts)))
        e = head_counts(
            union_of_sets(
                [limit_size(PersonSet({KIND: p | np.uint64(ORDINARY)}), 0, SKETCH_SIZE) for p in parts]
            )
        ).individuals
        errors.append(abs(e.best - truth) / truth)
        right += errors[-1] <= 0.01
        inside += e.low <= truth <= e.high
    print(
        json.dumps(
            {
                "sketch_unions": 200,
                "k": SKETCH_SIZE,
                "within_1_percent": right,
                "inside_their_interval": inside,
                "median_error": round(float(np.median(errors)), 5),
                "worst_error": round(max(errors), 5),
            }
        )
    )


if __name__ == "__main__":
    main()
