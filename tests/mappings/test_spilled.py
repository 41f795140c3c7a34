"""Units beyond the memory go to disk and are counted as those in memory; a full disk and a killed run lose
nothing.
"""

import errno
import gc
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from member_rows import DAY, FIELDS, KEY, MEMBER, ONE_KEY, OPEN, ROW, batch, hashes
from places import ROOT

import worlds
from detectors.errors import StateError
from detectors.model import ColumnId
from mappings import crowds, ledger, unit_runs
from mappings.individuals import PersonCounter
from mappings.ledger import limit_size
from mappings.ledger_bytes import to_bytes
from mappings.person_records import Units
from mappings.stored_hashes import StoredHashes
from mappings.unit_piles import Pile
from mappings.unit_runs import PREFIX, UnitMemory

pytestmark = pytest.mark.system
NO_MEMORY = 1                                 # bytes: everything goes to disk at once
PLANS = [MEMBER, OPEN, ONE_KEY]


def counter(memory=None):
    return PersonCounter(KEY, DAY, FIELDS, memory)


def add(one, plan, rows, reading=""):
    one.add(plan, batch(rows), reading)


def folders(place):
    return [path for path in place.iterdir() if path.name.startswith(PREFIX)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.tuples(st.sampled_from(PLANS), st.lists(ROW, min_size=1, max_size=8)), max_size=6),
    memory=st.sampled_from([NO_MEMORY, 4_000, 20_000]),
)
def test_a_count_on_disk_is_the_count_in_memory(batches, memory, tmp_path):
    spilled, whole = counter(UnitMemory(memory, tmp_path)), counter()
    for plan, rows in batches:
        for each in (spilled, whole):
            add(each, plan, rows)
            if len(rows) > 4:                 # and asked in between
                each.tally()

    assert spilled.tally() == whole.tally()
    assert hashes(spilled.persons()) == hashes(whole.persons())
    assert spilled.number_of_keys() == whole.number_of_keys()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flows=st.lists(st.lists(ROW, min_size=1, max_size=10), min_size=2, max_size=3),
    plan=st.sampled_from(PLANS), reading=st.sampled_from(["", "t"]), cut=st.integers(1, 9),
)
def test_flows_on_disk_are_absorbed_as_those_in_memory(flows, plan, reading, cut, tmp_path):
    def group(memory):
        counters = []
        for rows in flows:
            counters.append(counter(memory))
            for part in (rows[:cut], rows[cut:]):
                if part:
                    add(counters[-1], plan, part, reading)
        everybody, linked = PersonCounter(KEY, DAY, memory=memory), counters[0].copy()
        for each in counters:
            everybody.absorb(each, [ColumnId("t/name")])
        for each in counters[1:]:
            linked.absorb(each, whole=True)
        return everybody.tally(), linked.tally()

    assert group(UnitMemory(NO_MEMORY, tmp_path)) == group(None)


@pytest.mark.parametrize("seed", range(6))
def test_invented_worlds_are_counted_alike_whatever_the_memory(seed, monkeypatch, tmp_path):
    world = worlds.make(seed, 300)
    expected = worlds.counter(world)
    for most in (NO_MEMORY, 30_000, 300_000):
        memory = UnitMemory(most, tmp_path)
        monkeypatch.setattr(worlds, "PersonCounter", lambda *words, m=memory: PersonCounter(*words, memory=m))
        found = worlds.counter(world)
        assert found.tally() == expected.tally()
        assert hashes(found.persons()) == hashes(expected.persons())


def test_going_back_forgets_what_went_to_disk_since(tmp_path):
    rows = [("110105199001010015", f"1371111{i:04d}", "林一", None, None) for i in range(30)]
    again, once = counter(UnitMemory(NO_MEMORY, tmp_path)), counter()
    add(again, MEMBER, rows[:10])
    undo = again.snapshot()
    add(again, MEMBER, rows[10:20])
    undo()
    for part in (rows[10:20], rows[20:]):
        add(again, MEMBER, part)
    add(once, MEMBER, rows)

    assert again.tally() == once.tally()


def random_units(draw, size, kinds, names):
    keys = draw.integers(0, size // 2, (size, kinds)).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    keys[(keys == 0).all(axis=1), 0] = 1
    name = draw.integers(1, 5, size).astype(np.uint64) if names else None
    bits = np.where(draw.random(size) < 0.3, 2, 1).astype(np.uint64)
    return Units(keys, name, bits, np.arange(size) if names or kinds > 1 else None)


@pytest.mark.parametrize("seed", range(8))
def test_no_more_is_held_and_read_at_once_than_the_memory_allows(seed, tmp_path):
    draw = np.random.default_rng(seed)
    kinds, names = int(draw.integers(1, 4)), bool(seed % 2)
    most = 1_500_000
    memory = UnitMemory(most, tmp_path)
    pile, whole = Pile(memory), Pile()
    for _ in range(40):
        units = random_units(draw, 2_000, kinds, names)
        pile.add(units)
        whole.add(units)
        size = sum(a.nbytes for a in pile.arrays())
        assert size <= most / unit_runs.SHARE + most / unit_runs.CHECKED + 2_000 * 8 * (kinds + 4)
    for _ in range(2):                        # as written, and as folded
        parts = list(pile.parts())
        assert max(sum(a.nbytes for a in part.arrays()) for part in parts) <= 1.5 * memory.read_size
    expected = whole.units()

    def units_of(units):
        columns = [units.keys, units.bits[:, None]]
        columns += [each[:, None] for each in (units.name, units.first_row) if each is not None]
        columns.append(np.ones((len(units), 1)) if units.rows is None else units.rows[:, None])
        return sorted(map(tuple, np.concatenate([c.astype(np.uint64) for c in columns], axis=1).tolist()))

    assert len(parts) > 3
    assert sorted(sum(map(units_of, parts), [])) == units_of(expected)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 90) | st.integers(1, 3), max_size=80))
def test_keys_by_number_stand_out_as_keys_one_by_one(rows):
    each = np.array(rows, np.int64)
    values, number = np.unique(each, return_counts=True)
    for stand_out in (crowds.standing_out, crowds.in_many_rows):
        if len(each):
            one_by_one = set(each[stand_out(each)].tolist())
            assert set(values[stand_out(values, number)].tolist()) == one_by_one


@pytest.mark.parametrize("persons", [900, 1_100, 2_600, 9_000])
def test_a_sketch_of_parts_is_that_of_the_whole(persons, monkeypatch, tmp_path):
    monkeypatch.setattr(ledger, "LARGEST_EXACT_SET", 1_000)
    monkeypatch.setattr(ledger, "SKETCH_SIZE", 100)
    monkeypatch.setattr(limit_size, "__defaults__", (1_000, 100))
    rows = [(None, f"137{i:08d}", None, None, None) for i in range(persons)]
    spilled, whole = counter(UnitMemory(60_000, tmp_path)), counter()
    for start in range(0, persons, 300):
        for each in (spilled, whole):
            add(each, ONE_KEY, rows[start : start + 300])

    assert hashes(spilled.persons()) == hashes(whole.persons())
    assert (spilled.persons().below == ledger.NO_THRESHOLD) == (persons <= 1_000)


def test_only_hashes_are_on_disk_for_the_user_alone_and_nothing_stays(tmp_path):
    spilled = counter(UnitMemory(NO_MEMORY, tmp_path))
    rows = [("110105199001010015", f"1371111{i:04d}", "林一", "1990-01-01", None) for i in range(50)]
    add(spilled, MEMBER, rows)
    (folder,) = folders(tmp_path)
    files = [path for path in folder.iterdir() if path.suffix == ".run"]
    written = b"".join(path.read_bytes() for path in files)

    assert files and folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not any(word in written for word in (b"1101051990", b"1371111", "林一".encode(), b"1990-01-01"))
    before = len(files)
    spilled.tally()
    spilled.tally()
    assert len([path for path in folder.iterdir() if path.suffix == ".run"]) <= before
    del spilled
    gc.collect()
    assert folders(tmp_path) == []


@pytest.mark.parametrize("which", range(1, 40, 6))
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fills_says_what_to_do_and_loses_nothing(which, code, monkeypatch, tmp_path):
    rows = [("110105199001010015", f"1371111{i:04d}", "林一", None, None) for i in range(60)]
    spilled, whole = counter(UnitMemory(NO_MEMORY, tmp_path)), counter()
    write, written = os.write, [0]

    def failing(descriptor, data):
        written[0] += 1
        if written[0] == which:
            raise OSError(code, os.strerror(code))
        return write(descriptor, data[: max(1, len(data) // 2)])

    for start in range(0, 60, 20):
        add(whole, MEMBER, rows[start : start + 20])
    monkeypatch.setattr(unit_runs.os, "write", failing)
    done, said = 0, None
    for _ in range(2):
        try:
            for start in range(done, 60, 20):
                undo = spilled.snapshot()
                add(spilled, MEMBER, rows[start : start + 20])
                done = start + 20
            spilled.tally()
        except StateError as e:
            said = e
            if done < 60:
                undo()

    if written[0] >= which:
        assert said is not None and "--memory" in str(said.line()) and "\n" not in str(said.line())
        assert "1371111" not in str(said.line())
    assert spilled.tally() == whole.tally()


def test_what_a_killed_run_left_is_removed_and_a_running_one_is_not(tmp_path):
    code = (
        "import sys, time, numpy as np\nfrom pathlib import Path\n"
        "from mappings.person_records import Units\nfrom mappings.unit_runs import UnitMemory\n"
        "memory = UnitMemory(1, Path(sys.argv[1]))\nkeys = np.arange(9, dtype=np.uint64)\n"
        "run = memory.write(Units(keys[:, None], None, keys, None))\nprint('written', flush=True)\n"
        "time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert other.stdout.readline() == "written\n"
    (left,) = folders(tmp_path)

    def spill():
        spilled = counter(UnitMemory(NO_MEMORY, tmp_path))
        add(spilled, MEMBER, [("110105199001010015", "13711112222", None, None, None)] * 3)

    spill()
    gc.collect()
    assert folders(tmp_path) == [left]
    other.kill()
    other.wait()
    assert list(left.glob("*.run"))
    spill()
    gc.collect()
    assert folders(tmp_path) == []


def test_what_could_not_be_written_is_still_counted(monkeypatch, tmp_path):
    pile, whole = Pile(UnitMemory(1 << 30, tmp_path)), Pile()
    for _ in range(2):
        units = random_units(np.random.default_rng(3), 500, 1, False)
        pile.add(units)
        whole.add(units)

    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched, pytest.raises(StateError, match="the disk is full"):
        patched.setattr(unit_runs.os, "write", full)
        pile.spill()
    found, expected = pile.units(), whole.units()

    assert (found.keys == expected.keys).all() and (found.bits == expected.bits).all()
    assert (found.rows == expected.rows).all()


@pytest.mark.parametrize("seed", range(10))
def test_a_union_of_sets_on_disk_is_that_of_sets_in_memory(seed, monkeypatch, tmp_path):
    draw = np.random.default_rng(seed)
    monkeypatch.setattr(ledger, "RANGE_SIZE", int(draw.integers(1, 200)))
    people = draw.integers(1, 2**63, 300, dtype=np.uint64) << np.uint64(ledger.FLAG_BITS)
    sets, expected = [], {}
    for _ in range(6):
        kinds = {}
        for kind in ("resident_id", "phone_mobile")[: int(draw.integers(1, 3))]:
            bare = draw.choice(people, int(draw.integers(1, 200)), replace=False)
            flags = draw.integers(1, 32, len(bare)).astype(np.uint64)
            kinds[kind, kind] = np.sort(bare | flags)
            for one, flag in zip(bare.tolist(), flags.tolist(), strict=True):
                expected[kind, one] = expected.get((kind, one), 0) | flag
        sets.append(ledger.PersonSet(kinds))
    memory = UnitMemory(None, tmp_path)
    stored = [replace(s, hashes=StoredHashes(s.hashes, memory)) for s in sets]
    union = ledger.union_of_sets(stored)

    assert hashes(union) == hashes(ledger.union_of_sets(sets))
    found = ((kind, h) for (kind, _), each in union.hashes.items() for h in each.tolist())
    assert {(kind, h & ~31): h & 31 for kind, h in found} == expected
    assert to_bytes(stored[0]) == to_bytes(sets[0])
    assert ledger.head_counts(stored[0]) == ledger.head_counts(sets[0])
