"""What a run leaves for other programs: log lines (text or JSON), a Prometheus textfile, a webhook.

Ids, counts and reasons only; never a value of a source.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from detectors.message import Msg
from reports.cells import escape_json
from reports.model import Report, coverage, possible, primary, waits
from scanner.deliver.wire import Limits, Wire, WireFault, WireRequest
from scanner.files import write_atomically

WEBHOOK_TIMEOUT = 10.0                        # seconds
WEBHOOK_BYTES = 2**16                         # of its answer that are read

GaugeSample = tuple[Mapping[str, str], float]      # labels, value


# ---- log lines


def line(event: str, values: Mapping[str, object], form: str) -> str:
    """Return a log line: `2026-11-02T02:30:00Z finished run=... tables=12`, or the same as JSON.

    form: `json` or `text`.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if form == "json":
        return escape_json(json.dumps({"time": now, "event": event, **values}, ensure_ascii=False))
    return " ".join((now, event, *(f"{k}={_quoted_text(v)}" for k, v in values.items())))


def _quoted_text(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(c in text for c in ' ="\n') else text


def lines(report: Report, status: int, form: str) -> Iterator[str]:
    """Yield what a run logs: what was skipped, the path of every flow, and the end. status: of the exit."""
    run = report.run.id
    for s in report.skipped:
        yield line("skipped", {"run": run, "id": s.id, "reason": s.reason, "hint": s.hint}, form)
    for f in report.flows:
        values = {
            "run": run,
            "id": f.flow.id,
            "path": f.decision.path,
            "certain": f.decision.certain,
            "persons": f.individuals.best,
        }
        yield line("flow", values, form)
    covered = coverage(report)
    totals = {
        "run": run,
        "status": status,
        "tables": covered.tables,
        "values": covered.values,
        "carried": covered.carried,
        "names_only": sum(covered.names.values()),
        "left": _count_postponed(report),
        "skipped": len(report.skipped),
        "interrupted": report.run.interrupted,
    }
    yield line("finished", totals, form)


def _count_postponed(report: Report) -> int:
    """Return how many tables a budget or a blackout left for a later run."""
    return sum(coverage(report).older.values()) + sum(waits(table) for table in report.tables)


# ---- metrics


def metrics(report: Report, status: int) -> str:
    """Return the run as a Prometheus textfile for node_exporter's collector; gauges of the last run."""
    return "\n".join((*_run_gauges(report, status), *_column_gauges(report), *_flow_gauges(report))) + "\n"


def _run_gauges(report: Report, status: int) -> Iterator[str]:
    began, ended = (datetime.fromisoformat(x).timestamp() for x in (report.run.started, report.run.finished))
    yield from _gauge("last_run_timestamp_seconds", "End of the last run.", ({}, ended))
    duration = max(0.0, ended - began)
    yield from _gauge("last_run_duration_seconds", "Length of the last run.", ({}, duration))
    statuses = "0 done, 3 something unread, 4 a flow needs more than allowed, 5 both, 130 interrupted."
    yield from _gauge("last_run_exit_status", statuses, ({}, status))
    by_status = sorted(Counter(table.status for table in report.tables).items())
    yield from _gauge("tables", "Tables of the last run.", *(({"status": s}, n) for s, n in by_status))
    carried = coverage(report).carried
    unchanged = "Tables not read again because nothing changed."
    yield from _gauge("tables_carried_over", unchanged, ({}, carried))
    postponed = "Tables left for a later run by its budget or a blackout."
    yield from _gauge("tables_left", postponed, ({}, _count_postponed(report)))
    yield from _gauge("skipped", "Things that could not be read.", ({}, len(report.skipped)))


def _column_gauges(report: Report) -> Iterator[str]:
    primaries = [p for table in report.tables for c in table.columns if (p := primary(c))]
    personal = sum(p.finding.kind == "personal_information" for p in primaries)
    sensitive = sum(p.sensitive == "yes" for p in primaries)
    yield from _gauge("columns_personal_information", "Columns with personal information.", ({}, personal))
    yield from _gauge("columns_sensitive", "Of these, sensitive.", ({}, sensitive))
    doubts = sum(possible(c) is not None for table in report.tables for c in table.columns)
    yield from _gauge("columns_possible", "Columns neither found to be personal nor ruled out.", ({}, doubts))


def _flow_gauges(report: Report) -> Iterator[str]:
    if not report.flows:
        return
    people = [({"flow": f.flow.id, "entity": f.flow.entity}, f.individuals.best) for f in report.flows]
    yield from _gauge("flow_individuals", "Persons of a flow, best estimate.", *people)
    certain = [
        ({"flow": f.flow.id, "path": f.decision.path}, int(f.decision.certain)) for f in report.flows
    ]
    about = "1 when no open fact and no count can change the path."
    yield from _gauge("flow_path_certain", about, *certain)


def _gauge(name: str, about: str, *samples: GaugeSample) -> Iterator[str]:
    yield f"# HELP chujing_{name} {about}"
    yield f"# TYPE chujing_{name} gauge"
    for labels, value in samples:
        inner = ",".join(f'{k}="{_escaped_text(v)}"' for k, v in labels.items())
        yield f"chujing_{name}{{{inner}}} {value:.15g}" if inner else f"chujing_{name} {value:.15g}"


def _escaped_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write_metrics(report: Report, status: int, path: Path) -> None:
    """Write the textfile, which another account reads; raise ConfigError when it cannot be written."""
    write_atomically(path, metrics(report, status), "everybody")


# ---- webhook


def send(text: str, url: str) -> str:
    """Post `{"text": ...}` to a webhook; return why it did not arrive, empty if it did.

    The URL may hold a secret and is never shown.
    """
    if not url.startswith(("https://", "http://")):
        return Msg("the webhook is no http(s) URL")
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    wire = Wire(limits=Limits(WEBHOOK_TIMEOUT, WEBHOOK_TIMEOUT, WEBHOOK_BYTES))
    try:
        answer = wire.send(WireRequest("POST", url, body, {"Content-Type": "application/json"}))
    except WireFault as e:
        return Msg("the webhook gives no answer: {why}", why=e.what)
    finally:
        wire.close()
    return "" if answer.status < 300 else Msg("the webhook answered {n}", n=answer.status)
