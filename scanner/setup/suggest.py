"""Candidate flows: where data may already leave, each with its evidence.

They are candidates, never decisions; a person accepts, rejects or merges them. Examined: foreign servers,
links and replication in databases; buckets, hosts and services in SQL, DAG and configuration text; lineage
into systems abroad; addresses in access logs. Evidence is a place (file and line, object of a database) and a
count, never a line of text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, ExtraError, SourceError
from detectors.input_files import check_regular
from detectors.message import Msg, Text
from detectors.model import Skipped
from mappings.model import Flow, Mode, Recipient
from reports.model import Report, TableReport, stands_or_possible
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.gather.lineage import load_documents
from scanner.setup.foreign_places import (
    Network,
    ReasonAbroad,
    is_in,
    networks,
    places_in,
    reason_abroad,
    target_abroad,
)

TEXT_SUFFIXES = (
    ".sql", ".py", ".yaml", ".yml", ".json", ".sh", ".conf", ".cfg", ".ini", ".properties", ".xml", ".toml",
    ".hql", ".scala", ".java",
)
LARGEST_FILE = 2_000_000                      # bytes of a text file that is read
MODES: Mapping[str, Mode] = {
    "bucket": "transfer",
    "database": "transfer",
    "transfer": "file_or_mail",
    "service": "saas",
    "replication": "transfer",
    "foreign_server": "transfer",
    "lineage": "transfer",
    "access": "access_from_abroad",
}
CERTAINTY: Mapping[ReasonAbroad, int] = {"region": 0, "listed": 1, "unknown": 2}
ACCOUNT_LABELS = ("username", "user_id", "employee_no", "email")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate. why: how it is known to be abroad; `unknown` where only a person can say."""

    id: str
    kind: str
    target: str
    why: ReasonAbroad
    evidence: tuple[Text, ...]
    tables: tuple[str, ...] = ()

    @property
    def mode(self) -> Mode:
        return MODES[self.kind]


def suggest(
    config: Config, report: Report | None, paths: Sequence[Path] = (), *, read: bool = True
) -> tuple[tuple[Suggestion, ...], tuple[Skipped, ...]]:
    """Return (candidates, what could not be examined); those abroad for certain come first.

    paths: SQL, DAG and configuration texts. read: connect to the sources. Raise ConfigError for a path that
    does not exist.
    """
    results = list(_examine(config, report, paths, read))
    suggestions = _merge_by_target(s for s in results if isinstance(s, Suggestion))
    ordered = sorted(suggestions, key=lambda s: (CERTAINTY[s.why], s.kind, s.target))
    return tuple(ordered), tuple(s for s in results if isinstance(s, Skipped))


def _examine(
    config: Config, report: Report | None, paths: Sequence[Path], read: bool
) -> Iterator[Suggestion | Skipped]:
    for path in paths:
        if not path.exists():
            raise ConfigError(Msg("no such file or folder"), where=str(path))
        check_regular(path, str(path), ConfigError)
        yield from suggestions_in_texts(path, config.abroad)
    for path in config.lineage:
        yield from _suggestions_in_lineage(path, config.abroad)
    for source in config.sources if read else ():
        try:
            yield from _suggestions_in_source(source, report, config.abroad)
        except (SourceError, ExtraError) as e:
            yield Skipped(source.id, e.message, e.hint)


def _suggestion(
    kind: str, target: str, why: ReasonAbroad, evidence: Text, tables: Iterable[str] = ()
) -> Suggestion:
    digest = hashlib.sha256(f"{kind}|{target.casefold()}".encode()).hexdigest()[:8]
    return Suggestion(f"sug-{digest}", kind, target, why, (evidence,), tuple(tables))


def _merge_by_target(suggestions: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """Yield one suggestion for each target, with all its evidence."""
    by_id: dict[str, Suggestion] = {}
    for s in suggestions:
        if (earlier := by_id.get(s.id)) is not None:
            evidence = tuple(dict.fromkeys((*earlier.evidence, *s.evidence)))
            s = replace(earlier, evidence=evidence, tables=tuple(dict.fromkeys((*earlier.tables, *s.tables))))
        by_id[s.id] = s
    yield from by_id.values()


# ---- text


def suggestions_in_texts(path: Path, listed: Sequence[str]) -> Iterator[Suggestion | Skipped]:
    """Yield the places abroad that a file, or the texts under a folder, name; and texts that are not read.

    listed: hosts, regions and networks that are abroad.
    """
    for file in _text_files(path):
        lines = _text_lines(file)
        if isinstance(lines, Skipped):
            yield lines
            continue
        for number, line in enumerate(lines, 1):
            for place in places_in(line):
                if why := reason_abroad(place.target, place.region, listed):
                    yield _suggestion(place.kind, place.name, why, f"{file}:{number}")


def _text_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.suffix.lower() in TEXT_SUFFIXES and p.is_file())


def _text_lines(file: Path) -> list[str] | Skipped:
    """Return the lines of a text; why they are not read where it is too large or cannot be read."""
    try:
        if (size := file.stat().st_size) > LARGEST_FILE:
            return Skipped(
                str(file),
                Msg("{n:,} bytes, more than {most:,}", n=size, most=LARGEST_FILE),
                Msg("name the part that matters"),
            )
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as e:
        return Skipped(
            str(file),
            Msg("cannot be read ({kind})", kind=type(e).__name__),
            Msg("candidates in it are missing"),
        )


# ---- lineage


def _suggestions_in_lineage(path: Path, listed: Sequence[str]) -> Iterator[Suggestion | Skipped]:
    """Yield outputs of OpenLineage events, and exposures of a dbt manifest, in systems abroad."""
    try:
        documents = load_documents(path)
    except SourceError as e:
        yield Skipped(str(path), e.what, e.hint)
        return
    except (OSError, ValueError):
        yield Skipped(
            str(path),
            Msg("neither a dbt manifest nor OpenLineage events"),
            Msg("lineage: [target/manifest.json, events.ndjson]"),
        )
        return
    for document in documents:
        if isinstance(document, dict):
            yield from _outputs_abroad(document, path.name, listed)
            yield from _exposures_abroad(document, path.name, listed)


def _outputs_abroad(event: Mapping[str, Any], file: str, listed: Sequence[str]) -> Iterator[Suggestion]:
    inputs = [str(i.get("name", "")) for i in event.get("inputs", ()) if isinstance(i, dict)]
    for output in event.get("outputs", ()):
        space = str(output.get("namespace", "")) if isinstance(output, dict) else ""
        if (abroad := target_abroad(space, listed)) is not None:
            target, why = abroad
            job = event.get("job", {}).get("name", "")
            yield _suggestion("lineage", target, why, f"{file}: {job} → {output.get('name', '')}", inputs)


def _exposures_abroad(manifest: Mapping[str, Any], file: str, listed: Sequence[str]) -> Iterator[Suggestion]:
    for name, exposure in manifest.get("exposures", {}).items():
        host = re.sub(r"^\w+://", "", str(exposure.get("url") or "")).split("/", 1)[0]
        if host and (why := reason_abroad(host, "", listed)):
            nodes = [str(n) for n in exposure.get("depends_on", {}).get("nodes", ())]
            yield _suggestion("lineage", host, why, f"{file}: {name}", nodes)


# ---- sources


def _suggestions_in_source(
    source: Source, report: Report | None, listed: Sequence[str]
) -> Iterator[Suggestion]:
    """Yield links out of a database, and addresses abroad in its access logs."""
    from scanner.gather.listing import connect

    connector: Any = connect(source)
    try:
        if hasattr(connector, "reaches"):
            for kind, name, target, tables in connector.reaches():
                if why := reason_abroad(target, "", listed) if target else "unknown":
                    ids = [f"{source.id}/{table}" for table in tables]
                    yield _suggestion(kind, target or name, why, f"{source.id}: {name}", ids)
        if report is not None and (nets := networks(listed)):
            yield from _suggestions_in_logs(source.id, connector, report, nets)
    finally:
        connector.close()


def _suggestions_in_logs(
    source: str, connector: Any, report: Report, nets: Sequence[Network]
) -> Iterator[Suggestion]:
    """Yield tables with addresses of the networks in a column of addresses, their rows counted."""
    infos = {i.ref.id(source): i for i in connector.tables() if not isinstance(i, Skipped)}
    for table in report.tables:
        address, account = _address_and_account(table)
        if table.id not in infos or address is None:
            continue
        columns = [address] if account is None else [address, account]
        batches = connector.read(infos[table.id].ref, columns, {})
        accesses = _count_accesses(batches, account is not None, nets)
        if accesses.abroad:
            evidence = accesses.message(f"{table.id}.{address}", account is not None)
            yield _suggestion("access", table.id, "listed", evidence, [table.id])


def _address_and_account(table: TableReport) -> tuple[str | None, str | None]:
    """Return (column of addresses, column of accounts) of a table, each None where there is none.

    Private addresses say nothing of a person and are addresses all the same.
    """
    labels = {c.name: str(p.finding.label) for c in table.columns if (p := stands_or_possible(c)) is not None}
    addresses = (
        c.name for c in table.columns if any(str(f.finding.label) == "ip_address" for f in c.findings)
    )
    address = next(addresses, None)
    account = next((name for name, label in labels.items() if label in ACCOUNT_LABELS), None)
    return address, account


@dataclass(frozen=True, slots=True)
class _Accesses:
    """Rows of an access log. abroad: from the networks; accounts: distinct ones of these."""

    rows: int
    abroad: int
    accounts: int

    def message(self, place: str, has_accounts: bool) -> Msg:
        if not has_accounts:
            return Msg("{place}: {n:,} of {of:,} rows", place=place, n=self.abroad, of=self.rows)
        return Msg(
            "{place}: {n:,} of {of:,} rows, {m:,} accounts",
            place=place, n=self.abroad, of=self.rows, m=self.accounts,
        )


def _count_accesses(batches: Iterable[Any], has_accounts: bool, nets: Sequence[Network]) -> _Accesses:
    """Count rows. batches: Arrow record batches of the addresses, then the accounts if there are any."""
    abroad_by_address: dict[str, bool] = {}
    rows = abroad = 0
    accounts: set[str] = set()
    for batch in batches:
        names = batch.column(1).to_pylist() if has_accounts else [None] * batch.num_rows
        for value, name in zip(batch.column(0).to_pylist(), names, strict=True):
            rows += 1
            if value is None:
                continue
            address = str(value)
            if address not in abroad_by_address:
                abroad_by_address[address] = is_in(address, nets)
            if abroad_by_address[address]:
                abroad += 1
                accounts.add(str(name))
    return _Accesses(rows, abroad, len(accounts))


def as_flow(suggestion: Suggestion, entity: str) -> Flow:
    """Return a row for the register of flows; purpose, recipient and owner are for a person to fill in."""
    systems = (*suggestion.tables, *map(str, suggestion.evidence[:3]))
    recipient = Recipient(suggestion.target, "")
    return Flow(suggestion.id, entity, recipient, "", suggestion.mode, systems=systems)
