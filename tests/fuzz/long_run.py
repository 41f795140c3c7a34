"""Many changed files: python tests/fuzz/long_run.py handed|native NUMBER [SEED] [KIND ...]."""

import collections
import os
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "fuzz"), str(TESTS / "fakes")]

import handed_files  # noqa: E402
import mutations  # noqa: E402
import native_files  # noqa: E402

from scanner.connectors.host.readers import READERS  # noqa: E402


def run(name, number, seed, examine):
    """Examine changed files of a kind; print what became of them, and each fault with its first file.

    examine: from a number and its random numbers to (what became of it, what is wrong).
    """
    begin = time.monotonic()
    outcomes, faults, first, late = collections.Counter(), collections.Counter(), {}, 0
    for i in range(number):
        outcome, fault = examine(mutations.generator(seed, name, i))
        outcomes[outcome] += 1
        if fault:
            faults[fault] += 1
            first.setdefault(fault, i)
            late += 2 * i >= number
    seconds = time.monotonic() - begin
    print(f"{name}: {number} files, {dict(outcomes)}, {faults.total()} faults, {late} in the last half, {seconds:.0f} s")
    for fault, n in faults.most_common():
        print(f"    {n} x {fault}, first in file {first[fault]}", flush=True)
    return faults.total()


def run_handed(name, number, seed):
    kind = handed_files.KINDS[name]
    good = kind.content()
    with tempfile.TemporaryDirectory() as folder:
        return run(name, number, seed, lambda rng: handed_files.outcome_of(kind, kind.mutate(good, rng), Path(folder)))


def run_native(name, number, seed):
    kind = native_files.KINDS[name]
    good = kind.content()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"m.{kind.suffix}"

        def examine(rng):
            place.write_bytes(kind.mutate(good, rng))
            return native_files.outcome_of(folder)

        return run(name, number, seed, examine)


def main(which, number, seed="1", *names):
    """Exit with 1 where something is wrong with the reading of any file."""
    os.environ["CHUJING_KEY_FILE"] = f"{tempfile.gettempdir()}/fuzz-{os.getpid()}.key"
    module, run_kind = {"handed": (handed_files, run_handed), "native": (native_files, run_native)}[which]
    with READERS.open():
        faults = [run_kind(name, int(number), seed) for name in names or module.KINDS]
    sys.exit(any(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
