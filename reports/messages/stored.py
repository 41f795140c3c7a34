"""Messages as records of report.json and of the state, `{id, text, values}`, and back.

>>> from detectors.message import Msg
>>> record = to_record(Msg('unknown key "{name}"', name="sorces"))
>>> record
{'id': 'unknown-key', 'text': 'unknown key "sorces"', 'values': {'name': 'sorces'}}
>>> from_record(record).template
'unknown key "{name}"'
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from detectors.message import Msg, Note, Text, Value, Word
from reports.messages.catalogue import id_of, template_forms

StoredMessage = dict[str, Any]


def to_record(text: Text) -> StoredMessage | None:
    """Return what programs read of a message; None for plain text.

    Words that bring both languages have these in place of id and values. Of a note it is its message.
    """
    message = text.message if isinstance(text, Note) else text
    if isinstance(message, Word):
        return {"text": str(message), "zh": message.zh, "en": message.en}
    if not isinstance(message, Msg):
        return None
    return {
        "id": id_of(message.template),
        "text": str(message),
        "values": {k: _value(v) for k, v in message.values.items()},
    }


def from_record(record: Mapping[str, Any]) -> Text:
    """Return the message of a record; its text alone if this version does not know the id or its blanks."""
    text = str(record["text"])
    if "zh" in record:
        return Word(text, str(record["zh"]), str(record["en"]))
    values = {name: _from_value(value) for name, value in record["values"].items()}
    try:
        template, many = template_forms(record["id"])
        return Msg.checked(text, template, many, values)
    except KeyError:
        return text


def _value(value: Value) -> Any:
    if isinstance(value, str):
        return to_record(value) or value
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _from_value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(_from_value(part) for part in value)
    if isinstance(value, Mapping):
        return date.fromisoformat(value["date"]) if "date" in value else from_record(value)
    return value
