"""Import paths of version 0.1.0 that have moved: they keep working, and warn with the new one.

A module that is gone is found by `OldModules`, which each package adds to `sys.meta_path`. A name that is
gone from a module that still stands is found by the last line of that module: `__getattr__ =
old_names(__name__)`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from operator import attrgetter
from types import ModuleType
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)

MODULES = {                                   # import path of 0.1.0 -> import path now
    "detectors.calibration": "detectors.columns.calibration",
    "detectors.fusion": "detectors.columns.fusion",
    "mappings.parts": "mappings.keyless",
    "scanner.connectors.csv": "scanner.connectors.files.csv",
    "scanner.connectors.jsonl": "scanner.connectors.files.jsonl",
    "scanner.connectors.parquet": "scanner.connectors.files.parquet",
    "scanner.connectors.xlsx": "scanner.connectors.files.xlsx",
    "scanner.evaluate": "scanner.review.evaluate",
    "scanner.explain": "scanner.review.explain",
    "scanner.pipeline": "scanner.job",
    "scanner.progress": "scanner.gather.progress",
    "scanner.redecide": "scanner.review.redecide",
    "scanner.sampling": "scanner.connectors.sampling",
    "scanner.store": "scanner.state.store",
    "scanner.version": "scanner.state.version",
}
NAMES = {                                     # name of 0.1.0 -> name now; `*`: all that the module lacks
    "detectors.columns.binomial_tail": "detectors.chance.binomial_tail",
    "detectors.custom.Custom": "detectors.custom.CustomDetector",
    "detectors.custom.faults": "detectors.custom.example_faults",
    "detectors.custom.found_in": "detectors.custom.finds",
    "detectors.custom.rejected": "detectors.custom_checks.pattern_fault",
    "detectors.datahub.Decision": "detectors.datahub.StandingReview",
    "detectors.importers.Imported": "detectors.importers.Conversion",
    "detectors.language.Kind": "detectors.language.SpanKind",
    "detectors.language.models.added": "detectors.language.models.added_models",
    "mappings.individuals.Exported": "mappings.row_columns.ExportedColumn",
    "mappings.keyless.Part": "mappings.keyless.PartialCount",
    "mappings.necessity.purposes": "mappings.purpose.purpose_names",
    "mappings.necessity.load_purpose": "mappings.purpose.load_purpose",
    "reports.catalogs.Answer": "reports.catalogs.Response",
    "reports.catalogs.Said": "reports.catalogs.CatalogDecision",
    "reports.catalogs.Unsaid": "reports.catalogs.UnclearDecision",
    "reports.catalogs.near": "reports.catalogs.nearest_name",
    "reports.catalogs.near_last": "reports.catalogs.nearest_by_last_part",
    "reports.catalogs.picking.Asked": "reports.catalogs.picking.Selection",
    "reports.catalogs.picking.Entity": "reports.catalogs.naming.NamingRule",
    "reports.catalogs.picking.Casing": "reports.catalogs.naming.Casing",
    "reports.catalogs.picking.Place": "reports.catalogs.naming.CatalogTable",
    "reports.catalogs.picking.TESTED": "reports.query.TESTED",
    "reports.catalogs.picking.aside": "reports.catalogs.picking.excluded_ids",
    "reports.catalogs.picking.check": "reports.query.check_conditions",
    "reports.catalogs.picking.conditions": "reports.query.parse_conditions",
    "reports.catalogs.picking.figures": "reports.catalogs.flow_figures.figures",
    "reports.catalogs.picking.flows_of": "reports.catalogs.flow_figures.flows_of",
    "reports.catalogs.picking.places": "reports.catalogs.picking.named_tables",
    "reports.catalogs.picking.unread": "reports.catalogs.picking.unread_ids",
    "reports.catalogs.pushed": "reports.catalogs.push_result",
    "reports.catalogs.why": "reports.catalogs.refusal_reason",
    "reports.model.Looked": "reports.model.ExaminedColumns",
    "reports.model.PartReport": "mappings.flow_report.PartReport",
    "reports.model.Read": "reports.model.TableReading",
    "reports.model.StockDuty": "mappings.flow_report.StockDuty",
    "reports.model.Union": "mappings.flow_report.Union",
    "scanner.config.Config": "scanner.config.model.Config",
    "scanner.config.FILE": "scanner.config.model.FILE",
    "scanner.config.Ignore": "scanner.config.model.Ignore",
    "scanner.config.Source": "scanner.config.sources.Source",
    "scanner.config.flows_in": "scanner.config.model.flows_in",
    "scanner.config.read": "scanner.config.model.read",
    "scanner.config.source_name": "scanner.config.sources.source_name",
    "scanner.review.explain.current": "scanner.review.explain.current_scan",
    "scanner.review.explain.duty_words": "scanner.review.decision_tree.duty_words",
    "scanner.review.explain.trees": "scanner.review.decision_tree.decision_trees",
    "scanner.review.redecide.again": "scanner.review.redecide.decide_again",
    "scanner.review.redecide.from_facts": "scanner.review.redecide.decide_stated",
    "scanner.review.redecide.now": "scanner.review.redecide.decide_today",
    "scanner.review.redecide.parsed": "scanner.review.redecide.parse_what_if",
    "scanner.review.redecide.reviewed": "scanner.review.redecide.with_reviews",
}


class OldModules:
    """Finder and loader of the modules in MODULES: an old path gives the module of the new path, not a copy
    of it.

    The protocol of importlib without its base classes, whose module is slow to import.
    """

    def find_spec(
        self, path: str, parents: Sequence[str] | None, target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return how to load an old path; None for any other."""
        loader: Any = self
        return ModuleSpec(path, loader) if path in MODULES else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Replace an empty module by that of the new path."""
        _warn(module.__name__, MODULES[module.__name__])
        sys.modules[module.__name__] = importlib.import_module(MODULES[module.__name__])


_OLD_MODULES = OldModules()


def install() -> None:
    """Let old paths be imported. They are looked up last: nothing that exists is hidden or slowed down."""
    if _OLD_MODULES not in sys.meta_path:
        sys.meta_path.append(_OLD_MODULES)


def old_names(module: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module: the value of a name in NAMES, or AttributeError."""

    def value(name: str) -> Any:
        path = NAMES.get(f"{module}.{name}") or NAMES.get(f"{module}.*", "").replace("*", name)
        home, _, now = path.rpartition(".")
        hidden = name.startswith("__") or _is_submodule(module, name)
        if not home or hidden or not hasattr(new := importlib.import_module(home), now):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        _warn(f"{module}.{name}", path)
        return getattr(new, now)

    return value


def _is_submodule(package: str, name: str) -> bool:
    """Return whether a package has a module of this name, which `from package import name` is to import."""
    if not hasattr(sys.modules[package], "__path__"):
        return False
    return importlib.util.find_spec(f"{package}.{name}") is not None


def old_attributes(**names: str) -> Callable[[Class], Class]:
    """Return a class decorator by which attributes of 0.1.0 are still readable: old name = path now.

    >>> @old_attributes(size="rows")
    ... class Sample:
    ...     rows = 3
    >>> with warnings.catch_warnings(record=True):
    ...     Sample().size
    3
    """

    def decorate(cls: Class) -> Class:
        def value(self: Any, name: str) -> Any:
            if name not in names:
                raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
            _warn(f"{cls.__name__}.{name}", f"{cls.__name__}.{names[name]}")
            return attrgetter(names[name])(self)

        cls.__getattr__ = value  # type: ignore[attr-defined]
        return cls

    return decorate


def _warn(old: str, new: str) -> None:
    """Warn at the line that imports or reads the old name."""
    warnings.warn(f"{old} is now {new}", DeprecationWarning, stacklevel=3)
