"""Flows of a finished scan: columns, head-counts, necessity, decision, and the decision without what is not needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnId, Skipped, TableId
from mappings.model import UNKNOWN, Assessed, Estimate, Fact, Facts, FieldVerdict, Flow, FlowCount, FlowInput
from reports.model import EntityReport, FlowReport, Report
from scanner.config import Config
from scanner.flows import Resolved, pick, resolve, source_of, table_of
from scanner.pipeline import Scanned, link_pairs, primary_findings
from scanner.progress import Progress

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter
    from mappings.rules import RuleSet
    from mappings.taxonomy import Taxonomy
