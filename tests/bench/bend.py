"""Bent files at size: how many of them lose a value in silence, are exact and wrong, end the scan or name a
column by a value, by kind; and what clean files lose.

`bend.py [--files 10000] [--seed 0] [--show 3]`. Exit status 1 where there is one such file.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "fakes"), str(Path(__file__).parents[2])]
import bent  # noqa: E402
import bent_documents  # noqa: E402
import bent_json  # noqa: E402, F401
import bent_keys  # noqa: E402, F401
import bent_lines  # noqa: E402, F401
import bent_mixed  # noqa: E402
import bent_mixed_documents  # noqa: E402
import bent_packed  # noqa: E402, F401
import bent_texts  # noqa: E402, F401
import bent_workbooks  # noqa: E402, F401
from bent_reading import GOALS, HEADING, HEDGED, faults  # noqa: E402

FAMILIES = (("text", bent_mixed.text, 0.45), ("JSON", bent_mixed_documents.document, 0.3),
            ("workbook", bent_mixed_documents.workbook, 0.17))
CONTROLS = 0.1                                # clean files beside each bent one
SLOW = ("csv: rows wider far behind", "csv: the second half in another encoding",
        "json: a key that comes late")


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--show", type=int, default=3)
    args = asked.parse_args()
    start = time.process_time()
    wrong = bend(args)
    wrong += clean(args)
    print(f"{time.process_time() - start:.0f} CPU seconds")
    sys.exit(wrong > 0)


def bend(args):
    """Print the faults of bent files by kind; return how many of them there are."""
    by_kind, examples = defaultdict(Counter), defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for name, kinds, seed, made in bent_files(args.files, args.seed):
            for kind in kinds:
                by_kind[kind]["files"] += 1
            for fault, detail in faults(Path(folder), made).items():
                by_kind["all"][fault] += 1
                for kind in kinds:
                    by_kind[kind][fault] += 1
                examples[fault].append(f"{name}, seed {seed}: {'; '.join(kinds)}: {detail}")
    by_kind["all"]["files"] = args.files
    for kind in sorted(by_kind):
        counts = by_kind[kind]
        others = ", ".join(f"{n} {fault}" for fault, n in counts.items() if fault not in (*GOALS, "files"))
        goals = ", ".join(f"{counts[goal]} {goal}" for goal in GOALS)
        print(f"{kind:50} {counts['files']:6,} files: {goals}" + (f" ({others})" if others else ""))
    for fault in GOALS:
        for example in examples[fault][: args.show]:
            print(f"{fault}: {example}")
    return sum(by_kind["all"][goal] for goal in GOALS)


def bent_files(n, seed):
    """Yield (family, kinds, seed, file) of so many bent files."""
    done = 0
    for name, make, share in FAMILIES:
        for i in range(int(n * share)):
            made = make(random.Random(f"{seed} {name} {i}"))
            yield name, [f"{name}: {bend}" for bend in made.bends], i, made
            done += 1
    kinds = sorted(set(bent.KINDS) - set(SLOW)) * 10 + list(SLOW)
    for i in range(n - done):
        kind = kinds[i % len(kinds)]
        yield "one kind", [kind], i, bent.KINDS[kind](random.Random(f"{seed} {kind} {i}"))


def clean(args):
    """Print what clean files lose; return how many of them do."""
    lost = Counter()
    n = max(210, int(args.files * CONTROLS))
    with tempfile.TemporaryDirectory() as folder:
        for i in range(n):
            found = faults(Path(folder), clean_file(random.Random(f"{args.seed} clean {i}"), i))
            lost.update(found.keys())
            for fault, detail in found.items():
                print(f"clean file {i}: {fault}: {detail}")
    print(f"{n:,} clean files: {lost[HEDGED]} lose exact, {lost[HEADING]} lose a heading, "
          f"{sum(lost.values()) - lost[HEDGED] - lost[HEADING]} other faults")
    return sum(lost.values())


def clean_file(rng, i):
    """Return a clean file: months, years, people's roles, one column and texts as headings, in turn."""
    make = bent.CONTROLS[i // 3 % len(bent.CONTROLS)]
    names, body = make(rng, bent.people(rng, rng.choice((3, 10, 60))))
    if i % 3 == 0:
        return bent.csv_of(bent.text_of([names, *body]), [["", row[0]] for row in body], names=tuple(names))
    build = bent_documents.control_json if i % 3 == 1 else bent_documents.control_sheet
    return build(rng, names, body)


if __name__ == "__main__":
    main()
