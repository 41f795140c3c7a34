"""The layer of every test, servers for the whole session, and a home of its own for every test."""

import gc
import itertools
import os
import resource
import sys

import hypothesis
import layers
import pytest

import servers
from scanner.connectors.host.readers import READERS

# no time of a test decides anything: machines that run it may be busy
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")
WATCH = layers.Watch()
LAYER = pytest.StashKey[str]()
REQUIRED = os.environ.get("CHUJING_REQUIRE_SERVERS") == "1"


def _or_skip(server, name):
    if server is None and REQUIRED:
        pytest.fail(f"{name} is required here and was not found")
    if server is None:
        pytest.skip(f"{name} is not installed")
    return server


@pytest.fixture
def no_collection():
    """No collection of garbage meanwhile: one that formats a traceback spoils a parse that is under way."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def _postgresql():
    with servers.place() as folder, servers.postgresql(folder) as server:
        yield server


@pytest.fixture(scope="session")
def _mariadb():
    with servers.place() as folder, servers.mariadb(folder) as server:
        yield server


@pytest.fixture
def postgresql(_postgresql):
    """A running PostgreSQL, emptied."""
    server = _or_skip(_postgresql, "PostgreSQL")
    server.fill(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO reader",
        "DROP SCHEMA IF EXISTS hr CASCADE",
    )
    return server


@pytest.fixture
def mariadb(_mariadb):
    """A running MariaDB, emptied."""
    server = _or_skip(_mariadb, "MariaDB")
    server.fill("DROP DATABASE shop", "CREATE DATABASE shop CHARACTER SET utf8mb4")
    return server


@pytest.fixture(scope="session")
def _warehouse(tmp_path_factory, _postgresql):
    if _postgresql is None:
        yield None
        return
    with servers.warehouse(tmp_path_factory.mktemp("hive"), _postgresql) as server:
        yield server


@pytest.fixture(scope="session")
def warehouse(_warehouse):
    """A running Hive warehouse: Spark's Thrift server and a metastore. Its tables stay for the session."""
    return _or_skip(_warehouse, "Java, or PostgreSQL's driver for it,")


@pytest.fixture(scope="session")
def _spark(tmp_path_factory):
    with servers.spark_master(tmp_path_factory.mktemp("spark")) as server:
        yield server


@pytest.fixture(scope="session")
def spark(_spark):
    """A Spark master with two workers."""
    return _or_skip(_spark, "Spark")


@pytest.fixture(scope="session")
def spark_session(spark, tmp_path_factory):
    """A session on it that all tests share, of one core on each worker;
    another application finds the other cores free.
    """
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder),
            "PYSPARK_PYTHON": sys.executable,
        }.items():
            patch.setenv(name, value)
        settings = {
            "spark.ui.enabled": "false",
            "spark.cores.max": "2",
            "spark.executor.cores": "1",
            "spark.executor.memory": "900m",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.log.level": "ERROR",
            "spark.sql.shuffle.partitions": "2",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master(spark.master).appName("shared")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory):
    """Gives one more empty folder each time it is called."""
    folder, numbers = tmp_path_factory.mktemp("homes"), itertools.count()

    def make():
        home = folder / str(next(numbers))
        home.mkdir()
        return home

    return make


@pytest.fixture(scope="session", autouse=True)
def _one_reader():
    """The reader process of the first scan serves those after it, too."""
    with READERS.open():
        yield


@pytest.fixture(autouse=True)
def _own_home(request, monkeypatch):
    """No test touches the user's key file or state, and all speak English. A unit test has no home at all."""
    home = "/nowhere" if request.node.stash[LAYER] == "unit" else request.getfixturevalue("_homes")()
    monkeypatch.setenv("CHUJING_KEY_FILE", f"{home}/hash.key")
    monkeypatch.setenv("CHUJING_LANG", "en")
    monkeypatch.delenv("CHUJING_KEY", raising=False)
    monkeypatch.delenv("CHUJING_STATE", raising=False)


# ---- layers ------------------------------------------------------------------------------------------------


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        layers.compile_modules()
    for name, needs in layers.LAYERS.items():
        config.addinivalue_line("markers", f"{name}: {needs}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark every test with its layer, so that `-m unit` chooses; one that has none or two is an error."""
    unmarked = []
    for item in items:
        layer = layers.layer_of(item)
        item.stash[LAYER] = layer
        if not layer:
            unmarked.append(item.nodeid)
        elif not item.get_closest_marker(layer):
            item.add_marker(layer)
    if unmarked:
        raise pytest.UsageError(f"of no layer ({', '.join(layers.LAYERS)}): {', '.join(unmarked[:5])}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """A unit test that touches a file, a socket or a process fails."""
    watched = item.stash[LAYER] == "unit"
    if watched:
        WATCH.begin()
    outcome = yield
    if watched and (touched := WATCH.end()) and outcome.excinfo is None:
        outcome.force_exception(
            pytest.fail.Exception(f"a unit test touched {'; '.join(touched[:3])}", pytrace=False)
        )


def pytest_terminal_summary(terminalreporter):
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    terminalreporter.write_line(
        f"CPU: {sum(u.ru_utime + u.ru_stime for u in used):.0f} s, children's included"
    )
