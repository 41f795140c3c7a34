"""chujing from Python: `scanner.scan("sqlite:///crm.db").to_pandas()["findings"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.renamed import install

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.results import ScanReport

__all__ = ["load", "scan"]

install()


def scan(
    url_or_config: Any, *, dictionary: str | Path | None = None, spark: Any = None, **options: Any
) -> ScanReport:
    """Scan data and return the report.

    url_or_config: a configuration (`*.yaml`), a URL, a path, a DataFrame of pandas or polars, a table of
    pyarrow, a dict of these by name or of columns (lists, arrays, Series) by name, a list of rows as dicts,
    an SQLAlchemy engine, or a list of any but a configuration.
    spark: a running SparkSession, or the URL of a master, to read files and catalogue tables on its workers.
    options: rows, seed, as_of (date), values (bool), profile, exact, budget (seconds), record (month), memory
    (bytes); see `scanner.config.run_options`.
    Raise ConfigError or RulesError. A source that cannot be read is in `report.skipped`.

    >>> import pandas as pd
    >>> people = pd.DataFrame({"name": ["王伟", "李娜"] * 20, "mobile": ["13912345678", "13698765432"] * 20})
    >>> report = scan(people)
    >>> report.find("mobile")["label"].tolist()
    ['phone_mobile']
    >>> report.to_pandas()["tables"][["columns", "personal", "rows_low"]].values.tolist()
    [[2, 2, 40]]
    """
    from pathlib import Path

    from scanner import job
    from scanner.config.model import Config
    from scanner.objects import ObjectSources
    from scanner.results import result_of
    from scanner.workspace import Workspace, open_workspace

    if spark is not None:
        from scanner.spark import Engine

        with Engine(spark) if isinstance(spark, str) else Engine("", spark) as engine:
            return scan(url_or_config, dictionary=dictionary, engine=engine, **options)
    if isinstance(url_or_config, str | Path) and str(url_or_config).endswith((".yaml", ".yml")):
        workspace = open_workspace(Path(url_or_config), day=options.get("as_of"))
        run = workspace.config.run
        if run.engine == "spark" and options.get("engine") is None:
            from scanner.spark import Engine

            with Engine(run.master) as cluster:
                return result_of(job.scan(workspace, **{**options, "engine": cluster}))
        return result_of(job.scan(workspace, **options))
    sources = ObjectSources(beyond=options.pop("engine", None))
    sources.add(url_or_config, Path(dictionary) if dictionary else None)
    opener = sources if sources.objects else sources.beyond
    workspace = Workspace(config=Config(sources=tuple(sources.sources)), configured=True)
    return result_of(job.scan(workspace, engine=opener, **options))


def load(file: str | Path) -> ScanReport:
    """Return a report that was written as JSON. Raise ConfigError or StateError where it is none."""
    from pathlib import Path

    from scanner.results import result_of
    from scanner.state import store

    return result_of(store.read_named(str(file), Path()))
