"""Notes on whose keys are: what the rows say, and the line of the configuration that settles what is open."""

from __future__ import annotations

import json

from detectors.message import Msg, Note
from detectors.model import ColumnId
from mappings.model import SubjectAnswer


def subjects_line(columns: tuple[ColumnId, ...], word: str = "self") -> str:
    """Return the line of chujing.yaml that says of columns whose they are: the row's own person's.

    >>> subjects_line((ColumnId("crm/caller/b_mobile"),))
    'subjects: {"crm/caller/b_mobile": self}'
    """
    stated = ", ".join(f"{json.dumps(column, ensure_ascii=False)}: {word}" for column in columns)
    return f"subjects: {{{stated}}}"


def possible_party(column: ColumnId) -> Note:
    """Note of a possible key that speaks, if it is one, of another person than the row's own."""
    message = Msg(
        "{column} may be another person's number: low is without these persons, high with them; settle it by"
        " a review, or in chujing.yaml by the line {line}, with the word for whose it is instead of scope"
        " where it is a person's",
        column=column, line=subjects_line((column,), "scope"),
    )
    return Note("subjects_possible", message)


def subjects(open_subjects: SubjectAnswer) -> Note:
    columns, answer = open_subjects.columns, open_subjects.answer
    if open_subjects.of_kinship:
        return _keys_of_relatives(columns, answer)
    if open_subjects.of_scope:
        return _keys_of_scopes(columns, answer)
    if open_subjects.in_cells:
        return _keys_of_cells(columns, answer)
    if answer == "one":
        message = Msg("by what the rows hold, {columns} are one person's", columns=columns)
    elif answer == "two":
        message = Msg(
            "by what the rows hold, {columns} are different people's, which their names do not say",
            columns=columns,
        )
    else:
        message = Msg(
            "whether {columns} are one person's or several people's is open: low counts one, high several;"
            " settle it in chujing.yaml by the line {line} with self for one person, or the word for whose it"
            " is",
            columns=columns, line=subjects_line(columns[1:]),
        )
    return Note(f"subjects_{answer}", message)


def _keys_of_cells(columns: tuple[ColumnId, ...], answer: str) -> Note:
    """Note of several keys in one cell that are different people's, or may be."""
    if answer == "two":
        message = Msg(
            "by what the rows hold, keys in one cell of {columns} are several people's", columns=columns
        )
    else:
        message = Msg(
            "whether several keys or names in one cell of {columns} are one person's or several people's is"
            " open: low counts one, high several; the line {line} in chujing.yaml says one",
            columns=columns, line=subjects_line(columns),
        )
    return Note(f"subjects_{answer}", message)


def _keys_of_relatives(columns: tuple[ColumnId, ...], answer: str) -> Note:
    """Note of keys in rows of relatives, which may be the holder's. columns: of keys, and of the relation."""
    keys, relation = columns[:-1], columns[-1]
    message = Msg(
        "{relation} says whose relative a row is: whether an equal {columns} in several rows is one person's"
        " or the holder's beside relatives is open: low counts one, high one of each row of a relative;"
        " settle it in chujing.yaml by the line {line}, with self instead of relative where it is one"
        " person's",
        columns=keys, relation=relation, line=subjects_line((relation,), "relative"),
    )
    return Note(f"subjects_{answer}", message)


def _keys_of_scopes(columns: tuple[ColumnId, ...], answer: str) -> Note:
    """Note of equal numbers under several tenants, branches, states: the last column."""
    keys, scope = columns[:-1], columns[-1]
    if answer == "one":
        message = Msg(
            "by what stands beside them, equal numbers of {columns} are one person's under each {scope}",
            columns=keys, scope=scope,
        )
    elif answer == "two":
        message = Msg(
            "by what stands beside them, equal numbers of {columns} are another person's under each {scope}",
            columns=keys, scope=scope,
        )
    else:
        message = Msg(
            "whether equal numbers of {columns} under several {scope} are one person's is open: low counts"
            " one, high one of each; settle it in chujing.yaml by the line {line}, with self instead of scope"
            " where they are of one system",
            columns=keys, scope=scope, line=subjects_line((scope,), "scope"),
        )
    return Note(f"subjects_{answer}", message)
