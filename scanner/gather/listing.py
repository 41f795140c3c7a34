"""Sources opened, and the tables that each of them lists."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from detectors.errors import ExtraError, SourceError
from detectors.masking import mask_bare_name, mask_people, mask_values
from detectors.message import Msg, Text
from detectors.model import Skipped, TableId, TableInfo
from scanner.config.pace import Pace
from scanner.config.secret import require_secrets
from scanner.connectors.protocol import Access, AccessParts, LearnsTables, is_yes
from scanner.gather.pacing import PacedConnector, check_open
from scanner.gather.table_catalogue import TableCatalogue
from scanner.gather.unread_files import scanned_elsewhere, selects

if TYPE_CHECKING:
    from reports.model import SourceReport
    from scanner.config.sources import OpenSource, Source
    from scanner.connectors.dictionary import Dictionary, DictionaryFit
    from scanner.connectors.hive_metastore.metastore import Metastore
    from scanner.connectors.protocol import Connector


class OpensOnCluster(Protocol):
    """An engine whose workers read the sources they can reach."""

    def connect(self, source: OpenSource, detectors: Path | None = None) -> Connector | None:
        """Return a source opened on the cluster, or None for one that is read here.

        Raise SourceError when the cluster fails.
        """


@dataclass(frozen=True, slots=True)
class Opening:
    """How sources are opened. paces: by source id. detectors: file of the user's own, which workers need."""

    paces: Mapping[str, Pace] = field(default_factory=dict)
    engine: OpensOnCluster | None = None
    detectors: Path | None = None


@dataclass(slots=True)
class Listing:
    """Sources opened and tables listed so far. notes: on their dictionaries, by source id."""

    connectors: dict[str, Connector] = field(default_factory=dict)
    sources: list[SourceReport] = field(default_factory=list)
    tables: dict[TableId, TableInfo] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    notes: dict[str, tuple[Text, ...]] = field(default_factory=dict)

    def catalogue(self, sources: Sequence[Source]) -> TableCatalogue:
        """Return the listed tables; complete where all of `sources` could be opened."""
        return TableCatalogue(self.tables, complete=all(s.id in self.connectors for s in sources))


def list_sources(
    sources: Sequence[Source], opening: Opening, listing: Listing, open_sources: contextlib.ExitStack
) -> None:
    """Open every source and list its tables; one that cannot be opened is skipped.

    open_sources: closes them. Raise ConfigError, before any is opened, with every secret that is missing.
    """
    from reports.model import SourceReport

    require_secrets(secret for source in sources for secret in source.all_secrets())
    for source in sources:
        tables = columns = 0
        account: Text = ""
        other_files: tuple[Text, ...] = ()
        unread = len(listing.skipped)
        try:
            for info in _open_and_list(source, opening, listing, open_sources):
                if isinstance(info, Skipped):
                    if selects(source, info):
                        listing.skipped.append(info)
                    continue
                listing.tables[info.ref.id(source.id)] = info
                tables += 1
                columns += len(info.columns)
            connector = listing.connectors[source.id]
            account = _account_privileges(connector)
            other_files = getattr(connector, "other_files", tuple)()
            if elsewhere := scanned_elsewhere(getattr(connector, "unread_paths", dict)(), sources):
                listing.skipped[unread:] = [s for s in listing.skipped[unread:] if s.id not in elsewhere]
                other_files = (*other_files, *(_scanned(name) for name in sorted(elsewhere)))
            other_files = (*other_files, *listing.notes.get(source.id, ()))
            if not tables and len(listing.skipped) == unread:
                listing.skipped.append(_no_table(source, has_files=bool(other_files)))
        except (SourceError, ExtraError) as e:
            listing.skipped.append(Skipped(source.id, e.message, e.hint))
        dictionary = source.dictionary.name if source.dictionary else ""
        listing.sources.append(
            SourceReport(
                source.id, _shown_address(source.url), _source_kind(source.url),
                tables, columns, dictionary, account, other_files,
            )
        )


def _scanned(name: str) -> Text:
    return Msg("{name}: scanned as a source of its own", name=unquote(name))


def _no_table(source: Source, *, has_files: bool) -> Skipped:
    """Return what is said of a source that was opened and gave no table."""
    if source.include or source.exclude:
        return Skipped(source.id, Msg("it could be opened, but no table in it is selected"),
                       Msg("look at include and exclude"))
    if has_files:
        return Skipped(source.id, Msg("it could be opened, but there is no table in it"),
                       Msg("its files hold no records or are hidden: name a file itself, if it holds some"))
    return Skipped(source.id, Msg("it could be opened, but there is no table in it"),
                   Msg("is it the right place, and may this account see its tables?"))


def dictionary_of(source: Source) -> tuple[Dictionary | None, tuple[Skipped, ...]]:
    """Return the dictionary laid over a source, and what of it could not be read: that costs its comments."""
    from scanner.connectors.dictionary import rows_lost, unread_dictionary
    from scanner.connectors.host.errand import read_dictionary

    if source.dictionary is None:
        return None, ()
    file = mask_people(source.dictionary.name)
    try:
        dictionary = read_dictionary(source.dictionary)
    except SourceError as e:
        return None, (unread_dictionary(e, file),)
    return dictionary, tuple(rows_lost(dictionary, file))


def _account_privileges(connector: Connector) -> Text:
    """Return what the account of a source may do beyond reading; empty where nobody can tell."""
    ask = getattr(connector, "account", None)
    with contextlib.suppress(SourceError):
        return ask() if ask is not None else ""
    return ""


def _open_and_list(
    source: Source, opening: Opening, listing: Listing, open_sources: contextlib.ExitStack
) -> Iterator[TableInfo | Skipped]:
    from scanner.connectors.dictionary import DictionaryFit

    dictionary, lost = dictionary_of(source)
    yield from lost
    fit = None if dictionary is None else DictionaryFit(dictionary)
    yield from _listed_with(fit, source, opening, listing, open_sources)
    if fit is not None and source.dictionary is not None:
        file = mask_people(source.dictionary.name)
        yield from fit.losses(file)
        listing.notes[source.id] = fit.notes(file)


def _listed_with(
    fit: DictionaryFit | None, source: Source, opening: Opening, listing: Listing,
    open_sources: contextlib.ExitStack,
) -> Iterator[TableInfo | Skipped]:
    """Yield the tables of a source with the words of its dictionary."""
    from scanner.connectors.shards import Shards

    cluster = None
    if opening.engine is not None:
        cluster = opening.engine.connect(source.revealed(), opening.detectors)
    if cluster is not None:                   # shards stay apart there, for their rows do not come here
        open_sources.callback(_close, cluster)
        listing.connectors[source.id] = cluster
        yield from _included_tables(cluster, source, fit)
        return
    connector = connect(source, opening.paces.get(source.id))
    include = partial(_included_table, source, fit)
    shards = Shards(connector, source.id, include, partial(_listed_tables, source, connector))
    open_sources.callback(_close, connector)
    listing.connectors[source.id] = shards
    yield from shards.tables()


def _included_tables(
    connector: Connector, source: Source, fit: DictionaryFit | None
) -> Iterator[TableInfo | Skipped]:
    for info in connector.tables():
        if isinstance(info, Skipped):
            yield info
        elif (included := _included_table(source, fit, info)) is not None:
            yield included


def _included_table(source: Source, fit: DictionaryFit | None, info: TableInfo) -> TableInfo | None:
    """Return the table with the words of the dictionary; None when it is not to be scanned."""
    if fit is not None:
        fit.note(info)
    if not source.selects(info.ref.schema, info.ref.name):
        return None
    if info.runs and is_yes(source.options.get("foreign_code", "")):
        info = replace(info, runs="")
    if fit is not None:
        from scanner.connectors.dictionary import overlay

        info = overlay(info, fit.dictionary)
    return with_masked_comments(info)


def with_masked_comments(info: TableInfo) -> TableInfo:
    """Return a table whose comments show nothing that a detector takes for somebody's."""
    comments = [mask_values(c.comment) for c in info.columns]
    table = mask_bare_name(info.comment)
    if table == info.comment and comments == [c.comment for c in info.columns]:
        return info
    columns = (replace(c, comment=comment) for c, comment in zip(info.columns, comments, strict=True))
    return replace(info, comment=table, columns=tuple(columns))


def _shown_address(url: str) -> str:
    """Return where a source is, as people may see it."""
    from scanner.connectors.files.source_file import show_path
    from scanner.connectors.urls import redact

    return show_path(url) if _source_kind(url) == "files" else redact(url)


def _listed_tables(source: Source, connector: Connector) -> Iterator[TableInfo | Skipped]:
    """Yield the tables of a source, as its metastore lists them where it has one."""
    if not source.metastore:
        yield from connector.tables()
        return
    with contextlib.closing(open_metastore(source)) as metastore:
        for info in metastore.tables():
            if isinstance(info, TableInfo) and isinstance(connector, LearnsTables):
                connector.learn(info)
            yield info


def connect(source: Source, pace: Pace | None = None) -> Connector:
    """Open a source; raise SourceError or ConfigError if that fails."""
    from scanner import connectors
    from scanner.connectors.host.connector import open_hosted
    from scanner.connectors.urls import scheme_of

    pace = pace or source.pace
    check_open(pace, source.id)
    opened = source.revealed()
    access = AccessParts(
        name=opened.id, password=opened.password, timeout=opened.timeout, options=opened.options,
        connections=pace.connections,
    )
    if scheme_of(opened.url) == "dictionary":
        from scanner.connectors.dictionary import DictionaryConnector
        from scanner.connectors.host.errand import read_dictionary
        from scanner.connectors.opening import dictionary_path

        return DictionaryConnector(dictionary_path(opened.url), opened.id, read_dictionary)
    connector = open_hosted(opened.url, Access(**access)) or connectors.connect(opened.url, **access)
    return PacedConnector(connector, pace, source.id) if pace.pause or pace.closed else connector


def open_lister(source: Source) -> Connector | Metastore:
    """Open what lists a source's tables: its metastore alone, where it has one."""
    return open_metastore(source) if source.metastore else connect(source)


def open_metastore(source: Source) -> Metastore:
    """Open the metastore that lists a source's tables."""
    from scanner.connectors.hive_metastore.metastore import Metastore

    opened = source.revealed()
    access = Access(opened.id, opened.metastore_password, opened.timeout, opened.options)
    return Metastore(opened.metastore, access, source.selects)


def _close(connector: Connector) -> None:
    with contextlib.suppress(SourceError):
        connector.close()


def _source_kind(url: str) -> str:
    if url.startswith("spark:"):
        return "spark"
    return url.split("://", 1)[0].split("+", 1)[0] if "://" in url else "files"
