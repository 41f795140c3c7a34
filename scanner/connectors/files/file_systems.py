"""File systems that fsspec reaches: opened by URL, with time limits and without caches of listings."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

from detectors.errors import ConfigError, ExtraError
from detectors.message import Msg
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.urls import redact

# schemes whose URLs usually hold user:password@
_WITH_LOGIN = {"sftp", "ssh", "ftp", "smb", "webdav", "http", "https", "webhdfs", "hdfs"}
_PACKAGES = {                                 # scheme -> the package fsspec needs for it
    "gs": "gcsfs", "gcs": "gcsfs",
    "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs", "adl": "adlfs",
    "oss": "ossfs", "tos": "tosfs", "oci": "ocifs",
    "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol",
    "webhdfs": "requests", "webdav": "webdav4", "http": "aiohttp", "https": "aiohttp",
    "s3": "s3fs", "s3a": "s3fs", "s3n": "s3fs",
}
_KEY_IN_URL = re.compile(r"[^:]+://[^/@]*:[^/@]*@")


def open_file_system(url: str, options: Mapping[str, str], timeout: float) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and the path in it.

    Raise ConfigError where a key stands in the URL, or fsspec or what it needs is missing.
    """
    scheme = url.split(":", 1)[0]
    if scheme not in _WITH_LOGIN and _KEY_IN_URL.match(url):
        raise ConfigError(Msg("a key does not belong in a URL"), where=redact(url),
                          hint=Msg("secrets: {key: {env: NAME}, secret: {env: NAME}}"))
    try:
        from fsspec.core import url_to_fs

        with reader_errors(redact(url)):
            try:
                system, path = url_to_fs(url, **_settings(scheme, options, timeout))
            except ImportError as e:
                raise _missing_package(scheme, e, url) from None
            except (TypeError, ValueError) as e:
                what = Msg("the options do not suit {scheme}:// ({kind})", scheme=scheme,
                           kind=type(e).__name__)
                raise ConfigError(what, where=redact(url),
                                  hint=Msg("see the documentation of fsspec for their names")) from None
    except ImportError as e:
        raise _missing_package(scheme, e, url) from None
    session: Any = getattr(system, "session", None)
    if type(session).__module__.startswith("requests"):
        session.request = functools.partial(session.request, timeout=timeout)
    if scheme.startswith("s3"):
        system.retries = 2
    return system, str(path)


def _missing_package(scheme: str, error: ImportError, url: str) -> ConfigError:
    module = re.sub(r"\W.*", "", error.name or "")
    fsspec_itself = module == "fsspec" and scheme not in _PACKAGES
    package = "fsspec" if fsspec_itself else _PACKAGES.get(scheme) or module or "another package"
    extra = "'chujing[s3]'" if package in ("s3fs", "fsspec") else package
    return ExtraError(Msg("{what} needs {package}", what=f"{scheme}://", package=package), where=redact(url),
                      hint=Msg("pip install {package}", package=extra))


def _settings(scheme: str, options: Mapping[str, str], timeout: float) -> dict[str, Any]:
    """Return options as fsspec takes them, with time limits and without its caches."""
    settings: dict[str, Any] = {name: _value(name, text) for name, text in options.items()}
    settings |= {"use_listings_cache": False, "skip_instance_cache": True}
    if scheme.startswith("s3"):
        if region := settings.pop("region", settings.pop("region_name", None)):
            settings["client_kwargs"] = {"region_name": region} | settings.get("client_kwargs", {})
        retries = {"max_attempts": 2}
        limits = {"connect_timeout": min(timeout, 10), "read_timeout": timeout, "retries": retries}
        settings["config_kwargs"] = limits | settings.get("config_kwargs", {})
    elif scheme.startswith("http"):
        import aiohttp

        limit = aiohttp.ClientTimeout(total=None, sock_connect=timeout, sock_read=timeout)
        settings["client_kwargs"] = {"timeout": limit}
    elif scheme in ("sftp", "ssh", "ftp"):
        settings.setdefault("timeout", timeout)
    return settings


def _value(name: str, text: str) -> Any:
    """Return the value of an option, which configuration holds as text. Raise ConfigError for broken JSON."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if name == "port" and text.isdigit():
        return int(text)
    if text.startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise ConfigError(Msg('option "{name}" is not a JSON object', name=name),
                              hint=Msg("e.g. {example}", example='{"region_name": "cn-north-1"}')) from None
    return text
