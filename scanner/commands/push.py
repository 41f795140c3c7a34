"""`chujing push`: findings into a data catalog. Accepted ones; suggested ones only where asked, and apart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ConfigError
from scanner.commands import ConfigFile, Lang, configuration, folder, language, talk

if TYPE_CHECKING:
    from reports.catalogs import Payload, Refused
    from scanner.client import Http
    from scanner.outbox import Diff, Outbox

    Opened = Callable[[], AbstractContextManager[Http]]

SHOWN = 20                                    # refusals printed


def push(
    to: Annotated[str, typer.Option("--to", help="atlas, datahub, odcs, openlineage, openmetadata or one you added.")],
    url: Annotated[str | None, typer.Option(help="Address of its REST service; default from catalogs: in chujing.yaml.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a file or folder instead.")] = None,
    include: Annotated[Literal["suggested"] | None, typer.Option(help="Also what nobody has accepted, under a node apart.")] = None,
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

    Only what a person accepted, unless --include suggested. What --where, --owner and --min-confidence leave out stays as it stands.
    The token comes from the environment (CHUJING_DATAHUB_TOKEN ...) or a secret file, see catalogs: in chujing.yaml.
    Exit status: 0 done, 2 wrong usage or configuration, 3 something was not delivered and is queued.

    Example: chujing push --to datahub --dry-run
    Example: chujing push --to openmetadata --include suggested --recognizers
    Example: chujing push --to odcs -o contracts/ --include suggested
    """
    from reports import catalogs
    from reports.catalogs.picking import Asked, aside, conditions, unread
    from scanner import redecide, store
    from scanner.catalogs import Catalog, client
    from scanner.outbox import Scope, clashes, outbox

    speak, base = language(lang), folder(config)
    module = catalogs.find(to)
    settings = configuration(config, required=False)
    mine = settings.catalogs.get(to, Catalog()) if settings is not None else Catalog()
    if recognizers and not hasattr(module, "RECOGNIZERS"):
        raise ConfigError(f"{to} takes no recognisers", hint="--recognizers is for openmetadata")
    asked = Asked(mine.entities, include == "suggested", conditions(where or []), owner, min_confidence, recognizers)
    found = store.read(report) if report is not None else redecide.now(base, settings)
    wanted, refused = clashes(module.payloads(found, asked))
    sources = {s.id for s in found.sources} | ({""} if recognizers else set())      # recognisers are about no source
    scope = Scope(frozenset(sources), aside(found, asked), unread(found))
    address = _address(to, module, url or mine.url, output)

    def opened() -> AbstractContextManager[Http]:
        return client(to, address, mine, _rate(rate), talk)

    if check:
        raise typer.Exit(_check(module, wanted, opened, speak))
    with outbox(base, to, address) as box:
        if again and not dry_run:
            box.forget()
        diff = box.diff(wanted, scope)
        if dry_run:
            for line in _changes(diff, box.before(diff.change), speak):
                typer.echo(line)
            return
        if output is not None:
            before = dict(module.files(box.every()))
            box.want(diff)
            refused += _write(module, box, output, before, diff, again, speak)
            raise typer.Exit(_tell_refused(refused, speak))
        box.want(diff)
        raise typer.Exit(_deliver(module, box, opened, refused, speak))


def _address(to: str, module: ModuleType, url: str, output: Path | None) -> str:
    """What the outbox knows the catalog by; ConfigError where there is none."""
    if output is not None:
        if not hasattr(module, "files"):
            raise ConfigError(f"{to} writes no files", hint="--url")
        return str(output.resolve())
    if not hasattr(module, "push"):
        raise ConfigError(f"{to} writes files", hint="-o FILE or -o FOLDER/")
    if not url:
        raise ConfigError("no address", hint=f"--url, or catalogs: {{{to}: {{url: ...}}}} in chujing.yaml" + (
            ", or -o FILE" if hasattr(module, "files") else ""))
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
        raise ConfigError(f'"{text}" is no rate', hint="--rate 5/s")
    return rate


def _check(module: ModuleType, wanted: Sequence[Payload], client: Opened, lang: str) -> int:
    from reports.catalogs import Stopped
    from reports.words import t

    if not hasattr(module, "check"):
        raise ConfigError("nothing to compare with: it has no list of entities", hint="--check is for catalogs with a server, e.g. datahub")
    n = 0
    try:
        with client() as http:
            for u in module.check(wanted, http):
                n += 1
                near = t("push.near", lang, near=u.near) if u.near else ""
                typer.echo(t("push.unmatched", lang, about=u.about, entity=u.entity) + near)
    except Stopped as e:
        talk(f"chujing: {e.line()}")
        return 3
    talk(t("push.checked", lang, entities=len({p.entity for p in wanted if p.about}), n=n))
    return 3 if n else 0


def _changes(diff: Diff, before: Mapping[str, str], lang: str) -> Iterator[str]:
    """A line for each. before: key -> what it was."""
    from reports.words import t

    for sign, payloads in (("+", diff.add), ("~", diff.change), ("-", diff.remove)):
        for p in payloads:
            was = before.get(p.key, "") if sign == "~" else ""
            yield f"{sign} {p.kind:<12} {p.about or p.entity}  {f'{was} -> ' if was not in ('', p.shown) else ''}{p.shown}"
    yield t("push.would", lang, add=len(diff.add), change=len(diff.change), remove=len(diff.remove), same=diff.same, beyond=diff.beyond)


def _deliver(module: ModuleType, box: Outbox, client: Opened, refused: Sequence[Refused], lang: str) -> int:
    from reports.words import t
    from scanner.outbox import BATCH

    if not (total := box.queued()):
        talk(t("push.nothing", lang))
        return _tell_refused(refused, lang)
    sent = 0

    def told(n: int) -> None:
        nonlocal sent
        sent += n
        if sys.stderr.isatty():
            typer.echo(f"\r{sent}/{total} ", err=True, nl=False)

    with client() as http:
        went = box.deliver(module.push, http, getattr(module, "BATCH", BATCH), told)
        if sys.stderr.isatty():
            typer.echo("\r" + " " * 30 + "\r", err=True, nl=False)
        talk(t("push.done", lang, done=went.done, removed=went.removed, yielded=went.yielded, queued=went.queued, requests=http.requests))
    status = _tell_refused([*refused, *went.refused], lang)
    if went.stopped:
        talk(f"chujing: {went.stopped}")
    return 3 if went.stopped or went.queued else status


def _tell_refused(refused: Sequence[Refused], lang: str) -> int:
    from reports.words import t

    for r in refused[:SHOWN]:
        talk(f"{r.about or r.key}: {r.why}")
    if len(refused) > SHOWN:
        talk(t("push.more", lang, n=len(refused) - SHOWN))
    return 3 if refused else 0


def _write(
    module: ModuleType, box: Outbox, output: Path, before: Mapping[str, str], diff: Diff, again: bool, lang: str
) -> list[Refused]:
    """Write the files that changed, remove those of ours that are no longer wanted; in a folder, spare what a person wrote or changed.

    before: the texts as the last push wrote them, by name.
    """
    from reports.catalogs import Refused
    from reports.words import t

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
            partial = path.with_name(path.name + ".part")
            partial.write_bytes(text.encode())
            partial.replace(path)
            written += 1
        else:
            path.unlink()
            removed += 1
    box.settle()
    talk(t("push.files", lang, written=written, removed=removed, same=len(texts) - written, where=output))
    return refused
