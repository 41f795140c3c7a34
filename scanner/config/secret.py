"""Secrets that chujing.yaml names: an environment variable, or a file that holds one alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.config.yaml_lines import Document, Record, Text

SHAPE = Record({
    "env": Text(help="environment variable"),
    "file": Text(help="file holding the password alone"),
})


def read_secret(raw: Mapping[str, str] | None, doc: Document, *path: str) -> str | None:
    """Return the secret named at a path of a document; raise ConfigError when it cannot be read.

    Files are relative to the document.
    """
    if raw is None:
        return None
    where = doc.where(*path)
    if set(raw) == {"env"}:
        if (value := os.environ.get(raw["env"])) is None:
            raise ConfigError(
                Msg('environment variable "{name}" is not set', name=raw["env"]),
                where=where,
                hint=Msg("export {name}=...", name=raw["env"]),
            )
        return value
    if set(raw) == {"file"}:
        try:
            return (Path(doc.file).parent / raw["file"]).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                Msg('secret file "{name}" cannot be read', name=raw["file"]), where=where
            ) from None
    raise ConfigError(
        Msg("{name} needs env or file", name=path[-1]),
        where=where,
        hint=Msg("{name}: {env: CRM_PW}", name=path[-1]),
    )
