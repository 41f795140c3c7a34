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

from detectors.columns import table_kinds
from detectors.columns.column_stems import KEY, NAME, column_stem, ends_with_person
from detectors.columns.composed_column import ComposedColumn
from detectors.columns.concepts import comment_concepts, concepts_of
from detectors.columns.context import ColumnContext
from detectors.columns.cues import type_class
from detectors.columns.movers import Movement, is_position, moves
from detectors.columns.references import PERSON, row_subject
from detectors.columns.subjects import ColumnOwner, row_subjects
from detectors.columns.topics import table_topic
from detectors.model import Label, TableInfo
from detectors.names.lexicon import remembered_of_table
from detectors.names.matching import first_phrase, is_audit, match_name

NOBODYS = ("organisation", "product", "dictionary")            # subjects of rows that have no person's papers
RECORDS = frozenset({"address", "place", "education", "property"})
PEOPLE = frozenset({
    "person_document", "account_of_money", "user", "customer", "student", "staff", "patient", "other_person",
    "student_number", "employee_number", "device", "social_account", "vehicle", "medical_number", "track",
})
LONGEST_NAME, SURE_WORD = 12, 0.9              # characters of a comment that is a name; strength of its word
_SCHEME = re.compile(
    "(编码|代码|术语|分类)(体系|系统|标准)(的?(名称|代码|编码|版本))?$|术语集$|"
    "(coding|code|terminology)_(system|scheme)(_(name|code|version))?$|codesystem$"
)
DOCUMENTS = frozenset({"image_of", "photo"})
NETWORKS = frozenset({"network", "email", "device", "phone"})  # where an address is no place
WHETHER = frozenset({
    "is", "has", "have", "show", "check", "include", "includes", "allow", "need", "needs", "enable",
    "verified",
})
POSSESSIONS = frozenset({"phone", "email", "address", "credential", "photo", "person_document"})
NUMBERED = frozenset({                        # what has a number that is a person's
    "person_document", "employee_number", "student_number", "medical_number", "device", "account_of_money",
    "vehicle", "phone",
})
RENTERS = frozenset({"tenant", "tenants"})     # persons who rent, and firms that share a system
RENTALS = (                                   # what a table speaks of where tenants rent
    "landlord", "lessor", "lease", "rent", "rental", "apartment", "dwelling", "房东", "出租人",
    "租金", "租房", "房屋",
)
PARCEL = frozenset({"receiver", "sender"})    # whose an address is, whoever writes it down
NOBODY = ColumnOwner("", "unknown", "", "")


@dataclass(frozen=True, slots=True)
class Composition:
    """Where it holds, `worth` is added in log-odds. label: what the column then is, empty if that is open."""

    name: str
    holds: Callable[[ComposedColumn], bool]
    worth: float
    label: Label = Label("")


def compositions_of(context: ColumnContext) -> Iterator[Composition]:
    """Yield the compositions that hold for a column."""
    name, comment = concepts_of(context.column.name), comment_concepts(context.comment)
    topic = table_topic(context.table)
    owner = _owners(context.table).get(context.column.name, NOBODY)
    of_firms = context.subject == "person" and row_subjects(context.table).own == "organisation"
    column = ComposedColumn(context, name.any | comment.any, name.head | comment.head, topic, owner, of_firms)
    yield from (composition for composition in COMPOSITIONS if composition.holds(column))


@remembered_of_table
def _owners(table: TableInfo) -> Mapping[str, ColumnOwner]:
    """Return whose each column is, by name; of columns of one name the first one's."""
    owners = zip(table.columns, row_subjects(table).owners, strict=True)
    return {column.name: owner for column, owner in reversed(list(owners))}


@remembered_of_table
def _movement(table: TableInfo) -> Movement:
    return moves(table)


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
    """What is a firm's, but for the address of whoever sends or receives a parcel."""
    is_firms = column.owner.kind == "organisation" and column.owner.role not in PARCEL
    return is_firms and not column.context.mentions_person()


def _is_of_place(column: ComposedColumn) -> bool:
    """Where something stands: not what moves, nor an address in a network."""
    of_place = column.topic.kind in ("place", "machine") and column.topic.by_title
    nobody = column.context.subject not in ("person", "log") and _movement(column.context.table) != "mover"
    return of_place and nobody and bool(column.any & {"address", "geo"}) and not column.any & NETWORKS


def _points_at_record(column: ComposedColumn) -> bool:
    """The id of an address, a place, a school or a house: where it is written down, not what it is."""
    return "h_id" in column.head and bool(column.any & RECORDS) and not column.any & PEOPLE


def _names_document(label: str, column: ComposedColumn) -> bool:
    """A comment that is the name of an identity document's number, whatever the column is called."""
    comment = re.sub("(号码|编号)$", "号", column.context.comment)
    hit = match_name(comment) if 0 < len(comment) <= LONGEST_NAME else None
    is_document = hit is not None and hit.label == label and hit.strength >= SURE_WORD
    return is_document and column.owner.kind != "organisation"


def _names_somebody(column: ComposedColumn) -> bool:
    """A noun for persons with 名称, a name of things: 旅客名称."""
    comment = first_phrase(column.context.comment)
    return comment.endswith("名称") and ends_with_person(comment.removesuffix("名称"))


def _is_coding_system(column: ComposedColumn) -> bool:
    """What codes are taken from: the same for everybody."""
    return _SCHEME.search(first_phrase(column.context.comment) or "_".join(column.context.words)) is not None


def _is_key_of_firm(column: ComposedColumn) -> bool:
    """The key of a customer, a tenant or an account whose row is a firm's, with a contact."""
    stem = column_stem(column.context.column.name, column.context.comment)
    return column.of_firms and stem.label in (KEY, "user_id") and not stem.role


def _is_of_firm(column: ComposedColumn) -> bool:
    """What a firm has that is called like a person: a customer's telephone beside its company and contact."""
    return column.of_firms and _is_of_organisation(column)


def _is_parcels_address(column: ComposedColumn) -> bool:
    """Where a parcel goes, or comes from, is somebody's: a shop's return address with a consignee."""
    return column.owner.role in PARCEL and "address" in column.any


def _is_position_of_mover(column: ComposedColumn) -> bool:
    return is_position(column.context.column) and _movement(column.context.table) == "mover"


def _is_id_of_person(column: ComposedColumn) -> bool:
    """`id` where a row is a person, by its title or by what only persons have."""
    return column.context.words == ("id",) and row_subject(column.context.table) == PERSON


def _points_at_person(column: ComposedColumn) -> bool:
    """The key of a person's row in another table of the source, but for whoever handled the record."""
    context = column.context
    return context.points_at == PERSON and not is_audit(context.column.name, context.comment)


def _is_of_renter(column: ComposedColumn) -> bool:
    """What a tenant is called or reached by, where the table speaks of a landlord, a rent or a lease."""
    context = column.context
    return bool(RENTERS & set(context.words)) and context.table_mentions(RENTALS)


def _says_whether(column: ComposedColumn) -> bool:
    """Whether there is a contact, a paper or a password, not which: `has_phone`, 是否邮箱验证."""
    context = column.context
    asks = not WHETHER.isdisjoint(context.words[:1]) or context.comment.startswith(("是否", "有无"))
    return (asks or type_class(context.column.type) == "flag") and bool(column.any & POSSESSIONS)


def _is_number_of_record(column: ComposedColumn) -> bool:
    """The number of an application, a lot or a receipt, not of whoever stands in it."""
    return "record_number" in column.head and not column.any & NUMBERED


def _counts_persons(column: ComposedColumn) -> bool:
    return "h_headcount" in column.head


def _employs(column: ComposedColumn) -> bool:
    """An organisation by a word for work: 工作单位, work_company; a department is called by its own name."""
    name = concepts_of(column.context.column.name).any
    comment = comment_concepts(first_phrase(column.context.comment)).any
    works = "job" in comment and "organisation" in name | comment or {"job", "organisation"} <= name
    return works and "h_flag" not in name | comment


def _is_number_of_person(column: ComposedColumn) -> bool:
    """A whole number under a noun for persons, `supervisor int`: who they are, not what they are called."""
    stem = column_stem(column.context.column.name, column.context.comment)
    is_somebody = bool(stem.role) or stem.noun == "person"
    return is_somebody and stem.label in (NAME, KEY) and type_class(column.context.column.type) == "int"


COMPOSITIONS = (
    *(Composition(f"comment names a {label}", partial(_names_document, label), 2.0, Label(label))
      for label in ("resident_id", "passport", "other_id_document")),
    Composition("of an organisation", _is_of_organisation, -1.0),
    Composition("of a firm", _is_of_firm, -1.0),
    Composition("address of a parcel", _is_parcels_address, 0.7),
    Composition("position of a mover", _is_position_of_mover, 0.7),
    Composition("of a place", _is_of_place, -1.5),
    Composition("image of a document", _is_image_of_document, 1.5, Label("id_document_image")),
    Composition("demand", _is_demand, -4.0),
    Composition("credit of a person", _is_credit, 0.9, Label("credit_record")),
    Composition("id of a record", _points_at_record, -1.0),
    Composition("name of somebody", _names_somebody, 0.8),
    Composition("coding system", _is_coding_system, -3.0),
    Composition("key of a firm", _is_key_of_firm, -2.0),
    Composition("id of a person", _is_id_of_person, 0.7),
    Composition("points at a person", _points_at_person, 1.5),
    Composition("number of a person", _is_number_of_person, 0.0, Label("user_id")),
    Composition("says whether", _says_whether, -2.0),
    Composition("number of a record", _is_number_of_record, -1.5),
    Composition("number of persons", _counts_persons, -2.4),
    Composition("employer", _employs, 1.0),
    Composition("of a renter", _is_of_renter, 3.0),
    Composition("address of coins", table_kinds.is_address_of_coins, 1.0, Label("bank_account")),
    Composition("advertising identifier", table_kinds.is_advertising_identifier, 2.0, Label("device_id")),
    Composition("recorded talk", table_kinds.is_recorded_talk, 2.0, Label("communication_content")),
    Composition("picture of a face", table_kinds.is_picture_of_face, 1.5, Label("biometric")),
    Composition("fingerprint of a card", table_kinds.is_fingerprint_of_card, 0.0, Label("bank_card")),
    Composition("fingerprint of a terminal", table_kinds.is_fingerprint_of_terminal, 0.0, Label("device_id")),
    Composition("signature of somebody", table_kinds.is_signature_of_somebody, 1.0, Label("signature")),
    Composition("secret of a system", table_kinds.is_secret_of_system, -1.2),
    Composition("mark of a pupil", table_kinds.is_mark_of_pupil, 0.7, Label("education")),
    Composition("photo of no person", _is_photo_of_no_person, -0.4),
)
