"""An error is one line, whatever line ends the values in it have."""

import random

import pytest

from detectors.errors import ChujingError, RulesError
from detectors.message import Msg

ENDS = "\n\r\x0b\x0c\x1c\x85\u2028\u2029\t\u202e"


@pytest.mark.parametrize("end", ENDS)
def test_values_of_errors_stand_on_one_line(end):
    rng = random.Random(end)
    value = "".join(rng.choice(("a", "林", " ", end)) for _ in range(30)) + end
    inner = Msg("{place}, entry {n}", place=value, n=3)
    error = RulesError(Msg('no grade "{name}"', name=value), where=inner,
                       hint=Msg("known: {names}", names=(value, "b")))

    assert str(error.line()).isprintable() and error.what.template == 'no grade "{name}"'
    assert str(ChujingError("x", where=value)).isprintable()


def test_values_without_line_ends_stay():
    what = Msg('no grade "{name}"', name="a\u00a0b")
    assert RulesError(what).what.values == {"name": "a\u00a0b"}
