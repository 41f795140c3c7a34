"""The patch of a tag: our patterns among its recognisers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.catalogs.openmetadata.patch_plan import PatchPlan
from reports.catalogs.protocol import Payload


def plan_tag(tag: Mapping[str, Any], payloads: Sequence[Payload]) -> PatchPlan:
    """Return the plan of a tag as the catalog has it.

    What a steward set beside the pattern (threshold, exceptions, off) stays.
    """
    plan, recognizers = PatchPlan(), list(tag.get("recognizers") or ())
    positions = {recognizer["name"]: i for i, recognizer in enumerate(recognizers)}
    missing = [
        p for p in payloads if not p.remove and not p.removed_by_person and _name(p) not in positions
    ]
    _plan_additions(plan, missing, recognizers)
    missing_keys = {p.key for p in missing}
    for payload in (p for p in payloads if p.key not in missing_keys):
        i = positions.get(_name(payload))
        if i is None:
            (plan.done if payload.remove else plan.yielded).append(payload.key)
        else:
            _plan_existing(plan, payload, i, recognizers[i].get("recognizerConfig") or {})
    return plan


def _plan_additions(
    plan: PatchPlan, payloads: Sequence[Payload], recognizers: Sequence[Mapping[str, Any]]
) -> None:
    """Add recognisers; with the first ones of a tag, let the catalog use them."""
    if not payloads:
        return
    values = [p.body["recognizer"] for p in payloads]
    if recognizers:
        plan.added += [{"op": "add", "path": "/recognizers/-", "value": value} for value in values]
    else:
        plan.added.append({"op": "add", "path": "/recognizers", "value": values})
        plan.added.append({"op": "add", "path": "/autoClassificationEnabled", "value": True})
    plan.sent += payloads


def _plan_existing(plan: PatchPlan, payload: Payload, i: int, current: Mapping[str, Any]) -> None:
    """Remove a recogniser that the tag has, or change its configuration where it says something else."""
    config = payload.body["recognizer"]["recognizerConfig"]
    if payload.remove:
        plan.removed[f"/recognizers/{i}"] = None
    elif any(current.get(key) != value for key, value in config.items()):
        path = f"/recognizers/{i}/recognizerConfig"
        plan.replaced.append({"op": "replace", "path": path, "value": config})
    else:
        plan.done.append(payload.key)
        return
    plan.sent.append(payload)


def _name(payload: Payload) -> str:
    name: str = payload.body["recognizer"]["name"]
    return name
