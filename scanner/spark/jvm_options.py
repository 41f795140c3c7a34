"""Options of the driver's JVM, where nobody configured it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

OPTIONS = {
    "spark.driver.memory": "2g",
    # a driver out of memory loses a thread and waits for ever
    "spark.driver.defaultJavaOptions": "-XX:+ExitOnOutOfMemoryError",
}
_PROPERTY_KEY = re.compile(r"\s*([^\s#!=:][^\s=:]*)")


def default_options(env: Mapping[str, str]) -> Mapping[str, str]:
    """Return those of OPTIONS that spark-defaults.conf, the environment and spark-submit say nothing of.

    PYSPARK_SUBMIT_ARGS wins by itself, but for the file of properties it may name.
    """
    if "PYSPARK_GATEWAY_PORT" in env:         # the JVM runs already
        return {}
    arguments = shlex.split(env.get("PYSPARK_SUBMIT_ARGS", ""))
    files = [Path(value) for option, value in pairwise(arguments) if option == "--properties-file"]
    folder = Path(env["SPARK_CONF_DIR"]) if env.get("SPARK_CONF_DIR") else _spark_home(env) / "conf"
    configured = {key for file in (*files, folder / "spark-defaults.conf") for key in _property_keys(file)}
    if env.get("SPARK_DRIVER_MEMORY"):
        configured.add("spark.driver.memory")
    return {key: value for key, value in OPTIONS.items() if key not in configured}


def pyspark_folder() -> Path:
    """Return the folder of the installed pyspark, which holds a Spark of its own."""
    return Path(find_spec("pyspark").origin or "").parent  # type: ignore[union-attr]


def _spark_home(env: Mapping[str, str]) -> Path:
    return Path(env["SPARK_HOME"]) if env.get("SPARK_HOME") else pyspark_folder()


def _property_keys(file: Path) -> Iterator[str]:
    """Yield the keys of a file of Java properties; none where it cannot be read: then Spark says so."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    yield from (m[1] for line in lines if (m := _PROPERTY_KEY.match(line)))
