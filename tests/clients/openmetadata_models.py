"""Holds payloads against OpenMetadata's own models. Runs in a Python that has openmetadata-ingestion;
standard input: JSON, a list.

Writes how many were valid, by kind. The first that is not ends it with the model's words.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from metadata.generated.schema.api.classification.createClassification import (  # noqa: E402
    AutoClassificationConfig,
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest  # noqa: E402
from metadata.generated.schema.entity.data.table import Table  # noqa: E402
from metadata.generated.schema.entity.tasks.task import Task  # noqa: E402
from metadata.generated.schema.type.customProperty import CustomProperty  # noqa: E402
from metadata.generated.schema.type.entityHistory import EntityVersionHistory  # noqa: E402
from metadata.generated.schema.type.recognizer import Recognizer  # noqa: E402
from metadata.generated.schema.type.recognizerFeedback import RecognizerFeedback  # noqa: E402
from metadata.generated.schema.type.tagLabel import TagLabel  # noqa: E402
from metadata.ingestion.models.custom_basemodel_validation import replace_separators  # noqa: E402
from metadata.pii.algorithms.presidio_recognizer_factory import PresidioRecognizerFactory  # noqa: E402
from metadata.utils.fqn import quote_name, split  # noqa: E402

SOME = "5b0c4f2e-7f3c-4a6e-9d0a-2f6f8b1c9e11"


def valid(kind, body):
    match kind:
        case "classification":
            CreateClassificationRequest.model_validate(body["create"])
        case "tag":
            CreateTagRequest.model_validate(body["create"])
            assert split(body["fqn"]) == [body["create"]["classification"], body["create"]["name"]]
        case "property":
            told = {k: body["create"][k] for k in ("name", "displayName", "description")}
            CustomProperty.model_validate(told | {"propertyType": {"id": SOME, "type": "type"}})
        case "automatic":
            AutoClassificationConfig.model_validate(body)
        case "column_tag":
            TagLabel.model_validate(body["tag"])
        case "table_property":
            assert isinstance(body["value"], (str, int)), body
        case "recognizer":
            Recognizer.model_validate(body["recognizer"])
        case "table":  # what our own catalog of the tests says a table is
            Table.model_validate(body | {"id": SOME})
        case "versions":
            EntityVersionHistory.model_validate(body)
        case "feedback":
            RecognizerFeedback.model_validate(body)
        case "task":
            assert Task.model_validate(body | {"id": SOME, "name": "TASK-00001"}).payload["feedback"]
            RecognizerFeedback.model_validate(body["payload"]["feedback"])
        case "stored":
            assert replace_separators(body["name"]) == body["stored"], body
        case "found":  # by the catalog's own engine, in a column called like this
            made = PresidioRecognizerFactory.create_recognizer(
                Recognizer.model_validate(body["recognizer"]), "chujing_suggested.x"
            )
            raw = made.analyze(body["text"], made.supported_entities, None)
            assert (
                bool(made.enhance_using_context(body["text"], raw, [], None, body["context"]))
                == body["expected"]
            ), body
        case "name":
            assert ".".join(map(quote_name, body["parts"])) == body["fqn"]
            assert [p.strip('"') for p in split(body["fqn"])] == body["parts"], body
        case _:
            raise ValueError(kind)


counts = {}
for one in json.load(sys.stdin):
    try:
        valid(one["kind"], one["body"])
    except Exception as e:
        sys.exit(f"{one['kind']}: {e}")
    counts[one["kind"]] = counts.get(one["kind"], 0) + 1
sys.stdout.write(json.dumps(counts))
