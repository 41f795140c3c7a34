"""Fingerprints of the hash key in the state, one a year; the key itself is never there."""

from __future__ import annotations

from pathlib import Path

from detectors.errors import StateError
from detectors.message import Msg
from scanner.state.database import connection, state_exists


def fingerprint_of_year(year: int, folder: Path) -> str | None:
    """Return the fingerprint of the key that a year's persons were counted under; None where none were."""
    import sqlalchemy as sa

    from scanner.state.tables import KEY_FINGERPRINT

    if not state_exists(folder):
        return None
    query = sa.select(KEY_FINGERPRINT.c.fingerprint).where(KEY_FINGERPRINT.c.year == year)
    with connection(folder, create=False) as c:
        fingerprint = c.execute(query).scalar()
    return None if fingerprint is None else str(fingerprint)


def check_key(fingerprint: str, year: int, folder: Path) -> None:
    """Note the fingerprint of the key for a year; raise StateError when another key was used before."""
    import sqlalchemy as sa

    from scanner.state.tables import KEY_FINGERPRINT

    query = sa.select(KEY_FINGERPRINT.c.fingerprint).where(KEY_FINGERPRINT.c.year == year)
    with connection(folder, create=True) as c:
        earlier = c.execute(query).scalar()
        if earlier is None:
            c.execute(sa.insert(KEY_FINGERPRINT), {"year": year, "fingerprint": fingerprint})
        elif earlier != fingerprint:
            raise StateError(
                Msg("the hash key is not the one used before"),
                where=Msg("state of {place}", place=folder),
                hint=Msg(
                    "restore the key file or CHUJING_KEY; persons counted under two keys cannot be merged"
                ),
            )
