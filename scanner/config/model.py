"""chujing.yaml: what may stand in it, read strictly into one frozen value.

What lies below takes the few values it needs.

Passwords come from the environment or a secret file and never print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError
from detectors.message import Msg
from mappings.deadlines import Filing
from mappings.grading import Grading, load_grading
from mappings.model import Flow
from reports.reviews.owners import Owners, owners_in
from scanner.config import catalogs, facts, filings, flows, schedule, secret, sources
from scanner.config.catalogs import Catalog, read_catalogs
from scanner.config.facts import Provenance, check_fit, read_facts
from scanner.config.filings import read_filings
from scanner.config.flows import TESTS, read_flows
from scanner.config.schedule import ScheduleEntry, read_schedule
from scanner.config.secret import read_secret
from scanner.config.sources import Source, read_source, secret_variables
from scanner.config.yaml_lines import Day, Document, ListOf, MapOf, Record, Text, Whole, load, parse

FILE = "chujing.yaml"
NATIONAL = "gbt-43697-2024"                   # the national taxonomy, which is always there

EXPORTER = Record(
    {
        "id": Text(help="the group"),
        "entities": ListOf(Text(), help="legal entities"),
        "facts": MapOf(facts.SHAPE),
    },
    required=("id",),
    help="who exports",
)
IGNORE = ListOf(
    Record(
        {"column": Text(), "why": Text(), "by": Text(), "until": Day()},
        required=("column", "why", "by", "until"),
    ),
    help="findings silenced, with reason and end date",
)
LINKS = ListOf(
    Record({"from": Text(), "to": Text()}, required=("from", "to")), help="keys the database does not declare"
)
NOTIFY = Record(
    {"webhook": secret.SHAPE, "metrics": Text(help="Prometheus textfile to write after every scan")},
    help="who hears of a scan",
)
SHAPE = Record(
    {
        "version": Whole(least=1, help="version of this grammar: 1"),
        "profile": Text(("gbt-45574-2025", "gbt-35273-2020"), help="which standard says what is sensitive"),
        "exporter": EXPORTER,
        "sources": sources.SHAPE,
        "detectors": Text(help="YAML file with your own detectors"),
        "key_file": Text(
            help="file of the hash key, beside this one or elsewhere; "
                 "CHUJING_KEY and CHUJING_KEY_FILE come before it"
        ),
        "taxonomies": ListOf(
            Text(), help="further taxonomies beside the national one: jrt-0197-2020, company.yaml"
        ),
        "owners": Text(help="CSV with the columns pattern and owner: who reviews which tables"),
        "ignore": IGNORE,
        "links": LINKS,
        "lineage": ListOf(
            Text(),
            help="dbt manifest.json or OpenLineage events: columns inherit labels from what they are made of",
        ),
        "test_rows": MapOf(
            MapOf(TESTS), help="rows of test accounts by table and column: never counted, their number shown"
        ),
        "subjects": MapOf(
            Text(help="subject of the key: spouse, emergency_contact ..."), help="whose key a column is"
        ),
        "flows": flows.SHAPE,
        "abroad": ListOf(
            Text(),
            help="hosts, regions and networks that are abroad, e.g. *.hq.example.com, eu-*, 203.0.113.0/24",
        ),
        "schedule": schedule.SHAPE,
        "notify": NOTIFY,
        "filings": filings.SHAPE,
        "catalogs": catalogs.SHAPE,
    },
    required=("version",),
    help="chujing configuration",
)


@dataclass(frozen=True, slots=True)
class Ignore:
    """A finding that is silenced until a day, with who said so and why."""

    column: str
    why: str
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class Config:
    """A chujing.yaml, checked. facts: of the exporter, name -> value.

    document: where each key stands, for faults found later.
    """

    sources: tuple[Source, ...]
    flows: tuple[Flow, ...] = ()
    exporter: str = ""
    entities: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    fact_provenance: Provenance = field(default_factory=dict)
    ignore: tuple[Ignore, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    subjects: Mapping[str, str] = field(default_factory=dict)
    test_rows: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    profile: str = "gbt-45574-2025"
    detectors: Path | None = None
    lineage: tuple[Path, ...] = ()
    file: str = ""
    filings: tuple[Filing, ...] = ()
    abroad: tuple[str, ...] = ()              # hosts, regions and networks that are abroad
    schedule: tuple[ScheduleEntry, ...] = ()
    webhook: str = field(default="", repr=False)
    metrics: Path | None = None
    secrets: tuple[str, ...] = ()             # environment variables that hold secrets
    gradings: tuple[Grading, ...] = ()        # further taxonomies
    owners: Owners = ()
    key_file: Path | None = None              # of the hash key; never the key itself
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    document: Document | None = field(default=None, repr=False, compare=False)


def read(path: Path) -> Config:
    """Return a chujing.yaml, checked; raise ConfigError with file:line on the first fault."""
    doc = load(path, SHAPE)
    raw, base = doc.value, path.parent
    if raw["version"] != 1:
        raise ConfigError(
            Msg("version {n} is not known", n=raw["version"]),
            where=doc.where("version"),
            hint=Msg("this chujing reads version 1"),
        )
    exporter = raw.get("exporter", {"id": ""})
    entities = tuple(exporter.get("entities", ()))
    stated, provenance = read_facts(exporter.get("facts", {}), doc, ("exporter", "facts"))
    sources = tuple(read_source(name, s, doc) for name, s in raw.get("sources", {}).items())
    source_ids = [s.id for s in sources]
    flows = read_flows(doc)
    check_fit(stated, flows, doc)
    notify = raw.get("notify", {})
    variables = [*secret_variables(raw.get("sources", {})), notify.get("webhook", {}).get("env")]
    return Config(
        sources=sources,
        flows=flows,
        exporter=exporter["id"],
        entities=entities,
        facts=stated,
        fact_provenance=provenance,
        ignore=tuple(Ignore(**i) for i in raw.get("ignore", ())),
        links=tuple((link["from"], link["to"]) for link in raw.get("links", ())),
        subjects=raw.get("subjects", {}),
        test_rows=raw.get("test_rows", {}),
        profile=raw.get("profile", "gbt-45574-2025"),
        detectors=_path(raw.get("detectors"), base),
        lineage=tuple(base / p for p in raw.get("lineage", ())),
        file=str(path),
        filings=read_filings(doc, entities),
        abroad=tuple(raw.get("abroad", ())),
        key_file=_path(raw.get("key_file"), base),
        gradings=_gradings(raw.get("taxonomies", ()), doc, base),
        owners=_owners(raw.get("owners"), doc, base),
        schedule=read_schedule(doc, source_ids),
        webhook=read_secret(notify.get("webhook"), doc, "notify", "webhook") or "",
        metrics=_path(notify.get("metrics"), base),
        catalogs=read_catalogs(raw.get("catalogs", {}), doc, source_ids),
        secrets=tuple(dict.fromkeys(v for v in variables if v)),
        document=doc,
    )


def flows_in(path: Path) -> tuple[Flow, ...]:
    """Return the flows of a chujing.yaml, checked; sources and their passwords are not looked at."""
    return read_flows(load(path, SHAPE))


def parse_flows(text: str, file: str) -> tuple[Flow, ...]:
    """Like `flows_in`, from the text of a chujing.yaml."""
    return read_flows(parse(text, SHAPE, file))


def _path(name: str | None, base: Path) -> Path | None:
    return base / name if name is not None else None


def _gradings(names: Sequence[str], doc: Document, base: Path) -> tuple[Grading, ...]:
    """Further taxonomies by name, or by a path beside chujing.yaml."""
    gradings: dict[str, Grading] = {}
    for i, name in enumerate(names):
        if name == NATIONAL:
            continue
        grading = load_grading(str(base / name) if name.endswith((".yaml", ".yml")) else name)
        if grading.id in gradings:
            raise ConfigError(
                Msg('taxonomy "{name}" stands twice', name=grading.id),
                where=doc.where("taxonomies", str(i)),
                hint=Msg("remove one of them"),
            )
        gradings[grading.id] = grading
    return tuple(gradings.values())


def _owners(name: str | None, doc: Document, base: Path) -> Owners:
    if name is None:
        return ()
    try:
        return owners_in((base / name).read_text(encoding="utf-8-sig"), name)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            Msg('"{name}" cannot be read', name=name),
            where=doc.where("owners"),
            hint=Msg("a UTF-8 CSV with pattern,owner"),
        ) from None
