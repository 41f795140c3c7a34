"""Whose the columns of a table are: the parties that a row speaks of, once per table.

Columns group by the stem of their names and comments (`guest1_*`, 男方…). A role that is named on some
columns only has the bare ones beside it, too, where it is the one person they can belong to: consignee,
delivery_address, tel. Names, comments and types alone are read; who knows labels of columns hands them in.

>>> from detectors.model import TableRef
>>> table = TableInfo(TableRef("parcel"), (ColumnInfo("consignee"), ColumnInfo("tel"), ColumnInfo("weight")))
>>> [owner.role for owner in row_subjects(table).owners]
['receiver', 'receiver', '']
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from detectors.columns.column_stems import KEY, NAME, ColumnStem, column_stem, is_person_word, words
from detectors.message import Msg, Text
from detectors.model import ColumnInfo, TableInfo
from detectors.names.lexicon import remembered_of_table
from detectors.names.tables import NEUTRAL, PERSONAL, singular, table_subject
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

PartyKind = Literal["person", "organisation", "thing", "event", "list", "unknown"]
NAMES = frozenset({"person_name", "contact_person", NAME})
IDENTITIES = frozenset({"resident_id", "passport", "other_id_document"})
HANDLES = frozenset({"username", "nickname", "employee_no"})
ANCHORS = NAMES | IDENTITIES                  # a person has one of each: two of them are two persons
BARE_ANCHORS = (ANCHORS | HANDLES | {"medical_record_no"}) - {NAME}
BARE_LABELS = frozenset({                     # attributes that a person of the row may have without a stem
    "phone_mobile", "phone_landline", "email", "postal_address", "im_account", *IDENTITIES, "bank_card",
    "bank_account", "gender", "birth_date", "age", "signature", "photo_avatar_url", "region_part",
})
PERSON_LABELS = PERSONAL | IDENTITIES | {"bank_card", "postal_address", "job_title", "user_id"}
_KINDS: Mapping[str, PartyKind] = {
    "person": "person", "organisation": "organisation", "product": "thing", "order": "event", "log": "event",
    "dictionary": "list",
}
FIRMS = frozenset({
    "company", "corp", "corporation", "enterprise", "firm", "org", "organisation", "organization",
})
OPERATOR = "operator"                         # the role of whoever created, changed or approved a record
_OTHERS = ("organisation", "product", "dictionary")            # subjects of tables that are no persons
_OF_ROW, _OF_PERSON = Msg("what the row is about"), Msg("the row's own person")
_MOST_SHARED = 0.8                            # share of columns whose common first word is no stem


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody, or something, a row speaks of. role: empty for the row's own subject. columns: how many."""

    role: str
    kind: PartyKind
    columns: int


@dataclass(frozen=True, slots=True)
class ColumnOwner:
    """Whose a column is. role: of the person it belongs to, if it is a person's; empty: the row's own.

    kind: what the column is about. stem: words that say so, empty for none.
    """

    role: str
    kind: PartyKind
    stem: str
    reason: Text


@dataclass(frozen=True, slots=True)
class RowSubjects:
    """own: what a row is. persons: does the row's own subject stand in it as a person? owners: by column."""

    own: PartyKind
    has_own_person: bool
    parties: tuple[Party, ...]
    owners: tuple[ColumnOwner, ...]


@dataclass(slots=True)
class _StemGroup:
    """Columns of one stem. labels: attributes it has."""

    role: str
    noun: str
    stem: str
    ordinal: str
    columns: list[int] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    @property
    def is_named(self) -> bool:
        """Does it hold a name or an identity number?"""
        return bool(self.labels & ANCHORS)

    @property
    def is_person(self) -> bool:
        """Does it speak of somebody, by a word for persons and an attribute of one?"""
        nothing = {"", KEY} if self.stem in _of_things_too() else {""}
        return bool(self.role) or self.noun in ("person", "direction") and bool(self.labels - nothing)


def row_subjects(table: TableInfo, labels: Sequence[str] | None = None) -> RowSubjects:
    """Return whose the columns of a table are.

    labels: what is known of each column, empty for nothing; None: names and comments alone speak.
    """
    return _row_subjects(table, tuple(labels) if labels is not None else None)


@remembered_of_table                          # the judge and the counting ask for the same tables
def _row_subjects(table: TableInfo, labels: tuple[str, ...] | None) -> RowSubjects:
    return _RowReading(table, labels).subjects()


class _RowReading:
    """A table whose columns are grouped; the groups become parties one rule after another."""

    def __init__(self, table: TableInfo, labels: tuple[str, ...] | None) -> None:
        self.table = table
        subject = table_subject(table)
        self.stems = _with_roles_of_stems(_without_prefix(table.columns))
        self.labels = [
            (labels[i] if labels is not None else "") or stem.label for i, stem in enumerate(self.stems)
        ]
        self.groups = self._grouped()
        self.bare = self.groups.get("", _StemGroup("", "", "", ""))
        self.is_of_firms = subject == "person" and self._speaks_of_firms()
        self.subject = "organisation" if self.is_of_firms else subject
        self._join_ordinals()
        self._join_unknown_stems()

    def subjects(self) -> RowSubjects:
        """Return the parties and whose each column is."""
        own = self._own_group()
        has_own = own is not None or self._has_bare_person()
        own_columns = frozenset(own.columns) if own is not None and own is not self.bare else frozenset()
        if self.is_of_firms:
            own_columns, has_own = frozenset(), False
        if own is not None and own is not self.bare:
            self._move(own, self.bare)
        self._settle_contacts(has_own)
        taker = self._taker()
        roles = self._role_names()
        owners: list[ColumnOwner | None] = [None] * len(self.table.columns)
        for group in self.groups.values():
            for i in group.columns:
                owners[i] = self._owner(i, group, taker, roles)
                if i in own_columns or has_own and group is self.bare and self._is_personal(i):
                    owners[i] = ColumnOwner("", "person", group.stem, _OF_PERSON)
        every = tuple(owner for owner in owners if owner is not None)
        return RowSubjects(_KINDS.get(self.subject, "unknown"), has_own, _parties(every), every)

    def _grouped(self) -> dict[str, _StemGroup]:
        groups: dict[str, _StemGroup] = {}
        for i, (stem, label) in enumerate(zip(self.stems, self.labels, strict=True)):
            name = stem.role or stem.stem
            kind = "role" if stem.role else stem.noun
            key = f"{kind}:{name}:{stem.ordinal}" if name or stem.ordinal else ""
            group = groups.setdefault(key, _StemGroup(stem.role, stem.noun, name, stem.ordinal))
            group.columns.append(i)
            group.labels.add(label)
        return groups

    def _move(self, group: _StemGroup, to: _StemGroup) -> None:
        """Put the columns of a group into another one."""
        self.groups = {key: each for key, each in self.groups.items() if each is not group}
        if to is self.bare:
            self.groups.setdefault("", to)
        to.columns += group.columns
        to.labels |= group.labels

    def _join_ordinals(self) -> None:
        """Numbers make another person only where each has a name or an identity number, and more."""
        numbered = [group for group in self.groups.values() if group.ordinal]
        for group in numbered:
            alike = [g for g in numbered if (g.stem, g.role) == (group.stem, group.role)]
            plain = next((g for g in self.groups.values()
                          if (g.stem, g.role, g.ordinal) == (group.stem, group.role, "")), None)
            rivals = [g for g in (*alike, *([plain] if plain else [])) if g is not group]
            enough = 1 if group.is_person else 2
            if any(_are_two(group, rival, enough) for rival in rivals):
                group.noun = group.noun or "person"
                continue
            if plain is not None:
                self._move(group, plain)
            elif group.stem or group.role:
                group.ordinal = ""
                for other in alike:
                    if other is not group and other in self.groups.values():
                        self._move(other, group)
            else:
                self._move(group, self.bare)

    def _join_unknown_stems(self) -> None:
        """Words that mean nothing make another person only where somebody else has the same attributes."""
        somebody = [g for g in self.groups.values() if g.is_named]
        unknown = [g for g in somebody if g.stem and not g.is_person and g.noun != "thing"]
        others = [g for g in somebody if g.is_person or g is self.bare]
        parties = [
            g for g in unknown
            if any(_are_two(g, rival, 2) for rival in (*unknown, *others) if rival is not g)
        ]
        for group in unknown:
            if group in parties:
                group.noun = "person"

    def _speaks_of_firms(self) -> bool:
        """Customers that are firms: a firm's name and a contact, and nobody else by name."""
        groups = self.groups.values()
        labels = {label for g in groups if not g.role and g.noun != "thing" for label in g.labels}
        has_firm = "employer" in labels or any(g.stem in FIRMS for g in groups if NAME in g.labels)
        has_contact = any(g.role in ("contact", "legal_representative") for g in groups)
        return has_firm and has_contact and not labels & (ANCHORS | HANDLES | {"gender", "birth_date"})

    def _has_bare_person(self) -> bool:
        """Do columns without a stem speak of a person?"""
        labels = self.bare.labels
        if self.subject in _OTHERS and not labels & IDENTITIES:
            return bool(labels & {"person_name"}) and self.subject != "dictionary"
        is_named = NAME in labels and len(_attributes(labels) & PERSON_LABELS) > 1
        return bool(labels & BARE_ANCHORS) or is_named or self.subject == "person"

    def _own_group(self) -> _StemGroup | None:
        """The group of the row's own person; the bare one where it is a person's, None for nobody."""
        if self._has_bare_person():
            self._join_own_nouns()
            return self.bare
        named = [g for g in self.groups.values() if g.is_person and self._is_called_like_table(g)]
        if len(named) == 1:
            return named[0]
        persons = [
            g for g in self.groups.values()
            if g.is_person and not g.role and g.noun == "person" and not g.stem.endswith("_by")
        ]
        of_users = [g for g in persons if g.stem in _own_nouns() and not g.ordinal]
        if len(of_users) == 1:
            return of_users[0]
        return persons[0] if len(persons) == 1 and not persons[0].ordinal else None

    def _join_own_nouns(self) -> None:
        """`user_id` beside bare attributes is their person's, unless both have one of the same."""
        for group in list(self.groups.values()):
            is_own = group.stem in _own_nouns() or self._is_called_like_table(group)
            if group is self.bare or not group.is_person or not is_own or group.ordinal:
                continue
            if group.role and not self._is_called_like_table(group):
                continue
            both = _attributes(group.labels) & _attributes(self.bare.labels) & (ANCHORS | {"phone_mobile"})
            if not both or group.stem in _same_nouns():
                self._move(group, self.bare)

    def _is_called_like_table(self, group: _StemGroup) -> bool:
        """Is the stem a word of the table's name, or does the table's comment begin with it?"""
        title = {singular(word) for word in tokens(self.table.ref.name)} - NEUTRAL
        stems = {self.stems[i].stem for i in group.columns} | ({group.role} if group.role else set())
        comment = self.table.comment
        if any(stem and not stem.isascii() and comment.startswith(stem) for stem in stems):
            return True
        return bool(stems & title)

    def _settle_contacts(self, has_own: bool) -> None:
        """`contact_phone` is the own person's where no contact is named."""
        for group in list(self.groups.values()):
            is_latin = all(self.stems[i].stem == "" for i in group.columns)
            if group.role == "contact" and is_latin and not group.is_named and has_own:
                self._move(group, self.bare)

    def _taker(self) -> _StemGroup | None:
        """The one person whom bare attributes can belong to, where the row has none of its own."""
        own_is_named = bool(self.bare.labels & (BARE_ANCHORS - {"person_name"} | {"person_name"}))
        if own_is_named or self.subject == "person":
            return None
        named = [g for g in self.groups.values() if g is not self.bare and g.is_person and g.labels & NAMES]
        others = [g for g in named if g.role not in words()["audited"]]
        chosen = others or named
        if len(chosen) != 1 or chosen[0].role not in words()["primary"]:
            return None
        return chosen[0]

    def _role_names(self) -> dict[int, str]:
        """The role of each group; further ones of a kind carry their number."""
        names: dict[int, str] = {}
        used: set[str] = set()
        ordered = sorted(self.groups.values(), key=lambda g: (g.role, g.stem, g.ordinal))
        for group in ordered:
            if group is self.bare or not group.is_person:
                names[id(group)] = ""
                continue
            plain = group.role or group.stem
            name = plain if plain and plain not in used else f"{plain}{group.ordinal or len(used)}"
            used.add(name)
            names[id(group)] = name
        return names

    def _is_personal(self, i: int) -> bool:
        """Is a column without a stem the own person's by what it is?"""
        return self.subject not in _OTHERS and self.labels[i] in PERSON_LABELS

    def _owner(
        self, i: int, group: _StemGroup, taker: _StemGroup | None, roles: Mapping[int, str],
    ) -> ColumnOwner:
        kind = _KINDS.get(self.subject, "unknown")
        if group.is_person and group is not self.bare:
            somebody = Msg("{stem} is somebody else in the row", stem=group.stem)
            return ColumnOwner(roles[id(group)], "person", group.stem, somebody)
        if group.noun == "thing":
            return ColumnOwner("", "thing", group.stem, Msg("{stem} is no person", stem=group.stem))
        if taker is not None and self.labels[i] in BARE_LABELS and self.labels[i] not in taker.labels:
            reason = Msg("{stem} is the only person it can belong to", stem=taker.stem)
            about: PartyKind = "organisation" if kind == "organisation" else "person"
            return ColumnOwner(roles[id(taker)], about, taker.stem, reason)
        return ColumnOwner("", kind, "", _OF_ROW)


def _are_two(group: _StemGroup, rival: _StemGroup, least: int) -> bool:
    """Have both a name, or both an identity number, and each of them enough attributes of a person?"""
    both = _attributes(group.labels) & _attributes(rival.labels) & ANCHORS
    if not both:
        return False
    if least == 1:
        return True
    return all(len(_attributes(g.labels) & (PERSON_LABELS | {NAME})) >= least for g in (group, rival))


def _attributes(labels: set[str]) -> set[str]:
    """Labels with every kind of name as one."""
    return {"person_name" if label in NAMES else label for label in labels} - {KEY, ""}


@cache
def _of_things_too() -> frozenset[str]:
    """Words for persons that things have, too: a tenant of a system, the parent of a node."""
    return frozenset(read_yaml("data/persons.yaml")["of_things_too"])


@cache
def _own_nouns() -> frozenset[str]:
    own = words()["own"]
    return frozenset((*own["en"], *own["zh"], *_same_nouns()))


@cache
def _same_nouns() -> frozenset[str]:
    """Whoever owns something, who is the row's own person: a card holder, 户主."""
    return frozenset((*words()["same"]["en"], *words()["same"]["zh"]))


def _parties(owners: Sequence[ColumnOwner]) -> tuple[Party, ...]:
    counts: dict[tuple[str, PartyKind], int] = {}
    for owner in owners:
        counts[owner.role, owner.kind] = counts.get((owner.role, owner.kind), 0) + 1
    return tuple(Party(role, kind, n) for (role, kind), n in sorted(counts.items()))


def _without_prefix(columns: Sequence[ColumnInfo]) -> list[ColumnStem]:
    """The stems of the columns; a first word that almost all of them share says nothing."""
    firsts = [re.split("[^A-Za-z0-9]", c.name, maxsplit=1)[0].lower() for c in columns]
    count, first = max(((firsts.count(first), first) for first in sorted(set(firsts))), default=(0, ""))
    if not first or count < max(3, _MOST_SHARED * len(columns)) or any(map(is_person_word, tokens(first))):
        return [column_stem(c.name, c.comment) for c in columns]
    rests = [
        c.name[len(first) + 1:] if each == first else "" for c, each in zip(columns, firsts, strict=True)
    ]
    return [column_stem(rest or c.name, c.comment) for rest, c in zip(rests, columns, strict=True)]


def _with_roles_of_stems(stems: Sequence[ColumnStem]) -> list[ColumnStem]:
    """A role that the comment of one column names holds for all columns of the same stem.

    Of whoever created or approved the record, it holds for attributes of a person only: `create_by` says
    nothing of `create_time`.
    """
    roles: dict[str, set[tuple[str, str, str]]] = {}
    for stem in stems:
        if stem.raw and stem.noun != "thing" and (stem.role or stem.noun):
            roles.setdefault(stem.raw, set()).add((stem.stem, stem.role, stem.noun))
    result = []
    for stem in stems:
        named = roles.get(stem.raw, set())
        if stem.raw and not stem.role and not stem.noun and len(named) == 1:
            words_of_stem, role, noun = next(iter(named))
            if role == OPERATOR and not stem.label:
                result.append(stem)
                continue
            stem = ColumnStem(words_of_stem, stem.ordinal, role, noun, stem.label, stem.raw)
        result.append(stem)
    return result
