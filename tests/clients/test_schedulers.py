"""Exported schedules, read by the programs they are for."""

import pytest

import clients
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import ScheduleExport, export_schedule

ENTRIES = (
    ScheduleEntry("nightly", "30 2 * * *", "Asia/Shanghai", jitter=600),
    ScheduleEntry("Every quarter (集团)", "15 4 1 1,4,7,10 *", "Asia/Shanghai", sources=("crm", "hr 库")),
    ScheduleEntry("office", "*/20 9-17 * * mon-fri", "Asia/Singapore"),
)


@pytest.fixture
def export(tmp_path):
    """Writes the schedule for a target; its file."""

    def written(target):
        file = tmp_path / f"{target}_entries.py"
        exported = ScheduleExport(ENTRIES, tmp_path / "chujing.yaml", ("CRM_PW",), "example.com/chujing:1")
        file.write_text(export_schedule(target, exported), encoding="utf-8")
        return file

    return written


def test_kubernetes_takes_every_object(export, tmp_path):
    answer = clients.run_client(
        "schemas_client.py", [{"kind": "kubernetes", "file": str(export("kubernetes"))}], tmp_path
    )

    assert answer == {"kubernetes": len(ENTRIES)}


def test_airflow_reads_every_dag(export, tmp_path):
    answer = clients.run_client("airflow_client.py", {"file": str(export("airflow"))}, tmp_path)

    assert {name: (dag["schedule"], dag["timezone"]) for name, dag in answer.items()} == {
        "chujing_nightly": ("30 2 * * *", "Asia/Shanghai"),
        "chujing_every_quarter": ("15 4 1 1,4,7,10 *", "Asia/Shanghai"),
        "chujing_office": ("0,20,40 9-17 * * 1-5", "Asia/Singapore"),
    }
    assert all("chujing scan" in dag["command"] for dag in answer.values())


def test_dolphinscheduler_is_asked_for_every_workflow(export, tmp_path):
    question = {"file": str(export("dolphinscheduler"))}
    answer = clients.run_client("dolphinscheduler_client.py", question, tmp_path)
    parts = [part for of_workflow in answer.values() for part in of_workflow]
    schedules = [part["crontab"] for part in parts if "crontab" in part]
    tasks = [task for part in parts if isinstance(part, list) for task in part if "taskParams" in task]
    scripts = [task["taskParams"]["rawScript"] for task in tasks]

    assert schedules == ["0 30 2 * * ? *", "0 15 4 1 1,4,7,10 ? *", "0 0,20,40 9-17 ? * 2-6 *"]
    assert all("chujing scan" in script for script in scripts) and len(scripts) == len(ENTRIES)
