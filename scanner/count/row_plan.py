"""How the rows of a table speak of persons: which keys a row has, whose they are, and which columns leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from detectors.columns.column_stems import is_further, is_kind_of_something, is_other_form, name_part
from detectors.columns.forms import is_hash_of_somebody
from detectors.columns.key_scopes import document_type, is_system
from detectors.columns.open_subjects import (
    SubjectKey,
    are_two_words,
    further_keys,
    has_word_of_its_own,
    is_group,
    is_mover,
    other_word,
    own_further_keys,
    possible_party,
    worded_keys,
)
from detectors.columns.subjects import OPERATOR
from detectors.ids import table_of
from detectors.labels import wide_label
from detectors.model import ColumnId, ColumnInfo, TableId, TableInfo
from detectors.names.tables import singular, table_subject
from detectors.names.tokens import tokens
from mappings.account_scopes import hash_scope
from mappings.person_keys import ACCOUNT_KEYS, CONTACT_KEYS, IDENTITY_KEYS
from mappings.row_columns import ExportedColumn, KeyColumn, OpenSubjects, RowPlan
from scanner.count.column_meanings import OWN, ColumnMeanings
from scanner.count.kinship_plan import with_kinship
from scanner.count.scoped_plan import with_scopes
from scanner.gather.table_catalogue import column_ids


def columns_by_table(columns: Sequence[ColumnId]) -> dict[TableId, list[ColumnId]]:
    """Return columns by table, in their order."""
    by_table: dict[TableId, list[ColumnId]] = {}
    for column in columns:
        by_table.setdefault(table_of(column), []).append(column)
    return by_table


def plan_table(tid: TableId, columns: Collection[ColumnId], meanings: ColumnMeanings) -> RowPlan | None:
    """Return how the rows of a table speak of persons.

    None is returned when no exported column holds personal information, or may hold it. columns: those that
    leave. What is merely possible tells nobody apart.
    """
    info = meanings.catalogue.tables[tid]
    leaving = frozenset(columns)
    parts = _PlanParts(_person_primary_key(info))
    roles, kinship = meanings.roles(tid, info), meanings.kinship_column(tid, info)
    keys = {
        tokens(c.name)[:-1]: role
        for c, column_id, role in zip(info.columns, column_ids(tid, info), roles, strict=True)
        if (a := meanings.findings.get(column_id)) is not None and a.finding.subject_key
    }
    for column, column_id, role in zip(info.columns, column_ids(tid, info), roles, strict=True):
        finding = meanings.findings.get(column_id)
        if finding is not None and finding.finding.label == "contact_person" and column.name != kinship:
            role = role or _role_of_sibling(column, keys, "contact")
            parts.add_contact(column, role)
        if finding is None:
            parts.add_primary_key(column, column_id, role)
            doubt = meanings.possible.get(column_id)
            if doubt is not None and doubt.finding.label == "person_name":
                parts.add_first_name(column, role)
            if column_id in leaving and doubt is not None:
                values = str(wide_label(doubt.finding.label))
                tells = doubt.finding.subject_key or values == "person_name"
                parts.exported.append(ExportedColumn(
                    column.name, column_id, doubt.sensitive, role, True, values if tells else ""
                ))
        elif finding.finding.kind == "personal_information":
            if column_id in leaving:
                parts.exported.append(ExportedColumn(column.name, column_id, finding.sensitive, role))
                is_text = meanings.is_text(column_id, column.type)
                if finding.finding.label in BETWEEN_PARTIES and not is_text:
                    parts.idle.add(column.name)
            label, form = str(wide_label(finding.finding.label)), finding.finding.form
            if form == "hashed" and label == "person_name" and is_hash_of_somebody(column.name):
                label = "user_id"
            is_key = finding.finding.subject_key or label == "user_id"
            is_key = is_key and not is_kind_of_something(column.name)
            is_key = is_key and not (label == "user_id" and is_system(column))
            scope = meanings.scope(column_id, label, form) if is_key else ""
            if column.name == kinship:        # words for relatives are nobody's name or key
                continue
            if form == "hashed" and scope:
                parts.add_hidden_key(column, label, role, scope)
            elif role == OPERATOR and label == "person_name":
                parts.add_operator(column, meanings.operator_scope(column_id))
            else:
                parts.add_personal(column, label, role, scope)
    parts.keys = _with_superiors_of_staff(parts.keys, info)
    parts.exported = _with_possible_parties(parts, info)
    plan = parts.row_plan()
    if plan is None:
        return None
    if kind := document_type(info):
        plan = replace(plan, keys=tuple(
            replace(key, typed=kind) if key.label == "resident_id" and key.column != kind else key
            for key in plan.keys
        ))
    texts = [c.name for c, column_id in zip(info.columns, column_ids(tid, info), strict=True)
             if column_id in leaving and meanings.is_text(column_id, c.type)]
    plan = _with_open_subjects(tid, info, plan, meanings.subjects, texts)
    ids = dict(zip((c.name for c in info.columns), column_ids(tid, info), strict=True))
    plan = with_scopes(plan, info, ids, meanings)
    return with_kinship(plan, kinship, ids, meanings.subjects)


def _with_possible_parties(parts: _PlanParts, info: TableInfo) -> list[ExportedColumn]:
    """Return the columns that leave where a possible key with a word for somebody is another person's.

    That is beside a key or a name of the row's own person, or beside another such key.
    """
    comments = {c.name: c.comment for c in info.columns}
    own = [*(k.column for k in parts.keys if not k.role), *(n for n in [parts.names.get("")] if n)]
    parties = {possible_party(column, comments[column]) for column in own}
    has_own, exported = bool(own), []
    for e in parts.exported:
        party = possible_party(e.column, comments[e.column]) if e.possible and e.values and not e.role else ""
        if party and has_own and party not in parties:
            e = replace(e, role=e.column)
        has_own |= bool(party)
        parties.add(party)
        exported.append(e)
    return exported


def _role_of_sibling(column: ColumnInfo, keys: Mapping[tuple[str, ...], str], other: str) -> str:
    """Return whose the keys of the same words are: `parent_phone` beside `parent_name`; else `other`."""
    return keys.get(tokens(column.name)[:-1] or ("",), other)


def _with_superiors_of_staff(keys: Sequence[KeyColumn], info: TableInfo) -> list[KeyColumn]:
    """Return keys where an employee's superior goes by the numbers of employees: `emp_no`, `emp_mgr`.

    A superior's number that is linked to another table, or is an own kind of number there, stays.
    """
    own = [key for key in keys if not key.role and key.label in ACCOUNT_KEYS and not key.hidden]
    is_of_staff = not {*tokens(info.ref.name), *map(singular, tokens(info.ref.name))}.isdisjoint(_STAFF)
    staff = [
        key for key in own
        if key.label == "employee_no" or is_of_staff or not _STAFF.isdisjoint(tokens(key.column))
    ]
    if not staff:
        return [*keys]
    return [
        replace(key, label=staff[0].label, scope=staff[0].scope)
        if key.role == "superior" and key.label == "user_id" and hash_scope(key.scope) != key.scope
        and not key.hidden else key
        for key in keys
    ]


_STAFF = frozenset({"emp", "employee", "employees", "staff", "worker", "员工", "职工"})


def _person_primary_key(info: TableInfo) -> ColumnInfo | None:
    """Return the primary key of a person table that has one of a single column."""
    keys = [c for c in info.columns if c.primary_key]
    return keys[0] if len(keys) == 1 and table_subject(info) == "person" else None


# kinds of keys of which a word may say that they are another person's
WORDED_KINDS = IDENTITY_KEYS | CONTACT_KEYS

# what passes between the parties of a row: an amount or a remark speaks of nobody else
BETWEEN_PARTIES = frozenset({"free_text_with_pi", "property_transaction", "communication_content"})

# kinds of keys that are looked for in texts
TEXT_KINDS = ("phone_mobile", "email", "resident_id")
# a hash of a number that is checked for itself counts as one of a document that is not
HIDDEN_KINDS = {"resident_id": "other_id_document", "passport": "other_id_document"}


@dataclass(slots=True)
class _PlanParts:
    """A row plan as its columns are added. person_key: the table's key, if it tells persons apart."""

    person_key: ColumnInfo | None
    exported: list[ExportedColumn] = field(default_factory=list)
    keys: list[KeyColumn] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    name_parts: dict[tuple[str, str], str] = field(default_factory=dict)  # (role, family or given) -> column
    possible_first_names: dict[str, str] = field(default_factory=dict)     # role -> column
    births: dict[str, tuple[str, str]] = field(default_factory=dict)
    genders: dict[str, str] = field(default_factory=dict)
    ages: dict[str, str] = field(default_factory=dict)
    other_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    movers: set[str] = field(default_factory=set)            # roles of whoever moves a vehicle
    plates: set[str] = field(default_factory=set)
    idle: set[str] = field(default_factory=set)              # speaks of no party of its own

    def add_contact(self, column: ColumnInfo, role: str) -> None:
        """Add a column that holds a name or a number of somebody else."""
        self.keys.append(KeyColumn(column.name, "phone_mobile", "phone_mobile", role, sure=False))
        self.names.setdefault(role, column.name)

    def add_first_name(self, column: ColumnInfo, role: str) -> None:
        """Add a column of what are possibly given names: beside family names they tell these apart."""
        if name_part(column.name, column.comment) == "given":
            self.possible_first_names.setdefault(role, column.name)

    def add_primary_key(self, column: ColumnInfo, column_id: ColumnId, role: str) -> None:
        """Add a column without a finding, which matters only as the key of a person table."""
        if column is self.person_key:
            self.keys.append(KeyColumn(column.name, "user_id", column_id, role))

    def add_personal(self, column: ColumnInfo, label: str, role: str, scope: str) -> None:
        """Add a column with personal information.

        scope: of a key that tells persons apart; empty: it is none.
        """
        if role and is_mover(column.name, column.comment):
            self.movers.add(role)
        if label == "plate_number":
            self.plates.add(column.name)
        if scope:
            self.keys.append(KeyColumn(column.name, label, scope, role))
        elif label == "person_name":
            part = name_part(column.name, column.comment)
            if part:
                self.name_parts.setdefault((role, part), column.name)
            elif role not in self.names:
                self.names[role] = column.name
            elif not is_other_form(column.name, column.comment):
                self.other_names[role] = (*self.other_names.get(role, ()), column.name)
        elif label == "gender":
            self.genders.setdefault(role, column.name)
        elif label == "age":
            self.ages.setdefault(role, column.name)
        elif label == "device_id":
            self.devices.setdefault(role, column.name)
        if label == "birth_date" or (label == "resident_id" and role not in self.births):
            self.births[role] = column.name, label

    def add_operator(self, column: ColumnInfo, scope: str) -> None:
        """Add the name by which a system knows whoever created or approved a record: an account's."""
        self.keys.append(KeyColumn(column.name, "username", scope, OPERATOR, sure=False))

    def add_hidden_key(self, column: ColumnInfo, label: str, role: str, scope: str) -> None:
        """Add a key whose values are hashes or ciphers; two different ones may be one person's."""
        kind = HIDDEN_KINDS.get(label, label)
        self.keys.append(KeyColumn(column.name, kind, scope, role, hidden=True))

    def row_plan(self) -> RowPlan | None:
        """Return the plan; None when nothing leaves.

        An address or a browser alone does not make another person of a row, so its column counts as the
        subject's own; somebody else's birthday does.
        """
        first_names: dict[str, str] = {}
        for (role, part), column in sorted(self.name_parts.items()):
            first = self.name_parts.get((role, "given")) or self.possible_first_names.get(role)
            if self.names.setdefault(role, column) == column and part == "family" and first is not None:
                first_names[role] = first
        others = {key.role for key in self.keys} | set(self.names) | set(self.births)
        others |= {e.role for e in self.exported if e.possible and e.values and e.role}
        exported = [e if e.role in others else replace(e, role="") for e in self.exported]
        parties = sorted({e.role for e in exported if e.role and (e.values or not e.possible)})
        if len(self.movers) == 1 and self.movers == set(parties) and "" not in others:
            (mover,) = self.movers
            exported = [replace(e, role=mover) if e.column in self.plates and not e.role else e
                        for e in exported]
        if len(parties) > 1 and "" not in others:            # what is possible is one of theirs
            exported = [
                replace(e, role=parties[0]) if (e.possible or e.column in self.idle) and not e.role else e
                for e in exported
            ]
        if not exported:
            return None
        return RowPlan(
            tuple(exported), tuple(self.keys), self.names, self.births, self.devices,
            first_names=first_names, keyed_roles=frozenset({OPERATOR}), genders=self.genders, ages=self.ages,
            other_names={role: names[self._further_keys(role):] for role, names in self.other_names.items()},
        )

    def _further_keys(self, role: str) -> int:
        """How many people beside the first have keys under a role: their names are no further people's."""
        labels = [key.label for key in self.keys if key.role == role and not is_further(key.column, "")]
        return max((labels.count(label) for label in labels), default=1) - 1


def _with_texts(plan: RowPlan, ids: Mapping[str, ColumnId], texts: Sequence[str]) -> RowPlan:
    """Return the plan where it is open whether texts speak of further people. texts: their columns."""
    if not texts:
        return plan
    keys = [KeyColumn(column, label, label, column, sure=False, in_text=True)
            for column in texts for label in TEXT_KINDS]
    exported = tuple(replace(e, role=e.column) if e.column in texts else e for e in plan.exported)
    apart = replace(
        plan, keys=(*plan.keys, *keys), exported=exported, keyed_roles=plan.keyed_roles | set(texts)
    )
    return replace(plan, open_subjects=OpenSubjects(tuple(ids[column] for column in texts), (), apart))


def _with_open_subjects(
    tid: TableId, info: TableInfo, plan: RowPlan, stated: Mapping[ColumnId, str], texts: Sequence[str]
) -> RowPlan:
    """Return the plan with what is open about whose its keys are. stated: columns that somebody settled.

    Two valid identity numbers in a row are two persons, whatever their columns are called.
    """
    ids = dict(zip((c.name for c in info.columns), column_ids(tid, info), strict=True))
    comments = {c.name: c.comment for c in info.columns}
    own_cells = frozenset(name for name, column in ids.items() if stated.get(column) == OWN)
    groups = frozenset(name for name in comments if is_group(name, comments[name]))
    plan = replace(plan, own_cells=own_cells, group_cells=groups)
    leaving = {e.role for e in plan.exported}
    sure = [key for key in plan.keys if key.sure and not key.hidden and key.role in leaving]
    identified: set[tuple[str, str]] = set()
    others = set()                            # columns of identity numbers of further persons
    for key in sure:
        if key.label in IDENTITY_KEYS:
            # no statement makes one person of two resident IDs
            is_stated = ids[key.column] in stated and key.label != "resident_id"
            if (key.role, key.label) in identified and not is_stated:
                others.add(key.column)
            identified.add((key.role, key.label))
    plan = _with_others(plan, others, comments)
    sure_columns = {key.column for key in sure}
    numbers = _record_numbers(info, plan.keys, ids)
    subject_keys = [
        SubjectKey(key.column, comments[key.column], key.label, key.role)
        for key in plan.keys if key.column in sure_columns - numbers
    ]
    open_keys = [pair for pair in further_keys(subject_keys) if ids[pair[1].name] not in stated]
    pairs = [(first.name, key.name, key.label) for first, key in open_keys]
    pairs += [pair for pair in _hidden_pairs(plan, leaving) if ids[pair[1]] not in stated]
    own = [key for key in subject_keys if not key.role and ids[key.name] not in stated]
    own = [key for key in own if key.label in WORDED_KINDS]
    birth = plan.births.get("", ("", ""))[0]
    if birth and birth not in {key.name for key in own} and ids[birth] not in stated:
        own.append(SubjectKey(birth, comments[birth], "birth_date", ""))
    worded = worded_keys(info, own, plan.names.get("", ""))
    own_further = not pairs and worded is None
    if own_further:
        pairs = [(first.name, key.name, key.label)
                 for first, key in own_further_keys(subject_keys) if ids[key.name] not in stated]
    texts = [column for column in texts if ids[column] not in stated]
    if not pairs and worded is None:
        return _with_texts(plan, ids, texts)
    named = [name for one, other, _ in pairs for name in (one, other)]
    named += [worded.bare, *worded.columns] if worded is not None else []
    columns = tuple(dict.fromkeys(ids[name] for name in named))
    apart = {other for _, other, _ in pairs} | set(worded.columns if worded is not None else ())
    beside = {other: one for one, other, _ in pairs}
    separate = _with_roles(plan, [
        replace(k, role=k.column, beside=beside.get(k.column, "")) if k.column in apart else k
        for k in plan.keys
    ])
    separate = replace(separate, keyed_roles=separate.keyed_roles | apart - {birth})
    if birth in apart:
        separate = _with_birth_apart(separate, birth)
    are_two = worded is not None and worded.are_others or any(are_two_words(*pair) for pair in open_keys)
    words: Literal["one", "two"] = "two" if are_two else "one"
    has_word = any(has_word_of_its_own(*pair) for pair in open_keys)
    separate, rest = _with_texts(separate, ids, texts), _with_texts(plan, ids, texts).open_subjects
    subjects = OpenSubjects(columns, tuple(pairs), separate, words, own_further, has_word, rest)
    return replace(plan, open_subjects=subjects)


def _record_numbers(
    info: TableInfo, keys: Iterable[KeyColumn], ids: Mapping[str, ColumnId],
) -> frozenset[str]:
    """Return the primary key of a table of somebody's records: `member_visit.id` beside `member_id`.

    The other key is that of a person in another table, after whom this one is called.
    """
    primary = [c.name for c in info.columns if c.primary_key]
    words = {singular(word) for word in tokens(info.ref.name)}
    is_of_records = any(
        {singular(word) for word in tokens(key.column)[:-1]} < words
        and key.column not in primary and key.scope not in ids.values() and key.scope.count("/") > 1
        for key in keys if not key.role and key.label == "user_id" and len(tokens(key.column)) > 1
    )
    return frozenset(primary) if len(primary) == 1 and is_of_records else frozenset()


def _with_others(plan: RowPlan, others: Collection[str], comments: Mapping[str, str]) -> RowPlan:
    """Return the plan where identity numbers of further persons are theirs, with the birthdays these tell.

    `child_id` is the person's whom `child_name` names.
    """
    roles = {}
    for key in plan.keys:
        if key.column in others:
            role = other_word(key.column, comments[key.column])
            has_key = any(k.role == role and k.label == key.label for k in plan.keys)
            roles[key.column] = role if role in plan.names and not has_key else key.column
    if not roles:
        return plan
    plan = _with_roles(plan, [replace(k, role=roles.get(k.column, k.role)) for k in plan.keys])
    births = {role: (c, "resident_id") for c, role in roles.items()
              if any(k.column == c and k.label == "resident_id" for k in plan.keys)}
    own = {role: birth for role, birth in plan.births.items() if birth[0] not in roles}
    first = next((k for k in plan.keys if not k.role and k.label == "resident_id"), None)
    if first is not None:
        own.setdefault("", (first.column, first.label))
    return replace(plan, births=births | own, keyed_roles=plan.keyed_roles | set(roles.values()))


def _hidden_pairs(plan: RowPlan, leaving: Collection[str]) -> list[tuple[str, str, str]]:
    """Return pairs of hashed keys of one kind and role, which are compared as they are."""
    first_keys: dict[tuple[str, str], str] = {}
    pairs = []
    for key in plan.keys:
        if key.hidden and key.role in leaving:
            first = first_keys.setdefault((key.role, key.scope), key.column)
            if first != key.column:
                pairs.append((first, key.column, key.compared_as))
    return pairs


def _with_birth_apart(plan: RowPlan, birth: str) -> RowPlan:
    """Return the plan where a birthday, or the identity number that tells it, is another person's."""
    births = {role: each for role, each in plan.births.items() if role}
    births[birth] = plan.births[""]
    own = next((k for k in plan.keys if not k.role and k.label == "resident_id"), None)
    if own is not None:
        births[""] = own.column, own.label
    exported = tuple(replace(e, role=birth) if e.column == birth else e for e in plan.exported)
    return replace(plan, births=births, exported=exported)


def _with_roles(plan: RowPlan, keys: Sequence[KeyColumn]) -> RowPlan:
    """Return the plan with other roles of its keys, and of their columns where they leave."""
    roles = {key.column: key.role for key in keys}
    exported = tuple(replace(e, role=roles.get(e.column, e.role)) for e in plan.exported)
    return replace(plan, keys=tuple(keys), exported=exported)
