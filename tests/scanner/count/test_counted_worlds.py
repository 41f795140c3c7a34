"""Worlds of many kinds, counted by a whole scan: the interval holds the truth, what is clear stays exact."""

import random
import re
from functools import cache

import counted_worlds as worlds
import pytest
import world_kinds
import worlds_of_parties

from mappings.unit_runs import UnitMemory
from reports.wording.summary import summary_lines
from scanner.count import assessment

pytestmark = pytest.mark.system

SIZE = 100
SEEN = [kind for kind, (evidence, _) in world_kinds.KINDS.items() if evidence != "unseen"]
NARROW = [make.__name__ for make in world_kinds.DECIDES if make.__name__ not in world_kinds.CONTROLS]


@cache
def counted(kind, seed=0):
    world = world_kinds.world_of(kind, seed, SIZE)
    return world, worlds.count(world)


@pytest.mark.parametrize("kind", SEEN)
def test_the_truth_lies_inside_the_interval(kind):
    world, report = counted(kind)
    persons, reading = worlds.total(report), worlds.if_personal(report) or worlds.total(report)

    assert persons.method != "exact" or persons.low == world.truth
    assert min(persons.low, reading.low) <= world.truth <= max(persons.high, reading.high)
    for counter, stated in (("minors", world.minors), ("sensitive", world.sensitive)):
        if stated is not None:
            some = worlds.total(report, counter)
            assert some.low <= stated and (some.high is None or stated <= some.high)


@pytest.mark.parametrize("kind", [*world_kinds.KINDS][::3])
def test_what_is_on_disk_is_counted_as_what_is_in_memory(kind, monkeypatch, tmp_path):
    world, report = counted(kind)
    most = 1 if len(kind) % 2 else 20_000     # bytes: all of it is on disk, or what is beyond that
    monkeypatch.setattr(assessment, "UnitMemory", lambda _: UnitMemory(most, tmp_path))
    on_disk = worlds.count(world)

    assert on_disk.flows == report.flows
    assert on_disk.exporter == report.exporter


@pytest.mark.parametrize("kind", SEEN)
def test_no_more_people_than_the_rows_speak_of(kind):
    world, report = counted(kind)
    plain = worlds.plain_sum(world)

    assert plain is None or (worlds.total(report).high or 0) <= plain
    assert plain is None or ((worlds.if_personal(report) or worlds.total(report)).high or 0) <= plain


@pytest.mark.parametrize(
    "kind", ("agents_without_ids", "one_subject", "heavy_key", "two_in_a_cell", "couples")
)
def test_flows_of_single_columns_add_nobody_to_the_flow_of_all(kind):
    world, report = counted(kind)
    ((table, columns),) = world.tables.items()
    flows = ((table,), *((f"{table}/{column}",) for column in columns if column != "city"))
    several = worlds.World(world.tables, world.truth, flows=flows)
    persons, alone = worlds.total(worlds.count(several)), worlds.total(report)

    assert (persons.low, persons.best, persons.high) == (alone.low, alone.best, alone.high)


@pytest.mark.parametrize("kind", world_kinds.CONTROLS)
def test_what_is_clear_stays_exact(kind):
    world, report = counted(kind)
    persons = worlds.total(report)

    assert (persons.low, persons.best, persons.high, persons.method) == (*[world.truth] * 3, "exact")


@pytest.mark.parametrize("kind", NARROW)
def test_where_the_rows_decide_the_interval_is_narrow(kind):
    world, report = counted(kind)
    persons = worlds.total(report)

    assert persons.high - persons.low <= 0.02 * world.truth
    assert abs(persons.best - world.truth) <= 0.02 * world.truth


@pytest.mark.parametrize("kind", [make.__name__ for make in world_kinds.LEANS])
def test_what_is_likelier_is_the_best_figure(kind):
    world, report = counted(kind)

    assert abs(worlds.total(report).best - world.truth) <= 0.02 * world.truth


def test_duplicates_that_share_nothing_count_twice_at_most_the_rows():
    world, report = counted("nothing_shared")
    persons = worlds.total(report)

    assert world.truth < persons.best == len(world.tables["member"]["mobile"])


AGES = ("unread_births", "children_without_numbers", "default_births", "pupils_beside_staff",
        "insured_children", "pupils_by_school")  # fmt: skip


@pytest.mark.parametrize("kind", AGES)
def test_whoever_says_no_age_may_be_under_14(kind):
    world, report = counted(kind)
    (flow,) = report.flows

    assert world.minors
    for some in (flow.minors, flow.sensitive_individuals):
        assert some.method != "exact" and some.low <= world.minors <= (some.high or flow.individuals.high)
    assert flow.sensitive_individuals.high >= (flow.minors.high or flow.individuals.high)


@pytest.mark.parametrize("kind", ("ages_in_years", "ages_of_numbers", "pupils"))
def test_ages_that_are_told_are_exact(kind):
    world, report = counted(kind)
    minors = report.flows[0].minors

    assert (minors.low, minors.best, minors.high, minors.method) == (*[world.minors] * 3, "exact")


@pytest.mark.parametrize("kind", AGES)
def test_one_fact_says_that_nobody_is_under_14(kind):
    world = world_kinds.world_of(kind, 0, SIZE)
    world.facts = {"processes_minors": "no"}
    (flow,) = worlds.count(world).flows

    assert flow.minors.low == flow.minors.high
    assert flow.sensitive_individuals.low == flow.sensitive_individuals.high


def test_without_birth_dates_persons_under_14_are_unknown():
    _, report = counted("no_birth_dates")

    assert report.flows[0].minors.method == "unknown"
    assert report.flows[0].minors.high is None


@pytest.mark.parametrize(
    "kind",
    ("one_subject", "one_population", "two_populations", "agents", "shared_mailbox", "pupils_by_parents",
     "insured_children", "named_parties", "emergency_contacts"),
)  # fmt: skip
def test_the_order_of_rows_and_a_constant_column_change_nothing(kind):
    world, report = counted(kind)
    changed = world_kinds.world_of(kind, 0, SIZE)
    draw = random.Random(5)
    for columns in changed.tables.values():
        order = list(range(len(next(iter(columns.values())))))
        draw.shuffle(order)
        for name, values in columns.items():
            columns[name] = [values[i] for i in order]
        columns["channel"] = ["web"] * len(order)
    persons, others = worlds.total(report), worlds.total(worlds.count(changed))

    assert (persons.low, persons.best, persons.high) == (others.low, others.best, others.high)


@pytest.mark.parametrize("kind", ("one_subject", "one_population", "agents", "shared_id", "masked_names"))
def test_a_table_split_in_two_counts_as_the_whole(kind):
    world, report = counted(kind)
    ((name, columns),) = world.tables.items()
    half = len(next(iter(columns.values()))) // 2
    changed = world_kinds.world_of(kind, 0, SIZE)
    changed.tables = {
        f"{name}_north": {c: v[:half] for c, v in columns.items()},
        f"{name}_south": {c: v[half:] for c, v in columns.items()},
    }
    persons, others = worlds.total(report), worlds.total(worlds.count(changed))

    assert (persons.low, persons.best, persons.high) == (others.low, others.best, others.high)


def interval(world):
    persons = worlds.total(worlds.count(world))
    return persons.low, persons.best, persons.high


@pytest.mark.parametrize("attributes", [("phone",), ("name", "id")], ids=str)
def test_another_stem_that_means_nothing_changes_nothing(attributes):
    draw = random.Random(11)
    who = worlds.people(draw, SIZE)
    rows = [draw.sample(who, 2) for _ in range(2 * SIZE)]
    stems = (("x1", "x2"), ("foo", "bar"), ("kq", "wz"))
    tables = [
        worlds.rows_of(worlds_of_parties.columns_of(random.Random(3), pair, attributes), rows)
        for pair in stems
    ]

    assert len({interval(worlds.World({"trade": table}, SIZE)) for table in tables}) == 1


@pytest.mark.parametrize(
    ("kind", "column"),
    [("one_subject", 0), ("agents", "name"), ("shared_id", "name"), ("masked_names", "name")],
)
def test_fewer_fields_exported_change_nothing_while_keys_stay_in_the_table(kind, column):
    world, report = counted(kind)
    persons = worlds.total(report)
    fewer = world_kinds.world_of(kind, 0, SIZE)
    (columns,) = fewer.tables.values()
    fewer.exported = (column or next(iter(columns)),)

    assert interval(fewer) == (persons.low, persons.best, persons.high)


@pytest.mark.parametrize(
    "kind", ("one_subject", "agents", "shared_id", "shared_mailbox", "couples", "masked_names")
)
def test_a_row_more_never_shrinks_the_upper_end(kind):
    high = counted(kind)[1].flows[0].individuals.high
    stranger = world_kinds.world_of(kind, 77, 20)
    more, twice = (world_kinds.world_of(kind, 0, SIZE) for _ in range(2))
    ((_, columns),) = more.tables.items()
    ((_, same),) = twice.tables.items()
    ((_, foreign),) = stranger.tables.items()
    for place, name in enumerate(columns):
        columns[name].append(list(foreign.values())[place][-1])
        same[name].append(same[name][-1])

    assert interval(more)[2] >= high
    assert interval(twice)[2] >= high


def test_open_subjects_are_named_with_the_line_that_settles_them():
    draw = random.Random(3)
    who = worlds.people(draw, 200)
    couples = list(zip(who[::2], who[1::2], strict=False))
    world = worlds.World(
        {
            "couple": {
                "a_mobile": [a.phone for a, _ in couples],
                "b_mobile": [b.phone for _, b in couples],
            }
        },
        2 * len(couples),
    )
    report = worlds.count(world)
    persons = worlds.total(report)

    (note,) = (note for note in report.flows[0].count_notes if note.code == "subjects_open")
    line = re.search(r"subjects: \{.*?\}", str(note.message)).group()

    assert any(line in shown for shown, _ in summary_lines(report, "en", 100))

    assert (persons.low, persons.high) == (len(couples), 2 * len(couples))

    for word, settled in (("self", len(couples)), ("spouse", 2 * len(couples))):
        world.statements = line.replace("self", word) + "\n"
        persons = worlds.total(worlds.count(world))
        assert (persons.low, persons.best, persons.high) == (settled, settled, settled)


def test_two_columns_that_leave_in_two_flows_count_as_in_one():
    draw = random.Random(3)
    who = worlds.people(draw, 120)
    rows = list(zip(who[::2], who[1::2], strict=True))
    columns = {"x1_mobile": lambda r: r[0].phone, "x2_mobile": lambda r: r[1].phone}
    one = worlds.World({"t": worlds.rows_of(columns, rows)}, 120)
    two = worlds.World(one.tables, 120, flows=(("t/x1_mobile",), ("t/x2_mobile",)))

    assert interval(two) == interval(one) == (60, 60, 120)


def test_a_statement_makes_no_one_person_of_two_identity_numbers():
    world = world_kinds.world_of("different_ids", 0, SIZE)
    ((table, columns),) = world.tables.items()
    world.statements = "subjects: {" + ", ".join(f'"s/{table}/{c}": self' for c in columns) + "}\n"

    assert interval(world) == (world.truth,) * 3
