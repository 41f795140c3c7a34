"""The search for smallest changes against trying every set of fields, over 500 small flows drawn at random.

python tests/bench/search_agrees.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
from mappings import counterfactual  # noqa: E402
from small_flows import disagreement  # noqa: E402

FLOWS = 500


def main() -> int:
    counterfactual.MOST_SHOWN = 10_000  # every set of a size, not the first few
    results = {seed: disagreement(seed) for seed in range(FLOWS)}
    differing = [seed for seed, (differs, _) in results.items() if differs]
    lowered = sum(n for _, n in results.values())
    sys.stdout.write(
        f"{FLOWS} flows, {lowered} lists of items that lower the path; differing: {differing or 'none'}\n"
    )
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
