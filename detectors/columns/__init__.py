"""Findings of the columns of a table: values, names, comments and tables weighed together by `detect`.

What weighs them is imported at its first use: readers of files need but a few words of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from detectors.renamed import old_names

if TYPE_CHECKING:
    from detectors.columns.fusion import Inherited, detect
    from detectors.columns.patterns import linear_matches
    from detectors.columns.values import ValueHit, failures, value_findings

__all__ = ["Inherited", "ValueHit", "detect", "failures", "linear_matches", "value_findings"]

_HOMES = {                                    # name -> module it is imported from
    "Inherited": "fusion", "detect": "fusion", "linear_matches": "patterns", "ValueHit": "values",
    "failures": "values", "value_findings": "values",
}
_old_name = old_names(__name__)

if not TYPE_CHECKING:
    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            return _old_name(name)
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value
