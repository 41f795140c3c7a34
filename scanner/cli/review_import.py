"""Where `chujing review import` and `owners` read from: files that people filled, and catalogs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import typer

from detectors.errors import ConfigError
from detectors.message import Msg, Word
from scanner.cli.catalog_client import open_client
from scanner.cli.output import talk, warn

if TYPE_CHECKING:
    from reports.catalogs.picking import Selection
    from scanner.config.catalogs import Catalog
    from scanner.deliver.http import Http
    from scanner.records.reviews import ReviewComparison
    from scanner.review.decisions import Desk


# in Chinese the register of flows says this otherwise
MEND = Word("mend them and import again", "改正后重新导入")


def reviews_of_file(desk: Desk, file: Path, again: bool, lang: str) -> ReviewComparison:
    """Return the reviews of a file beside those recorded.

    Print every fault and raise ConfigError where there is one.

    again: also what repeats a decision that was undone.
    """
    from detectors.input_files import check_regular
    from reports.messages.render import render_parts
    from scanner.records import reviews
    from scanner.review import decisions
    from scanner.sheets import inventory_reviews, review_file

    check_regular(file, str(file), ConfigError)
    if not file.is_file():
        raise ConfigError(Msg("no such file"), where=str(file), hint=inventory_reviews.EXPORT_HINT)
    is_yaml = file.suffix.lower() in (".yaml", ".yml")
    if is_yaml:
        imported = review_file.read(file, desk.today)
    else:
        imported = inventory_reviews.read(file, desk.report, desk.today)
    for fault in imported.faults:
        talk(render_parts(fault.cell, fault.what, fault.remedy, lang))
    if imported.faults:
        raise ConfigError(
            Msg("{n} faults; nothing was recorded", n=len(imported.faults)), where=str(file), hint=MEND
        )
    new = decisions.with_evidence(desk, imported.reviews) if is_yaml else imported.reviews
    compared = reviews.compare_with_recorded(desk.reviews, new, again)
    return replace(compared, recorded=compared.recorded + imported.unchanged)


@dataclass(frozen=True, slots=True)
class _CatalogSource:
    """A catalog that people work in."""

    name: str
    module: ModuleType
    address: str
    catalog: Catalog

    @property
    def selection(self) -> Selection:
        """How our tables are called there."""
        from reports.catalogs.picking import Selection

        return Selection(self.catalog.entities)

    def client(self, lang: str) -> AbstractContextManager[Http]:
        return open_client(self.name, self.address, self.catalog, lang)


def _find_catalog(desk: Desk, name: str, able: str, lacks: Msg, url: str | None) -> _CatalogSource:
    """Return a catalog whose module has a function `able`.

    Raise ConfigError for one without it or without an address.
    """
    from reports import catalogs
    from scanner.config.catalogs import Catalog

    module = catalogs.find(name)
    if not hasattr(module, able):
        able_catalogs = [n for n in catalogs.catalogs() if hasattr(catalogs.find(n), able)]
        raise ConfigError(lacks, hint=Msg("known: {names}", names=tuple(able_catalogs)))
    catalog = desk.workspace.config.catalogs.get(name, Catalog())
    if not (address := (url or catalog.url).rstrip("/")):
        raise ConfigError(
            Msg("no address"), hint=Msg("--url, or catalogs: {{name}: {url: ...}} in chujing.yaml", name=name)
        )
    return _CatalogSource(name, module, address, catalog)


def reviews_of_catalog(
    desk: Desk, name: str, url: str | None, again: bool, lang: str
) -> tuple[ReviewComparison, int]:
    """Return the decisions of the people in a catalog, and how many yield to one here.

    Print those that do not count.

    Raise ConfigError for a catalog that gives no decisions back.
    """
    from reports.catalogs import CatalogDecision, UnclearDecision
    from scanner.deliver.outbox import outbox
    from scanner.records import reviews
    from scanner.review import decisions, overruled

    lacks = Msg("{name} gives no decisions back", name=name)
    source = _find_catalog(desk, name, "decisions", lacks, url)
    with outbox(desk.workspace.folder, name, source.address) as box:
        standing = box.delivered_keys()
    with source.client(lang) as http, _exit_when_catalog_stops(lang):
        every = list(source.module.decisions(desk.report, source.selection, standing, http))
    decided = decisions.reviews_from_catalog(
        desk, [d for d in every if isinstance(d, CatalogDecision)], name
    )
    unclear = [d for d in every if isinstance(d, UnclearDecision)]
    for line in overruled.overruled_lines(decided.overruled, unclear, name, lang):
        talk(line)
    compared = reviews.compare_with_recorded(desk.reviews, decided.new, again)
    return replace(compared, recorded=compared.recorded + decided.recorded), len(decided.overruled)


def owners_of_catalog(desk: Desk, name: str, url: str | None, lang: str) -> list[tuple[str, str]]:
    """Return (table, owner) as a catalog names them, sorted.

    Raise ConfigError for a catalog that knows no owners.
    """
    source = _find_catalog(desk, name, "owners", Msg("{name} knows no owners", name=name), url)
    with source.client(lang) as http, _exit_when_catalog_stops(lang):
        owners = source.module.owners(desk.report, source.selection, http)
        return sorted({(table, owner) for table, owner in owners if owner.strip()})


@contextmanager
def _exit_when_catalog_stops(lang: str) -> Iterator[None]:
    """End the command with exit status 3, and nothing recorded, where the catalog is down or shut to us."""
    from reports.catalogs import Stopped

    try:
        yield
    except Stopped as e:
        warn(e.line(), lang)
        raise typer.Exit(3) from None
