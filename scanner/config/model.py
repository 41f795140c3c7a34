"""chujing.yaml: read strictly into one frozen value.

What lies below takes the few values it needs. What may stand in the file is declared in
`scanner/config/grammar/`, which is imported when one is read. Passwords come from the environment or a secret
file when a source is opened, and never print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, Gathering
from detectors.input_files import input_text
from detectors.message import Msg
from detectors.yaml_document import Document, parse_document, read_text
from mappings.deadlines import Filing
from mappings.grading import Grading, load_grading
from mappings.model import Flow
from reports.reviews.owners import Owners, owners_in
from scanner.config.answer_words import with_values
from scanner.config.catalogs import Catalog, read_catalogs
from scanner.config.facts import Provenance, read_facts
from scanner.config.filings import read_filings
from scanner.config.flows import read_flows
from scanner.config.run_options import RunSettings
from scanner.config.schedule import ScheduleEntry, read_schedule
from scanner.config.secret import Secret, require_secrets, secret_place
from scanner.config.sources import Source, read_source, secret_variables

if TYPE_CHECKING:
    from detectors.grammar import DocumentCheck, Parsed
    from scanner.config.grammar.root import ConfigKeys

FILE = "chujing.yaml"
NATIONAL = "gbt-43697-2024"                   # the national taxonomy, which is always there
VERSION = 1                                   # of the grammar


@dataclass(frozen=True, slots=True)
class Ignore:
    """A finding that is silenced until a day, or files that are not read, with who said so and why.

    column: of the finding. file: pattern of the ids of what is not read. One of both is empty.
    """

    column: str
    why: str
    by: str
    until: date
    file: str = ""


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
    webhook: Secret = field(default="", repr=False)
    metrics: Path | None = None
    secrets: tuple[str, ...] = ()             # environment variables that hold secrets
    gradings: tuple[Grading, ...] = ()        # further taxonomies
    owners: Owners = ()
    key_file: Path | None = None              # of the hash key; never the key itself
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    document: Document | None = field(default=None, repr=False, compare=False)
    run: RunSettings = RunSettings()

    def require_secrets(self) -> None:
        """Raise ConfigError with every secret that is not where the configuration says."""
        require_secrets((*(s for source in self.sources for s in source.all_secrets()), self.webhook))


def read(path: Path, day: date | None = None) -> Config:
    """Return a chujing.yaml, checked; raise ConfigError with everything that is wrong, each with file:line.

    The taxonomies and the owners it names are read with it. day: of the decision, today by default.
    """
    from scanner.config.consistency import checks_on

    doc = _document(_text(path), str(path))
    problems = Gathering()
    gradings: tuple[Grading, ...] = ()
    owners: Owners = ()
    with problems:
        parsed = _parsed(doc, checks_on(day))
    with problems:
        gradings = _gradings(doc, path.parent)
    with problems:
        owners = _owners(doc, path.parent)
    problems.raise_all()
    return _config(parsed.keys, doc, path, gradings, owners)


def _config(
    keys: ConfigKeys, doc: Document, path: Path, gradings: tuple[Grading, ...], owners: Owners
) -> Config:
    from scanner.config.grammar.parts import condition_values

    base = path.parent
    exporter = keys.exporter
    stated, provenance = read_facts(exporter.facts) if exporter is not None else ({}, {})
    sources = tuple(read_source(name, source, doc) for name, source in keys.sources.items())
    webhook = secret_place(keys.notify.webhook, doc, "notify", "webhook") or ""
    secrets = [s for source in sources for s in source.all_secrets()]
    return Config(
        sources=sources,
        flows=read_flows(keys.flows, doc),
        exporter=exporter.id if exporter is not None else "",
        entities=exporter.entities if exporter is not None else (),
        facts=stated,
        fact_provenance=provenance,
        ignore=tuple(Ignore(i.column, i.why, i.by, i.until, i.file) for i in keys.ignore),
        links=tuple((link.from_, link.to) for link in keys.links),
        subjects=keys.subjects,
        test_rows=condition_values(keys.test_rows, doc.value.get("test_rows", {})),
        profile=keys.profile,
        detectors=_path(keys.detectors, base),
        lineage=tuple(base / p for p in keys.lineage),
        file=str(path),
        filings=read_filings(keys.filings),
        abroad=keys.abroad,
        key_file=_path(keys.key_file, base),
        gradings=gradings,
        owners=owners,
        schedule=read_schedule(keys.schedule),
        webhook=webhook,
        metrics=_path(keys.run.metrics or keys.notify.metrics, base),
        catalogs=read_catalogs(keys.catalogs, doc),
        secrets=tuple(dict.fromkeys(secret_variables((*secrets, webhook)))),
        document=doc,
        run=RunSettings(keys.run.jobs, keys.run.gentle, keys.run.engine, keys.run.master, keys.run.log),
    )


def flows_in(path: Path) -> tuple[Flow, ...]:
    """Return the flows of a chujing.yaml, checked; sources and their passwords are not looked at."""
    return parse_flows(_text(path), str(path))


def source_names(path: Path) -> tuple[str, ...]:
    """Return the names of the sources of a chujing.yaml, whatever else stands in it."""
    return tuple(at[-1] for at, _ in _document(_text(path), str(path)).at("sources", "*"))


def parse_flows(text: str, file: str) -> tuple[Flow, ...]:
    """Like `flows_in`, from the text of a chujing.yaml."""
    from scanner.config.consistency import OF_FLOWS

    parsed = _parsed(_document(text, file), OF_FLOWS)
    return read_flows(parsed.keys.flows, parsed.document)


def check_text(text: str, file: str) -> None:
    """Raise ConfigError for everything that is wrong in the text of a chujing.yaml."""
    from scanner.config.consistency import checks_on

    _parsed(_document(text, file), checks_on(None))


def config_schema() -> Mapping[str, Any]:
    """Return the JSON Schema (2020-12) of chujing.yaml."""
    from detectors.grammar import DIALECT, json_schema
    from scanner.config.grammar.root import ConfigKeys

    return {"$schema": DIALECT, **json_schema(ConfigKeys)}


def _text(path: Path) -> str:
    return read_text(path, ConfigError, Msg("chujing init writes one"))


def _document(text: str, file: str) -> Document:
    """The document; raise ConfigError where it is none, or of a later version.

    What else may be wrong with a later version is not known.
    """
    doc = with_values(parse_document(text, file, ConfigError))
    version = doc.value.get("version") if isinstance(doc.value, dict) else None
    if isinstance(version, str) and version.isdecimal() and int(version) > VERSION:
        raise ConfigError(
            Msg("version {n} is not known", n=int(version)),
            where=doc.where("version"),
            hint=Msg("this chujing reads version 1"),
        )
    return doc


def _parsed(doc: Document, checks: Sequence[DocumentCheck]) -> Parsed[ConfigKeys]:
    from detectors.grammar import parsed
    from scanner.config.grammar.root import ConfigKeys

    return parsed(doc, ConfigKeys, ConfigError, checks)


def _path(name: str | None, base: Path) -> Path | None:
    return base / name if name is not None else None


def _gradings(doc: Document, base: Path) -> tuple[Grading, ...]:
    """Further taxonomies by name, or by a path beside chujing.yaml."""
    gradings: dict[str, Grading] = {}
    problems = Gathering()
    for path, name in doc.at("taxonomies", "*"):
        if not isinstance(name, str) or name == NATIONAL:
            continue
        with problems:
            grading = load_grading(str(base / name) if name.endswith((".yaml", ".yml")) else name)
            if grading.id in gradings:
                raise ConfigError(
                    Msg('taxonomy "{name}" stands twice', name=grading.id),
                    where=doc.where(*path),
                    hint=Msg("remove one of them"),
                )
            gradings[grading.id] = grading
    problems.raise_all()
    return tuple(gradings.values())


def _owners(doc: Document, base: Path) -> Owners:
    name = doc.value.get("owners") if isinstance(doc.value, dict) else None
    if not isinstance(name, str):
        return ()
    try:
        return owners_in(input_text(base / name, ConfigError), name)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            Msg('"{name}" cannot be read', name=name),
            where=doc.where("owners"),
            hint=Msg("a UTF-8 CSV with pattern,owner"),
        ) from None
