"""Candidate flows: where data may already leave, each with its evidence. Candidates, never decisions; a person accepts, rejects or merges.

Looked at: foreign servers, links and replication in databases; buckets, hosts and services in SQL, DAG and configuration text; lineage into
systems abroad; addresses in access logs. Evidence is a place (file and line, object of a database) and a count, never a line of text.
"""

from __future__ import annotations

import fnmatch
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Skipped
from mappings.model import Flow, Recipient
from reports.model import Report
from scanner.config.model import Config
from scanner.gather.lineage import load_documents

TEXT = (".sql", ".py", ".yaml", ".yml", ".json", ".sh", ".conf", ".cfg", ".ini", ".properties", ".xml", ".toml", ".hql", ".scala", ".java")
LARGEST = 2_000_000                           # bytes of a text file that are read
# a bucket or host, and the region it names; a region outside the mainland makes it foreign by itself
PLACES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bucket", re.compile(r"(?P<target>[a-z0-9.-]+)?\.?s3[.-](?P<region>[a-z]{2}-[a-z]+-\d)\.amazonaws\.com", re.I)),
    ("bucket", re.compile(r"(?P<target>[a-z0-9.-]+)?\.?oss-(?P<region>[a-z]{2}-[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com", re.I)),
    ("bucket", re.compile(r"(?P<target>[a-z0-9.-]+)?\.?cos\.(?P<region>[a-z]{2}-[a-z]+)\.myqcloud\.com", re.I)),
    ("bucket", re.compile(r"(?P<target>(?:s3a?|gs|oss|cos|abfss?|wasbs?)://[A-Za-z0-9._@-]+)", re.I)),
    ("database", re.compile(r"(?:jdbc:)?(?:postgresql|mysql|mariadb|sqlserver|oracle|clickhouse|mongodb|redis|kafka)(?:\+\w+)?:"
                            r"(?:thin:@)?//(?:[^@/\s\"']*@)?(?P<target>[A-Za-z0-9.-]+)", re.I)),
    ("transfer", re.compile(r"(?:sftp|ftps?|scp)://(?:[^@/\s\"']*@)?(?P<target>[A-Za-z0-9.-]+)", re.I)),
    ("service", re.compile(r"https?://(?P<target>[A-Za-z0-9.-]+\.(?:salesforce|force|workday|myworkday|successfactors|hubspot|zendesk|snowflakecomputing"
                           r"|bigquery\.googleapis|sharepoint|servicenow|concur|sapsf)\.(?:com|net|eu))", re.I)),
)
MAINLAND = re.compile(r"^cn-(?!hongkong|hk)|^ap-(?:beijing|shanghai|guangzhou|chengdu|chongqing|nanjing)", re.I)
MODES = {"bucket": "transfer", "database": "transfer", "transfer": "file_or_mail", "service": "saas", "replication": "transfer",
         "foreign_server": "transfer", "lineage": "transfer", "access": "access_from_abroad"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate. why: how it is known to be abroad, or `unknown` where only a person can say."""

    id: str
    kind: str
    target: str
    why: str                                  # region, listed, unknown
    evidence: tuple[str, ...]
    tables: tuple[str, ...] = ()

    @property
    def mode(self) -> str:
        return MODES[self.kind]


def suggest(
    config: Config, report: Report | None, paths: Sequence[Path] = (), *, read: bool = True
) -> tuple[tuple[Suggestion, ...], tuple[Skipped, ...]]:
    """Candidates from the sources of a configuration, its lineage files, and texts under `paths`; those abroad for certain first."""
    found: list[Suggestion] = []
    skipped: list[Skipped] = []
    for path in paths:
        if not path.exists():
            raise ConfigError(Msg("no such file or folder"), where=str(path))
        found += texts(path, config.abroad, skipped)
    for path in config.lineage:
        found += list(_lineage(path, config.abroad, skipped))
    if read:
        for source in config.sources:
            try:
                found += list(_source(source, report, config.abroad))
            except SourceError as e:
                skipped.append(Skipped(source.id, e.message, e.hint))
    order = {"region": 0, "listed": 1, "unknown": 2}
    return tuple(sorted(_together(found), key=lambda s: (order[s.why], s.kind, s.target))), tuple(skipped)


def _made(kind: str, target: str, why: str, evidence: str, tables: Iterable[str] = ()) -> Suggestion:
    name = hashlib.sha256(f"{kind}|{target.casefold()}".encode()).hexdigest()[:8]
    return Suggestion(f"sug-{name}", kind, target, why, (evidence,), tuple(tables))


def _together(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """One suggestion for each target, with all its evidence."""
    by_id: dict[str, Suggestion] = {}
    for s in found:
        known = by_id.get(s.id)
        by_id[s.id] = s if known is None else replace(
            known, evidence=tuple(dict.fromkeys((*known.evidence, *s.evidence))), tables=tuple(dict.fromkeys((*known.tables, *s.tables))))
    yield from by_id.values()


def abroad(target: str, region: str, listed: Sequence[str]) -> str:
    """How a target is known to be abroad: by its region, by the user's list, or unknown; empty when it is known to be inside."""
    host = re.sub(r"^\w+://(?:[^@/]*@)?", "", target)
    if any(fnmatch.fnmatchcase(host.casefold(), p.casefold()) or fnmatch.fnmatchcase(region.casefold(), p.casefold()) for p in listed):
        return "listed"
    if region:
        return "" if MAINLAND.search(region) else "region"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "" if host in ("localhost", "") or host.endswith((".cn", ".local", ".internal", ".lan")) or "." not in host else "unknown"
    if any(address in n for n in networks(listed)):
        return "listed"
    return "" if address.is_private or address.is_loopback else "unknown"


def networks(listed: Sequence[str]) -> list[Any]:
    """The entries of a list that are networks, e.g. 203.0.113.0/24."""
    out = []
    for text in listed:
        try:
            out.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return out


def _files(path: Path) -> list[Path]:
    """A file as named, or the texts under a folder."""
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix.lower() in TEXT and p.is_file())


def texts(path: Path, listed: Sequence[str], skipped: list[Skipped]) -> Iterator[Suggestion]:
    """Places named in SQL, DAG and configuration text. skipped: takes what could not be read, or is too large to be such a text."""
    for file in _files(path):
        try:
            if (size := file.stat().st_size) > LARGEST:
                skipped.append(
                    Skipped(
                        str(file),
                        Msg("{n:,} bytes, more than {most:,}", n=size, most=LARGEST),
                        Msg("name the part that matters"),
                    )
                )
                continue
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as e:
            skipped.append(
                Skipped(
                    str(file),
                    Msg("cannot be read ({kind})", kind=type(e).__name__),
                    Msg("candidates in it are missing"),
                )
            )
            continue
        for number, line in enumerate(lines, 1):
            taken: list[tuple[int, int]] = []
            for kind, pattern in PLACES:
                for m in pattern.finditer(line):
                    if any(a < m.end() and m.start() < b for a, b in taken):
                        continue
                    taken.append(m.span())
                    region = m.groupdict().get("region") or ""
                    target = (m.group("target") or region).strip(".").rsplit("@", 1)[-1]
                    if why := abroad(target, region, listed):
                        yield _made(kind, f"{target} ({region})" if region and target != region else target, why, f"{file}:{number}")


def _lineage(path: Path, listed: Sequence[str], skipped: list[Skipped]) -> Iterator[Suggestion]:
    """Outputs of OpenLineage events, and exposures of a dbt manifest, in systems abroad."""
    try:
        documents = load_documents(path)
    except (OSError, ValueError):
        skipped.append(
            Skipped(
                str(path),
                Msg("neither a dbt manifest nor OpenLineage events"),
                Msg("lineage: [target/manifest.json, events.ndjson]"),
            )
        )
        return
    for document in documents:
        if not isinstance(document, dict):
            continue
        inputs = [str(i.get("name", "")) for i in document.get("inputs", ()) if isinstance(i, dict)]
        for output in document.get("outputs", ()):
            space = str(output.get("namespace", "")) if isinstance(output, dict) else ""
            for _, pattern in PLACES:
                if (m := pattern.search(space)) and (why := abroad(m.group("target") or "", m.groupdict().get("region") or "", listed)):
                    target = (m.group("target") or space).rsplit("@", 1)[-1]
                    yield _made(
                        "lineage", target, why, f"{path.name}: {document.get('job', {}).get('name', '')} → {output.get('name', '')}", inputs
                    )
                    break
        for name, exposure in document.get("exposures", {}).items():
            url = str(exposure.get("url") or "")
            host = re.sub(r"^\w+://", "", url).split("/", 1)[0]
            if host and (why := abroad(host, "", listed)):
                yield _made("lineage", host, why, f"{path.name}: {name}", [str(n) for n in exposure.get("depends_on", {}).get("nodes", ())])


def _source(source: Any, report: Report | None, listed: Sequence[str]) -> Iterator[Suggestion]:
    """Links out of a database, and addresses abroad in its access logs."""
    from scanner.gather.listing import connect

    connector: Any = connect(source)
    try:
        if hasattr(connector, "reaches"):
            for kind, name, target, tables in connector.reaches():
                why = abroad(target, "", listed) if target else "unknown"
                if why:
                    yield _made(kind, target or name, why, f"{source.id}: {name}", [f"{source.id}/{t}" for t in tables])
        if report is not None and (nets := networks(listed)):
            yield from _logs(source.id, connector, report, nets)
    finally:
        connector.close()


def _logs(source: str, connector: Any, report: Report, nets: Sequence[Any]) -> Iterator[Suggestion]:
    """Tables with an address column in which addresses of the listed networks stand: rows and distinct accounts, counted."""
    infos = {i.ref.id(source): i for i in connector.tables() if not isinstance(i, Skipped)}
    for table in report.tables:
        if table.id not in infos:
            continue
        labels = {c.name: str(a.finding.label) for c in table.columns for a in c.findings if a.finding.primary}
        address = next((n for n, label in labels.items() if label == "ip_address"), None)
        if address is None:
            continue
        account = next((n for n, label in labels.items() if label in ("username", "user_id", "employee_no", "email")), None)
        known: dict[str, bool] = {}
        rows = hits = 0
        who: set[str] = set()
        for batch in connector.read(infos[table.id].ref, [c for c in (address, account) if c], {}):
            names = batch.column(1).to_pylist() if account else [None] * batch.num_rows
            for text, name in zip(batch.column(0).to_pylist(), names, strict=True):
                rows += 1
                if text is not None and known.setdefault(str(text), _inside(str(text), nets)):
                    hits += 1
                    who.add(str(name))
        if hits:
            people = f", {len(who):,} accounts" if account else ""
            yield _made("access", table.id, "listed", f"{table.id}.{address}: {hits:,} of {rows:,} rows{people}", [table.id])


def _inside(text: str, nets: Sequence[Any]) -> bool:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return any(address in n for n in nets)


def as_flow(s: Suggestion, entity: str) -> Flow:
    """A row for the intake sheet: what is known of a candidate; purpose, recipient and owner are for a person to fill."""
    return Flow(s.id, entity, Recipient(s.target, ""), "", s.mode, systems=(*s.tables, *s.evidence[:3]))  # type: ignore[arg-type]
