"""From a URL to an engine: the dialect's rules, its driver, a pool of no more connections than allowed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from detectors.errors import ConfigError, ExtraError
from detectors.message import Msg
from scanner.connectors.protocol import Access
from scanner.connectors.sql.dialects import hook, rules
from scanner.connectors.urls import check_url, redact

# time limits that one waits for a connection another thread holds
PATIENCE = 4


def parse_url(text: str, password: str | None) -> URL:
    """Return the URL with its password and the driver we use. Raise ConfigError if it is none."""
    check_url(text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError(Msg("not a database URL"), where=redact(text),
                          hint=Msg("e.g. {example}", example="postgresql://reader@db:5432/hr")) from None
    if password is not None:
        url = url.set(password=password)
    driver: str = getattr(rules(url.get_backend_name()), "DRIVER", "")
    if "+" in url.drivername or not driver:
        return url
    if url.drivername == "mariadb":
        driver = driver.replace("mysql", "mariadb", 1)
    return url.set(drivername=driver)


def open_engine(url: URL, module: ModuleType | None, access: Access) -> sa.Engine:
    """Return an engine whose pool holds at most `access.connections`.

    module: the rules of the dialect. Raise ConfigError where the driver is missing.
    """
    arguments = hook(module, "arguments")
    connect_arguments: dict[str, Any] = arguments(url, access.timeout, access.options) if arguments else {}
    try:
        if prepare_url := hook(module, "prepare_url"):
            url = prepare_url(url, access.options)
        pool: dict[str, Any] = {} if _is_in_memory(url) else {
            "poolclass": sa.QueuePool, "pool_size": max(1, access.connections), "max_overflow": 0,
            "pool_timeout": PATIENCE * access.timeout, "pool_pre_ping": True,
        }
        options = pool | getattr(module, "ENGINE", {})
        engine = sa.create_engine(url, connect_args=connect_arguments, hide_parameters=True, **options)
        if prepare_engine := hook(module, "prepare_engine"):
            prepare_engine(engine)
        return engine
    except (NoSuchModuleError, ArgumentError) as e:
        if (extra := getattr(module, "EXTRA", "")) and isinstance(e, NoSuchModuleError):
            raise _missing_extra(url.get_backend_name(), url.drivername, extra, access.name) from None
        raise ConfigError(Msg('no SQL dialect "{name}"', name=url.drivername), where=access.name,
                          hint=Msg("is the driver installed?")) from None
    except ModuleNotFoundError as e:
        package = e.name or ""
        extra = getattr(module, "EXTRA", package)
        raise _missing_extra(url.get_backend_name(), package, extra, access.name) from None


def _missing_extra(database: str, package: str, extra: str, where: str) -> ExtraError:
    what = Msg("{what} needs {package}", what=database, package=package)
    return ExtraError(what, where=where, hint=Msg("pip install {package}", package=f"'chujing[{extra}]'"))


def _is_in_memory(url: URL) -> bool:
    return url.get_backend_name() in ("sqlite", "duckdb") and url.database in (None, "", ":memory:")
