"""What the keys of units show together: sums over keys, whatever part of the units holds all of each key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from mappings.account_scopes import Accounts, KeyKinds, ScopeAnswer, ScopeSums
from mappings.crowds import CROWD_CONTACTS, CROWD_SIZE, CROWDED_ACCOUNT, Agreement, crowd_limit
from mappings.key_companions import KeyCompanions
from mappings.link_facts import LinkFacts
from mappings.person_keys import (
    ACCOUNT_KEYS,
    CONTACT_KEYS,
    GLOBAL_KEYS,
    IDENTITY_KEYS,
    STRONG_KEYS,
)
from mappings.unit_graph import Parts, build_graph

NAMES, TRAITS, IDS = range(3)                 # companions by place in a survey; contacts follow, by kind
_U64 = np.uint64


def _slots(kinds: KeyKinds, chosen: Collection[str]) -> list[int]:
    return [place for place, label in enumerate(kinds.labels) if label in chosen]


def _weak_slots(kinds: KeyKinds) -> list[int]:
    """Return the places of keys that several people may share."""
    return [p for p, label in enumerate(kinds.labels) if label not in STRONG_KEYS and p not in kinds.traits]


@dataclass(slots=True)
class KeySurvey:
    """Sums over keys; those of parts add up.

    keys: by companions, kind of key and how many of them stand beside it, how many keys. many: keys that may
    be a crowd's, with their kind, and by companions how many stand beside each. logins: accounts of a crowd.
    named, beside: accounts by kind, and by kind and contact, that recur and disagree. scopes: by place.
    """

    keys: np.ndarray                          # int64, (companions, kinds, CROWDED_ACCOUNT + 1)
    many: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    kind_of_many: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    counts_of_many: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    logins: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    named: dict[int, Agreement] = field(default_factory=dict)
    beside: dict[tuple[int, int], Agreement] = field(default_factory=dict)
    scopes: dict[int, ScopeSums] = field(default_factory=dict)

    @classmethod
    def empty(cls, kinds: KeyKinds) -> KeySurvey:
        """Return the survey of no keys."""
        companions, places = IDS + 1 + len(_slots(kinds, CONTACT_KEYS)), len(kinds.labels)
        return cls(np.zeros((companions, places, CROWDED_ACCOUNT + 1), np.int64),
                   counts_of_many=np.zeros((0, companions), np.int64))

    def merge(self, other: KeySurvey) -> None:
        """Add the sums over other keys."""
        self.keys = self.keys + other.keys
        self.many = np.concatenate([self.many, other.many])
        self.kind_of_many = np.concatenate([self.kind_of_many, other.kind_of_many])
        self.counts_of_many = np.concatenate([self.counts_of_many, other.counts_of_many])
        self.logins = np.concatenate([self.logins, other.logins])
        for slot, agreement in other.named.items():
            self.named[slot] = self.named.get(slot, Agreement()) + agreement
        for pair, agreement in other.beside.items():
            self.beside[pair] = self.beside.get(pair, Agreement()) + agreement
        for slot, sums in other.scopes.items():
            self.scopes[slot] = self.scopes.get(slot, ScopeSums()) + sums


def survey_keys(
    parts: Parts, kinds: KeyKinds, facts: LinkFacts, bucket: tuple[int, int] | None = None
) -> KeySurvey:
    """Return the sums over keys of some units.

    facts: what earlier surveys say. bucket: (number, buckets) of the keys that count, of which all units
    are here; None: all keys.
    """
    companions = KeyCompanions(build_graph(parts, kinds), kinds)
    companions.settle(facts)
    own = None if bucket is None else bucket_of_keys(companions.hashes, bucket[1]) == bucket[0]
    return survey_companions(companions, own)


def bucket_of_keys(hashes: np.ndarray, buckets: int) -> np.ndarray:
    """Return the bucket, int64, of each key."""
    return (((hashes >> _U64(32)) * _U64(buckets)) >> _U64(32)).astype(np.int64)


def survey_companions(keys: KeyCompanions, own: np.ndarray | None = None) -> KeySurvey:
    """Return the sums over keys. own: bool per node, which of them count; None: all."""
    here = np.zeros(keys.size, bool)
    here[keys.node] = True                    # without keys there is a node that is none
    if own is not None:
        here &= own
    survey = KeySurvey.empty(keys.kinds)
    counts = np.minimum(np.stack(list(_counts(keys)), axis=1), CROWDED_ACCOUNT)[here]
    slot = keys.slot_of_node[here]
    for companion in range(counts.shape[1]):
        np.add.at(survey.keys[companion], (slot, counts[:, companion]), 1)
    least = np.array([_least(companion) for companion in range(counts.shape[1])])
    many = (counts >= least).any(axis=1)
    survey.many, survey.kind_of_many = keys.hashes[here][many], slot[many]
    survey.counts_of_many = counts[many]
    logins = _crowded_accounts(keys)
    survey.logins = keys.hashes[logins & here]
    for slot_of_accounts in _slots(keys.kinds, ACCOUNT_KEYS):
        is_own = keys.units.slot == slot_of_accounts
        names = np.where(is_own, keys.names, 0)
        survey.named[slot_of_accounts] = _agreement(keys, names, keys.count_names(names), here)
        for contact in _slots(keys.kinds, CONTACT_KEYS):
            beside = np.where(is_own, keys.keys_of_units(contact)[keys.units.unit], 0)
            survey.beside[slot_of_accounts, contact] = _agreement(keys, beside, keys.counts(beside), here)
    survey.scopes = dict(_scopes(keys, ~(keys.crowd | logins) & here))
    return survey


def _least(companion: int) -> int:
    return CROWD_SIZE if companion <= IDS else CROWD_CONTACTS


def _counts(keys: KeyCompanions) -> Iterator[np.ndarray]:
    """Yield per node how many companions stand beside it, kind after kind of them."""
    yield from (keys.name_counts, keys.trait_counts, keys.id_counts)
    judged = np.isin(keys.units.slot, [*_weak_slots(keys.kinds), *_slots(keys.kinds, IDENTITY_KEYS)])
    for slot in _slots(keys.kinds, CONTACT_KEYS):
        yield keys.counts(np.where(judged, keys.contacts_beside(slot), 0))


def _agreement(keys: KeyCompanions, values: np.ndarray, counts: np.ndarray, here: np.ndarray) -> Agreement:
    """Return how many accounts have several units with a value, and several values. values: per edge."""
    units = np.bincount(keys.node[values != 0], minlength=keys.size)
    return Agreement(int((here & (units > 1)).sum()), int((here & (counts > 1)).sum()))


def _crowded_accounts(keys: KeyCompanions) -> np.ndarray:
    """Nodes of accounts that too many people stand under to name one: a wrong label, a shared login."""
    heavy = keys.is_of_kind(ACCOUNT_KEYS)
    if heavy.any():
        heavy &= np.bincount(keys.node)[keys.node] >= CROWDED_ACCOUNT
    crowd = np.zeros(keys.size, bool)
    if not heavy.any():
        return crowd
    companions = [keys.counts(np.where(heavy, keys.names, 0))]
    for slot in keys.slots(GLOBAL_KEYS):
        companions.append(keys.counts(np.where(heavy, keys.keys_of_units(slot)[keys.units.unit], 0)))
    crowd[keys.node[heavy]] = True
    return crowd & (np.max(companions, axis=0) >= CROWDED_ACCOUNT)


def _scopes(keys: KeyCompanions, counting: np.ndarray) -> Iterator[tuple[int, ScopeSums]]:
    """Yield what accounts of several tables show, by place. counting: bool per node."""
    for places in keys.kinds.narrowed():
        edges = np.flatnonzero(np.isin(keys.units.slot, places) & counting[keys.node])
        others = keys.slots(CONTACT_KEYS | IDENTITY_KEYS)
        beside = [keys.keys_of_units(s)[keys.units.unit[edges]] for s in others]
        beside += [keys.names[edges], keys.births[edges]]
        accounts = Accounts(keys.node[edges], keys.units.slot[edges], beside)
        for slot in places:
            yield slot, accounts.sums(slot, keys.kinds.homes & frozenset(places))


def next_facts(survey: KeySurvey, kinds: KeyKinds, facts: LinkFacts) -> LinkFacts:
    """Return what a survey of all keys says, whose parts knew some facts.

    Identity numbers of a crowd are no one's beside other keys: where there are any, keys are to be summed up
    again; and where crowds are among keys that stand for accounts of several tables.
    """
    identities = _crowds(survey, kinds, _slots(kinds, IDENTITY_KEYS), of_identities=True)
    if len(identities) and not len(facts.crowds):
        return LinkFacts(identities)
    crowds = np.unique(np.concatenate([
        identities, survey.logins, _crowds(survey, kinds, _weak_slots(kinds), of_identities=False)
    ]))
    answers: dict[int, ScopeAnswer] = {}
    for places in kinds.narrowed():
        for slot in places:
            answer = survey.scopes.get(slot, ScopeSums()).answer(kinds.spaces, kinds.homes)
            if answer is not None:
                answers[slot] = answer
    weak = set(_weak_slots(kinds))
    is_last = np.array_equal(crowds, facts.crowds) or not any(
        weak & set(places) for places in kinds.narrowed()
    )
    return LinkFacts(
        crowds, tuple(slot for slot, each in survey.named.items() if each.is_broken),
        tuple(dict.fromkeys(slot for (slot, _), each in survey.beside.items() if each.is_broken)),
        answers, is_complete=is_last,
    )


def _crowds(
    survey: KeySurvey, kinds: KeyKinds, slots: Sequence[int], *, of_identities: bool
) -> np.ndarray:
    """Keys of some kinds under improbably many names, births or contacts, or IDs if they are no identity's.

    Keys that are weak and under one name have many contacts that are one person's.
    """
    crowd = np.zeros(len(survey.many), bool)
    contacts = dict(enumerate(_slots(kinds, CONTACT_KEYS), IDS + 1))
    for slot in slots:
        here = survey.kind_of_many == slot
        for companion, keys in enumerate(survey.keys):
            if contacts.get(companion) == slot or (companion == IDS and of_identities):
                continue
            counts = survey.counts_of_many[:, companion]
            above = here & (counts >= crowd_limit(keys[slot], _least(companion)))
            if companion in contacts and not of_identities:
                above &= survey.counts_of_many[:, NAMES] != 1
            crowd |= above
    return survey.many[crowd]
