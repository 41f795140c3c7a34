"""Seconds of the counterfactual search on a flow of 60 fields, 10 of them sensitive,
and of 20 fields exactly.

python tests/bench/bench_counterfactual.py
"""

import random
import sys
import time
from datetime import date

from detectors.model import ColumnId
from mappings.counterfactual import screen_changes, smallest_changes
from mappings.histogram import Histogram
from mappings.model import Cell, Facts, FlowInput, Item, Tally
from mappings.rules import load_ruleset
from mappings.varied_flow import VariedFlow, VariedTotal


def flow(fields, sensitive, cells, seed=7):
    """A flow of so many fields; `cells` different combinations of filled fields."""
    draw = random.Random(seed)
    names = [ColumnId(f"crm/member/f{i}") for i in range(fields)]
    kinds = ["yes" if i < sensitive else "no" for i in range(fields)]
    # every field is filled for one person in three; the sensitive ones for one in nine
    out = []
    for _ in range(cells):
        bits = sum(
            1 << i for i in range(fields) if draw.random() < (0.11 if i < sensitive else 0.33)
        ) or 1 << (fields - 1)
        persons = draw.randrange(1, 30)
        out += [
            Cell(level, bits, False, 1 if level == "low" else 0, persons) for level in ("low", "best", "high")
        ]
    tally = Tally(tuple(zip(names, range(fields), kinds, strict=True)), tuple(out), cells)
    own = Histogram(tally)
    facts = Facts(
        "acme", date(2026, 11, 1), (FlowInput("crm", own.count()),), {"ciio": "no", "important_data": "none"}
    )
    return VariedFlow("crm", facts, load_ruleset(), (VariedTotal(("crm",), own),)), [
        Item("drop", n) for n in names
    ]


def main() -> None:
    for fields, sensitive in ((60, 10), (20, 10)):
        subject, items = flow(fields, sensitive, 4_000)
        before = subject.decided(())
        start = time.process_time()
        found = smallest_changes(subject, items, before)
        middle = time.process_time()
        shown = screen_changes(subject, items, before)
        end = time.process_time()
        sys.stdout.write(
            f"{fields} fields, {sensitive} sensitive, 4,000 cells: {before.path}; "
            f"smallest sets {middle - start:.1f} s "
            f"({len(found.changes)} found, {'exact' if found.exact else 'heuristic'}), "
            f"screen {end - middle:.1f} s ({len(shown)} shown)\n"
        )
        for c in found.changes[:2]:
            sys.stdout.write(f"    {len(c.items)} fields -> {c.path}, sensitive {c.sensitive}\n")


if __name__ == "__main__":
    main()
