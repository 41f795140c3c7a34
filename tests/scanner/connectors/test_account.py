"""What a read lost is counted by kind, said once, and takes `exact` from the rows."""

import pytest

from detectors.model import Drawn, Rows
from scanner.connectors.account import KINDS, Account, line
from scanner.gather.examine import table_rows


def test_losses_of_one_kind_add_up_and_the_first_place_stays():
    account, other = Account(), Account()
    account.lose("cells_beyond_header", 2, line(20))
    other.lose("cells_beyond_header", 3, line(7))
    account.merge(other)
    assert [(loss.kind, loss.n) for loss in account.losses] == [("cells_beyond_header", 5)]


def test_nothing_lost_is_no_loss():
    account = Account()
    account.lose("cells_beyond_header", 0)
    assert account.losses == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_loss_says_what_and_what_to_do(kind):
    message, hint = KINDS[kind].words(1200, line(20))
    assert "1,200" in message or not KINDS[kind].is_lost
    assert hint


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_exact_only_where_nothing_was_lost(kind):
    account, drawn, listed = Account(), Drawn("all rows", 3, 3, 0), Rows(0, None, "unknown")
    assert table_rows(listed, drawn, account.losses) == Rows(3, 3, "exact")
    account.lose(kind)
    is_exact = table_rows(listed, drawn, account.losses).method == "exact"
    assert is_exact == (not KINDS[kind].is_lost and not KINDS[kind].rows)
