"""The laws of the decision over many generated companies: cases and broken.

.venv/bin/python tests/bench/bench_decision_laws.py --companies 2000
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))


def main() -> None:
    """Print, by law, the companies it was tried on and those that broke it."""
    from companies import LAWS, company

    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1000)
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.companies)
    for law in LAWS:
        broken = [seed for seed in seeds if next(law(company(random.Random(seed))), None)]
        print(f"{law.__name__}: cases {len(seeds)}, broken {len(broken)} {broken[:5] or ''}")


if __name__ == "__main__":
    main()
