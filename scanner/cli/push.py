"""`chujing push`: findings into a data catalog. Accepted ones; suggested ones only where asked, and apart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, read_configuration, sheet_language
from scanner.cli.output import say, talk, warn
from scanner.files import replace_file

if TYPE_CHECKING:
    from reports.catalogs import Payload, Refused, Unmatched
    from reports.catalogs.picking import Selection
    from reports.model import Report
    from scanner.deliver.http import Http
    from scanner.deliver.outbox import Diff, Outbox

    Opened = Callable[[], AbstractContextManager[Http]]

SHOWN = 20                                    # refusals printed


def push(
    to: Annotated[str, typer.Option("--to", help="atlas, datahub, odcs, openlineage, openmetadata or one you added.")],
    url: Annotated[str | None, typer.Option(help="Address of its REST service; default from catalogs: in chujing.yaml.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a file or folder instead.")] = None,
    include: Annotated[Literal["suggested"] | None, typer.Option(help="Also what nobody has accepted, under a node apart.")] = None,
    remove: Annotated[Literal["suggested"] | None, typer.Option(help="Take away what an earlier --include suggested wrote.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="sensitive=yes,category=personal.*; all must hold. May be repeated.")] = None,
    owner: Annotated[str, typer.Option(help="Tables of this owner only.")] = "",
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Findings at least this sure.")] = 0.0,
    recognizers: Annotated[bool, typer.Option("--recognizers", help="Our patterns too, as the catalog's recognisers.")] = False,
    rate: Annotated[str | None, typer.Option(help="Requests a second at most, e.g. 5/s.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be added, changed and removed; send nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="List what of ours the catalog does not have; send nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Send everything, also what stands already.")] = False,
    report: Annotated[Path | None, typer.Option(help="report.json; default: the last scan.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Push findings into a data catalog: what is new or changed, and the removal of what is ours and no longer found.

    Only what a person accepted, unless --include suggested. Suggestions that an earlier push wrote stay until they are accepted, rejected
    or no longer found, or until --remove suggested; a file, or an OpenLineage event, says no more than it is asked for. What --where,
    --owner and --min-confidence leave out stays as it stands, in the catalog and in the queue. What people changed or took away there
    since we wrote it is left alone, until --again.
    The token comes from the environment (CHUJING_DATAHUB_TOKEN ...) or a secret file, see catalogs: in chujing.yaml.
    Exit status: 0 done, 2 wrong usage or configuration or another push is under way, 3 something was not delivered and is queued.

    Example: chujing push --to datahub --dry-run
    Example: chujing push --to openmetadata --include suggested --recognizers
    Example: chujing push --to odcs -o contracts/ --include suggested
    """
    from reports import catalogs
    from reports.catalogs import picking
    from scanner.config.catalogs import Catalog, open_client
    from scanner.deliver.outbox import clashes, outbox, scope_of
    from scanner.review import redecide
    from scanner.state import store

    speak, base = language(lang), base_folder(config)
    module = catalogs.find(to)
    settings = read_configuration(config, required=False)
    mine = settings.catalogs.get(to, Catalog()) if settings is not None else Catalog()
    if recognizers and not hasattr(module, "RECOGNIZERS"):
        raise ConfigError(
            Msg("{name} takes no recognisers", name=to), hint=Msg("--recognizers is for openmetadata")
        )
    if include and remove:
        raise ConfigError(
            Msg("suggestions cannot be both written and taken away"),
            hint=Msg("--include suggested or --remove suggested"),
        )
    asked = picking.Selection(mine.entities, include == "suggested", picking.conditions(where or []), owner, min_confidence, recognizers,
                          sheet_language(lang))
    found = store.read(report) if report is not None else redecide.now(base, settings)
    picking.check(asked.where, found)
    every = list(module.payloads(found, asked))
    wanted, refused = clashes(every)
    scope = scope_of(found, asked, every, refused, leave=remove is None and output is None)
    address = _address(to, module, url or mine.url, output)
    if not include and not any(p.about for p in every):
        _print_unreviewed(found, asked, speak)

    def opened() -> AbstractContextManager[Http]:
        return open_client(to, address, mine, _rate(rate), lambda text: warn(text, speak))

    if check:
        raise typer.Exit(_check(module, wanted, opened, speak))
    with outbox(base, to, address) as box, nullcontext() if dry_run else box.alone():
        if again and not dry_run:
            box.forget()
        diff = box.diff(wanted, scope)
        if dry_run:
            for line in _changes(diff, box.earlier(diff.change), speak):
                say(line)
            raise typer.Exit(_print_refused(refused, speak))
        before = dict(module.files(box.every())) if output is not None else {}
        box.want(diff)
        if output is not None:
            refused += _write(module, box, output, before, diff, again, speak)
            raise typer.Exit(_print_refused(refused, speak))
        raise typer.Exit(_deliver(module, box, opened, refused, diff, speak))


def _address(to: str, module: ModuleType, url: str, output: Path | None) -> str:
    """What the outbox knows the catalog by; ConfigError where there is none."""
    from scanner.deliver.http import checked

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
    checked(url)
    return url.rstrip("/")


def _rate(text: str | None) -> float:
    """Requests a second of `5/s`; 0 where none is asked."""
    if text is None:
        return 0
    number = text.removesuffix("/s")
    try:
        rate = float(number)
    except ValueError:
        rate = 0
    if not 0 < rate < 1e6:
        raise ConfigError(Msg('"{text}" is no rate', text=text), hint=Msg("--rate 5/s"))
    return rate


def _print_unreviewed(found: Report, asked: Selection, lang: str) -> None:
    """Nothing is accepted: say how many suggestions would go with --include suggested."""
    from reports.catalogs.picking import picks
    from reports.messages.words import counted

    if n := sum(len(of) for _, of in picks(found, replace(asked, suggested=True))):
        talk(counted("push.unreviewed", n, lang))


def _check(module: ModuleType, wanted: Sequence[Payload], client: Opened, lang: str) -> int:
    from reports.catalogs import Stopped
    from reports.messages.words import counted, t

    if not hasattr(module, "check"):
        raise ConfigError(
            Msg("nothing to compare with: it has no list of entities"),
            hint=Msg("--check is for catalogs with a server, e.g. datahub"),
        )
    lacking = unread = 0
    searched = True
    try:
        with client() as http:
            for _, of in groupby(module.check(wanted, http), key=lambda u: (u.entity, bool(u.field))):
                some = list(of)
                say(_unmatched(some, lang))
                unread += sum(u.unread for u in some)
                lacking += sum(not u.unread for u in some)
                searched = searched and all(u.searched for u in some)
    except Stopped as e:
        warn(e.line(), lang)
        return 3
    if not searched:
        talk(t("push.bounded", lang))
    talk(counted("push.checked", len({p.entity for p in wanted if p.about}), lang, lacking=lacking, unread=unread))
    return 3 if lacking or unread else 0


def _unmatched(of: Sequence[Unmatched], lang: str) -> str:
    """One line for what a check found of one entity."""
    from reports.catalogs import NAMED, tables_of
    from reports.messages.words import counted, t

    one = of[0]
    if one.field:
        table, = set(tables_of([u.about for u in of]).values())
        names = [u.field + (t("push.near_field", lang, near=u.near) if u.near else "") for u in of[:NAMED]]
        more = t("push.more_fields", lang, n=len(of) - NAMED) if len(of) > NAMED else ""
        fields = ("、" if lang == "zh" else ", ").join(names) + more
        return counted("push.lacks", len(of), lang, entity=one.entity, table=table, fields=fields)
    about = one.about + (counted("push.columns", one.columns, lang) if one.columns else "")
    if one.unread:
        return t("push.unreadable", lang, about=about, entity=one.entity, why=one.why)
    near = t("push.near", lang, near=one.near) if one.near else f"; {one.why}" if one.why else ""
    return t("push.unmatched", lang, about=about, entity=one.entity) + near


def _changes(diff: Diff, earlier: Mapping[str, Payload], lang: str) -> Iterator[str]:
    """One line a change; what replaces something else as old -> new. earlier: what the queue holds of it so far, by key."""
    from reports.messages.words import t

    for sign, payloads in (("+", diff.add), ("~", diff.change), ("-", diff.remove)):
        for p in payloads:
            yield f"{sign} {p.kind:<12} {p.about or p.entity}  {_change_text(p, earlier.get(p.key, p)) if sign == '~' else p.shown}"
    yield t("push.would", lang, add=len(diff.add), change=len(diff.change), remove=len(diff.remove), same=diff.same, beyond=diff.beyond)
    yield from _untouched_lines(diff, lang)


def _change_text(p: Payload, earlier: Payload) -> str:
    """What is changed: `name: old -> new`; where only the reason changes, what it is."""
    if p.shown == earlier.shown:
        return p.shown
    name, colon, old = earlier.shown.partition(": ")
    if colon and p.shown.startswith(name + colon):
        return f"{name}: {old} -> {p.shown.removeprefix(name + colon)}"
    return f"{earlier.shown} -> {p.shown}"


def _untouched_lines(diff: Diff, lang: str) -> Iterator[str]:
    """What this push leaves as it is, though it is ours."""
    from reports.messages.words import counted

    if diff.awaiting:
        yield counted("push.awaiting", diff.awaiting, lang)
    if diff.held:
        yield counted("push.held", len(diff.held), lang)


def _deliver(module: ModuleType, box: Outbox, client: Opened, refused: Sequence[Refused], diff: Diff, lang: str) -> int:
    from reports.messages.words import counted, t
    from scanner.deliver.outbox import BATCH

    if not (total := box.queued(diff.held)):
        talk(t("push.nothing", lang))
        for line in _untouched_lines(diff, lang):
            talk(line)
        return _print_refused(refused, lang)
    sent = 0

    def told(n: int) -> None:
        nonlocal sent
        sent += n
        if sys.stderr.isatty():
            typer.echo(f"\r{sent}/{total} ", err=True, nl=False)

    with client() as http:
        went = box.deliver(module.push, http, getattr(module, "BATCH", BATCH), told, diff.held)
        if sys.stderr.isatty():
            typer.echo("\r" + " " * 30 + "\r", err=True, nl=False)
        talk(counted("push.done", http.requests, lang, done=went.done, removed=went.removed, yielded=went.yielded, queued=went.queued))
    for line in _untouched_lines(diff, lang):
        talk(line)
    status = _print_refused([*refused, *went.refused], lang)
    if went.stopped:
        warn(went.stopped, lang)
    return 3 if went.stopped or went.queued else status


def _print_refused(refused: Sequence[Refused], lang: str) -> int:
    """One line for each reason and column, or table where it holds of several of its columns."""
    from reports.catalogs import tables_of
    from reports.messages.render import render_parts
    from reports.messages.words import counted, t

    tables = tables_of({r.about for r in refused if r.about})
    groups: dict[tuple[str, str], list[Refused]] = {}
    for r in refused:
        groups.setdefault((tables.get(r.about, r.key), r.why), []).append(r)
    for (table, why), of in list(groups.items())[:SHOWN]:
        abouts = {r.about or r.key for r in of}
        where = of[0].about or of[0].key if len(abouts) == 1 else table
        many = counted("push.things", len(of), lang) if len(of) > 1 else ""
        talk(render_parts(f"{where}{many}", why, "", lang))
    if len(groups) > SHOWN:
        talk(t("push.more", lang, n=len(groups) - SHOWN))
    return 3 if refused else 0


def _write(
    module: ModuleType, box: Outbox, output: Path, before: Mapping[str, str], diff: Diff, again: bool, lang: str
) -> list[Refused]:
    """Write the files that changed, remove those of ours that are no longer wanted; in a folder, spare what a person wrote or changed.

    before: the texts as the last push wrote them, by name.
    """
    from reports.catalogs import Refused
    from reports.messages.words import counted, t

    texts = {name: text for name, text in module.files(box.every()) if text}
    stale = {name for name, text in module.files(diff.remove) if not text} - set(texts)
    refused, written, removed = [], 0, 0
    for name in sorted({*texts, *stale}):
        path, text = output / name if name else output, texts.get(name, "")
        there = path.read_bytes() if path.is_file() else b""
        if there == text.encode():
            continue
        if name and there and not again and there != before.get(name, "").encode():
            refused.append(Refused(name, str(path), t("push.theirs", lang)))
            continue
        if text:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text)
            written += 1
        else:
            path.unlink()
            removed += 1
    box.settle()
    talk(counted("push.files", written, lang, removed=removed, same=len(texts) - written, where=output))
    return refused


COMMANDS = (Command("push", push, place=90),)
