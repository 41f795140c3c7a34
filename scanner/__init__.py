"""chujing from Python: `scanner.scan("sqlite:///crm.db").to_pandas()["findings"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.renamed import install

if TYPE_CHECKING:
    from reports.model import Report

__all__ = ["scan"]

install()


def scan(url_or_config: str, *, dictionary: str | None = None, spark: Any = None, **options: Any) -> Report:
    """Scan a URL, a path, or a configuration (`*.yaml`) and return the Report.

    spark: a running SparkSession, or the URL of a master, to read files and catalogue tables on its workers.
    options: rows, seed, as_of (date), values (bool), profile, exact, budget (seconds), record (month); see
    `scanner.config.run_options`.
    Raise ConfigError or RulesError. A source that cannot be read is in `report.skipped`.
    """
    from pathlib import Path

    from scanner import job
    from scanner.config.model import Config
    from scanner.config.sources import Source, source_name
    from scanner.workspace import Workspace, open_workspace

    if spark is not None:
        from scanner.spark import Engine

        with Engine(spark) if isinstance(spark, str) else Engine("", spark) as engine:
            return scan(url_or_config, dictionary=dictionary, engine=engine, **options)
    if url_or_config.endswith((".yaml", ".yml")):
        workspace = open_workspace(Path(url_or_config))
        run = workspace.config.run
        if run.engine == "spark" and options.get("engine") is None:
            from scanner.spark import Engine

            with Engine(run.master) as cluster:
                return job.scan(workspace, **{**options, "engine": cluster})
        return job.scan(workspace, **options)
    words = Path(dictionary) if dictionary else None
    source = Source(source_name(url_or_config), url_or_config, dictionary=words)
    return job.scan(Workspace(config=Config(sources=(source,)), configured=True), **options)
