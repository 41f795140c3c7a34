"""Findings of the columns of a table: values, names, comments and tables weighed together by `detect`."""

from __future__ import annotations

from detectors.columns.fusion import Inherited, detect
from detectors.columns.values import ValueHit, failures, linear_matches, value_findings

__all__ = ["Inherited", "ValueHit", "detect", "failures", "linear_matches", "value_findings"]
