"""Secrets that chujing.yaml names: an environment variable, or a file that holds one alone.

A configuration holds places; what is there is read where a source is opened, and never shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError, Gathering
from detectors.input_files import input_text
from detectors.message import Msg

if TYPE_CHECKING:
    from detectors.yaml_document import Document
    from scanner.config.grammar.parts import SecretKeys


VARIABLE_NAME = re.compile(r"[A-Z]\w*_\w+|[A-Z][A-Z0-9]{0,15}|[a-z]+(_[a-z0-9]+)+", re.ASCII)
FILE_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,4}", re.ASCII)


def missing_variable(name: str, where: str = "") -> ConfigError:
    """Return the error of an environment variable that is not set.

    A name that looks like none is not shown: it may be the secret itself.
    """
    if VARIABLE_NAME.fullmatch(name):
        what, hint = _unset(name), Msg("export {name}=...", name=name)
    else:
        what, hint = _unset("***"), Msg("name the variable that holds the secret, not the secret itself")
    return ConfigError(what, where=where, hint=hint)


def _unset(name: str) -> Msg:
    return Msg('environment variable "{name}" is not set', name=name)


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where a secret is: an environment variable, else a file. where: file and line that name it."""

    env: str = ""
    file: Path | None = None
    where: str = ""

    def read(self) -> str:
        """Return the secret; raise ConfigError when it is not there."""
        if self.file is None:
            if (value := os.environ.get(self.env)) is None:
                raise missing_variable(self.env, self.where)
            return value
        try:
            return input_text(self.file, ConfigError, "utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            name = self.file.name
            shown = name if FILE_NAME.fullmatch(name) or VARIABLE_NAME.fullmatch(name) else "***"
            raise ConfigError(
                Msg('secret file "{name}" cannot be read', name=shown), where=self.where
            ) from None


Secret = str | SecretPlace


def reveal(secret: Secret | None) -> str | None:
    """Return a secret, read from its place if need be; raise ConfigError when it is not there."""
    return secret.read() if isinstance(secret, SecretPlace) else secret


def secret_place(keys: SecretKeys | None, doc: Document, *path: str) -> SecretPlace | None:
    """Return the place that stands at a path of a document. Files are relative to the document."""
    if keys is None:
        return None
    file = Path(doc.file).parent / keys.file if keys.file else None
    return SecretPlace(keys.env, file, doc.where(*path))


def require_secrets(secrets: Iterable[Secret | None]) -> None:
    """Raise ConfigError with every secret that is not there."""
    missing = Gathering()
    for secret in secrets:
        with missing:
            reveal(secret)
    missing.raise_all()
