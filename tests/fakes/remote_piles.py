"""Units in partitions that some work is sent to as a cluster does it: pickled there and back."""

import pickle
from dataclasses import replace

import numpy as np

from mappings.keyless import PartCollector
from mappings.person_records import mix_keys
from mappings.remote_units import ChosenPile, PileSize, PlacedUnits
from mappings.unit_piles import Pile


def sent(value):
    return pickle.loads(pickle.dumps(value))


class Partitions:
    """Partitions of (pile, units); the last comes first."""

    def __init__(self, partitions):
        self.partitions = partitions

    @property
    def sizes(self):
        sizes = {}
        for partition in self.partitions:
            for pile, units in partition:
                sizes.setdefault(pile, PileSize()).add(PileSize.of(units))
        return sizes

    def __len__(self):
        return sum(size.units for size in self.sizes.values())

    def parts(self):
        for partition in reversed(self.partitions):
            yield from sent(partition)

    def reduce(self, work):
        values, kept = [], []
        for partition in reversed(self.partitions):
            given = list(sent(work)(iter(sent(partition))))
            kept.append([(each.slots, each.units) for each in given if isinstance(each, ChosenPile)])
            values += [sent(each) for each in given if not isinstance(each, ChosenPile)]
        return values, Partitions(kept)

    def fold_hashes(self, emit, fold):
        buckets = [{} for _ in self.partitions]
        for partition in self.partitions:
            for group, hashes in sent(emit)(iter(sent(partition))):
                for i, bucket in enumerate(buckets):
                    bucket.setdefault(group, []).append(hashes[hashes % np.uint64(len(buckets)) == i])
        for bucket in reversed(buckets):
            for group, several in bucket.items():
                yield group, fold(np.sort(np.concatenate(several)))

    def join(self, several, local):
        piles = [{} for _ in self.partitions]
        parts = [(slots, sent(units)) for each in several for slots, units in each.parts()]
        for slots, units in [*parts[::-1], *local]:
            bucket = mix_keys(units) % np.uint64(len(piles))
            for i, partition in enumerate(piles):
                if (bucket == i).any():
                    partition.setdefault(slots, Pile()).add(units.select(bucket == i))
        return Partitions([[(slots, pile.units()) for slots, pile in each.items()] for each in piles])


def stay(part, number):
    """A part whose units stay in so many partitions, in which equal ones meet."""
    remote = {}
    for side, each in part.sides():
        partitions = [[] for _ in range(number)]
        for slots, units in each.piles.items():
            names = [each.kinds[slot] for slot in slots]
            order = sorted(range(len(names)), key=names.__getitem__)
            units = replace(units, keys=units.keys[:, order])
            bucket = mix_keys(units) % np.uint64(number)
            for i, partition in enumerate(partitions):
                if (bucket == i).any():
                    partition.append((tuple(names[j] for j in order), units.select(bucket == i)))
        if each.piles:
            remote[side] = PlacedUnits(Partitions(partitions))
    return part.without_units().with_remote(remote)


def folded(parts):
    """Parts as one, equal units folded."""
    collector = PartCollector()
    for part in parts:
        collector.add(part)
    return collector.part()
