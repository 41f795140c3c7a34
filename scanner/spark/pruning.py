"""Frames of which a sample reads a few splits: Spark divides the table, and runs no task for the others.

A split is a file, or `spark.sql.files.maxPartitionBytes` of a larger one; of other formats what their own
reader makes. Spark's TABLESAMPLE would not do: it reads every row and throws most away.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

SHARE = 25                                    # one split in so many is read,
FEWEST, MOST = 3, 32                          # but so many at least and, at first, at most
MORE = 8                                      # times as many are read where they held too few rows
WINDOW = 10_000                               # rows at the beginning of a split that may be in the sample
_SPLIT, _COST = "spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes"
# plans that need no rows of other splits; whatever else there is, is read whole
_NARROW = {"Project", "Filter", "Union", "Generate", "LogicalRelation", "HiveTableRelation",
           "DataSourceV2Relation", "DataSourceV2ScanRelation", "LogicalRDD"}


def dividing_session(session: Any) -> Any:
    """Return a session of the same catalogue and settings in which each file is a split of its own.

    Spark else packs as many small files into one as the cluster's size suggests: which rows a sample
    takes would depend on it. Where a session cannot be cloned, it serves itself.
    """
    from pyspark.sql import SparkSession

    with suppress(Exception):                 # a vendor's session may lack the method
        clone = SparkSession(session.sparkContext, session._jsparkSession.cloneSession())
        clone.conf.set(_COST, clone.conf.get(_SPLIT))
        return clone
    return session


def is_divisible(frame: Any) -> bool:
    """Tell whether each split of a frame can be read without the others."""
    pending = [frame._jdf.queryExecution().optimizedPlan()]
    while pending:
        plan = pending.pop()
        if plan.getClass().getSimpleName() not in _NARROW:
            return False
        children = plan.children()
        pending += [children.apply(i) for i in range(children.size())]
    return True


def first_number(splits: int) -> int:
    """Return how many splits of a table a sample reads at first.

    >>> [first_number(n) for n in (2, 10, 100, 100_000)]
    [2, 3, 4, 32]
    """
    return min(splits, max(FEWEST, min(MOST, splits // SHARE)))


def choose_splits(splits: int, number: int, seed: int) -> list[int]:
    """Return numbers of splits, ascending: the first, which Spark makes the largest, and one of each stretch.

    >>> choose_splits(4, 4, seed=7)
    [0, 1, 2, 3]
    """
    rng = random.Random(seed)
    bounds = [splits * i // number for i in range(number + 1)]
    return [0, *(rng.randrange(bounds[i], bounds[i + 1]) for i in range(1, number))]


def window_of(rows: int, number: int, splits: int) -> int:
    """Return at how many rows of a split to look: a few times its share; at last, all that may be needed."""
    return max(WINDOW, rows if number == splits else 4 * -(-rows // number))


def first_rows(frame: Any, number: int) -> Any:
    """Return the first rows of each split of a frame.

    Spark reads a split to its end even when the function over it stops earlier; under this limit it does not.
    """
    from pyspark.sql import DataFrame

    session = frame.sparkSession
    each = frame.limit(number)._jdf.logicalPlan().child()      # of the limit of all, the one of each split
    dataset = session.sparkContext._jvm.org.apache.spark.sql.classic.Dataset
    return DataFrame(dataset.ofRows(session._jsparkSession, each), session)


class DividedFrame:
    """What tasks give for the splits of a frame, of which some may be run."""

    def __init__(self, frame: Any) -> None:
        self._session = frame.sparkSession
        self._rows = frame._jdf.toJavaRDD()
        self.splits = int(self._rows.getNumPartitions())

    def only(self, numbers: Sequence[int]) -> DividedFrame:
        """Return some splits alone. No task is started for the others."""
        jvm = self._session.sparkContext._jvm
        chosen = jvm.PythonUtils.toSeq(list(numbers)).toSet()      # a set of Scala is a function, too
        pruned = object.__new__(DividedFrame)
        rows = jvm.org.apache.spark.rdd.PartitionPruningRDD.create(self._rows.rdd(), chosen)
        pruned._session, pruned._rows, pruned.splits = self._session, rows.toJavaRDD(), len(numbers)
        return pruned


def joined(session: Any, frames: Sequence[DividedFrame], schema: str) -> Any:
    """Return a frame of what the tasks of some frames give, one frame's splits after another's.

    schema: of the frames, in Spark's words.
    """
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    context = session.sparkContext
    rdd = context._jvm.org.apache.spark.api.java.JavaRDD
    array = context._gateway.new_array(rdd, len(frames))
    for i, frame in enumerate(frames):
        array[i] = frame._rows
    rows = context._jsc.union(array) if len(frames) > 1 else frames[0]._rows
    struct = session._jsparkSession.parseDataType(StructType.fromDDL(schema).json())
    return DataFrame(session._jsparkSession.createDataFrame(rows, struct), session)
