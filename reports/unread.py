"""Why the values of a table were not read in a run: a code that programs know, and a message for people."""

from __future__ import annotations

from detectors.message import Msg, Note

READ = Note.stored("", "", "")  # its values were read
NOT_REQUESTED = Note("asked", Msg("values were not asked for"))
DICTIONARY = Note("dictionary", Msg("only a data dictionary is there"))
BUDGET = Note("budget", Msg("the time was up; left for the next run", until=""))
CODE = Note(
    "code",
    Msg("reading runs functions that may do more; read if a flow names it, or by options: foreign_code"),
)
REMOTE = Note(
    "remote", Msg("it stands on another server; read if a flow names it, or by options: foreign_code")
)
CHANGED = "changed_"  # begins the code of a table that changed since an earlier verdict, which stands


def blackout(until: str) -> Note:
    """Return the reason of a table that waits for a later run because its source rests until then."""
    return Note("blackout", Msg("blackout until {until}; left for the next run", until=until))


def changed_reason(why: Note) -> Note:
    """Return the same reason for a table whose earlier verdict stands although it changed."""
    return why.recoded(CHANGED + why.code)


def unchanged_reason(why: Note) -> Note:
    """Return the reason of a table that changed, as of one without an earlier verdict."""
    return why.recoded(why.code.removeprefix(CHANGED))
