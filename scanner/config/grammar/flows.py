"""`flows:`: 出境场景, what leaves the country."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from detectors.grammar import Day, Keys, Unfit, Whole, described
from detectors.message import Msg
from mappings import notes
from mappings.model import Claim, Mode
from scanner.config.grammar.parts import StatedFactsByName, TableConditions


class RecipientKeys(Keys):
    """Who receives."""

    name: str
    country: str = ""


class DeclaredKeys(Keys):
    """Persons as somebody stated them, where nothing is counted."""

    individuals: Whole
    sensitive_individuals: Whole | None = described("left blank: unknown, those under 14 at least", None)
    minors: Whole | None = described("those under 14; left blank: unknown", None)
    by: str
    on: Day
    evidence: str

    @model_validator(mode="after")
    def _check_persons(self) -> DeclaredKeys:
        if self.sensitive_individuals is not None and (self.minors or 0) > self.sensitive_individuals:
            hint = Msg("sensitive_individuals counts minors, too")
            raise Unfit(lambda name: (notes.MINORS_ARE_SENSITIVE, hint))
        if max(self.minors or 0, self.sensitive_individuals or 0) > self.individuals:
            raise Unfit(lambda name: (Msg("more sensitive persons or minors than persons"), ""))
        return self


class FlowKeys(Keys):
    """One flow."""

    id: str
    entity: str
    status: Literal["planned", "active", "stopped"] = "planned"
    since: Day | None = None
    until: Day | None = described("last day of a flow that stopped", None)
    every: str = ""
    recipient: RecipientKeys
    purpose: str
    mode: Mode = "transfer"
    retention_days: Whole | None = None
    claim: Claim = "none"
    facts: StatedFactsByName = {}
    fields: tuple[str, ...] = ()
    view: str = ""
    sql: str = ""
    source: str = ""
    systems: tuple[str, ...] = described("systems it comes from, for people to read", ())
    where: TableConditions = {}
    subject_group: str = ""
    owner: str = ""
    onward: tuple[str, ...] = ()
    access_log: str = described(
        "column of an access log that names whose data was queried from abroad", ""
    )
    dated: tuple[str, ...] = described(
        "columns that say when a row was made: rows older than retention_days are counted by them", ()
    )
    delta: str = described("date column of the exported rows: the ledger records a month by it", "")
    declared: DeclaredKeys | None = None
