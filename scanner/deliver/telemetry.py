"""What a run leaves for other programs: log lines as text or JSON, a Prometheus textfile, and words for a webhook.

Ids, counts and reasons only; never a value of a source.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from reports.model import Report, coverage, primary, waits
from scanner.files import replace_file

WAIT = 10.0                                   # seconds a webhook may take


def line(event: str, about: Mapping[str, object], form: str) -> str:
    """One log line: `2026-11-02T02:30:00Z finished run=... tables=12`, or the same as a JSON object."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if form == "json":
        return json.dumps({"time": now, "event": event, **about}, ensure_ascii=False)
    return " ".join((now, event, *(f"{k}={_word(v)}" for k, v in about.items())))


def _word(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(c in text for c in ' ="\n') else text


def lines(report: Report, status: int, form: str) -> Iterator[str]:
    """What a run has to say: what was skipped, every flow's path, and the end."""
    run = report.run.id
    for s in report.skipped:
        yield line("skipped", {"run": run, "id": s.id, "reason": s.reason, "hint": s.hint}, form)
    for f in report.flows:
        yield line("flow", {"run": run, "id": f.flow.id, "path": f.decision.path, "certain": f.decision.certain,
                            "persons": f.individuals.best}, form)
    c = coverage(report)
    yield line("finished", {"run": run, "status": status, "tables": c.tables, "values": c.values, "carried": c.carried,
                            "names_only": sum(c.names.values()), "left": sum(c.older.values()) + sum(waits(x) for x in report.tables),
                            "skipped": len(report.skipped), "interrupted": report.run.interrupted}, form)


def metrics(report: Report, status: int) -> str:
    """The run as a Prometheus textfile for node_exporter's collector; gauges of the last run."""
    began, ended = (datetime.fromisoformat(x).timestamp() for x in (report.run.started, report.run.finished))
    found = [p for table in report.tables for c in table.columns if (p := primary(c))]
    out: list[str] = []

    def gauge(name: str, about: str, *values: tuple[Mapping[str, str], float]) -> None:
        out.extend((f"# HELP chujing_{name} {about}", f"# TYPE chujing_{name} gauge"))
        for labels, value in values:
            inner = ",".join(f'{k}="{_escaped(v)}"' for k, v in labels.items())
            out.append(f"chujing_{name}{{{inner}}} {value:.15g}" if inner else f"chujing_{name} {value:.15g}")

    states = Counter(table.status for table in report.tables)
    gauge("last_run_timestamp_seconds", "End of the last run.", ({}, ended))
    gauge("last_run_duration_seconds", "Length of the last run.", ({}, max(0.0, ended - began)))
    gauge("last_run_exit_status", "0 done, 3 something unread, 4 a flow needs more than allowed, 5 both, 130 interrupted.", ({}, status))
    gauge("tables", "Tables of the last run.", *(({"status": s}, n) for s, n in sorted(states.items())))
    c = coverage(report)
    gauge("tables_carried_over", "Tables not read again because nothing changed.", ({}, c.carried))
    gauge("tables_left", "Tables left for a later run by its budget or a blackout.",
          ({}, sum(c.older.values()) + sum(waits(x) for x in report.tables)))
    gauge("skipped", "Things that could not be read.", ({}, len(report.skipped)))
    gauge(
        "columns_personal_information",
        "Columns with personal information.",
        ({}, sum(p.finding.kind == "personal_information" for p in found)),
    )
    gauge("columns_sensitive", "Of these, sensitive.", ({}, sum(p.sensitive == "yes" for p in found)))
    if report.flows:
        people = [({"flow": f.flow.id, "entity": f.flow.entity}, f.individuals.best) for f in report.flows]
        gauge("flow_individuals", "Persons of a flow, best estimate.", *people)
        gauge("flow_path_certain", "1 when no open fact and no count can change the path.",
              *(({"flow": f.flow.id, "path": f.decision.path}, int(f.decision.certain)) for f in report.flows))
    return "\n".join(out) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write_metrics(report: Report, status: int, path: Path) -> None:
    """Write the textfile in one step, so that nobody reads half of it; ConfigError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, metrics(report, status))
    except OSError as e:
        raise ConfigError(
            Msg("the metrics cannot be written ({kind})", kind=type(e).__name__), where=str(path)
        ) from None


def send(text: str, url: str) -> str:
    """Post `{"text": ...}` to a webhook; empty, or in words why it did not arrive. The URL may hold a secret and is never shown."""
    import urllib.error
    import urllib.request

    if not url.startswith(("https://", "http://")):
        return Msg("the webhook is no http(s) URL")
    request = urllib.request.Request(url, json.dumps({"text": text}, ensure_ascii=False).encode(), {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=WAIT):  # noqa: S310
            return ""
    except urllib.error.HTTPError as e:
        return Msg("the webhook answered {n}", n=e.code)
    except (OSError, ValueError) as e:
        return Msg("the webhook cannot be reached ({kind})", kind=type(e).__name__)
