"""Worlds of every kind counted by whole scans: `bench_counted_worlds.py [WORLDS] [--people N] [--kind A,B]`.

An interval is that of the count together with its reading if possible columns are personal. Prints, of so
many worlds over all kinds in turn: truth inside; certain and wrong (width up to 0.1 %, truth
outside); median width where the evidence decides; `best` within 2 % where it decides or leans; controls that
are not exact; `high` above the plain sum of subjects; sensitive persons and persons under 14 inside.
Duplicates that share nothing are a class apart. Rates of each kind stand behind it.
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import counted_worlds  # noqa: E402
import world_kinds  # noqa: E402

NARROW, CLOSE = 0.001, 0.02


def holds(estimate, truth):
    """Does the truth lie inside?"""
    return estimate.low <= truth and (estimate.high is None or truth <= estimate.high)


def bounds(estimate, reading):
    """Return (low, high) of a count and of its reading if possible columns are personal, None for no end."""
    each = [estimate] if reading is None else [estimate, reading]
    highs = [e.high for e in each]
    return min(e.low for e in each), None if None in highs else max(highs)


def measure(kind, seed, size):
    """Return what was said of one world, as numbers."""
    world = world_kinds.world_of(kind, seed, size)
    report = counted_worlds.count(world)
    e, truth = counted_worlds.total(report), world.truth
    low, high = bounds(e, counted_worlds.if_personal(report))
    width = float("inf") if high is None else (high - low) / max(truth, 1)
    inside = low <= truth and (high is None or truth <= high)
    plain = counted_worlds.plain_sum(world)
    others = [
        (counted_worlds.total(report, name), stated)
        for name, stated in (("minors", world.minors), ("sensitive", world.sensitive))
        if stated is not None
    ]
    return {
        "kind": kind,
        "seed": seed,
        "truth": truth,
        "low": e.low,
        "best": e.best,
        "high": e.high,
        "method": e.method,
        "inside": inside,
        "width": width,
        "off": abs(e.best - truth) / max(truth, 1),
        "wrong": not inside and width <= NARROW,
        "summed": plain is not None,
        "over": plain is not None and e.high is not None and e.high > plain,
        "others": len(others),
        "others_inside": sum(holds(each, stated) for each, stated in others),
        "rates": world.rates,
    }


def main(argv):
    """Measure and print."""
    number = int(argv[0]) if argv and argv[0].isdigit() else 65
    size = int(argv[argv.index("--people") + 1]) if "--people" in argv else 300
    kinds = argv[argv.index("--kind") + 1].split(",") if "--kind" in argv else list(world_kinds.KINDS)
    first = int(argv[argv.index("--seed") + 1]) if "--seed" in argv else 0
    start, seen = time.process_time(), []
    for i in range(number):
        seen.append(measure(kinds[i % len(kinds)], first + i // len(kinds), size))
        m = seen[-1]
        if not m["inside"]:
            print(
                "outside:",
                *(f"{k}={m[k]}" for k in ("kind", "seed", "truth", "low", "best", "high", "method")),
                m["rates"] or "",
                flush=True,
            )
    for kind in kinds:
        of_kind = [m for m in seen if m["kind"] == kind]
        if of_kind:
            print(
                f"{kind:<26}{world_kinds.KINDS[kind][0]:<8}"
                f" inside {sum(m['inside'] for m in of_kind)}/{len(of_kind)}"
                f"  width {statistics.median(m['width'] for m in of_kind):.3f}"
                f"  best off {max(m['off'] for m in of_kind):.3f}"
                f"  {','.join(sorted({m['method'] for m in of_kind}))}"
            )
    summary(seen)
    print(f"CPU {time.process_time() - start:.0f} s, {size} persons a world or about")


def summary(seen):
    """Print the figures of all worlds."""
    evidence = {m["kind"]: world_kinds.KINDS[m["kind"]][0] for m in seen}
    some = [m for m in seen if evidence[m["kind"]] != "unseen"]
    decided = [m for m in some if evidence[m["kind"]] == "decides"]
    leaning = [m for m in some if evidence[m["kind"]] in ("decides", "leans")]
    controls = [m for m in some if m["kind"] in world_kinds.CONTROLS]
    print(f"truth inside {sum(m['inside'] for m in some)}/{len(some)}")
    print(f"certain and wrong {sum(m['wrong'] for m in some)}")
    if decided:
        print(
            f"median width where the evidence decides {statistics.median(m['width'] for m in decided):.4f} "
            f"({sum(m['width'] <= CLOSE for m in decided)}/{len(decided)} up to 2 %)"
        )
        print(
            f"best within 2 % where it decides {sum(m['off'] <= CLOSE for m in decided)}/{len(decided)}, "
            f"where it decides or leans {sum(m['off'] <= CLOSE for m in leaning)}/{len(leaning)}"
        )
    print(f"controls not exact {sum(m['method'] != 'exact' for m in controls)}/{len(controls)}")
    over, summed = sum(m["over"] for m in some), sum(m["summed"] for m in some)
    print(f"high above the plain sum of subjects of the rows {over}/{summed}")
    for m in (m for m in some if m["over"]):
        print("  above:", m["kind"], m["seed"], m["high"])
    print(
        f"sensitive persons and persons under 14 inside {sum(m['others_inside'] for m in some)}"
        f"/{sum(m['others'] for m in some)}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
