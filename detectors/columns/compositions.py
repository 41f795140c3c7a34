"""What the parts of a name or comment mean together: a copy of a document, a loan in a credit file, a demand.

Each composition moves the judge's log-odds by a stated worth, and may name the label. They know concepts and
the topic of the table, never a single word.

>>> from detectors.model import ColumnInfo, TableInfo, TableRef
>>> table = TableInfo(TableRef("person_ext"), (ColumnInfo("f", comment="护照复印件"),), "人员扩展")
>>> context = ColumnContext.of(table, table.columns[0], "person")
>>> [composition.name for composition in compositions_of(context)]
['image of a document']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from detectors.columns.concepts import Concepts, comment_concepts, concepts_of
from detectors.columns.context import ColumnContext
from detectors.columns.subjects import PartyKind, row_subjects
from detectors.columns.topics import Topic, table_topic
from detectors.model import Label, TableInfo
from detectors.names.lexicon import remembered_of_table
from detectors.names.matching import match_name

NOBODYS = ("organisation", "product", "dictionary")            # subjects of rows that have no person's papers
RECORDS = frozenset({"address", "place", "education", "property"})
PEOPLE = frozenset({
    "person_document", "account_of_money", "user", "customer", "student", "staff", "patient", "other_person",
    "student_number", "employee_number", "device", "social_account", "vehicle", "medical_number", "track",
})
LONGEST_NAME, SURE_WORD = 12, 0.9              # characters of a comment that is a name; strength of its word
DOCUMENTS = frozenset({"image_of", "photo"})


@dataclass(frozen=True, slots=True)
class ComposedColumn:
    """A column by what its name and comment speak of. head: of the last noun. topic: of the table.

    owner: kind of whose it is.
    """

    context: ColumnContext
    any: Concepts
    head: Concepts
    topic: Topic
    owner: PartyKind


@dataclass(frozen=True, slots=True)
class Composition:
    """Where it holds, `worth` is added in log-odds. label: what the column then is, empty if that is open."""

    name: str
    holds: Callable[[ComposedColumn], bool]
    worth: float
    label: Label = Label("")
    sensitive: bool = False


def compositions_of(context: ColumnContext) -> Iterator[Composition]:
    """Yield the compositions that hold for a column."""
    name, comment = concepts_of(context.column.name), comment_concepts(context.comment)
    topic = table_topic(context.table)
    owner = _owner_kinds(context.table).get(context.column.name, "unknown")
    column = ComposedColumn(context, name.any | comment.any, name.head | comment.head, topic, owner)
    yield from (composition for composition in COMPOSITIONS if composition.holds(column))


@remembered_of_table
def _owner_kinds(table: TableInfo) -> Mapping[str, PartyKind]:
    """Return the kind of whose each column is, by name; of columns of one name the first one's."""
    owners = zip(table.columns, row_subjects(table).owners, strict=True)
    return {column.name: owner.kind for column, owner in reversed(list(owners))}


def _is_image_of_document(column: ComposedColumn) -> bool:
    paper = "person_document" in column.any and "organisation" not in column.any
    return paper and bool(column.head & DOCUMENTS) and column.context.subject not in NOBODYS


def _is_demand(column: ComposedColumn) -> bool:
    """What is asked of whoever will come: 性别要求, a vacancy's salary."""
    return "h_requirement" in column.head or column.topic.kind == "requirement"


def _is_credit(column: ComposedColumn) -> bool:
    of_person = column.topic.name == "credit_file" and column.topic.by_title
    return of_person and "loan_and_credit" in column.any and not column.any & {"product", "organisation"}


def _is_photo_of_no_person(column: ComposedColumn) -> bool:
    context = column.context
    nobody = context.subject != "person" and not context.table_has_person() and not context.mentions_person()
    return "photo" in column.head and nobody


def _is_of_organisation(column: ComposedColumn) -> bool:
    return column.owner == "organisation" and not column.context.mentions_person()


def _is_of_place(column: ComposedColumn) -> bool:
    of_place = column.topic.kind in ("place", "machine") and column.topic.by_title
    nobody = column.context.subject not in ("person", "log")
    return of_place and nobody and bool(column.any & {"address", "geo"})


def _points_at_record(column: ComposedColumn) -> bool:
    """The id of an address, a place, a school or a house: where it is written down, not what it is."""
    return "h_id" in column.head and bool(column.any & RECORDS) and not column.any & PEOPLE


def _names_document(label: str, column: ComposedColumn) -> bool:
    """A comment that is the name of an identity document's number, whatever the column is called."""
    comment = re.sub("号码$", "号", column.context.comment)
    hit = match_name(comment) if 0 < len(comment) <= LONGEST_NAME else None
    is_document = hit is not None and hit.label == label and hit.strength >= SURE_WORD
    return is_document and column.owner != "organisation"


COMPOSITIONS = (
    *(Composition(f"comment names a {label}", partial(_names_document, label), 2.0, Label(label))
      for label in ("resident_id", "passport", "other_id_document")),
    Composition("of an organisation", _is_of_organisation, -1.0),
    Composition("of a place", _is_of_place, -1.5),
    Composition("image of a document", _is_image_of_document, 2.0, Label("id_document_image"), True),
    Composition("demand", _is_demand, -4.0),
    Composition("credit of a person", _is_credit, 2.5, Label("other_pi"), True),
    Composition("id of a record", _points_at_record, -1.5),
    Composition("photo of no person", _is_photo_of_no_person, -1.5),
)
