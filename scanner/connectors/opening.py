"""From a URL, file, folder or glob to a connector. Only what the one that is needed imports is imported."""

from __future__ import annotations

import codecs
import importlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Unpack, cast

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.plug_ins import load_plug_in
from scanner.connectors.definitions import definition_of
from scanner.connectors.instance_metadata import CLOUDS, set_switches
from scanner.connectors.protocol import OWN_OPTIONS, Access, AccessParts, Connector, is_yes
from scanner.connectors.registry import families
from scanner.connectors.urls import check_url, redact, scheme_of


def connect(url: str, **access: Unpack[AccessParts]) -> Connector:
    """Open a URL, file, folder or glob. Raise SourceError if it is missing or cannot be opened.

    access: name, password, timeout, options and connections, see `Access`.
    """
    return open_source(url, Access(**access))


def encoding_option(options: Mapping[str, str], name: str) -> str:
    """Return the encoding that the options of a source name for its text files, empty for none.

    Raise ConfigError for one that nobody knows.
    """
    if not (encoding := options.get("encoding", "").strip()):
        return ""
    try:
        "".encode(encoding)                   # refuses what turns bytes into bytes
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError):
        hint = Msg("e.g. {example}", example="cp1251, cp1256, cp874, cp037, koi8-r, utf-8")
        raise ConfigError(Msg('"{encoding}" is no encoding of text', encoding=encoding), where=name,
                          hint=hint) from None


def dictionary_path(url: str) -> Path:
    """Return the file of a dictionary that is scanned as a source of its own."""
    return Path(url.removeprefix("dictionary:").removeprefix("//"))


def open_source(url: str, access: Access) -> Connector:
    """Open a URL, file, folder or glob. Raise SourceError if it is missing or cannot be opened."""
    check_url(url, access.name)
    scheme = scheme_of(url)
    if scheme.split("+", 1)[0] in CLOUDS:
        set_switches(access.options)
    follow_links = is_yes(access.options.get("follow_links", ""))
    encoding = encoding_option(access.options, access.name)
    options = {k: v for k, v in access.options.items() if k not in OWN_OPTIONS}
    access = replace(access, options=options, encoding=encoding)
    if scheme in ("", "file"):
        if kind := definition_of(path := Path(url.removeprefix("file://"))):
            from scanner.connectors.definitions.connector import DefinitionsConnector

            return DefinitionsConnector(path, kind, access.name)
        from scanner.connectors.files.source import open_path

        return open_path(url.removeprefix("file://"), access, follow_links=follow_links)
    if scheme == "dictionary":
        from scanner.connectors.dictionary import DictionaryConnector

        return DictionaryConnector(dictionary_path(url), access.name)
    if scheme == "spark":
        raise ConfigError(Msg('"{url}" is read on a Spark cluster', url=redact(url)), where=access.name,
                          hint=Msg("chujing scan --engine spark --master spark://host:7077"))
    for entry_point in importlib.metadata.entry_points(group="chujing.connectors"):
        if entry_point.name == scheme:
            return load_plug_in(entry_point).connect(url)
    if module := families().get(scheme.split("+", 1)[0] + "://"):
        return cast(Connector, importlib.import_module(module).connect(url, access))
    if "://" not in url:
        raise ConfigError(Msg('"{url}" is neither a URL nor a path', url=redact(url)), where=access.name,
                          hint=Msg("e.g. {example}", example="postgresql://reader@db/hr or folder/"))
    from scanner.connectors.sql import SqlConnector

    return SqlConnector(url, access)
