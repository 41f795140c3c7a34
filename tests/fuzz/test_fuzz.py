"""A few changed files of each kind; `make fuzz` tries thousands. What was wrong once is tried again by name."""

import handed_files
import mutations
import native_files
import pytest

from scanner.connectors.host import readers

pytestmark = pytest.mark.system
NUMBER = 12
WRONG_ONCE = (                                # (kind, seed, number) of files that people hand in
    ("zone", "1", 17), ("recognisers", "1", 1773), ("zone sheet", "1", 1904), ("taxonomy", "31", 1472), ("zone", "31", 349),
)

DAMAGED_ONCE = (("csv", "1", 714), ("csv", "2", 1057), ("csv", "3", 624), ("zip", "31", 1543))          # of native files


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", handed_files.KINDS)
def test_what_people_hand_in_is_read_or_refused_in_one_line(name, tmp_path):
    kind = handed_files.KINDS[name]
    good = kind.content()
    assert handed_files.outcome_of(kind, good, tmp_path) == ("read", "")
    for i in range(NUMBER):
        rng = mutations.generator("suite", name, i)
        assert not handed_files.outcome_of(kind, kind.mutate(good, rng), tmp_path)[1], f"file {i}"


@pytest.mark.parametrize(("name", "seed", "i"), WRONG_ONCE)
def test_what_was_wrong_once_is_read_or_refused(name, seed, i, tmp_path):
    kind = handed_files.KINDS[name]
    assert not handed_files.outcome_of(kind, kind.mutate(kind.content(), mutations.generator(seed, name, i)), tmp_path)[1]


@pytest.mark.skipif(not readers.can_host(), reason="this platform has no readers")
@pytest.mark.parametrize("name", native_files.KINDS)
def test_a_damaged_file_costs_itself(name, tmp_path):
    kind = native_files.KINDS[name]
    good = kind.content()
    place = tmp_path / f"m.{kind.suffix}"
    place.write_bytes(good)
    assert native_files.outcome_of(tmp_path) == ("read", "")
    again = [(seed, i) for of, seed, i in DAMAGED_ONCE if of == name]
    for seed, i in (*(("suite", i) for i in range(NUMBER)), *again):
        place.write_bytes(kind.mutate(good, mutations.generator(seed, name, i)))
        assert not native_files.outcome_of(tmp_path)[1], f"file {i} of {seed}"
