"""The installation's secret key: 32 bytes from CHUJING_KEY, else a key file of mode 0600.

The key file is that of CHUJING_KEY_FILE, else of `key_file:` in chujing.yaml, else in the user's
configuration folder. Persons are compared through hashes under HKDF(master, year), so that sets of two years
cannot be linked. The key never appears in SQL, arguments, state or logs; the state keeps a fingerprint.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from detectors.errors import ConfigError, StateError
from detectors.input_files import check_regular, input_text
from detectors.message import Msg
from reports.files import why_unwritten, write_new

LENGTH = 32                                   # bytes
VARIABLE, FILE_VARIABLE = "CHUJING_KEY", "CHUJING_KEY_FILE"


def key_path(configured: Path | None = None) -> Path:
    """Return the key file: of CHUJING_KEY_FILE, else as configured, else in the user's own folder."""
    if path := os.environ.get(FILE_VARIABLE):
        return Path(path)
    return configured or _default_path()


def _default_path() -> Path:
    base = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "chujing" / "hash.key"


def key_of_year(configured: Path | None, year: int, folder: Path) -> tuple[bytes, Path | None]:
    """Return (the year's key, the key file if it was just made).

    Raise StateError where the state in `folder` was filled under another key. configured: key file of
    chujing.yaml.
    """
    from scanner.state import key_fingerprints

    earlier = key_fingerprints.fingerprint_of_year(year, folder)
    path, is_in_environment = key_path(configured), bool(os.environ.get(VARIABLE))
    if earlier is not None and not is_in_environment and not path.exists():
        raise StateError(
            Msg("the hash key used before is not here"),
            where=str(path),
            hint=_remedy(earlier, year, configured, folder),
        )
    master, created = master_key(configured)
    key = year_key(master, year)
    if earlier is not None and earlier != fingerprint(key):
        raise StateError(
            Msg("the hash key is not the one used before"),
            where=VARIABLE if is_in_environment else str(path),
            hint=_remedy(earlier, year, configured, folder),
        )
    key_fingerprints.check_key(fingerprint(key), year, folder)
    return key, created


def _remedy(earlier: str, year: int, configured: Path | None, folder: Path) -> str:
    """What brings back the key of a fingerprint: its file where it is found, else where such a file is."""
    for path in _possible_files(configured, folder):
        try:
            key = _parse(input_text(path, ConfigError, "ascii").strip(), str(path))
        except (OSError, UnicodeDecodeError, ConfigError):
            continue
        if fingerprint(year_key(key, year)) == earlier:
            unset = f"unset {VARIABLE}; " if os.environ.get(VARIABLE) else ""
            return f"{unset}export {FILE_VARIABLE}={path}"
    return (
        "name the key file of the earlier scans in CHUJING_KEY_FILE or key_file: in chujing.yaml, "
        f"or its digits in CHUJING_KEY; made at first use in {_default_path()} unless told otherwise. "
        "Persons counted under two keys cannot be merged"
    )


def _possible_files(configured: Path | None, folder: Path) -> Iterator[Path]:
    """Key files that may exist, each once."""
    named = [configured] if configured is not None else []
    yield from dict.fromkeys((*named, _default_path(), *sorted(folder.glob("*.key"))))


def master_key(configured: Path | None = None) -> tuple[bytes, Path | None]:
    """Return (the key, its file if it was just made).

    Raise ConfigError when it cannot be read or is not 32 bytes.
    """
    if text := os.environ.get(VARIABLE):
        return _parse(text, VARIABLE), None
    path = key_path(configured)
    if not path.exists():
        return _create(path), path
    check_regular(path, str(path), ConfigError)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigError(
            Msg("others can read the key file"), where=str(path), hint=Msg("chmod 600 {file}", file=path)
        )
    try:
        return _parse(input_text(path, ConfigError, "ascii").strip(), str(path)), None
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            Msg("the key file cannot be read"), where=str(path), hint=Msg("restore it from its backup")
        ) from None


def _create(path: Path) -> bytes:
    """Make a key and its file; raise ConfigError when it cannot be written.

    A file that exists is never replaced.
    """
    key = secrets.token_bytes(LENGTH)
    try:
        write_new(path, key.hex() + "\n")
    except OSError as e:
        raise ConfigError(
            Msg("the key file cannot be written: {why}", why=why_unwritten(e)),
            where=str(path),
            hint=Msg(
                "set CHUJING_KEY to 64 hexadecimal digits, or CHUJING_KEY_FILE to a place you can write"
            ),
        ) from None
    return key


def _parse(text: str, where: str) -> bytes:
    """The key of 64 hexadecimal digits; ConfigError for anything else."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise ConfigError(
            Msg("the key must be 64 hexadecimal digits"),
            where=where,
            hint=Msg("e.g. from: openssl rand -hex 32"),
        )
    return key


def year_key(master: bytes, year: int) -> bytes:
    """Return HKDF-SHA256(master, info = "chujing persons YEAR"), 32 bytes. Source: RFC 5869."""
    extracted = hmac.new(b"\0" * 32, master, hashlib.sha256).digest()
    return hmac.new(extracted, f"chujing persons {year}".encode() + b"\x01", hashlib.sha256).digest()


def fingerprint(key: bytes) -> str:
    """Return sixteen hexadecimal digits that identify a key without giving it away."""
    return hashlib.sha256(b"chujing fingerprint" + key).hexdigest()[:16]
