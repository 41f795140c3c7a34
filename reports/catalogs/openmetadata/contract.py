"""What OpenMetadata's API promises of its answers: the names we read, and of which type each is.

A shape is a type, `[shape]` for a list, or `{name: shape}` for an object, where `name?` may be absent or
null.
Contract: openmetadata-ingestion 2.0.7, `schema/entity/{data/table,classification,tasks/task}`,
`schema/type/{tagLabel,entityHistory,recognizer,recognizerFeedback}`.
"""

from __future__ import annotations

from reports.catalogs.shapes import AnswerShape

LABEL = {"tagFQN": str, "labelType?": str, "state?": str, "reason?": str, "appliedBy?": str}
COLUMN: dict[str, AnswerShape] = {"name": str, "tags?": [LABEL]}
COLUMN["children?"] = [COLUMN]
ENTITY = {"id": str, "version": float}
TABLE = ENTITY | {"columns": [COLUMN], "extension?": dict}
PERSON = {"name?": str, "displayName?": str, "type?": str}
TABLE_OWNERS = {"id": str, "owners?": [PERSON]}
EXCEPTION = {"entityLink": str, "addedBy?": PERSON, "reason?": str}
RECOGNIZER = {"name": str, "recognizerConfig?": dict, "exceptionList?": [EXCEPTION]}
TAG = ENTITY | {"recognizers?": [RECOGNIZER]}
CLASSIFICATION = ENTITY | {"autoClassificationConfig?": dict}
TYPE = {"id": str, "customProperties?": [{"name": str}]}
USER = {"isBot?": bool}
NAMED_ENTITIES = {"data": [{"fullyQualifiedName": str}]}
VERSIONS = {"versions": list}
CHANGE = {"name?": str}
CHANGES = {"fieldsAdded?": [CHANGE], "fieldsUpdated?": [CHANGE], "fieldsDeleted?": [CHANGE]}
VERSION = {"version?": float, "updatedBy?": str, "changeDescription?": CHANGES}
FEEDBACK = {
    "entityLink": str,
    "tagFQN": str,
    "feedbackType?": str,
    "suggestedTag?": str,
    "status?": str,
    "userReason?": str,
    "userComments?": str,
    "createdBy?": PERSON,
    "resolution?": {"resolvedBy?": PERSON},
}
TASK = {
    "type?": str,
    "status?": str,
    "approvedBy?": PERSON,
    "resolution?": {"type?": str, "resolvedBy?": PERSON},
    "payload?": {"feedback?": FEEDBACK, "data?": dict},
}
THREAD = {"task?": {"type?": str, "feedback?": FEEDBACK}}
