"""`chujing review`: accept, reject and relabel findings; a queue of what is left.

Spreadsheets and files of others read in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, parse_day, sheet_language
from scanner.cli.output import say, talk
from scanner.cli.run_memory import note_changes
from scanner.files import check_new, write_atomically

if TYPE_CHECKING:
    from reports.reviews.deciding import Reach
    from reports.reviews.review import Review, Verdict
    from scanner.review.decisions import Desk

group = typer.Typer(
    no_args_is_help=True,
    help="Reviews: what people decide about findings, in reviews.yaml.\n\n"
         "Example: chujing review todo --owner 王敏",
)
What = Annotated[
    list[str],
    typer.Argument(
        help="Groups of the queue (g-...), columns or tables by the end of their ids, patterns with *."
    ),
]
DecidedBy = Annotated[str, typer.Option(help="Who decides.")]
ReasonOption = Annotated[str, typer.Option(help="The reason.")]
Until = Annotated[str | None, typer.Option(help="Last day it holds, e.g. 2027-06-30; default: for good.")]
Only = Annotated[str, typer.Option("--label", help="Of a table or pattern: only findings of this label.")]
Everybody = Annotated[bool, typer.Option("--all", help="A group's exceptions too.")]
Owner = Annotated[str, typer.Option(help="Only columns this person owns.")]


def _open_desk(config: Path | None, lang: str | None, *, whole: bool = False) -> Desk:
    """Return what is reviewed. whole: with the words of all evidence, which decisions do not need."""
    from scanner.review import decisions
    from scanner.state import store
    from scanner.workspace import open_workspace

    workspace = open_workspace(config, required=False)
    desk = decisions.open_desk(workspace, date.today(), None if whole else store.no_table)
    note_changes(workspace, language(lang))
    return desk


@dataclass(frozen=True, slots=True)
class _TypedDecision:
    """A decision as it was typed; `to` and `label` are names or titles of labels."""

    verdict: Verdict
    by: str
    why: str
    until: str | None
    label: str
    everybody: bool
    owner: str
    to: str = ""


def _decide(typed: _TypedDecision, what: Sequence[str], config: Path | None, lang: str | None) -> None:
    """Record a decision on groups, columns, tables or patterns, and print what it changes."""
    from reports.messages.words import t
    from scanner.records import reviews
    from scanner.review import decisions

    desk = _open_desk(config, lang)
    request = decisions.ReviewRequest(
        typed.verdict,
        typed.by,
        typed.why,
        str(reviews.find_label(typed.to)) if typed.to else "",
        parse_day(typed.until) if typed.until else None,
        str(reviews.find_label(typed.label)) if typed.label else "",
        typed.everybody,
    )
    decided = [r for word in what for r in decisions.make_reviews(desk, word, request, typed.owner)]
    compared = reviews.compare_with_recorded(desk.reviews, decided, again=True)
    if compared.recorded:
        talk(t("review.already", language(lang), n=compared.recorded))
    _record(desk, compared.new, f"review {typed.verdict}", language(lang))


def _record(desk: Desk, new: Sequence[Review], act: str, lang: str) -> None:
    """Record reviews and print them, what they change at once, and what remains.

    act: as the audit trail calls it.
    """
    from reports.messages.words import t
    from reports.reviews.deciding import check_sample, reach_of_reviews
    from scanner.review import decision_lines, decisions
    from scanner.state import store

    reach = reach_of_reviews(desk.report, new)
    new = [replace(r, check=check_sample(r.id, reach[r.id].decided)) if r.id in reach else r for r in new]
    effects = decisions.record_reviews(desk, new, act, lang)
    for r in new:
        say(f"{r.id}  {r.undo or r.table or r.pattern or decision_lines.scope_words(r, lang)}")
        if r.id in reach:
            say(f"    {_reach_words(reach[r.id], lang)}")
        if r.check:
            say(f"    {t('review.check', lang, columns='')}")
            for column in r.check:
                say(f"        {column}")
    for line in effects:
        say(f"{t('review.effect', lang)}  {line}")
    now = decisions.open_desk(desk.workspace.reread(), date.today(), store.no_table)
    talk(decision_lines.remaining_words(now.progress, lang))


def _reach_words(reach: Reach, lang: str) -> str:
    """How many columns a review of a table or pattern decides."""
    from reports.messages.words import t
    from reports.wording.figures import number

    nearer = t("review.reach.nearer", lang, n=number(len(reach.nearer))) if reach.nearer else ""
    return t("review.reach.columns", lang, n=number(len(reach.columns))) + nearer


@group.command("todo")
def list_groups(
    owner: Owner = "",
    show: Annotated[int, typer.Option(min=1, help="Groups to show.")] = 20,
    possible: Annotated[bool, typer.Option("--possible", help="Only what is possible, not found.")] = False,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """What is left to review: equal columns are one decision; those that leave the country, are sensitive,
    many or uncertain come first.

    Example: chujing review todo --owner 王敏
    """
    from reports.messages.words import t
    from reports.reviews.queue import part_of_owner, possible_part, share_after
    from scanner.review import decision_lines

    reader = language(lang)
    whole = _open_desk(config, lang).queue
    queue = part_of_owner(whole, owner) if owner else whole
    queue = possible_part(queue) if possible else queue
    for review_group in queue.groups[:show]:
        for line in decision_lines.group_lines(review_group, reader):
            say(line)
    if len(queue.groups) > show:
        talk(t("review.further", reader, n=len(queue.groups) - show, of=len(queue.groups)))
    if owner and not queue.groups:
        talk(t("review.nothing_of", reader, owner=owner))
    talk(decision_lines.remaining_words(whole.progress, reader))
    if queue.groups:
        n = min(show, len(queue.groups))
        talk(t("review.reach", reader, n=n, share=f"{share_after(queue, n):.0%}"))


@group.command("list")
@group.command("status")
def show_status(config: ConfigFile = None, lang: Lang = None) -> None:
    """Every review that counts, those gone stale and why, disagreements, and what remains.

    Example: chujing review status
    """
    from scanner.review import decision_lines

    for line in decision_lines.status_lines(_open_desk(config, lang), language(lang)):
        say(line)


@group.command("accept")
def accept(
    what: What,
    by: DecidedBy,
    why: Annotated[str, typer.Option(help="A word on it.")] = "",
    until: Until = None,
    only: Only = "",
    everybody: Everybody = False,
    owner: Owner = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """The finding is right. Of a group, a sample of members is drawn for a second look.

    Example: chujing review accept g-1a2b3c4d --by 王敏
    """
    _decide(_TypedDecision("accept", by, why, until, only, everybody, owner), what, config, lang)


@group.command("reject")
def reject(
    what: What,
    by: DecidedBy,
    why: ReasonOption,
    until: Until = None,
    only: Only = "",
    everybody: Everybody = False,
    owner: Owner = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """The column holds no such thing: it counts for nothing, here and in the next scans.

    Example: chujing review reject crm/shop/phone --by 王敏 --why "hotline of the shop"
    """
    _decide(_TypedDecision("reject", by, why, until, only, everybody, owner), what, config, lang)


@group.command("relabel")
def relabel(
    what: What,
    to: Annotated[str, typer.Option(help="The right label, by its name or title.")],
    by: DecidedBy,
    why: ReasonOption,
    until: Until = None,
    only: Only = "",
    everybody: Everybody = False,
    owner: Owner = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """The column holds something else, or something where nothing was found.

    Example: chujing review relabel member/code --to 工号 --by 王敏 --why "staff use the shop too"
    """
    _decide(_TypedDecision("relabel", by, why, until, only, everybody, owner, to), what, config, lang)


@group.command("justify")
def justify(
    what: What,
    by: DecidedBy,
    why: ReasonOption,
    until: Until = None,
    only: Only = "",
    everybody: Everybody = False,
    owner: Owner = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Say why a column is there, without deciding whether the finding is right.

    Example: chujing review justify member/mobile --by 王敏 --why "delivery is arranged by phone"
    """
    _decide(_TypedDecision("justify", by, why, until, only, everybody, owner), what, config, lang)


@group.command("undo")
def undo(
    id: Annotated[
        str,
        typer.Argument(help="Id of a review or its beginning, or what it alone is of, e.g. member/mobile."),
    ],
    by: DecidedBy,
    why: Annotated[str, typer.Option(help="The reason.")] = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """A review no longer counts; it stays in the file. Another one that then decides the same columns,
    such as a pattern around them, is named.

    Example: chujing review undo r-1a2b3c4d5e --by 王敏 --why "wrong table"
    """
    from reports.messages.words import t
    from reports.wording.figures import number
    from scanner.review import decisions

    desk, reader = _open_desk(config, lang), language(lang)
    undoing = decisions.make_undoing(desk, id, by, why)
    _record(desk, [undoing], "review undo", reader)
    for review, columns in decisions.still_decided(desk, undoing.undo):
        words = {"id": review.id, "scope": review.table or review.pattern, "n": number(len(columns))}
        say(t("review.still", reader, verdict=t(f"verdict.{review.verdict}", reader), **words))


@group.command("export")
def export_reviews(
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help=".xlsx: the inventory to be filled; .yaml: the reviews that count."
        ),
    ] = Path("reviews.xlsx"),
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Write the inventory with its reviewers' columns, or the reviews that count.

    Example: chujing review export -o reviews.xlsx
    """
    from reports.formats import save
    from reports.messages.words import t
    from scanner.records import reviews

    check_new(output, Msg("choose another name with -o"))
    desk = _open_desk(config, lang, whole=output.suffix.lower() == ".xlsx")
    if output.suffix.lower() in (".yaml", ".yml"):
        standing = desk.reviews.standing.values()
        write_atomically(output, reviews.HEAD + (reviews.to_yaml(standing) or "[]\n"))
        talk(f"-> {output}{t('cli.reviews', language(lang), n=len(standing))}")
        return
    if output.suffix.lower() != ".xlsx":
        raise ConfigError(
            Msg('no format "{name}"', name=output.suffix),
            where=str(output),
            hint=Msg("reviews.xlsx or reviews.yaml"),
        )
    for file in save(desk.report, output, sheet_language(lang)):
        talk(f"-> {file}")


@group.command("import")
def import_reviews(
    file: Annotated[
        Path | None,
        typer.Argument(help="The filled inventory (XLSX), or reviews (YAML), e.g. from the HTML report."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Read decisions back from a catalog: openmetadata.")
    ] = None,
    again: Annotated[bool, typer.Option(help="Also what was decided so before and undone since.")] = False,
    url: Annotated[
        str | None, typer.Option(help="Its address; default from catalogs: in chujing.yaml.")
    ] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Record the decisions of a file, or of people who work in a catalog.

    Every bad cell or entry of a file is named with its remedy, and then nothing is recorded. From a catalog
    come tags that people took
    away or set by hand, and feedback that was applied; decisions there that yield to one here are named. What
    repeats a decision that was
    undone is named, and left out without --again.

    Example: chujing review import reviews.xlsx
    Example: chujing review import --from openmetadata
    """
    from reports.messages.words import t
    from reports.reviews.collection import Reviews, unmatched
    from scanner.cli.review_import import reviews_of_catalog, reviews_of_file
    from scanner.review import decision_lines

    if (file is None) == (source is None):
        raise ConfigError(
            Msg("name a file or a catalog"),
            hint=Msg("chujing review import reviews.xlsx, or --from openmetadata"),
        )
    desk, reader = _open_desk(config, lang), language(lang)
    if file is not None:
        compared, older = reviews_of_file(desk, file, again, reader), 0
    else:
        compared, older = reviews_of_catalog(desk, str(source), url, again, reader)
    for r in compared.undone:
        what, verdict = decision_lines.scope_words(r, reader), t(f"verdict.{r.verdict}", reader)
        talk(t("review.undone", reader, what=what, verdict=verdict, by=r.by, on=r.on, undo=r.again))
    for r in unmatched(Reviews(compared.new), desk.report):
        talk(f"{r.id}: {t('review.unmatched', reader)}")
    if compared.new:
        _record(desk, compared.new, "review import", reader)
    counts = t("review.imported", reader, new=len(compared.new), known=compared.recorded)
    talk(f"{file or source}: {counts}" + (t("review.older", reader, n=older) if older else ""))


@group.command("owners")
def write_owners(
    source: Annotated[str, typer.Option("--from", help="The catalog: atlas, datahub, openmetadata.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write, for owners: in chujing.yaml.")
    ] = Path("owners.csv"),
    url: Annotated[
        str | None, typer.Option(help="Its address; default from catalogs: in chujing.yaml.")
    ] = None,
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
    from scanner.cli.review_import import owners_of_catalog

    reader = language(lang)
    check_new(output, Msg("choose another name with -o"))
    desk = _open_desk(config, lang)
    rows = owners_of_catalog(desk, source, url, reader)
    tables = number(len(desk.report.tables))
    if not rows:
        talk(t("review.owners.none", reader, catalog=source, n=tables, file=output))
        raise typer.Exit(3)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("pattern", "owner"), *rows])
    write_atomically(output, text.getvalue(), "team")
    talk(t("review.owners.written", reader, file=output, n=number(len(rows)), of=tables))


COMMANDS = (Command("review", group, place=310, panel="review"),)
