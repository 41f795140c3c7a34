"""The Spark engine: the same scan on an existing cluster.

Workers read, detect, hash and fold; the driver merges labels, counts and hashes.

    files and folders   read on the workers by the same readers as the local engine, so the paths must be
                        theirs, too; a source with a lake table or an archive among its files stays with the
                        local engine
    spark:              tables of the session's catalogue (Hive); `spark:hr,crm` those of some databases
    spark:FORMAT:PATH   one table in any format and file system the session reads, e.g. spark:delta:s3a://lake/member
    anything else       stays with the local engine, in the same scan

The hash key travels inside the pickled function that Spark sends to its workers (encrypted where the cluster
encrypts its traffic, `spark.network.crypto.enabled`), never in SQL, configuration, arguments or logs. Sampled
rows pass from worker to worker through Spark's own shuffle, never to the driver.

On the workers run `probe`, `splits`, `sampling`, `examining`, `counting` and `frame_tasks`, on both sides
`task_io`; the rest is the driver's.
"""

from scanner.spark.engine import Engine

__all__ = ["Engine"]
