"""Feedback on what OpenMetadata's recognisers detected, as far as it was applied.

Sample values in it are never read.
Contract: openmetadata-ingestion 2.0.7, `schema/type/{recognizer,recognizerFeedback}`,
`schema/entity/tasks/task`, `schema/entity/feed/thread`; `jdbi3/RecognizerFeedbackRepository.java`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.catalogs.openmetadata.contract import FEEDBACK, TASK, THREAD
from reports.catalogs.openmetadata.history import Actor
from reports.catalogs.openmetadata.read import iso_time, read_exceptions, read_list, require_shape
from reports.catalogs.protocol import Client

TASK_KIND = "RecognizerFeedbackApproval"
TASKS_PATH = f"/v1/tasks?type={TASK_KIND}&statusGroup=closed&fields=payload,createdBy&limit=100"
FEED_PATH = "/v1/feed?type=Task&taskStatus=Closed&limit=100"  # of servers before 2.0
APPROVED = ("Approved", "AutoApproved")
WRONG_CLASS = "INCORRECT_CLASSIFICATION"


@dataclass(frozen=True, slots=True)
class Feedback:
    """Feedback that was applied: on which column and tag, what it says, and who decided."""

    link: str                                 # of the column
    tag: str                                  # fully qualified name
    actor: Actor
    comment: str = ""
    suggested_tag: str = ""                   # the right one; empty: none, or the feedback is of another kind
    is_exception: bool = False                # of a recogniser, without a task


def recognizer_feedback(tags: Iterable[str], client: Client) -> Iterator[Feedback]:
    """Yield feedback of tasks that a reviewer approved, then of the recognisers' exceptions without a task.

    tags: suggested tags whose exceptions are read.
    """
    yield from _task_feedback(client)
    for fqn in tags:
        for exception in read_exceptions(fqn, client):
            actor = Actor(_person_name(exception.get("addedBy")), iso_time(exception.get("addedAt")))
            reason = exception.get("reason") or ""
            yield Feedback(exception["entityLink"], fqn, actor, reason, is_exception=True)


def _task_feedback(client: Client) -> Iterator[Feedback]:
    """Yield applied feedback by the catalog's tasks, or by its feed if it has none, as before 2.0."""
    tasks = read_list(TASKS_PATH, client, TASK)
    if tasks is not None:
        applied = (_feedback_of_task(task) for task in tasks if task.get("type") == TASK_KIND)
    else:
        threads = (thread.get("task") or {} for thread in list(read_list(FEED_PATH, client, THREAD) or ()))
        applied = (_if_applied(task.get("feedback")) for task in threads if task.get("type") == TASK_KIND)
    return (feedback for feedback in applied if feedback is not None)


def _feedback_of_task(task: Mapping[str, Any]) -> Feedback | None:
    """Return the feedback of a task as it was resolved.

    What is in `data` was moved from a feed, where closed ones all count as approved: there its own status
    decides.
    """
    payload, resolution = task.get("payload") or {}, task.get("resolution") or {}
    if not (feedback := payload.get("feedback")):
        if moved := payload.get("data"):
            require_shape(moved, FEEDBACK, TASKS_PATH)
        return _if_applied(moved)
    if (resolution.get("type") or task.get("status")) not in APPROVED:
        return None
    by = _person_name(resolution.get("resolvedBy")) or _person_name(task.get("approvedBy"))
    return _feedback(feedback, Actor(by, iso_time(resolution.get("resolvedAt") or task.get("approvedAt"))))


def _if_applied(feedback: Mapping[str, Any] | None) -> Feedback | None:
    """Return feedback if it says itself that it was applied."""
    if not feedback or feedback.get("status") != "APPLIED":
        return None
    resolution = feedback.get("resolution") or {}
    by = _person_name(resolution.get("resolvedBy")) or _person_name(feedback.get("createdBy"))
    return _feedback(feedback, Actor(by, iso_time(resolution.get("resolvedAt") or feedback.get("createdAt"))))


def _feedback(raw: Mapping[str, Any], actor: Actor) -> Feedback:
    comment = ": ".join(text for text in (raw.get("userReason"), raw.get("userComments")) if text)
    suggested = (raw.get("suggestedTag") or "") if raw.get("feedbackType") == WRONG_CLASS else ""
    return Feedback(raw["entityLink"], raw["tagFQN"], actor, comment, suggested)


def _person_name(person: Mapping[str, Any] | None) -> str:
    return (person or {}).get("name") or ""
