"""The installation's secret key: 32 bytes from CHUJING_KEY, else a key file of mode 0600: the one named in CHUJING_KEY_FILE, else by
`key_file:` in chujing.yaml, else the one in the user's configuration folder.

Persons are compared through hashes under HKDF(master, year), so that sets of two years cannot be linked. The key never appears in SQL,
arguments, state or logs; the state keeps a fingerprint.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg

LENGTH = 32


def key_path(named: Path | None = None) -> Path:
    """Where the key file is: CHUJING_KEY_FILE, else what the configuration names, else the user's configuration folder."""
    if told := os.environ.get("CHUJING_KEY_FILE"):
        return Path(told)
    return named or _default()


def _default() -> Path:
    base = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "chujing" / "hash.key"


def key_of_year(named: Path | None, year: int, base: Path) -> tuple[bytes, Path | None]:
    """(the year's key, file just created or None), checked against the state in `base`; StateError where another key was used before.

    named: the key file of the configuration.
    """
    from detectors.errors import StateError
    from scanner.state import store

    path = key_path(named)
    known = store.key_before(year, base)
    if known is not None and not os.environ.get("CHUJING_KEY") and not path.exists():
        raise StateError(
            Msg("the hash key used before is not here"),
            where=str(path),
            hint=_remedy(known, year, named, base),
        )
    master, created = master_key(named)
    key = year_key(master, year)
    if known is not None and known != fingerprint(key):
        used = "CHUJING_KEY" if os.environ.get("CHUJING_KEY") else str(path)
        raise StateError(
            Msg("the hash key is not the one used before"), where=used, hint=_remedy(known, year, named, base)
        )
    store.check_key(fingerprint(key), year, base)
    return key, created


def _remedy(known: str, year: int, named: Path | None, base: Path) -> str:
    """What brings back the key used before: its file where it is found, else where such files are made."""
    for path in dict.fromkeys((*([named] if named is not None else []), _default(), *sorted(base.glob("*.key")))):
        try:
            if fingerprint(year_key(_parse(path.read_text(encoding="ascii").strip(), str(path)), year)) == known:
                unset = "unset CHUJING_KEY; " if os.environ.get("CHUJING_KEY") else ""
                return f"{unset}export CHUJING_KEY_FILE={path}"
        except (OSError, UnicodeDecodeError, ConfigError):
            continue
    return ("name the key file of the earlier scans in CHUJING_KEY_FILE or key_file: in chujing.yaml, or its digits in CHUJING_KEY; "
            f"made at first use in {_default()} unless told otherwise. Persons counted under two keys cannot be merged")


def master_key(named: Path | None = None) -> tuple[bytes, Path | None]:
    """(key, file just created or None). ConfigError when it cannot be read or is not 32 bytes."""
    if text := os.environ.get("CHUJING_KEY"):
        return _parse(text, "CHUJING_KEY"), None
    path = key_path(named)
    if path.exists():
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise ConfigError(
                Msg("others can read the key file"), where=str(path), hint=Msg("chmod 600 {file}", file=path)
            )
        try:
            return _parse(path.read_text(encoding="ascii").strip(), str(path)), None
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                Msg("the key file cannot be read"), where=str(path), hint=Msg("restore it from its backup")
            ) from None
    return _create(path), path


def _create(path: Path) -> bytes:
    key = secrets.token_bytes(LENGTH)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
    except OSError as e:
        raise ConfigError(
            Msg("the key file cannot be written ({kind})", kind=type(e).__name__),
            where=str(path),
            hint=Msg(
                "set CHUJING_KEY to 64 hexadecimal digits, or CHUJING_KEY_FILE to a place you can write"
            ),
        ) from None
    return key


def _parse(text: str, where: str) -> bytes:
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
    """HKDF-SHA256(master, info = "chujing persons YEAR"), 32 bytes. Source: RFC 5869."""
    extracted = hmac.new(b"\0" * 32, master, hashlib.sha256).digest()
    return hmac.new(extracted, f"chujing persons {year}".encode() + b"\x01", hashlib.sha256).digest()


def fingerprint(key: bytes) -> str:
    """Sixteen hexadecimal digits that identify a key without giving it away."""
    return hashlib.sha256(b"chujing fingerprint" + key).hexdigest()[:16]
