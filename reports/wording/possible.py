"""What is possible, in words: which columns, both outcomes of a flow, and what settles them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detectors.ids import column_part
from detectors.model import unquote
from mappings.flow_inputs import flow_count
from mappings.flow_report import FlowReport
from mappings.model import Estimate
from mappings.open_facts import POSSIBLE_FIELDS
from reports.messages.words import join_list, t
from reports.model import ColumnReport, Report, TableReport, possible
from reports.wording.decision import path_names
from reports.wording.figures import number, persons

MOST_COLUMNS = 5                              # columns of a flow that are named


def possible_columns(report: Report) -> list[tuple[TableReport, ColumnReport]]:
    """Return the possible columns of a report: those that leave first, then the likeliest."""
    leaving = {column for flow in report.flows for column in flow.columns}
    rows = [(table, column) for table in report.tables for column in table.columns if possible(column)]

    def order(row: tuple[TableReport, ColumnReport]) -> tuple[bool, float, str]:
        assessed = possible(row[1])
        return row[1].id not in leaving, -(assessed.finding.confidence if assessed else 0), row[1].id

    return sorted(rows, key=order)


def settling_words(column: str, lang: str) -> str:
    """Return the reviews of which one settles a column. column: its id; empty: any column."""
    return t("possible.settle", lang, column=column or t("possible.any_column", lang))


def possible_lines(f: FlowReport, lang: str) -> Iterator[str]:
    """Yield the possible columns of a flow that keep it open, both outcomes, and what settles the first."""
    is_open = any(q.fact == POSSIBLE_FIELDS for q in f.decision.questions)
    fields = f.fields_to_settle if is_open else f.open_fields
    if not fields or (f.if_personal is None and not is_open):
        return
    counts = (flow_count(f).individuals, f.sensitive_individuals)
    personal = f.if_personal
    raised = counts if personal is None else (personal.individuals, personal.sensitive)
    names = [unquote(column_part(p.column)) for p in fields[:MOST_COLUMNS]]
    more = " …" if len(fields) > MOST_COLUMNS else ""
    yield t("possible.fields", lang, n=number(len(fields)), columns=join_list(names, "names", lang) + more)
    paths = outcome_paths(f)
    yield _outcome("yes", raised, paths["yes"], lang)
    yield _outcome("no", counts, paths["no"], lang)
    yield settling_words(fields[0].column, lang)


def outcome_paths(f: FlowReport) -> dict[str, Sequence[str]]:
    """Return the paths of a flow if its possible columns are personal (yes), and if they are not (no)."""
    question = next((q for q in f.decision.questions if q.fact == POSSIBLE_FIELDS), None)
    both = f.decision.possible or (f.decision.path,)
    leads = question.leads_to if question is not None else {}
    return {answer: leads.get(answer, both) for answer in ("yes", "no")}


def _outcome(answer: str, counts: tuple[Estimate, Estimate], paths: Sequence[str], lang: str) -> str:
    people, sensitive = (persons(count, lang) for count in counts)
    return t(f"possible.{answer}", lang, people=people, sensitive=sensitive, paths=path_names(paths, lang))
