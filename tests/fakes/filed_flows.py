"""Invented companies for papers: flows with decisions as they are wanted, and the columns they export."""

from datetime import date

import findings

from detectors.model import Rows, TableId
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.model import Decision, Estimate, FieldVerdict, Flow, FlowCount, Recipient, law_text
from reports.model import Report, Run, TableReport

DAY = date(2026, 11, 2)
CONTRACT = "standard_contract_or_certification"
LABELS = ("person_name", "phone_mobile", "resident_id", "bank_card")
ENTITY = "远山商贸有限公司"
TABLE = TableId("crm/member")


def flow(id, path=CONTRACT, **more):
    """One flow of a path. more: recipient, country, persons, sensitive, labels, possible, what a flow has."""
    labels = more.pop("labels", LABELS[:2])
    persons, sensitive = more.pop("persons", 1200), more.pop("sensitive", 0)
    possible = more.pop("possible", (path,))
    recipient = Recipient(more.pop("recipient", "Nordlicht SE"), more.pop("country", "DE"))
    described = {"entity": ENTITY, "purpose": "crm", "status": "active", "subject_group": "customer"}
    stated = Flow(id, recipient=recipient, **{**described, **more})
    columns = tuple(f"{TABLE}/{label}" for label in labels)
    fields = tuple(
        FieldVerdict(column, label, "not_shown", law_text("必要性待说明"), "个人信息保护法", "verified")
        for column, label in zip(columns, labels, strict=True)
    )
    decision = Decision(path, tuple(possible), len(possible) == 1)
    counts = (Estimate.exactly(n) if isinstance(n, int) else n for n in (persons, sensitive, 0))
    return FlowReport(stated, *counts, columns, fields, decision, personal="yes")


def company(*flows, combined="no", unions=()):
    """A report of these flows."""
    columns = tuple(findings.column(TABLE, label, label) for label in LABELS)
    table = TableReport(TABLE, "scanned", "", Rows(1200, 1200, "exact"), None, columns)
    run = Run("r1", "2026-11-02T01:02:03Z", "2026-11-02T01:02:04Z", DAY, "0.2.0", 7, ("cn-2024",), (), "1")
    nobody, entities = Estimate.exactly(0), dict.fromkeys(f.flow.entity for f in flows)
    years = tuple(
        EntityReport(
            e, nobody, nobody, Decision("needs_review", (), False),
            tuple(f.flow.id for f in flows if f.flow.entity == e),
            unions=tuple(Union(ids, FlowCount(count, count)) for ids, count in unions),
        )
        for e in entities
    )
    facts = {"exporter": {"combined_filing": combined}}
    return Report(run, (), (table,), tuple(flows), years, facts=facts)
