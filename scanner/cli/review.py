"""`chujing review`: accept, reject and relabel findings; a queue of what is left; spreadsheets and files of others read in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_day, read_configuration, sheet_language
from scanner.cli.output import say, talk, warn
from scanner.files import replace_file, write_atomically

if TYPE_CHECKING:
    from reports.catalogs.picking import Selection
    from reports.reviews.queue import Reach
    from reports.reviews.verdicts import Review, Verdict
    from scanner.deliver.http import Http
    from scanner.records.reviews import ReviewComparison
    from scanner.review.decisions import Desk

group = typer.Typer(
    no_args_is_help=True, help="Reviews: what people decide about findings, in reviews.yaml.\n\nExample: chujing review todo --owner 王敏"
)
What = Annotated[list[str], typer.Argument(help="Groups of the queue (g-...), columns or tables by the end of their ids, patterns with *.")]
DecidedBy = Annotated[str, typer.Option(help="Who decides.")]
Until = Annotated[str | None, typer.Option(help="Last day it holds, e.g. 2027-06-30; default: for good.")]
Only = Annotated[str, typer.Option("--label", help="Of a table or pattern: only findings of this label.")]
Everybody = Annotated[bool, typer.Option("--all", help="A group's exceptions too.")]
Owner = Annotated[str, typer.Option(help="Only columns this person owns.")]


def _desk(config: Path | None) -> Desk:
    from scanner.review import decisions

    return decisions.desk(base_folder(config), read_configuration(config, required=False), date.today())


def _decide(verdict: Verdict, what: Sequence[str], by: str, why: str, to: str, until: str | None, only: str, everybody: bool, owner: str,
            config: Path | None, lang: str | None) -> None:
    from reports.messages.words import t
    from scanner.records import reviews
    from scanner.review import decisions

    at = _desk(config)
    answer = decisions.Answer(verdict, by, why, str(reviews.find_label(to)) if to else "", parse_day(until) if until else None,
                              str(reviews.find_label(only)) if only else "", everybody)
    made = reviews.compare_with_recorded(at.reviews, [r for word in what for r in decisions.made(at, word, answer, owner)], again=True)
    if made.recorded:
        talk(t("review.already", language(lang), n=made.recorded))
    _record(at, made.new, f"review {verdict}", config, language(lang))


def _record(at: Desk, new: Sequence[Review], act: str, config: Path | None, lang: str) -> None:
    from reports.messages.words import t
    from reports.reviews.queue import check_sample, reach_of_reviews
    from scanner.review import decisions

    reach = reach_of_reviews(at.report, new)
    new = [replace(r, check=check_sample(r.id, reach[r.id].decided)) if r.id in reach else r for r in new]
    effects = decisions.record(at, new, act, read_configuration(config, required=False), lang)
    for r in new:
        say(f"{r.id}  {r.undo or r.table or r.pattern or decisions.scope_words(r, lang)}")
        if r.id in reach:
            say(f"    {_reach_words(reach[r.id], lang)}")
        if r.check:
            say(f"    {t('review.check', lang, columns='')}")
            for c in r.check:
                say(f"        {c}")
    for line in effects:
        say(f"{t('review.effect', lang)}  {line}")
    talk(decisions.left(_desk(config).queue, lang))


def _reach_words(reach: Reach, lang: str) -> str:
    """How many columns a review of a table or pattern decides."""
    from reports.messages.words import t
    from reports.wording.figures import number

    nearer = t("review.reach.nearer", lang, n=number(len(reach.nearer))) if reach.nearer else ""
    return t("review.reach.columns", lang, n=number(len(reach.columns))) + nearer


@group.command("todo")
def todo(
    owner: Owner = "",
    show: Annotated[int, typer.Option(min=1, help="Groups to show.")] = 20,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """What is left to review: equal columns are one decision; those that leave the country, are sensitive, many or uncertain come first.

    Example: chujing review todo --owner 王敏
    """
    from reports.messages.words import t
    from reports.reviews.queue import part_of_owner, share_after
    from scanner.review import decisions

    speak = language(lang)
    whole = _desk(config).queue
    q = part_of_owner(whole, owner) if owner else whole
    for g in q.groups[:show]:
        for line in decisions.group_lines(g, speak):
            say(line)
    if owner and not q.groups:
        talk(t("review.nothing_of", speak, owner=owner))
    talk(decisions.left(whole, speak))
    if q.groups:
        n = min(show, len(q.groups))
        talk(t("review.reach", speak, n=n, share=f"{share_after(q, n):.0%}"))


@group.command("status")
def status(config: ConfigFile = None, lang: Lang = None) -> None:
    """Every review that counts, those gone stale and why, disagreements, and what remains.

    Example: chujing review status
    """
    from scanner.review import decisions

    for line in decisions.status(_desk(config), language(lang)):
        say(line)


@group.command("accept")
def accept(what: What, by: DecidedBy, why: Annotated[str, typer.Option(help="A word on it.")] = "", until: Until = None, only: Only = "",
           everybody: Everybody = False, owner: Owner = "", config: ConfigFile = None, lang: Lang = None) -> None:
    """The finding is right. Of a group, a sample of members is drawn for a second look.

    Example: chujing review accept g-1a2b3c4d --by 王敏
    """
    _decide("accept", what, by, why, "", until, only, everybody, owner, config, lang)


@group.command("reject")
def reject(what: What, by: DecidedBy, why: Annotated[str, typer.Option(help="The reason.")], until: Until = None, only: Only = "",
           everybody: Everybody = False, owner: Owner = "", config: ConfigFile = None, lang: Lang = None) -> None:
    """The column holds no such thing: it counts for nothing, here and in the next scans.

    Example: chujing review reject crm/shop/phone --by 王敏 --why "hotline of the shop"
    """
    _decide("reject", what, by, why, "", until, only, everybody, owner, config, lang)


@group.command("relabel")
def relabel(what: What, to: Annotated[str, typer.Option(help="The right label, by its name or title.")], by: DecidedBy,
            why: Annotated[str, typer.Option(help="The reason.")], until: Until = None, only: Only = "", everybody: Everybody = False,
            owner: Owner = "", config: ConfigFile = None, lang: Lang = None) -> None:
    """The column holds something else, or something where nothing was found.

    Example: chujing review relabel member/code --to 工号 --by 王敏 --why "staff use the shop too"
    """
    _decide("relabel", what, by, why, to, until, only, everybody, owner, config, lang)


@group.command("justify")
def justify(what: What, by: DecidedBy, why: Annotated[str, typer.Option(help="The reason.")], until: Until = None, only: Only = "",
            everybody: Everybody = False, owner: Owner = "", config: ConfigFile = None, lang: Lang = None) -> None:
    """Say why a column is there, without deciding whether the finding is right.

    Example: chujing review justify member/mobile --by 王敏 --why "delivery is arranged by phone"
    """
    _decide("justify", what, by, why, "", until, only, everybody, owner, config, lang)


@group.command("undo")
def undo(
    id: Annotated[str, typer.Argument(help="Id of a review or its beginning, or what it alone is of, e.g. member/mobile.")],
    by: DecidedBy,
    why: Annotated[str, typer.Option(help="The reason.")] = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """A review no longer counts; it stays in the file.

    Example: chujing review undo r-1a2b3c4d5e --by 王敏 --why "wrong table"
    """
    from scanner.review import decisions

    at = _desk(config)
    _record(at, [decisions.undo(at, id, by, why)], "review undo", config, language(lang))


@group.command("export")
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help=".xlsx: the inventory to be filled; .yaml: the reviews that count.")
    ] = Path("reviews.xlsx"),
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Write the inventory with its reviewers' columns, or the reviews that count.

    Example: chujing review export -o reviews.xlsx
    """
    from reports.messages.words import t
    from scanner.records import reviews

    if output.exists():
        raise ConfigError(Msg("already there"), where=str(output), hint=Msg("choose another name with -o"))
    at = _desk(config)
    if output.suffix.lower() in (".yaml", ".yml"):
        replace_file(output, reviews.HEAD + (reviews.to_yaml(at.reviews.standing.values()) or "[]\n"))
        talk(f"-> {output}{t('cli.reviews', language(lang), n=len(at.reviews.standing))}")
        return
    if output.suffix.lower() != ".xlsx":
        raise ConfigError(
            Msg('no format "{name}"', name=output.suffix),
            where=str(output),
            hint=Msg("reviews.xlsx or reviews.yaml"),
        )
    from reports.formats import save

    for made in save(at.report, output, sheet_language(lang)):
        talk(f"-> {made}")


@group.command("import")
def review_import(
    file: Annotated[
        Path | None, typer.Argument(help="The filled inventory (XLSX), or reviews (YAML), e.g. from the HTML report.")
    ] = None,
    source: Annotated[str | None, typer.Option("--from", help="Read decisions back from a catalog: openmetadata.")] = None,
    again: Annotated[bool, typer.Option(help="Also what was decided so before and undone since.")] = False,
    url: Annotated[str | None, typer.Option(help="Its address; default from catalogs: in chujing.yaml.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Record the decisions of a file, or of people who work in a catalog.

    Every bad cell or entry of a file is named with its remedy, and then nothing is recorded. From a catalog come tags that people took
    away or set by hand, and feedback that was applied; decisions there that yield to one here are named. What repeats a decision that was
    undone is named, and left out without --again.

    Example: chujing review import reviews.xlsx
    Example: chujing review import --from openmetadata
    """
    from reports.messages.words import t
    from reports.reviews.verdicts import Reviews, unmatched
    from scanner.review import decisions

    if (file is None) == (source is None):
        raise ConfigError(
            Msg("name a file or a catalog"),
            hint=Msg("chujing review import reviews.xlsx, or --from openmetadata"),
        )
    at, speak = _desk(config), language(lang)
    found, older = (_of_file(at, file, again, speak), 0) if file is not None else _of_catalog(at, str(source), url, again, config, speak)
    for r in found.undone:
        talk(t("review.undone", speak, what=decisions.scope_words(r, speak), verdict=t(f"verdict.{r.verdict}", speak), by=r.by, on=r.on,
               undo=r.again))
    for r in unmatched(Reviews(found.new), at.report):
        talk(f"{r.id}: {t('review.unmatched', speak)}")
    if found.new:
        _record(at, found.new, "review import", config, speak)
    talk(f"{file or source}: " + t("review.imported", speak, new=len(found.new), known=found.recorded)
         + (t("review.older", speak, n=older) if older else ""))


def _of_file(at: Desk, file: Path, again: bool, lang: str) -> ReviewComparison:
    """What a file says beside what is recorded; ConfigError where anything in it is at fault, each named before."""
    from reports.messages.render import render_parts
    from reports.messages.words import t
    from scanner.records import reviews
    from scanner.review import decisions
    from scanner.sheets import inventory_reviews, review_file

    plain = file.suffix.lower() in (".yaml", ".yml")
    if not file.is_file():
        raise ConfigError(t("fault.no_file", lang), where=str(file), hint=t("fault.file.do", lang))
    found = review_file.read(file, at.today) if plain else inventory_reviews.read(file, at.report, at.today, lang)
    for fault in found.faults:
        talk(render_parts(fault.cell, fault.what, fault.remedy, lang))
    if found.faults:
        raise ConfigError(t("fault.count", lang, n=len(found.faults)), where=str(file), hint=t("fault.count.do", lang))
    told = reviews.compare_with_recorded(at.reviews, decisions.filled(at, found.reviews) if plain else found.reviews, again)
    return replace(told, recorded=told.recorded + found.unchanged)


@group.command("owners")
def review_owners(
    source: Annotated[str, typer.Option("--from", help="The catalog: atlas, datahub, openmetadata.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, for owners: in chujing.yaml.")] = Path("owners.csv"),
    url: Annotated[str | None, typer.Option(help="Its address; default from catalogs: in chujing.yaml.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Whom a catalog names as owners of the tables of the last scan, as a file of owners.

    Where it names none, no file is written and the exit status is 3.

    Example: chujing review owners --from datahub -o owners.csv
    """
    import csv
    import io

    from reports.messages.words import t
    from reports.wording.figures import number

    speak = language(lang)
    if output.exists():
        raise ConfigError(Msg("already there"), where=str(output), hint=Msg("choose another name with -o"))
    at = _desk(config)
    module, asked, _, opened = _catalog(source, "owners", "knows no owners", url, config, speak)
    with opened as http, _exit_when_catalog_stops(speak):
        rows = sorted({(table, owner) for table, owner in module.owners(at.report, asked, http) if owner.strip()})
    if not rows:
        talk(t("review.owners.none", speak, catalog=source, n=number(len(at.report.tables)), file=output))
        raise typer.Exit(3)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("pattern", "owner"), *rows])
    write_atomically(output, text.getvalue())
    talk(t("review.owners.written", speak, file=output, n=number(len(rows)), of=number(len(at.report.tables))))


def _of_catalog(at: Desk, name: str, url: str | None, again: bool, config: Path | None, lang: str) -> tuple[ReviewComparison, int]:
    """Decisions of the people in a catalog, and how many yield to one here; ConfigError for one without. What was not taken is told."""
    from reports.catalogs import CatalogDecision, UnclearDecision
    from scanner.deliver.outbox import outbox
    from scanner.records import reviews
    from scanner.review import decisions, overruled

    module, asked, address, opened = _catalog(name, "decisions", "gives no decisions back", url, config, lang)
    with outbox(at.base, name, address) as box:
        stood = box.stands()
    with opened as http, _exit_when_catalog_stops(lang):
        every = list(module.decisions(at.report, asked, stood, http))
    found = decisions.heard(at, [s for s in every if isinstance(s, CatalogDecision)], name)
    for line in overruled.lines(found.overruled, [s for s in every if isinstance(s, UnclearDecision)], name, lang):
        talk(line)
    told = reviews.compare_with_recorded(at.reviews, found.new, again)
    return replace(told, recorded=told.recorded + found.known), len(found.overruled)


@contextmanager
def _exit_when_catalog_stops(lang: str) -> Iterator[None]:
    """Exit status 3, and nothing recorded, where the catalog is down or does not let us in."""
    from reports.catalogs import Stopped

    try:
        yield
    except Stopped as e:
        warn(e.line(), lang)
        raise typer.Exit(3) from None


def _catalog(name: str, able: str, lacks: str, url: str | None, config: Path | None,
             lang: str) -> tuple[ModuleType, Selection, str, AbstractContextManager[Http]]:
    """A catalog that is able to do something, what it is asked with, its address, and a client of it; ConfigError for one that is not."""
    from reports import catalogs
    from reports.catalogs.picking import Selection
    from scanner.config.catalogs import Catalog, open_client

    module = catalogs.find(name)
    if not hasattr(module, able):
        known = [n for n in catalogs.catalogs() if hasattr(catalogs.find(n), able)]
        raise ConfigError(f"{name} {lacks}", hint=Msg("known: {names}", names=tuple(known)))
    settings = read_configuration(config, required=False)
    mine = settings.catalogs.get(name, Catalog()) if settings is not None else Catalog()
    if not (address := (url or mine.url).rstrip("/")):
        raise ConfigError(
            Msg("no address"), hint=Msg("--url, or catalogs: {{name}: {url: ...}} in chujing.yaml", name=name)
        )
    return module, Selection(mine.entities), address, open_client(name, address, mine, 0, lambda text: warn(text, lang))


COMMANDS = (Command("review", group, place=310),)
