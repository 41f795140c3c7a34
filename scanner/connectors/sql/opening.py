"""From a URL to an engine: the dialect's rules, its driver, a pool that never holds more connections than allowed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.connectors.protocol import Access
from scanner.connectors.sql.dialects import rules

PATIENCE = 4                                  # time limits that one waits for a connection another thread holds


def parsed(url: str, password: str | None) -> URL:
    """The URL with its password and the driver we use, as it will be opened."""
    try:
        made = make_url(url)
    except ArgumentError:
        raise ConfigError(
            Msg("not a database URL"), hint=Msg("e.g. {example}", example="postgresql://reader@db:5432/hr")
        ) from None
    if password is not None:
        made = made.set(password=password)
    module = rules(made.get_backend_name())
    if "+" not in made.drivername and module is not None and hasattr(module, "DRIVER"):
        made = made.set(drivername=module.DRIVER.replace("mysql", made.drivername, 1) if made.drivername == "mariadb" else module.DRIVER)
    return made


def engine(url: URL, module: ModuleType | None, access: Access) -> sa.Engine:
    """An engine whose pool holds at most `access.connections`; ConfigError where the driver is missing."""
    arguments: dict[str, Any] = {}
    if module is not None and hasattr(module, "arguments"):
        arguments = module.arguments(url, access.timeout, access.options)
    try:
        if module is not None and hasattr(module, "opened"):
            url = module.opened(url, access.options)
        pool: dict[str, Any] = {} if _in_memory(url) else {
            "poolclass": sa.QueuePool, "pool_size": max(1, access.connections), "max_overflow": 0,
            "pool_timeout": PATIENCE * access.timeout, "pool_pre_ping": True,
        }
        return sa.create_engine(url, connect_args=arguments, hide_parameters=True, **pool)
    except (NoSuchModuleError, ArgumentError):
        raise ConfigError(
            Msg('no SQL dialect "{name}"', name=url.drivername),
            where=access.name,
            hint=Msg("is the driver installed?"),
        ) from None
    except ModuleNotFoundError as e:
        extra = getattr(module, "EXTRA", e.name)
        raise ConfigError(
            Msg("{what} needs {package}", what=url.get_backend_name(), package=e.name),
            where=access.name,
            hint=Msg("pip install {package}", package=f"'chujing[{extra}]'"),
        ) from None


def _in_memory(url: URL) -> bool:
    return url.get_backend_name() in ("sqlite", "duckdb") and url.database in (None, "", ":memory:")
