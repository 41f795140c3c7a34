"""Airflow's own classes on an exported file. Standard input: JSON {file}.

Writes of each DAG its schedule, time zone and command, after Airflow has checked and serialised it.
"""

import json
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

bag = DagBag(dag_folder=Path(json.load(sys.stdin)["file"]))
if bag.import_errors:
    sys.exit(str(bag.import_errors))
answers = {}
for name, dag in bag.dags.items():
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    answers[name] = {
        "schedule": stored.timetable.summary,
        "timezone": str(stored.timezone),
        "command": stored.get_task("scan").bash_command,
    }
print(json.dumps(answers))  # noqa: T201
