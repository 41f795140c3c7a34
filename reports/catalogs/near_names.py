"""What a check reports of entities and fields that a catalog lacks: the catalog's nearest names to ours."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from detectors.message import Text
from detectors.renamed import old_attributes
from reports.catalogs.protocol import Payload, Unmatched

NAMED = 5                                     # fields of an entity that a check names
SEARCHED = 50                                 # lookups of a near name in a check: each is a request


@old_attributes(entity="missing_entity", without="unreadable_entity", fields="missing_fields")
class Search:
    """Makes the `Unmatched` of one check. Near names are looked up for the first `most` of them only."""

    def __init__(self, most: int | None = None) -> None:
        self._lookups = SEARCHED if most is None else most

    def missing_entity(
        self, entity: str, payloads: Sequence[Payload], look_up: Callable[[], str]
    ) -> Unmatched:
        """Return an entity that the catalog does not have. look_up: gives the nearest name, or ""."""
        near, searched = self._near(look_up)
        return replace(
            self.unreadable_entity(entity, payloads, ""), near=near, searched=searched, unread=False
        )

    def unreadable_entity(
        self, entity: str, payloads: Sequence[Payload], why: Text, *, unread: bool = True
    ) -> Unmatched:
        """Return an entity that could not be read; or, if not unread, that cannot exist under its name."""
        tables = tables_of({p.about for p in payloads})
        columns = sum(about != table for about, table in tables.items())
        return Unmatched(entity, min(tables.values()), why=why, unread=unread, columns=columns)

    def missing_fields(
        self, entity: str, expected: Mapping[str, str], existing: Collection[str]
    ) -> Iterator[Unmatched]:
        """Yield the fields that an entity lacks; near names are looked up for the first that people will see.

        expected: our column's id by the field's name. existing: names of the fields it has.
        """
        for i, name in enumerate(n for n in expected if n not in existing):
            near, searched = self._near(partial(nearest_name, name, existing)) if i < NAMED else ("", True)
            yield Unmatched(entity, expected[name], near, name, searched=searched, columns=1)

    def _near(self, look_up: Callable[[], str]) -> tuple[str, bool]:
        """Return the nearest name and whether it was looked up."""
        self._lookups -= 1
        return (look_up(), True) if self._lookups >= 0 else ("", False)


def tables_of(ids: Collection[str]) -> Mapping[str, str]:
    """Return the table of each id of a column or table; a table's own id stands for itself."""
    parents = {id: id.rsplit("/", 1)[0] for id in ids}
    tables = set(parents.values())
    return {id: id if id in tables else table for id, table in parents.items()}


def nearest_name(word: str, names: Iterable[str]) -> str:
    """Return the name most like a word: the same in another case, else the closest; "" if none is."""
    candidates = list(names)
    same = [name for name in candidates if name.casefold() == word.casefold()]
    return (same or difflib.get_close_matches(word, candidates, n=1, cutoff=0.6) or [""])[0]


def nearest_by_last_part(name: str, names: Collection[str], last: Callable[[str], str]) -> str:
    """Return the nearest name by last parts alone: what stands before them is much alike in all names."""
    if not (tail := nearest_name(last(name), dict.fromkeys(map(last, names)))):
        return ""
    candidates = [n for n in names if last(n) == tail]
    return nearest_name(name, candidates) or candidates[0]
