"""What a database keeps from this account: columns it may not read, rows that a policy hides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from detectors.message import Msg
from scanner.connectors.account import Account
from scanner.connectors.sql.catalogue import TableKey

MOST_NAMED = 5                                # columns that are named, of those that may not be read
NEARLY_ALL = 0.95                             # share of the expected rows from which on none is called hidden


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is kept from this account, by table.

    denied: columns that it may not read. unseen: tables of which it sees single columns only.
    hidden: rows of a table with a policy, about, visible or not; None where nobody knows.
    by_account: views whose own conditions ask which account reads them.
    """

    denied: Mapping[TableKey, Collection[str]] = field(default_factory=dict)
    unseen: Collection[TableKey] = ()
    hidden: Mapping[TableKey, int | None] = field(default_factory=dict)
    by_account: Collection[TableKey] = ()

    def may_hide(self, table: TableKey) -> bool:
        """Return whether rows of a table or view may be hidden from this account."""
        return table in self.hidden or table in self.by_account

    def readable(self, table: TableKey, columns: Mapping[str, str], account: Account) -> list[str]:
        """Return the columns that may be read; note the others.

        columns: each with the one it is part of, itself where it is no part of a composite.
        """
        denied = self.denied.get(table, ())
        unread = [name for name, whole in columns.items() if whole in denied]
        if table in self.unseen:
            account.lose("columns_unseen")
        if not unread or len(unread) == len(columns):
            return list(columns)
        named = ", ".join(unread[:MOST_NAMED]) + (" …" if len(unread) > MOST_NAMED else "")
        account.lose("denied_columns", len(unread), named)
        return [name for name in columns if name not in unread]

    def note_rows(
        self, table: TableKey, visible: int | None, account: Account, *, is_about: bool = False,
    ) -> None:
        """Note that rows are hidden, or may be.

        visible: rows this account sees; None where it asked for some only. is_about: by an estimate.
        """
        if table in self.by_account:
            account.lose("rows_by_account")
        if table not in self.hidden:
            return
        total = self.hidden[table]
        if not total or visible is None or visible >= NEARLY_ALL * total:
            account.lose("rows_may_hide")
            return
        part = Msg("{n:,} of about {total:,}", n=visible, total=total)
        if is_about:
            part = Msg("about {n:,} of about {total:,}", n=visible, total=total)
        part = part if visible else Msg("none of about {total:,}", total=total)
        account.lose("hidden_rows", total - visible, part)


def ask_visibility(ask: Callable[..., Mapping[TableKey, Any]], connection: Any, database: str) -> Visibility:
    """Return what is kept from this account, as far as the dialect can tell.

    ask: (name of a hook, connection, arguments) -> its answer; empty where there is none.
    """
    return Visibility(
        ask("denied_columns", connection, database), ask("unseen_columns", connection, database),
        ask("hidden_rows", connection), ask("account_views", connection))
