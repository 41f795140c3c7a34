"""What goes wrong on a cluster is one clear line, in no words of Spark's, which may hold a cell."""

from types import SimpleNamespace

import pytest

from detectors.errors import ConfigError, SourceError
from scanner.spark import errors, session, together

CELL = "13712345678"
TROUBLES = {
    "no space to spill": (
        f"Job aborted: java.io.IOException: No space left on device {CELL}",
        "the workers have no space left on their disks"),
    "a table that was dropped": (
        f"[TABLE_OR_VIEW_NOT_FOUND] The table or view `hr`.`member` cannot be found. {CELL}",
        "the table is gone, or files of it"),
    "a file that was dropped": (
        f"[FAILED_READ_FILE.FILE_NOT_EXIST] Encountered error while reading file {CELL}",
        "the table is gone, or files of it"),
    "another Python": (
        f"[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9 {CELL}",
        "the workers have another Python than this one"),
    "a session that its owner closed": (
        f"Job 3 cancelled because SparkContext was shut down {CELL}", "the Spark session was lost"),
    "no numpy": (f"ModuleNotFoundError: No module named 'numpy' {CELL}", "missing on the workers: numpy"),
}


@pytest.mark.parametrize("text, line", TROUBLES.values(), ids=TROUBLES)
def test_a_trouble_is_one_clear_line(text, line):
    error = errors.explain_failure(RuntimeError(text), "lake")

    assert str(error.what) == line and error.hint
    assert CELL not in f"{error} {error.hint}" and "\n" not in f"{error} {error.hint}"


class BrokenCluster:
    """Fails every job that holds one of some tables; with a fault of the session, every job."""

    def __init__(self, fault, broken):
        self.fault, self.broken, self.jobs = fault, broken, 0

    def values_by_bucket(self, numbers, properties):
        self.jobs += 1
        if self.broken & set(numbers):
            raise self.fault
        return [(number, f"table {number}") for number in numbers]


@pytest.mark.parametrize("broken", [{0}, {99}, {7, 8, 50}, set(range(100))], ids=str)
def test_tables_that_fail_a_job_cost_themselves_alone(broken):
    fault = SourceError(errors.NO_SPACE)
    outcomes = together.collect_by_table(BrokenCluster(fault, broken), range(100), list)

    assert outcomes == {n: fault if n in broken else f"table {n}" for n in range(100)}


def test_a_lost_session_is_not_tried_again_for_each_table():
    cluster = BrokenCluster(SourceError(errors.SESSION_LOST), {5})
    outcomes = together.collect_by_table(cluster, range(100), list)

    assert cluster.jobs == 1
    assert {outcome.what for outcome in outcomes.values()} == {errors.SESSION_LOST}


@pytest.mark.parametrize(
    "master", ["k8s", "k8s:host", "mesos://h:5050", "yarn-client", "localhost", "spark:h:1"])
def test_what_is_no_master_is_told_before_java_starts(master):
    with pytest.raises(ConfigError, match="is no master") as raised:
        session._reach(master)
    assert "--master" in str(raised.value.hint)


@pytest.mark.parametrize(
    "master", ["yarn", "local", "local[*]", "local[2,4]", "local-cluster[2,1,1024]", "k8s://https://h:6443"])
def test_masters_that_spark_knows_are_accepted(master):
    session._reach(master)


@pytest.mark.parametrize(("settings", "cores"), [
    ({}, 2),
    ({"enabled": "true"}, 2),
    ({"enabled": "true", "maxExecutors": "30"}, 120),
    ({"enabled": "false", "maxExecutors": "30"}, 2),
    ({"enabled": "true", "maxExecutors": "2147483647"}, 2),
], ids=str)
def test_executors_that_may_come_count(settings, cores):
    conf = {f"spark.dynamicAllocation.{key}": value for key, value in settings.items()}
    conf["spark.executor.cores"] = "4"
    cluster = object.__new__(session.Cluster)
    context = SimpleNamespace(defaultParallelism=2, getConf=lambda: SimpleNamespace(get=conf.get))
    cluster.session = SimpleNamespace(sparkContext=context)

    assert cluster.parallelism == cores


def test_a_session_that_its_owner_stopped_is_one_clear_line():
    cluster = session.Cluster.__new__(session.Cluster)
    cluster.session = SimpleNamespace(sparkContext=SimpleNamespace(_jsc=None))
    cluster.where = "the given Spark session"

    for ask in (lambda: cluster.parallelism, lambda: cluster.run(lambda: 1, None)):
        with pytest.raises(SourceError) as caught:
            ask()
        assert caught.value.what == errors.SESSION_LOST and caught.value.where == cluster.where
