"""What is measured is what its row says: as many tables as were made, in every source of the benches."""

import sys

import places
import pytest
from typer.testing import CliRunner

from scanner.cli.app import app

sys.path.append(str(places.ROOT / "tests" / "bench"))
import generated_sources  # noqa: E402
import processes  # noqa: E402
from bench_warehouse import table_names  # noqa: E402


@pytest.fixture
def scanned(tmp_path, monkeypatch):
    """Scan a database of so many generated tables, by names that are given or the benches' own."""
    monkeypatch.chdir(tmp_path)

    def scan(tables, names=table_names):
        monkeypatch.setattr(generated_sources, "table_names", names)
        generated_sources.sqlite(tmp_path / "many.db", tables, 3, 5)
        assert CliRunner().invoke(app, ["scan", "sqlite:///many.db", "--quiet"]).exit_code == 0
        return tmp_path

    return scan


def test_tables_of_a_benchmark_are_as_many_as_it_says(scanned):
    processes.require_tables(31, scanned(31))


def test_a_benchmark_whose_tables_became_one_fails(scanned):
    folder = scanned(4, lambda tables: [f"orders_{n:04d}" for n in range(tables)])

    with pytest.raises(SystemExit, match="4 tables were made, and 1 are in the report"):
        processes.require_tables(4, folder)


def test_a_benchmark_without_a_scan_fails(tmp_path):
    with pytest.raises(SystemExit, match="1 tables were made, and 0 are in the report"):
        processes.require_tables(1, tmp_path)


@pytest.mark.parametrize(("kind", "ending"), [("gb18030", "csv"), ("parquet", "parquet")])
def test_a_generated_file_is_one_table(kind, ending, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / f"made.{ending}"
    getattr(generated_sources, kind)(file, 12, 60)
    assert CliRunner().invoke(app, ["scan", str(file), "--quiet"]).exit_code == 0

    processes.require_tables(1, tmp_path)
    with pytest.raises(SystemExit, match="2 tables were made"):
        processes.require_tables(2, tmp_path)


@pytest.mark.system
def test_a_command_that_fails_is_no_figure(tmp_path):
    with pytest.raises(SystemExit, match="exit 2"):
        processes.used([sys.executable, "-c", "import sys; sys.exit(2)"], tmp_path, tmp_path / "compiled")


@pytest.mark.system
def test_what_a_command_reads_is_counted(tmp_path):
    file = tmp_path / "large"
    file.write_bytes(bytes(5_000_000))
    nothing, whole = (
        processes.used([sys.executable, "-c", code], tmp_path, tmp_path / "compiled")
        for code in ("pass", "open('large', 'rb').read()")
    )

    assert 4.7 < whole.read - nothing.read < 5.5


@pytest.mark.unit
def test_a_count_of_other_persons_than_were_made_is_no_figure():
    processes.require_persons(200, [100, 100, 100], [100, 100])

    with pytest.raises(SystemExit, match="100 persons were made"):
        processes.require_persons(200, [1, 1, 1], [100])
    with pytest.raises(SystemExit, match="100 persons were made"):
        processes.require_persons(200, [100, 100, 101], [100])
