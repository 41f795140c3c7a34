"""Findings of the columns of a table: values, names, comments and tables weighed together by `detect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.columns.fusion import Inherited, detect
from detectors.columns.patterns import linear_matches
from detectors.columns.values import ValueHit, failures, value_findings
from detectors.renamed import old_names

__all__ = ["Inherited", "ValueHit", "detect", "failures", "linear_matches", "value_findings"]

if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
