"""Who answered, justified, recorded, filed, when, from which scan: a line an act in `chujing-audit.jsonl`, sealed in a chain.

The file is only added to. A line that was changed, taken out or put in breaks the chain, and `chujing audit` says where. The chain has no
secret: whoever may write the file may write it anew, so keep a copy, or note the last seal.
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

FILE = "chujing-audit.jsonl"


@dataclass(frozen=True, slots=True)
class Act:
    """One act. who: as given with --by, else the account of the machine."""

    when: str
    who: str
    what: str                                 # facts set, fields justify, baseline import, filing write, dossier ...
    about: str
    scan: str
    seal: str


def append_act(folder: Path, what: str, about: str, who: str = "", scan: str = "") -> None:
    """Add an act at the end."""
    path = folder / FILE
    before = _last_seal(path)
    moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    body = {"when": moment, "who": who or _account(), "what": what, "about": about, "scan": scan}
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps({**body, "seal": _seal(before, body)}, ensure_ascii=False) + "\n")


def _last_seal(path: Path) -> str:
    """The seal of the last line, taken as it stands: a broken chain must not stop the work, `chujing audit` names it."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    try:
        return str(json.loads(lines[-1])["seal"]) if lines else ""
    except (ValueError, KeyError, TypeError):
        return "?"


def read_acts(folder: Path) -> Iterator[Act]:
    """Every act in order; StateError at the first line whose seal does not fit."""
    path = folder / FILE
    if not path.exists():
        return
    before = ""
    for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            raw = json.loads(line)
            seal = raw.pop("seal")
        except (ValueError, KeyError, AttributeError):
            raise StateError(
                Msg("the line cannot be read"),
                where=f"{path}:{i}",
                hint=Msg("restore the file from its backup"),
            ) from None
        if _seal(before, raw) != seal:
            raise StateError(
                Msg("it was changed outside chujing"),
                where=f"{path}:{i}",
                hint=Msg("restore the file from its backup"),
            )
        before = seal
        yield Act(**raw, seal=seal)


def _seal(before: str, body: dict[str, str]) -> str:
    return hashlib.sha256((before + json.dumps(body, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()[:24]


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
