"""The laws of the decision over many generated companies: cases and broken.

.venv/bin/python tests/bench/bench_decision_laws.py --companies 2000
.venv/bin/python tests/bench/bench_decision_laws.py --companies 300 --contrary
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))


def main() -> None:
    """Print, by law, the companies it was tried on and those that broke it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--contrary", action="store_true", help="facts that contradict each other, as a file")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.companies)
    if options.contrary:
        with TemporaryDirectory() as folder:
            contrary(seeds, Path(folder))
    else:
        clean(seeds)


def clean(seeds: Iterable[int]) -> None:
    """Companies as the decision sees them."""
    from companies import LAWS, company

    for law in LAWS:
        broken = [seed for seed in seeds if next(law(company(random.Random(seed))), None)]
        say(law.__name__, len([*seeds]), broken)


def contrary(seeds: Iterable[int], folder: Path) -> None:
    """Companies as somebody states them, refused where they contradict themselves."""
    from contrary_companies import LAWS, contrary_company, judged

    broken: dict[str, list[int]] = {law.__name__: [] for law in LAWS}
    refused = faults = 0
    for seed in seeds:
        made = judged(contrary_company(random.Random(seed)), folder)
        refused, faults = refused + bool(made.faults), faults + len(made.faults)
        for law in LAWS:
            if (found := next(law(made), None)) is not None:
                broken[law.__name__].append(seed)
                print(f"  {law.__name__}, seed {seed}: {found}", flush=True)
    print(f"{refused} of {len([*seeds])} companies were refused at first, {faults} faults")
    for name, found_in in broken.items():
        say(name, len([*seeds]), found_in)


def say(law: str, cases: int, broken: list[int]) -> None:
    """Print a law with its cases and what broke it."""
    print(f"{law}: cases {cases}, broken {len(broken)} {broken[:5] or ''}", flush=True)


if __name__ == "__main__":
    main()
