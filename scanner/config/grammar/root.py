"""The whole of chujing.yaml, and its smaller sections."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from detectors.grammar import Day, Keys, Positive, Unfit, YesNo, described
from detectors.message import Msg
from scanner.config.grammar.catalogs import CatalogKeys
from scanner.config.grammar.filings import FilingKeys
from scanner.config.grammar.flows import FlowKeys
from scanner.config.grammar.parts import SecretKeys, StatedFactsByName, TableConditions
from scanner.config.grammar.schedule import ScheduleKeys
from scanner.config.grammar.sources import SourceKeys

VERSION = 1


class ExporterKeys(Keys):
    """Who exports."""

    id: str = described("the group", ...)
    entities: tuple[str, ...] = described("legal entities", ())
    facts: StatedFactsByName = {}


class IgnoreKeys(Keys):
    """A finding silenced, or a file that need not be read."""

    column: str = described("column whose finding is silenced", "")
    file: str = described("file that no reader knows and nobody needs to scan, e.g. exports/backup.rar", "")
    why: str
    by: str
    until: Day

    @model_validator(mode="after")
    def _check_one_thing(self) -> IgnoreKeys:
        if bool(self.column) == bool(self.file):
            raise Unfit(lambda name: (Msg("ignore needs column or file"),
                                      Msg("ignore: [{column: crm/shop/phone, why: hotline}]")))
        return self


class LinkKeys(Keys):
    """A key that the database does not declare."""

    from_: str = described("", ..., alias="from")
    to: str


class NotifyKeys(Keys):
    """Who hears of a scan."""

    webhook: SecretKeys | None = None
    metrics: str | None = described("Prometheus textfile to write after every scan; also under run")


class RunKeys(Keys):
    """How scans run here: what options of `chujing scan` say otherwise."""

    jobs: Positive | None = described("processes that examine samples, default 1")
    gentle: YesNo | None = described(
        "one connection to a source at a time, and a pause after every table"
    )
    engine: Literal["local", "spark"] | None = described(
        "where tables are read: here (the default), or on a Spark cluster"
    )
    master: str = described("Spark master, e.g. spark://host:7077 or yarn", "")
    log: Literal["text", "json"] | None = described("log lines on stderr")
    metrics: str | None = described("Prometheus textfile to write after every scan")


class ConfigKeys(Keys):
    """chujing configuration."""

    version: Positive = described("version of this grammar: 1", ...)
    profile: Literal["gbt-45574-2025", "gbt-35273-2020"] = described(
        "which standard says what is sensitive", "gbt-45574-2025"
    )
    exporter: ExporterKeys | None = described("who exports")
    sources: dict[str, SourceKeys] = described("where the data is", {})
    run: RunKeys = described("how scans run: options of chujing scan come before it", RunKeys())
    detectors: str | None = described("YAML file with your own detectors")
    key_file: str | None = described(
        "file of the hash key, beside this one or elsewhere; CHUJING_KEY and CHUJING_KEY_FILE come before it"
    )
    taxonomies: tuple[str, ...] = described(
        "further taxonomies beside the national one: jrt-0197-2020, company.yaml", ()
    )
    owners: str | None = described("CSV with the columns pattern and owner: who reviews which tables")
    ignore: tuple[IgnoreKeys, ...] = described(
        "findings silenced and files not read, with reason and end date", ()
    )
    links: tuple[LinkKeys, ...] = described("keys the database does not declare", ())
    lineage: tuple[str, ...] = described(
        "dbt manifest.json or OpenLineage events: columns inherit labels from what they are made of", ()
    )
    test_rows: TableConditions = described(
        "rows of test accounts by table and column: never counted, their number shown", {}
    )
    subjects: dict[
        str, Annotated[str, Field(description="subject of the key: spouse, emergency_contact ...")]
    ] = described("whose key a column is", {})
    flows: tuple[FlowKeys, ...] = described("出境场景: what leaves the country", ())
    abroad: tuple[str, ...] = described(
        "hosts, regions and networks that are abroad, e.g. *.hq.example.com, eu-*, 203.0.113.0/24", ()
    )
    schedule: dict[str, ScheduleKeys] = described("when to scan: chujing schedule", {})
    notify: NotifyKeys = described("who hears of a scan", NotifyKeys())
    filings: tuple[FilingKeys, ...] = described(
        "what was filed, issued or finished: chujing deadlines", ()
    )
    catalogs: dict[str, CatalogKeys] = described("where findings are pushed to: chujing push", {})
