"""URLs and file names as text: what may be shown of them, and the format and compression a name tells of."""

from __future__ import annotations

import re
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.redaction import is_well_formed, redact

__all__ = [
    "DUCKDB", "PACKED", "SQLITE", "check_url", "database_url", "packed", "redact", "scheme_of", "suffix",
]
SQLITE, DUCKDB = b"SQLite format 3\x00", b"DUCK"  # the first bytes of the one, bytes 8 to 11 of the other
PACKED = ("gz", "bz2", "xz", "zst")           # compressions of a single file


def scheme_of(url: str) -> str:
    r"""Return the scheme of a URL; empty for a path, also one with a drive letter.

    >>> scheme_of("sqlite:///a.db"), scheme_of(r"C:\a.csv"), scheme_of("data/*.csv")
    ('sqlite', '', '')
    """
    is_url = re.match(r"[A-Za-z][\w+.-]*:", url) and not re.match(r"[A-Za-z]:[\\/]", url)
    return url.split(":", 1)[0] if is_url else ""


def check_url(url: str, where: str = "") -> None:
    """Raise ConfigError where a URL is malformed; a path is fine. where: file and line."""
    if "://" in url and not is_well_formed(url):
        raise ConfigError(
            Msg('"{url}" is no URL that can be read', url=redact(url)), where=where,
            hint=Msg("a port is a number; in a user or password @ is %40, : is %3A, / is %2F"),
        )


def database_url(text: str) -> str:
    """Return the URL of a file that is a SQLite or DuckDB database, by its first bytes; else the text."""
    if scheme_of(text) or "*" in text:
        return text
    try:
        if not (path := Path(text)).is_file():
            return text
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError):             # whoever opens it says what is wrong
        return text
    engine = "sqlite" if head == SQLITE else "duckdb" if head[8:12] == DUCKDB else ""
    return f"{engine}:///{text}" if engine else text


def suffix(path: str) -> str:
    """Return the format in a file's name, behind any compression, in lower case; empty where there is none.

    >>> suffix("a/orders.CSV.gz"), suffix("a/README"), suffix("a/000000_0.gz")
    ('csv', '', '')
    """
    parts = path.replace("\\", "/").rpartition("/")[2].lower().split(".")
    if len(parts) > 1 and parts[-1] in PACKED:
        parts.pop()
    return parts[-1] if len(parts) > 1 else ""


def packed(path: str) -> str:
    """Return the compression a file's name tells of; empty for a plain file.

    >>> packed("a/orders.csv.gz"), packed("a/orders.csv")
    ('gz', '')
    """
    parts = path.lower().split(".")
    return parts[-1] if len(parts) > 1 and parts[-1] in PACKED else ""
