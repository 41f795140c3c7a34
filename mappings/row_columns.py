"""Which columns of a table tell persons apart, say how old they are, or leave with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from detectors.model import ColumnId
from mappings.hashed_values import HIDDEN_KEY
from mappings.model import Sensitive


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column whose value tells persons apart. scope: equal hashes mean equal persons only within it.

    hidden: its values are hashes or ciphers already: compared as they are, and no number to check. in_text:
    keys stand in its texts here and there. within: the column of a tenant or branch within which alone it is
    somebody's; empty: it is so everywhere. beside: of somebody else's key, the one it may repeat, masked.
    kinship: a column that says whose relative a row is: there the key is the holder's, who is not of the row.
    typed: a column that says of which kind of document the number of a row is.
    """

    column: str
    label: str
    scope: str
    role: str = ""                            # whose key: empty for the row's own subject, else spouse ...
    sure: bool = True  # False: the column may hold something else, which is then no placeholder
    hidden: bool = False
    in_text: bool = False
    within: str = ""
    beside: str = ""
    kinship: str = ""
    typed: str = ""

    @property
    def compared_as(self) -> str:
        """Label by whose form its values are compared."""
        return HIDDEN_KEY if self.hidden else self.label


@dataclass(frozen=True, slots=True)
class ExportedColumn:
    """A column that leaves, whose it is, and whether it is sensitive.

    possible: it may hold nothing personal; then nobody is counted by it. values: the label by whose form its
    cells hold several values, of a possible column that would tell persons apart; empty: of any other.
    """

    column: str
    id: ColumnId
    sensitive: Sensitive
    role: str = ""
    possible: bool = False
    values: str = ""


@dataclass(frozen=True, slots=True)
class OpenSubjects:
    """A row may speak of one person or of several, who have keys of one kind: the data is asked.

    columns: those with keys. pairs: (one, another, label by whose form they are compared), as the table calls
    them.
    apart: the plan where each further column is a person's of its own. words: what names alone would say.
    own: words say that they are one's own further numbers, which only one population of both can contradict.
    named: a column has a word for somebody, so that equal partners make no one of two. rest: what stays open
    if it is one person. scoped: keys that may be somebody's within a tenant or branch alone; only the rows
    are asked. shared: do most such have their numbers in common? unnamed: no word says that it is a scope.
    kinship: keys that may be the holder's in the rows of relatives.
    """

    columns: tuple[ColumnId, ...]
    pairs: tuple[tuple[str, str, str], ...]
    apart: RowPlan
    words: Literal["one", "two"] = "one"
    own: bool = False
    named: bool = False
    rest: OpenSubjects | None = None
    scoped: tuple[KeyColumn, ...] = ()
    shared: bool = False
    unnamed: bool = False
    kinship: tuple[KeyColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How the rows of one table speak of persons. names, births: role -> column (births with its label).

    A device is nobody's proof: it only says which rows without a key may be one person (答记者问 问11:
    persons, not devices).
    """

    exported: tuple[ExportedColumn, ...]
    keys: tuple[KeyColumn, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    births: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # role -> column: best evidence for rows without key or name
    devices: Mapping[str, str] = field(default_factory=dict)
    open_subjects: OpenSubjects | None = None
    # role -> column with given names, where `names` has the column of family names
    first_names: Mapping[str, str] = field(default_factory=dict)
    # columns of which somebody said that all keys of a cell are the row's own person's
    own_cells: frozenset[str] = frozenset()
    # columns whose words speak of several people: parents, members
    group_cells: frozenset[str] = frozenset()
    # roles of somebody of whom a row speaks only where it holds a key or a name: who created it, a remark's
    keyed_roles: frozenset[str] = frozenset()
    genders: Mapping[str, str] = field(default_factory=dict)               # role -> column
    ages: Mapping[str, str] = field(default_factory=dict)                  # role -> column, in years
    # role -> further columns with names, which may be another person's: name1, name2
    other_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def without_possible(self) -> RowPlan:
        """Return the plan as if what is merely possible were nothing."""
        return replace(self, exported=tuple(e for e in self.exported if not e.possible))

    def open_names(self, role: str) -> tuple[str, ...]:
        """Return further columns with names that may be another person's; not those that somebody settled."""
        return tuple(c for c in self.other_names.get(role, ()) if c not in self.own_cells)

    @property
    def tells_ages(self) -> bool:
        """Does a column say how old the persons are?"""
        return not {e.role for e in self.exported}.isdisjoint([*self.births, *self.ages])

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns the counting reads, each once."""
        columns = (
            [e.column for e in self.exported]
            + [k.column for k in self.keys]
            + [*self.names.values(), *self.first_names.values()]
            + [c for c, _ in self.births.values()]
            + [*self.genders.values(), *self.ages.values(), *self.devices.values()]
            + [c for names in self.other_names.values() for c in names]
            + [column for k in self.keys for column in (k.within, k.kinship, k.typed) if column]
            + [*(self.open_subjects.apart.columns if self.open_subjects is not None else ())]
        )
        return tuple(dict.fromkeys(columns))


    @property
    def telling(self) -> tuple[str, ...]:
        """Columns that tell persons apart: of keys and of names."""
        columns = [key.column for key in self.keys] + [*self.names.values()]
        return tuple(dict.fromkeys(columns + [c for names in self.other_names.values() for c in names]))


# adults: guardians (民法典 第二十七条), spouses (第一千零四十七条), whoever works (劳动法 第十五条)
ADULT_ROLES = frozenset({
    "parent", "spouse", "operator", "doctor", "agent", "superior", "legal_representative",
})

# whoever serves many: in rows without their key, a surname with a title names one of few
SERVING_ROLES = frozenset({"superior", "operator", "doctor", "agent"})

KINDS = (
    "resident_id", "passport", "other_id_document", "user_id", "employee_no", "username", "medical_record_no",
    "im_account", "phone_mobile", "email", "bank_card", "bank_account",
)


def key_rank(label: str) -> int:
    """Which kind of key names a person best: 0 is the best."""
    return KINDS.index(label) if label in KINDS else len(KINDS)
