"""`catalogs:` in chujing.yaml: where each catalog is, whose token opens it, and our names there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.input_files import input_text
from detectors.message import Msg
from reports.catalogs.naming import NamingRule
from scanner.config.secret import missing_variable

if TYPE_CHECKING:
    from detectors.yaml_document import Document
    from scanner.config.grammar.catalogs import CatalogKeys


@dataclass(frozen=True, slots=True)
class Catalog:
    """One catalog as configured. The token is looked up when it is used and never shown."""

    url: str = ""
    token_env: str = ""
    token_file: Path | None = None
    basic: bool = False
    rate: int = 0
    timeout: int = 30
    entities: tuple[NamingRule, ...] = field(default=())

    def token(self, to: str) -> str:
        """Return the token as configured, else that in CHUJING_<CATALOG>_TOKEN; "" where there is none."""
        if self.token_file is not None:
            try:
                return input_text(self.token_file, ConfigError, "utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise ConfigError(Msg("the token cannot be read"), where=str(self.token_file)) from None
        name = self.token_env or f"CHUJING_{to.upper().replace('-', '_')}_TOKEN"
        if self.token_env and name not in os.environ:
            raise missing_variable(name)
        return os.environ.get(name, "").strip()


def read_catalogs(keys: Mapping[str, CatalogKeys], doc: Document) -> Mapping[str, Catalog]:
    """Return the catalogs of chujing.yaml by name."""
    return {name: _catalog(catalog, Path(doc.file).parent) for name, catalog in keys.items()}


def _catalog(keys: CatalogKeys, base: Path) -> Catalog:
    return Catalog(
        url=keys.url,
        token_env=keys.token.env,
        token_file=base / keys.token.file if keys.token.file else None,
        basic=keys.auth == "basic",
        rate=keys.rate or 0,
        timeout=keys.timeout,
        entities=tuple(NamingRule(**entity.stated()) for entity in keys.entities),
    )
