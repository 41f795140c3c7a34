"""A warehouse of five systems set up by `init`, counted: `bench_expected.py [PEOPLE]`.

The systems hold segments of one population, each key filled in for a share of the rows, an address in all.
Printed are, for the union of five flows, the truth, the interval, how far `best` is off, and the expected
figure with its interval and error, or why there is none.
"""

import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import counted_worlds as worlds  # noqa: E402

SEGMENTS = (                                  # shares of each of four segments in the five systems
    (0.9, 0.8, 0.1, 0.5, 0.3),
    (0.1, 0.1, 0.8, 0.2, 0.6),
    (0.5, 0.5, 0.5, 0.5, 0.5),
    (0.05, 0.9, 0.3, 0.02, 0.1),
)
SYSTEMS = ("crm/customer", "shop/buyer", "desk/caller", "news/subscriber", "club/member")
CASES = {
    "one key filled in everywhere": (("mobile",) * 5, (1.0,) * 5),
    "one key filled in for 90 to 98 %": (("mobile",) * 5, (0.98, 0.9, 0.95, 0.92, 0.96)),
    "two keys filled in for 90 to 98 %": (("mobile email",) * 5, (0.98, 0.9, 0.95, 0.92, 0.96)),
    "one key filled in for 50 to 80 %": (("mobile",) * 5, (0.6, 0.7, 0.5, 0.8, 0.75)),
    "two keys filled in for 50 to 80 %": (("mobile email",) * 5, (0.6, 0.7, 0.5, 0.8, 0.75)),
    "keys that not all have": (("mobile", "mobile email", "mobile", "email", "email"), (0.8,) * 5),
    "no common key": (("mobile", "mobile", "mobile", "id", "id"), (0.9,) * 5),
    "a key filled in for those of one system alone": (("mobile email",) * 5, "dependent"),
}
VALUES = {"mobile": lambda p: p.phone, "email": lambda p: p.email, "id": lambda p: p.id}
COLUMNS = {"mobile": "mobile", "email": "email", "id": "id_card"}


def warehouse(draw, n, keys, fills):
    """Return the world: five tables, one flow each."""
    who = worlds.people(draw, n)
    segment = {p.number: draw.choice(SEGMENTS) for p in who}
    tables: dict[str, dict] = {}
    chosen = [[p for p in who if draw.random() < segment[p.number][i]] for i in range(5)]
    systems_of = Counter(p.number for some in chosen for p in some)
    is_dependent = fills == "dependent"
    for i, (table, some) in enumerate(zip(SYSTEMS, chosen, strict=True)):
        shares = dict.fromkeys(VALUES, 0.7 if is_dependent else fills[i])

        def value(p, kind, shares=shares):
            share = shares[kind]
            if is_dependent and kind == "email":
                share = 0.2 if systems_of[p.number] > 1 else 0.9
            return VALUES[kind](p) if draw.random() < share else None

        columns = {COLUMNS[kind]: [value(p, kind) for p in some] for kind in keys[i].split()}
        tables[table] = {"home_address": [f"上海市浦东新区世纪大道{p.number}号" for p in some], **columns}
    return worlds.World(tables, len(systems_of), flows=tuple((table,) for table in SYSTEMS))


def fields_of_init(folder, world):
    """Set every system up by `init`; return the fields that it proposes, by system."""
    from scanner.config.sources import Source
    from scanner.setup.init import write_config

    fields = {}
    for table in world.tables:
        system = table.partition("/")[0]
        file = folder / f"{system}.yaml"
        write_config(Source(system, str(folder / "data" / system)), file, "en", lambda question: "")
        fields[table] = re.findall(r"^#       - (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    return fields


def main(argv):
    """Count and print every case."""
    from scanner.config.model import read
    from scanner.job import scan

    n = int(argv[0]) if argv else 20_000
    for name, (keys, fills) in CASES.items():
        world = warehouse(random.Random(name), n, keys, fills)
        with tempfile.TemporaryDirectory() as place:
            file = worlds.write(world, Path(place))
            fields = fields_of_init(Path(place), world)
            text = file.read_text(encoding="utf-8")
            for table in world.tables:
                listed = ", ".join(f'"{field}"' for field in fields[table])
                text = re.sub(rf'fields: \["{table}/[^\]]*\]', f"fields: [{listed}]", text)
            file.write_text(text, encoding="utf-8")
            report = scan(read(file), as_of=worlds.DAY, exact=True)
        for flow in report.flows:
            if flow.unresolved:
                print("    unresolved:", *map(str, flow.unresolved))
        (union,) = (u for u in report.exporter[0].unions if len(u.flows) == len(SYSTEMS))
        e, notes = union.count.individuals, union.count.notes
        print(f"{name}: truth {world.truth}, {e.low} / {e.best} / {e.high} {e.note or e.method},"
              f" best off {e.best / world.truth - 1:+.1%}")
        for note in notes:
            values = note.message.values
            if note.code == "expected":
                print(f"    expected {values['n']} ({values['low']}-{values['high']}),"
                      f" off {values['n'] / world.truth - 1:+.1%}")
            else:
                print(f"    {note.code}")


if __name__ == "__main__":
    main(sys.argv[1:])
