"""Secrets that chujing.yaml names: an environment variable, or a file that holds one alone.

A configuration holds places; what is there is read where a source is opened, and never shown.
"""

from __future__ import annotations

import os
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
                raise ConfigError(
                    Msg('environment variable "{name}" is not set', name=self.env),
                    where=self.where,
                    hint=Msg("export {name}=...", name=self.env),
                )
            return value
        try:
            return input_text(self.file, ConfigError, "utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                Msg('secret file "{name}" cannot be read', name=self.file.name), where=self.where
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
