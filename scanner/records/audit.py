"""`chujing-audit.jsonl`: who answered, recorded and filed, when, from which scan; sealed in a chain.

The file is only added to. A line that was changed, removed or put in breaks the chain, and `chujing audit`
says where. The chain has no secret: whoever may write the file may write it anew, so keep a copy, or note the
last seal.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from detectors.errors import StateError
from detectors.message import Msg
from scanner.files import add_line

FILE = "chujing-audit.jsonl"
BACKUP = Msg("restore the file from its backup")


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    who: as given with --by, else the account of the machine. what: facts set, fields justify, baseline
    import, filing write, dossier write ... about: what it was done to. scan: id of a run, or "".
    """

    when: str
    who: str
    what: str
    about: str
    scan: str
    seal: str


def append_act(folder: Path, what: str, about: str, who: str = "", scan: str = "") -> None:
    """Add an act at the end. The file is added to in place: it may lie where nothing can be changed."""
    path = folder / FILE
    seal = _last_seal(path)
    moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    body = {"when": moment, "who": who or _account(), "what": what, "about": about, "scan": scan}
    add_line(path, json.dumps({**body, "seal": _seal(seal, body)}, ensure_ascii=False) + "\n")


def _last_seal(path: Path) -> str:
    """The seal of the last line as it stands: a broken chain must not stop the work, `chujing audit` names
    it.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    try:
        return str(json.loads(lines[-1])["seal"]) if lines else ""
    except (ValueError, KeyError, TypeError, RecursionError):
        return "?"


def read_acts(folder: Path) -> Iterator[Act]:
    """Yield every act in order; raise StateError at the first line whose seal does not fit."""
    path = folder / FILE
    if not path.exists():
        return
    before = ""
    for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}:{i}"
        try:
            body = json.loads(line)
            seal = body.pop("seal")
        except (ValueError, KeyError, AttributeError, RecursionError):
            raise StateError(Msg("the line cannot be read"), where=where, hint=BACKUP) from None
        if _seal(before, body) != seal:
            raise StateError(Msg("it was changed outside chujing"), where=where, hint=BACKUP)
        before = seal
        yield Act(**body, seal=seal)


def _seal(before: str, body: dict[str, str]) -> str:
    """24 hexadecimal digits that follow from an act and the seal before it."""
    text = before + json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
