"""chujing.yaml: read strictly, merged once, never passed on whole.

Passwords come from the environment or a secret file and never print.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from mappings.baseline import FiledScenario
from mappings.deadlines import Filing, FilingKind
from mappings.grading import Grading, load_grading
from mappings.model import Claim, Declared, Flow, Mode, Recipient
from mappings.rules import load_ruleset
from reports.reviews.queue import Owners, owners_in
from reports.reviews.verdicts import Reviews
from scanner.config import catalogs
from scanner.config.catalogs import Catalog
from scanner.config.pace import Pace, parse_window
from scanner.config.yaml_lines import AnyScalar, Day, Document, Either, ListOf, MapOf, Record, Text, Whole, load, parse
from scanner.records import answers, reviews
from scanner.records import filings as filed
from scanner.records.answers import Answers, FieldReply
from scanner.schedule.runner import ScheduleEntry, check_entry

FILE = "chujing.yaml"

FACT = Either(
    Text(help="yes, no, unknown or a named value"),
    Record({"value": Text(), "by": Text(), "on": Day(), "how": Text(help="how one knows")}, required=("value",)),
    help="an answer, or the answer with who gave it, when, and how one knows",
)
SECRET = Record({"env": Text(help="environment variable"), "file": Text(help="file holding the password alone")})
TESTS = Record(
    {
        "eq": AnyScalar(),
        "ne": AnyScalar(),
        "in": ListOf(AnyScalar()),
        "lt": AnyScalar(),
        "le": AnyScalar(),
        "gt": AnyScalar(),
        "ge": AnyScalar(),
        "is_null": AnyScalar(),
    }
)
SHAPE = Record(
    {
        "version": Whole(least=1, help="version of this grammar: 1"),
        "profile": Text(("gbt-45574-2025", "gbt-35273-2020"), help="which standard says what is sensitive"),
        "exporter": Record(
            {"id": Text(help="the group"), "entities": ListOf(Text(), help="legal entities"), "facts": MapOf(FACT)},
            required=("id",),
            help="who exports",
        ),
        "sources": MapOf(
            Record(
                {
                    "url": Text(help="SQLAlchemy URL, file, folder or glob"),
                    "password": SECRET,
                    "dictionary": Text(help="data dictionary: CSV, XLSX or JSON"),
                    "include": ListOf(Text(), help="schema/table patterns"),
                    "exclude": ListOf(Text()),
                    "entity": Text(help="legal entity that holds this data; default: the only one, else the group"),
                    "timeout": Whole(least=1, help="seconds one statement may take"),
                    "options": MapOf(Text(), help="for the driver, the file system or the session, e.g. endpoint_url, queue"),
                    "secrets": MapOf(SECRET, help="options that nobody may see, e.g. key, secret, token"),
                    "metastore": Text(help="Hive metastore: thrift://host:9083, or the URL of its database"),
                    "metastore_password": SECRET,
                    "connections": Whole(least=1, help="connections held at the same time, at most"),
                    "pause": Whole(help="milliseconds to wait after each table"),
                    "blackout": ListOf(Text(), help="times without reading, e.g. 09:00-18:30 Asia/Shanghai"),
                },
                required=("url",),
            ),
            help="where the data is",
        ),
        "detectors": Text(help="YAML file with your own detectors"),
        "key_file": Text(help="file of the hash key, beside this one or elsewhere; CHUJING_KEY and CHUJING_KEY_FILE come before it"),
        "taxonomies": ListOf(Text(), help="further taxonomies beside the national one: jrt-0197-2020, company.yaml"),
        "owners": Text(help="CSV with the columns pattern and owner: who reviews which tables"),
        "ignore": ListOf(
            Record({"column": Text(), "why": Text(), "by": Text(), "until": Day()}, required=("column", "why", "by", "until")),
            help="findings silenced, with reason and end date",
        ),
        "links": ListOf(Record({"from": Text(), "to": Text()}, required=("from", "to")), help="keys the database does not declare"),
        "lineage": ListOf(Text(), help="dbt manifest.json or OpenLineage events: columns inherit labels from what they are made of"),
        "test_rows": MapOf(MapOf(TESTS), help="rows of test accounts by table and column: never counted, their number shown"),
        "subjects": MapOf(Text(help="subject of the key: spouse, emergency_contact ..."), help="whose key a column is"),
        "flows": ListOf(
            Record(
                {
                    "id": Text(),
                    "entity": Text(),
                    "status": Text(("planned", "active", "stopped")),
                    "since": Day(),
                    "every": Text(),
                    "recipient": Record({"name": Text(), "country": Text()}, required=("name",)),
                    "purpose": Text(),
                    "mode": Text(get_args(Mode)),
                    "retention_days": Whole(),
                    "claim": Text(get_args(Claim)),
                    "facts": MapOf(FACT),
                    "fields": ListOf(Text()),
                    "view": Text(),
                    "sql": Text(),
                    "source": Text(),
                    "systems": ListOf(Text(), help="systems it comes from, for people to read"),
                    "where": MapOf(MapOf(TESTS)),
                    "subject_group": Text(),
                    "owner": Text(),
                    "onward": ListOf(Text()),
                    "access_log": Text(help="column of an access log that names whose data was queried from abroad"),
                    "dated": ListOf(
                        Text(), help="columns that say when a row was made: rows older than retention_days are counted by them"
                    ),
                    "delta": Text(help="date column of the exported rows: the ledger records a month by it"),
                    "declared": Record(
                        {
                            "individuals": Whole(),
                            "sensitive_individuals": Whole(),
                            "minors": Whole(),
                            "by": Text(),
                            "on": Day(),
                            "evidence": Text(),
                        },
                        required=("individuals", "sensitive_individuals", "by", "on", "evidence"),
                    ),
                },
                required=("id", "entity", "recipient", "purpose"),
            ),
            help="出境场景: what leaves the country",
        ),
        "abroad": ListOf(Text(), help="hosts, regions and networks that are abroad, e.g. *.hq.example.com, eu-*, 203.0.113.0/24"),
        "schedule": MapOf(
            Record(
                {
                    "cron": Text(help="minute hour day month weekday, or @daily"),
                    "timezone": Text(help="default Asia/Shanghai"),
                    "jitter": Whole(help="seconds a run may start later, drawn anew each time"),
                    "sources": ListOf(Text(), help="sources to read; of the others the last findings stand. Default: all"),
                    "options": ListOf(Text(), help="further options of chujing scan, e.g. --allow, contract"),
                },
                required=("cron",),
            ),
            help="when to scan: chujing schedule",
        ),
        "notify": Record(
            {"webhook": SECRET, "metrics": Text(help="Prometheus textfile to write after every scan")},
            help="who hears of a scan",
        ),
        "filings": ListOf(
            Record(
                {
                    "id": Text(),
                    "kind": Text(get_args(FilingKind)),
                    "entity": Text(),
                    "on": Day(help="result issued, contract in force, report finished"),
                    "expires": Day(help="as printed; default from the rules"),
                    "filed": Day(),
                    "flows": ListOf(Text()),
                    "conditions": MapOf(Text(("yes", "no", "unknown")), help="of the extension, see chujing deadlines"),
                    "persons_growth": Whole(help="expected over the next three years, per cent of what was allowed"),
                    "important_growth": Whole(help="the same for the scale of important data"),
                },
                required=("id", "kind", "entity", "on"),
            ),
            help="what was filed, issued or finished: chujing deadlines",
        ),
        "catalogs": catalogs.SHAPE,
    },
    required=("version",),
    help="chujing configuration",
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where data is. `password` is read at use and never shown."""

    id: str
    url: str
    password: str | None = field(default=None, repr=False)
    dictionary: Path | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    timeout: int = 60
    entity: str = ""                          # who holds this data; empty: the only entity, else the group
    options: Mapping[str, str] = field(default_factory=dict, repr=False)      # with the secrets among them
    metastore: str = ""
    metastore_password: str | None = field(default=None, repr=False)
    pace: Pace = Pace()

    def selects(self, schema: str, table: str) -> bool:
        """Do include and exclude patterns let this table through? Patterns are `schema/table` or `table`."""
        names = [f"{schema}/{table}", table] if schema else [table, f"*/{table}"]

        def hit(patterns: tuple[str, ...]) -> bool:
            return any(fnmatch.fnmatchcase(n, p) for n in names for p in patterns)

        return (not self.include or hit(self.include)) and not hit(self.exclude)


@dataclass(frozen=True, slots=True)
class Ignore:
    column: str
    why: str
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run was told. Facts: name -> value; who, when and how stand in `known`."""

    sources: tuple[Source, ...]
    flows: tuple[Flow, ...] = ()
    exporter: str = ""
    entities: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    fact_provenance: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ignore: tuple[Ignore, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    subjects: Mapping[str, str] = field(default_factory=dict)
    test_rows: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    profile: str = "gbt-45574-2025"
    detectors: Path | None = None
    lineage: tuple[Path, ...] = ()
    file: str = ""
    own_facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)     # entity -> facts that are its own
    field_answers: tuple[FieldReply, ...] = ()
    filings: tuple[Filing, ...] = ()
    abroad: tuple[str, ...] = ()              # hosts, regions and networks that are abroad
    past_filings: tuple[FiledScenario, ...] = ()             # what was filed before, to compare with
    schedule: tuple[ScheduleEntry, ...] = ()
    webhook: str = field(default="", repr=False)
    metrics: Path | None = None
    secrets: tuple[str, ...] = ()             # environment variables that hold secrets
    gradings: tuple[Grading, ...] = ()        # further taxonomies
    owners: Owners = ()
    key_file: Path | None = None              # of the hash key; never the key itself
    reviews: Reviews = field(default_factory=Reviews, repr=False)     # what people decided about findings
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)


def source_name(url: str) -> str:
    """A short id for a URL given on the command line: database or file name."""
    parts = [p for p in url.split("?", 1)[0].replace("\\", "/").split("/") if p and not p.endswith(":")]
    for part in reversed(parts[-2:]):         # a glob such as exports/*.csv is named by its folder
        if stem := part.split(".", 1)[0].replace("*", ""):
            return stem
    return "source"


def read(path: Path) -> Config:
    """Read and check chujing.yaml; ConfigError with file:line on the first fault."""
    doc = load(path, SHAPE)
    raw = doc.value
    if raw["version"] != 1:
        raise ConfigError(
            Msg("version {n} is not known", n=raw["version"]),
            where=doc.where("version"),
            hint=Msg("this chujing reads version 1"),
        )
    notify = raw.get("notify", {})
    exporter = raw.get("exporter", {"id": "", "entities": [], "facts": {}})
    facts, known = _facts(exporter.get("facts", {}), doc, "exporter", "facts")
    sources = tuple(_source(name, s, doc, path.parent) for name, s in raw.get("sources", {}).items())
    flows = tuple(_flow(i, f, doc, exporter.get("entities", [])) for i, f in enumerate(raw.get("flows", [])))
    _unique([f.id for f in flows], doc)
    given = answers.read(path.parent)
    facts, known, own, flows = _answered(given, facts, known, flows, exporter.get("entities", []), doc)
    return Config(
        own_facts=own, past_filings=filed.read(path.parent), reviews=reviews.read(path.parent), abroad=tuple(raw.get("abroad", ())),
        field_answers=given.replies(), filings=_filings(raw.get("filings", []), doc, exporter.get("entities", [])),
        sources=sources, flows=flows, exporter=exporter.get("id", ""), entities=tuple(exporter.get("entities", [])),
        facts=facts, fact_provenance=known,
        ignore=tuple(Ignore(**i) for i in raw.get("ignore", [])),
        links=tuple((link["from"], link["to"]) for link in raw.get("links", [])),
        subjects=raw.get("subjects", {}), test_rows=raw.get("test_rows", {}), profile=raw.get("profile", "gbt-45574-2025"),
        detectors=path.parent / raw["detectors"] if "detectors" in raw else None, file=str(path),
        key_file=path.parent / raw["key_file"] if "key_file" in raw else None,
        lineage=tuple(path.parent / p for p in raw.get("lineage", [])),
        gradings=_gradings(raw.get("taxonomies", []), doc, path.parent), owners=_owners(raw.get("owners"), doc, path.parent),
        schedule=_schedule(raw.get("schedule", {}), doc, [s.id for s in sources]),
        webhook=_secret(notify.get("webhook"), doc, path.parent, "notify", "webhook") or "",
        metrics=path.parent / notify["metrics"] if "metrics" in notify else None,
        catalogs=catalogs.read_catalogs(raw.get("catalogs", {}), doc, path.parent, tuple(s.id for s in sources)),
        secrets=tuple(dict.fromkeys(p["env"] for p in (*_secrets_of(raw.get("sources", {})), notify.get("webhook")) if p and "env" in p)),
    )


def _gradings(names: Sequence[str], doc: Document, base: Path) -> tuple[Grading, ...]:
    """Further taxonomies by name or by a path beside chujing.yaml; the national one, if named, is there anyway."""
    out: dict[str, Grading] = {}
    for i, name in enumerate(names):
        if name == "gbt-43697-2024":
            continue
        found = load_grading(str(base / name) if name.endswith((".yaml", ".yml")) else name)
        if found.id in out:
            raise ConfigError(
                Msg('taxonomy "{name}" stands twice', name=found.id),
                where=doc.where("taxonomies", str(i)),
                hint=Msg("remove one of them"),
            )
        out[found.id] = found
    return tuple(out.values())


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


def _secrets_of(sources: Mapping[str, Any]) -> Iterator[Mapping[str, str] | None]:
    for s in sources.values():
        yield from (s.get("password"), s.get("metastore_password"), *s.get("secrets", {}).values())


def _schedule(raw: Mapping[str, Any], doc: Document, sources: Sequence[str]) -> tuple[ScheduleEntry, ...]:
    out = []
    for name, e in raw.items():
        entry = ScheduleEntry(name, **e | {"sources": tuple(e.get("sources", ())), "options": tuple(e.get("options", ()))})
        check_entry(entry, doc.where("schedule", name), sources)
        out.append(entry)
    return tuple(out)


def _answered(
    given: Answers, facts: dict[str, str], known: dict[str, dict[str, str]], flows: tuple[Flow, ...], entities: list[str], doc: Document,
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, dict[str, str]], tuple[Flow, ...]]:
    """Facts with the recorded answers laid over them; ConfigError where an answer contradicts the configuration."""
    own: dict[str, dict[str, str]] = {}
    by_flow = {f.id: dict(f.facts) for f in flows}
    where = answers.FILE
    for a in given.latest().values():
        if a.flow and a.flow not in by_flow or a.entity and a.entity not in entities:
            continue                          # its flow or entity is gone from the configuration: history
        if a.flow:
            target, place = by_flow[a.flow], ("flows", "facts", a.fact)
        elif a.entity:
            target, place = own.setdefault(a.entity, {}), ("exporter", "facts", a.fact)
        else:
            target, place = facts, ("exporter", "facts", a.fact)
        said = target.get(a.fact, "unknown")
        if said not in ("unknown", a.value):
            raise ConfigError(
                f'"{a.fact}" is "{said}" here and "{a.value}" in {where} ({a.by}, {a.on})',
                where=doc.where(*place),
                hint=Msg("remove one of the two"),
            )
        target[a.fact] = a.value
        if not a.flow and not a.entity:
            known[a.fact] = {"value": a.value, "by": a.by, "on": str(a.on), "how": a.how}
    _contradictions(facts, flows, doc)
    return facts, known, own, tuple(replace(f, facts=by_flow[f.id]) for f in flows)


def _contradictions(facts: Mapping[str, str], flows: Sequence[Flow], doc: Document) -> None:
    """ConfigError for facts that cannot hold together."""
    at = ("exporter", "facts")
    if facts.get("important_data") in ("none", "candidate") and facts.get("notified_on"):
        raise ConfigError(
            Msg('"notified_on" is given and "important_data" is "{value}"', value=facts["important_data"]),
            where=doc.where(*at, "notified_on"),
            hint=Msg("important_data: notified, or remove the date"),
        )
    if facts.get("zone") in ("none", "no") and (claim := next((f for f in flows if f.claim == "ftz"), None)) is not None:
        raise ConfigError(
            Msg('flow "{id}" claims a zone and "zone" is "{value}"', id=claim.id, value=facts["zone"]),
            where=doc.where(*at, "zone"),
            hint=Msg("name the zone, or remove the claim"),
        )


def _filings(raw: list[dict[str, Any]], doc: Document, entities: list[str]) -> tuple[Filing, ...]:
    conditions = [c["id"] for c in load_ruleset().raw["extension"]["conditions"]]
    out = []
    for i, f in enumerate(raw):
        at = ("filings", str(i))
        if entities and f["entity"] not in entities:
            raise ConfigError(
                Msg('entity "{name}" is not under exporter', name=f["entity"]),
                where=doc.where(*at, "entity"),
                hint=nearest(f["entity"], entities),
            )
        for c in f.get("conditions", {}):
            if c not in conditions:
                raise ConfigError(
                    Msg('no condition "{name}"', name=c),
                    where=doc.where(*at, "conditions"),
                    hint=nearest(c, conditions) or Msg("known: {names}", names=conditions),
                )
        out.append(Filing(**f | {"flows": tuple(f.get("flows", ()))}))
    return tuple(out)


def flows_in(path: Path) -> tuple[Flow, ...]:
    """Return the flows of chujing.yaml, checked; sources and their passwords are not looked at."""
    return _checked_flows(load(path, SHAPE))


def parse_flows(text: str, file: str) -> tuple[Flow, ...]:
    """Like `flows_in`, from the text of chujing.yaml."""
    return _checked_flows(parse(text, SHAPE, file))


def _checked_flows(doc: Document) -> tuple[Flow, ...]:
    entities = doc.value.get("exporter", {}).get("entities", [])
    flows = tuple(_flow(i, f, doc, entities) for i, f in enumerate(doc.value.get("flows", [])))
    _unique([f.id for f in flows], doc)
    return flows


def _source(name: str, raw: Mapping[str, Any], doc: Document, base: Path) -> Source:
    if "/" in name or not name:
        raise ConfigError(
            Msg('a source cannot be called "{name}"', name=name),
            where=doc.where("sources", name),
            hint=Msg("no / in a name"),
        )
    dictionary = raw.get("dictionary")
    return Source(
        id=name,
        url=_resolve(raw["url"], base),
        password=_secret(raw.get("password"), doc, base, "sources", name, "password"),
        dictionary=base / dictionary if dictionary else None,
        include=tuple(raw.get("include", ())),
        exclude=tuple(raw.get("exclude", ())),
        timeout=raw.get("timeout", 60),
        entity=raw.get("entity", ""),
        options=raw.get("options", {}) | {
            k: _secret(s, doc, base, "sources", name, "secrets", k) or "" for k, s in raw.get("secrets", {}).items()
        },
        metastore=os.path.expandvars(raw.get("metastore", "")),
        metastore_password=_secret(raw.get("metastore_password"), doc, base, "sources", name, "metastore_password"),
        pace=Pace(raw.get("connections", 2), raw.get("pause", 0),
                  tuple(parse_window(w, doc.where("sources", name, "blackout")) for w in raw.get("blackout", ()))),
    )


def _resolve(url: str, base: Path) -> str:
    """Relative files are relative to chujing.yaml; ${VAR} is taken from the environment."""
    url = os.path.expandvars(url)
    if url.startswith("spark:"):              # a catalogue, or FORMAT:PATH of the cluster
        return url
    if "://" not in url:
        return url if Path(url).is_absolute() else str(base / url)
    scheme, _, rest = url.partition(":///")
    if scheme.startswith("sqlite") and rest and not rest.startswith("/") and rest != ":memory:":
        return f"{scheme}:///{(base / rest).resolve()}"
    return url


def _secret(raw: Mapping[str, str] | None, doc: Document, base: Path, *at: str) -> str | None:
    where = doc.where(*at)
    if raw is None:
        return None
    if set(raw) == {"env"}:
        if (value := os.environ.get(raw["env"])) is None:
            raise ConfigError(
                Msg('environment variable "{name}" is not set', name=raw["env"]),
                where=where,
                hint=Msg("export {name}=...", name=raw["env"]),
            )
        return value
    if set(raw) == {"file"}:
        try:
            return (base / raw["file"]).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                Msg('secret file "{name}" cannot be read', name=raw["file"]), where=where
            ) from None
    raise ConfigError(
        Msg("{name} needs env or file", name=at[-1]),
        where=where,
        hint=Msg("{name}: {env: CRM_PW}", name=at[-1]),
    )


def _facts(raw: Mapping[str, Any], doc: Document, *path: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    values: dict[str, str] = {}
    known: dict[str, dict[str, str]] = {}
    for name, answer in raw.items():
        value = answer["value"] if isinstance(answer, dict) else answer
        answers.check_fact(name, value, doc.where(*path, name))
        values[name] = value
        known[name] = {k: str(v) for k, v in answer.items()} if isinstance(answer, dict) else {"value": value}
    return values, known


def _flow(i: int, raw: dict[str, Any], doc: Document, entities: list[str]) -> Flow:
    from mappings.necessity import purpose_names

    at = ("flows", str(i))
    if entities and raw["entity"] not in entities:
        raise ConfigError(
            Msg('entity "{name}" is not under exporter', name=raw["entity"]),
            where=doc.where(*at, "entity"),
            hint=nearest(raw["entity"], entities) or Msg("known: {names}", names=tuple(entities)),
        )
    known = purpose_names()
    if raw["purpose"] not in known and not raw["purpose"].endswith((".yaml", ".yml")):
        raise ConfigError(
            Msg('unknown purpose "{name}"', name=raw["purpose"]),
            where=doc.where(*at, "purpose"),
            hint=nearest(raw["purpose"], known) or Msg("known: {names}", names=tuple(sorted(known))),
        )
    ways = [k for k in ("fields", "view", "sql") if k in raw]
    if len(ways) > 1 or not (ways or "declared" in raw):
        raise ConfigError(
            Msg(
                'flow "{name}" must say what leaves: one of fields, view, sql, or declared counts',
                name=raw["id"],
            ),
            where=doc.where(*at),
        )
    facts, _ = _facts(raw.get("facts", {}), doc, *at, "facts")
    return Flow(
        **raw
        | {
            "recipient": Recipient(**raw["recipient"]),
            "facts": facts,
            "fields": tuple(raw.get("fields", ())),
            "onward": tuple(raw.get("onward", ())),
            "dated": tuple(raw.get("dated", ())),
            "systems": tuple(raw.get("systems", ())),
            "declared": Declared(**raw["declared"]) if "declared" in raw else None,
        }
    )


def _unique(ids: list[str], doc: Document) -> None:
    for i, name in enumerate(ids):
        if name in ids[:i]:
            raise ConfigError(
                Msg('flow "{name}" stands twice', name=name),
                where=doc.where("flows", str(i), "id"),
                hint=Msg("give one another id"),
            )
