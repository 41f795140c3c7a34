"""`chujing push`: findings into a data catalog. Accepted ones; suggested ones only where asked, and apart."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.catalog_client import open_client
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, sheet_language
from scanner.cli.output import say, talk, warn
from scanner.cli.run_memory import note_changes
from scanner.files import write_together, writing

if TYPE_CHECKING:
    from reports.catalogs import Payload, Refused
    from reports.catalogs.picking import Selection
    from reports.model import Report
    from scanner.deliver.http import Http
    from scanner.deliver.outbox import Diff, Outbox

    OpensClient = Callable[[], AbstractContextManager[Http]]


@dataclass(frozen=True, slots=True)
class _Push:
    """A push that is prepared: what it changes, and what is refused before anything is sent."""

    module: ModuleType
    box: Outbox
    diff: Diff
    refused: Sequence[Refused]
    lang: str


def push(
    to: Annotated[
        str,
        typer.Option("--to", help="atlas, datahub, dbt, odcs, openlineage, openmetadata or one you added."),
    ],
    url: Annotated[
        str | None, typer.Option(help="Address of its REST service; default from catalogs: in chujing.yaml.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="PATH", help="Write a file or, without a suffix, a folder."),
    ] = None,
    include: Annotated[
        Literal["suggested", "possible"] | None,
        typer.Option(
            help="suggested: also what nobody has accepted, under a node apart. "
            "possible: that and what is merely possible."
        ),
    ] = None,
    remove: Annotated[
        Literal["suggested"] | None,
        typer.Option(help="Take away what an earlier --include suggested wrote."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="sensitive=yes,category=personal.*; all must hold, as in find. May be repeated."),
    ] = None,
    owner: Annotated[str, typer.Option(help="Tables of this owner only.")] = "",
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Findings at least this sure.")] = 0.0,
    operators: Annotated[
        bool,
        typer.Option("--operators", help="Suggest also who created or changed a record (creator, updater)."),
    ] = False,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole",
            help="For a DataHub that does not have the tables, and DataHub Lite: with -o, tables and "
            "columns with their tags instead of patches.",
        ),
    ] = False,
    recognizers: Annotated[
        bool, typer.Option("--recognizers", help="Our patterns too, as the catalog's recognisers.")
    ] = False,
    rate: Annotated[str | None, typer.Option(help="Requests a second at most, e.g. 5/s.")] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print what would be added, changed and removed; send nothing."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="List what of ours the catalog does not have; send nothing.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send everything, also what stands already.")
    ] = False,
    report: Annotated[
        str | None, typer.Option(help="report.json or the start of a run's id; default: the last scan.")
    ] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Push findings into a data catalog: what is new or changed, and the removal of what is ours and no
    longer found.

    Only what a person accepted, unless --include suggested (of operators only with --operators); what is
    merely possible only with --include possible, as a suggestion. Suggestions that an
    earlier push wrote stay until they are accepted, rejected or no longer found, or until --remove suggested;
    a file, or an OpenLineage event, says no more than it is asked for. What --where,
    --owner and --min-confidence leave out stays as it stands, in the catalog and in the queue. What people
    changed or took away there
    since we wrote it is left alone, until --again.
    The token comes from the environment (CHUJING_DATAHUB_TOKEN ...) or a secret file, see catalogs: in
    chujing.yaml.
    Exit status: 0 done, 2 wrong usage or configuration or another push is under way, 3 something was not
    delivered and is queued.

    Example: chujing push --to datahub --dry-run
    Example: chujing push --to openmetadata --include suggested --recognizers
    Example: chujing push --to odcs -o contracts/ --include suggested
    """
    from reports import catalogs
    from reports.catalogs.picking import Selection
    from reports.query import check_conditions, parse_conditions
    from scanner.config.catalogs import Catalog
    from scanner.deliver.outbox import outbox
    from scanner.deliver.push_scope import scope_of, without_clashes
    from scanner.review import redecide
    from scanner.state import store
    from scanner.workspace import open_workspace

    reader = language(lang)
    module = catalogs.find(to)
    workspace = open_workspace(config, required=False)
    catalog = workspace.config.catalogs.get(to, Catalog())
    if recognizers and not hasattr(module, "RECOGNIZERS"):
        raise ConfigError(
            Msg("{name} takes no recognisers", name=to), hint=Msg("--recognizers is for openmetadata")
        )
    if whole and not (hasattr(module, "WHOLE") and output):
        raise ConfigError(
            Msg("{name} takes no whole tables", name=to),
            hint=Msg("--whole is for datahub, with -o FILE.json"),
        )
    if include and remove:
        raise ConfigError(
            Msg("suggestions cannot be both written and taken away"),
            hint=Msg("--include suggested or --remove suggested"),
        )
    selection = Selection(
        entities=catalog.entities,
        suggested=include is not None,
        possible=include == "possible",
        where=parse_conditions(where or []),
        owner=owner,
        min_confidence=min_confidence,
        operators=operators,
        whole=whole,
        recognizers=recognizers,
        lang=sheet_language(lang),
    )
    if report is not None:
        pushed = store.read_named(report, workspace.folder, workspace.config_name)
    else:
        pushed = redecide.decide_today(workspace)
        note_changes(workspace, reader)
    check_conditions(selection.where, pushed)
    every = list(module.payloads(pushed, selection))
    payloads, refused = without_clashes(every)
    scope = scope_of(pushed, selection, every, refused, leave=remove is None and output is None)
    place = None if output is None else _place(module, output)
    address = _address(to, module, url or catalog.url, place)
    if not include and not any(p.about for p in every):
        _print_unreviewed(pushed, selection, reader)

    def client() -> AbstractContextManager[Http]:
        return open_client(to, address, catalog, reader, _rate(rate))

    if check:
        raise typer.Exit(_check(module, payloads, client, reader))
    with outbox(workspace.folder, to, address) as box, nullcontext() if dry_run else box.alone():
        if again and not dry_run:
            box.forget()
        prepared = _Push(module, box, box.diff(payloads, scope), refused, reader)
        if dry_run:
            _print_changes(prepared)
            raise typer.Exit(_print_refused(refused, reader))
        if place is None:
            box.enqueue(prepared.diff)
            raise typer.Exit(_deliver(prepared, client))
        texts = dict(module.files(box.every()))
        box.enqueue(prepared.diff)
        refused += _write(prepared, place, None if again else texts)
        raise typer.Exit(_print_refused(refused, reader))


def _place(module: ModuleType, output: str) -> Path:
    """Return the file or folder of -o; a catalog of one file goes into a folder, which has no suffix."""
    file = getattr(module, "FILE", "")
    path = Path(output)
    return path / file if file and (output.endswith(("/", os.sep)) or not path.suffix) else path


def _address(to: str, module: ModuleType, url: str, output: Path | None) -> str:
    """Return what the outbox knows the catalog by; raise ConfigError where there is none."""
    from scanner.deliver.http import check_address

    if output is not None:
        if not hasattr(module, "files"):
            raise ConfigError(Msg("{name} writes no files", name=to), hint=Msg("--url"))
        return str(output.resolve())
    if not hasattr(module, "push"):
        raise ConfigError(Msg("{name} writes files", name=to), hint=Msg("-o FILE or -o FOLDER/"))
    if not url:
        if hasattr(module, "files"):
            hint = Msg("--url, or catalogs: {{name}: {url: ...}} in chujing.yaml, or -o FILE", name=to)
        else:
            hint = Msg("--url, or catalogs: {{name}: {url: ...}} in chujing.yaml", name=to)
        raise ConfigError(Msg("no address"), hint=hint)
    check_address(url)
    return url.rstrip("/")


def _rate(text: str | None) -> float:
    """Return the requests a second of `5/s`, 0 without a text; raise ConfigError for anything else."""
    if text is None:
        return 0
    try:
        rate = float(text.removesuffix("/s"))
    except ValueError:
        rate = 0
    if not 0 < rate < 1e6:
        raise ConfigError(Msg('"{text}" is no rate', text=text), hint=Msg("--rate 5/s"))
    return rate


def _print_unreviewed(report: Report, selection: Selection, lang: str) -> None:
    """Nothing is accepted: print how many suggestions would go with --include suggested."""
    from reports.catalogs.picking import picks
    from reports.messages.words import plural

    if n := sum(len(columns) for _, columns in picks(report, replace(selection, suggested=True))):
        talk(plural("push.unreviewed", n, lang))


def _check(module: ModuleType, payloads: Sequence[Payload], client: OpensClient, lang: str) -> int:
    """Print what of ours the catalog does not have; return the exit status."""
    from reports.catalogs import Stopped
    from reports.messages.words import plural, t
    from reports.wording.catalog import unmatched_line

    if not hasattr(module, "check"):
        raise ConfigError(
            Msg("nothing to compare with: it has no list of entities"),
            hint=Msg("--check is for catalogs with a server, e.g. datahub"),
        )
    lacking = unread = 0
    searched = True
    try:
        with client() as http:
            for _, of_entity in groupby(
                module.check(payloads, http), key=lambda u: (u.entity, bool(u.field))
            ):
                unmatched = list(of_entity)
                say(unmatched_line(unmatched, lang))
                unread += sum(u.unread for u in unmatched)
                lacking += sum(not u.unread for u in unmatched)
                searched = searched and all(u.searched for u in unmatched)
    except Stopped as e:
        warn(e.line(), lang)
        return 3
    if not searched:
        talk(t("push.bounded", lang))
    entities = {p.entity for p in payloads if p.about}
    talk(plural("push.checked", len(entities), lang, lacking=lacking, unread=unread))
    return 3 if lacking or unread else 0


def _print_changes(push: _Push) -> None:
    from reports.messages.words import t
    from reports.wording.catalog import change_lines, untouched_lines

    diff = push.diff
    earlier = push.box.earlier(diff.change)
    for sign, payloads in (("+", diff.add), ("~", diff.change), ("-", diff.remove)):
        for line in change_lines(sign, payloads, earlier):
            say(line)
    counts = {"add": len(diff.add), "change": len(diff.change), "remove": len(diff.remove)}
    say(t("push.would", push.lang, **counts, same=diff.same, beyond=diff.beyond))
    for line in untouched_lines(diff.awaiting, len(diff.withheld), push.lang):
        say(line)


def _print_untouched(push: _Push) -> None:
    from reports.wording.catalog import untouched_lines

    for line in untouched_lines(push.diff.awaiting, len(push.diff.withheld), push.lang):
        talk(line)


def _print_refused(refused: Sequence[Refused], lang: str) -> int:
    """Print what was not taken, and why; return the exit status."""
    from reports.wording.catalog import refused_lines

    for line in refused_lines(refused, lang):
        talk(line)
    return 3 if refused else 0


def _deliver(push: _Push, client: OpensClient) -> int:
    """Send what is queued; return the exit status."""
    from reports.messages.words import plural, t
    from scanner.deliver.outbox import BATCH

    total = push.box.queued(push.diff.withheld)
    if not total:
        talk(t("push.nothing", push.lang))
        _print_untouched(push)
        return _print_refused(push.refused, push.lang)
    sent = 0

    def show_progress(n: int) -> None:
        nonlocal sent
        sent += n
        if sys.stderr.isatty():
            typer.echo(f"\r{sent}/{total} ", err=True, nl=False)

    with client() as http:
        batch = getattr(push.module, "BATCH", BATCH)
        outcome = push.box.deliver(push.module.push, http, batch, show_progress, push.diff.withheld)
        if sys.stderr.isatty():
            typer.echo("\r" + " " * 30 + "\r", err=True, nl=False)
        counts = {"done": outcome.done, "removed": outcome.removed, "yielded": outcome.yielded}
        talk(plural("push.done", http.requests, push.lang, **counts, queued=outcome.queued))
    _print_untouched(push)
    status = _print_refused([*push.refused, *outcome.refused], push.lang)
    if outcome.stopped:
        warn(outcome.stopped, push.lang)
    return 3 if outcome.stopped or outcome.queued else status


def _write(push: _Push, output: Path, earlier: Mapping[str, str] | None) -> list[Refused]:
    """Write the files that changed and remove those of ours that are no longer needed.

    Return those that are spared.

    In a folder a file that a person wrote or changed is spared. earlier: the texts as the last push wrote
    them, by name; None: spare nothing.
    """
    from reports.catalogs import Refused
    from reports.messages.words import plural, t

    texts = {name: text for name, text in push.module.files(push.box.every()) if text}
    stale = {name for name, text in push.module.files(push.diff.remove) if not text} - set(texts)
    refused, changed, obsolete = [], [], []
    for name in sorted({*texts, *stale}):
        path, text = output / name if name else output, texts.get(name, "")
        with writing(path):
            present = path.read_bytes() if path.is_file() else b""
        if present == text.encode():
            continue
        if name and present and earlier is not None and present != earlier.get(name, "").encode():
            refused.append(Refused(name, str(path), t("push.theirs", push.lang)))
        elif text:
            changed.append((path, text))
        else:
            obsolete.append(path)
    write_together(changed)
    with writing(output):
        for path in obsolete:
            path.unlink()
    push.box.settle()
    counts = {"removed": len(obsolete), "same": len(texts) - len(changed)}
    talk(plural("push.files", len(changed), push.lang, **counts, where=output))
    return refused


COMMANDS = (Command("push", push, place=90, panel="catalogs"),)
