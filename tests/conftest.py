"""Servers for the whole session, invented data, and a home of its own for every test."""

import os

import pytest

import servers

REQUIRED = os.environ.get("CHUJING_REQUIRE_SERVERS") == "1"


def _or_skip(server, name):
    if server is None and REQUIRED:
        pytest.fail(f"{name} is required here and was not found")
    if server is None:
        pytest.skip(f"{name} is not installed")
    return server


@pytest.fixture(scope="session")
def _postgresql(tmp_path_factory):
    with servers.postgresql(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture(scope="session")
def _mariadb(tmp_path_factory):
    with servers.mariadb(tmp_path_factory.mktemp("my")) as server:
        yield server


@pytest.fixture
def postgresql(_postgresql):
    """A running PostgreSQL, emptied."""
    server = _or_skip(_postgresql, "PostgreSQL")
    server.fill("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO reader",
                "DROP SCHEMA IF EXISTS hr CASCADE")
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


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """No test touches the user's key file or state, and all speak English."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CHUJING_KEY_FILE", str(home / "hash.key"))
    monkeypatch.setenv("CHUJING_LANG", "en")
    monkeypatch.delenv("CHUJING_KEY", raising=False)
    monkeypatch.delenv("CHUJING_STATE", raising=False)
