"""`sources:`: where the data is, how it is opened, which tables are read, how gently."""

from __future__ import annotations

import os
from typing import Annotated

from detectors.errors import ConfigError
from detectors.grammar import Keys, Positive, Whole, checked, described
from detectors.message import Msg
from scanner.config.grammar.parts import SecretKeys
from scanner.config.pace import parse_window
from scanner.connectors.urls import check_url


def check_address(text: str) -> None:
    """Raise ConfigError for an address that is none, unless one of its variables is not set."""
    if "$" not in (address := os.path.expandvars(text)):
        check_url(address)


def check_dictionary(text: str) -> None:
    """Raise ConfigError for a URL where the file of a data dictionary should be."""
    if "://" in text:
        raise ConfigError(
            Msg("a data dictionary is a file, not a URL"), hint=Msg("save its content to a file")
        )


class SourceKeys(Keys):
    """One source."""

    url: Annotated[str, checked(check_address)] = described("SQLAlchemy URL, file, folder or glob", ...)
    password: SecretKeys | None = None
    dictionary: Annotated[str, checked(check_dictionary)] = described(
        "data dictionary: CSV, XLSX or JSON", ""
    )
    include: tuple[str, ...] = described("schema/table patterns", ())
    exclude: tuple[str, ...] = ()
    entity: str = described("legal entity that holds this data; default: the only one, else the group", "")
    timeout: Positive = described("seconds one statement may take", 60)
    options: dict[str, str] = described(
        "for the driver, the file system or the session, e.g. endpoint_url, queue", {}
    )
    secrets: dict[str, SecretKeys] = described("options that nobody may see, e.g. key, secret, token", {})
    metastore: Annotated[str, checked(check_address)] = described(
        "Hive metastore: thrift://host:9083, or the URL of its database", ""
    )
    metastore_password: SecretKeys | None = None
    connections: Positive = described("connections held at the same time, at most", 2)
    pause: Whole = described("milliseconds to wait after each table", 0)
    blackout: tuple[Annotated[str, checked(parse_window)], ...] = described(
        "times without reading, e.g. 09:00-18:30 Asia/Shanghai", ()
    )
