"""Writing to DataHub by REST: what the catalog has is read first, then only what it lacks of ours is written.

A PATCH of a dataset that does not exist would make an empty one, so nothing is sent unseen. A term on a field
without our attribution is a person's, even if it is one of our terms, and is left alone; so is a property
that says something else than we wrote.
Contract: acryl-datahub 1.7, `emitter/request_helper.py`; `UpsertStructuredPropertiesResolver.java`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from detectors.message import Msg, Text
from reports.catalogs.datahub.names import schema_field_urn, simple_path
from reports.catalogs.datahub.patches import SOURCE, Patch, patches
from reports.catalogs.datahub.read import (
    NO_DATASET,
    DatasetState,
    PropertyValue,
    read_datasets,
    read_entities,
    read_field_values,
)
from reports.catalogs.protocol import (
    DONE,
    LEAVE,
    Client,
    Outcomes,
    Payload,
    Pushed,
    Response,
    Unusable,
    by_entity,
    push_result,
    refusal_reason,
    verdict,
)

BATCH = 1_000
MOST_WRITTEN = 500                            # entities written in one request
TRIES = 3                                     # when somebody else writes at the same time

NO_FIELD = Msg("no such field in the catalog; see chujing push --check")

FieldValues = Mapping[str, Mapping[str, PropertyValue] | Unusable]      # by URN of a field


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """Make the definitions the catalog lacks; patch the datasets and fields it has, refuse the others."""
    batch = list(payloads)
    definitions = [p for p in batch if p.lasting]
    outcomes, absent = _missing_definitions(definitions, client)
    more_outcomes, marks = _due_patches([p for p in batch if not p.lasting], client)
    outcomes |= more_outcomes | _send("POST", absent, client) | _send("PATCH", marks, client)
    return push_result(batch, outcomes)


def _missing_definitions(definitions: Sequence[Payload], client: Client) -> tuple[Outcomes, list[Patch]]:
    """Return DONE for definitions the catalog has, whatever they say, and what makes the absent ones."""
    outcomes: Outcomes = {}
    for kind, aspect in dict.fromkeys((p.body["type"], p.body["aspect"]) for p in definitions):
        of_kind = [p for p in definitions if p.body["type"] == kind]
        entities = read_entities(kind, [p.entity for p in of_kind], (aspect,), client)
        for payload in of_kind:
            entity = entities.get(payload.entity, {})
            if isinstance(entity, Unusable):
                outcomes[payload.key] = entity.why
            elif entity.get(aspect):
                outcomes[payload.key] = DONE
    absent = [
        Patch(p.body["type"], p.entity, p.body["aspect"], p.body["value"], (p,))
        for p in definitions
        if p.key not in outcomes
    ]
    return outcomes, absent


def _due_patches(marks: Sequence[Payload], client: Client) -> tuple[Outcomes, list[Patch]]:
    """Return the outcomes of marks that need no request, and the patches of the others."""
    groups = by_entity(marks)
    datasets = read_datasets(list(groups), client)
    values = read_field_values(_graded_fields(groups, datasets), client)
    outcomes: Outcomes = {}
    due: list[Patch] = []
    for urn, payloads in groups.items():
        state = datasets.get(urn, NO_DATASET)
        settled = {p.key: outcome for p in payloads if (outcome := _outcome(p, state, values))}
        outcomes |= settled
        paths = state.paths if isinstance(state, DatasetState) else {}
        due += patches(urn, [p for p in payloads if p.key not in settled], paths)
    return outcomes, due


def _graded_fields(
    groups: Mapping[str, Sequence[Payload]], datasets: Mapping[str, DatasetState | Unusable]
) -> list[str]:
    """Return the URNs of the fields that get a grade, each once."""
    urns = {
        _field_urn(payload, state): None
        for urn, payloads in groups.items()
        if isinstance(state := datasets.get(urn), DatasetState)
        for payload in payloads
        if payload.kind == "field_grade"
    }
    return list(urns)


def _field_urn(payload: Payload, state: DatasetState) -> str:
    path = payload.body["path"]
    return schema_field_urn(payload.entity, state.paths.get(simple_path(path), path))


def _outcome(payload: Payload, state: DatasetState | Unusable, existing_values: FieldValues) -> Text:
    """Return DONE, LEAVE or why a mark is refused; empty if it is to be sent."""
    if isinstance(state, Unusable):
        return DONE if payload.remove and state.absent else state.why
    path = simple_path(payload.body["path"]) if "path" in payload.body else ""
    if path and state.has_schema and path not in state.paths:
        return DONE if payload.remove else NO_FIELD
    if payload.kind == "field_term":
        return _term_outcome(payload, state.terms.get((path, payload.body["term"])))
    values = existing_values[_field_urn(payload, state)] if path else state.values
    return values.why if isinstance(values, Unusable) else _value_outcome(payload, values)


def _term_outcome(payload: Payload, source: str | None) -> Text:
    """Return the outcome of a term. source: whose attribution it has there; None where the term is absent."""
    if source is not None:
        return "" if source == SOURCE else LEAVE
    if payload.remove:
        return DONE
    return LEAVE if payload.removed_by_person else ""


def _value_outcome(payload: Payload, values: Mapping[str, PropertyValue]) -> Text:
    """Return the outcome of structured properties.

    An edit in DataHub's page keeps our attribution, so it is the values that decide.
    """
    current = {name: values.get(name, PropertyValue()) for name in payload.body["values"]}
    ours = {name: value.ours for name, value in current.items() if value.ours is not None} or None
    if ours is None and any(value.others for value in current.values()):
        return LEAVE
    decided = verdict(payload, ours, lambda body: {n: sorted(v, key=str) for n, v in body["values"].items()})
    if decided == "yield":
        return LEAVE
    if decided == "write":
        return ""
    detail = payload.body.get("detail", {})
    return DONE if payload.remove or all(value.detail == detail for value in current.values()) else ""


def _send(method: str, patches: Sequence[Patch], client: Client) -> Outcomes:
    """Send patches, those of one entity type together."""
    outcomes: Outcomes = {}
    for kind in dict.fromkeys(p.type for p in patches):
        for patch, response in _send_kind(method, kind, [p for p in patches if p.type == kind], client):
            outcome = DONE if response.good else refusal_reason(response)
            outcomes |= {p.key: outcome for p in patch.payloads}
    return outcomes


def _send_kind(
    method: str, kind: str, patches: Sequence[Patch], client: Client
) -> Iterator[tuple[Patch, Response]]:
    """Send patches of one entity type, many at a time; if a request is refused, its patches go one by one."""
    for start in range(0, len(patches), MOST_WRITTEN):
        chunk = patches[start:start + MOST_WRITTEN]
        response = send_together(method, kind, chunk, client)
        if response.good or len(chunk) == 1:
            yield from ((patch, response) for patch in chunk)
        else:
            yield from ((patch, send_together(method, kind, [patch], client)) for patch in chunk)


def send_together(method: str, kind: str, patches: Sequence[Patch], client: Client) -> Response:
    """Send patches in one request, again if somebody else wrote at the same time.

    That is safe: patches hold whatever the aspect has become.
    """
    body = [
        {"urn": p.urn, p.aspect: {"value": p.value, "systemMetadata": None, "headers": {}}} for p in patches
    ]
    for _ in range(TRIES):
        response = client.send(method, f"/openapi/v3/entity/{kind}?async=false", body, effect="same")
        if response.status not in (409, 412):
            break
    return response
