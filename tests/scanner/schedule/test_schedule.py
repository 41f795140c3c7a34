"""When scans run: cron as cron means it, missed runs, a graceful stop,
and what each run leaves for other programs.
"""

import ast
import http.server
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from detectors.errors import ConfigError
from scanner.cli.app import app
from scanner.config.cron import parse_cron
from scanner.config.model import read
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import ScheduleExport, export_schedule
from scanner.schedule.runner import due_run
from scanner.schedule.trigger import missed_run, next_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONFIG = """version: 1
sources: {shop: {url: "sqlite:///shop.db"}, files: {url: files}}
schedule:
  nightly: {cron: "30 2 * * *", jitter: 600}
  weekly: {cron: "0 4 * * sun", timezone: UTC, sources: [shop], options: [--full]}
"""


@pytest.fixture
def shop(tmp_path):
    c = sqlite3.connect(tmp_path / "shop.db")
    c.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, mobile TEXT)")
    c.executemany("INSERT INTO member (mobile) VALUES (?)", [(f"137{i:08d}",) for i in range(40)])
    c.commit()
    c.close()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text("email\n" + "".join(f"u{i}@example.com\n" for i in range(40)))
    (tmp_path / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("cron", "nights"),
    {
        "30 2 * * *": "28 29 30 31",
        "0 4 */10 * mon": "",
        "0 4 1-7 * mon": "2 9 16 23 30 1 3 4 5 6 7",
        "0 4 L * *": "31 30",
        "0 4 13 * 5": "30 6 13 20 27",
        "5 4 31 * *": "31",
        "0 5 * nov 1#2": "9",
        "@monthly": "1",
    }.items(),
)
def test_an_expression_means_what_cron_means(cron, nights):
    start = at("2026-10-28T00:00:00") - timedelta(seconds=1)
    times = [t for t in next_times(ScheduleEntry("x", cron), start, 40) if t < at("2026-12-01T00:00:00")]

    assert {t.day for t in times} >= set(map(int, nights.split()))
    assert len(times) == len(nights.split()) or cron == "30 2 * * *"


@given(st.text(alphabet="0123456789*/-, montue", max_size=20))
def test_any_text_is_read_or_refused(text):
    try:
        assert len(parse_cron(text).numbers) == 5
    except ConfigError as e:
        assert e.hint


@pytest.mark.parametrize(
    ("line", "said"),
    {
        '{cron: "30 2 * *"}': "4 fields",
        '{cron: "61 2 * * *"}': "no minute",
        '{cron: "0 5-2 * * *"}': '"5-2" is no hour. 0 to 23, *, a-b',
        '{cron: "0 0 31 2 *"}': '"0 0 31 2 *" never comes. no month',
        '{cron: "0 0 32 2 *"}': '"32" is no day of month',
        '{cron: "0 2 * * *", timezone: Asia/Shangai}': "no time zone",
        '{cron: "0 2 * * *", sources: [shp]}': 'mean "shop"',
    }.items(),
)
def test_what_is_wrong_is_said_with_its_place(shop, line, said):
    (shop / "chujing.yaml").write_text(CONFIG + f"  bad: {line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as e:
        read(shop / "chujing.yaml")

    assert said in e.value.line()
    assert "chujing.yaml:6" in e.value.line()


def test_jitter_only_delays_and_stays_within_its_bound():
    entry = ScheduleEntry("x", "30 2 * * *", jitter=600)
    now = at("2026-11-02T00:00:00")
    drawn = [due_run(entry, now).start - at("2026-11-02T02:30:00") for _ in range(50)]

    assert all(timedelta() <= d <= timedelta(seconds=600) for d in drawn)
    assert len(set(drawn)) > 10


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-11-01T02:31:00", "2026-11-02T03:00:00", True),  # the machine slept over half past two
        ("2026-11-02T02:30:05", "2026-11-02T03:00:00", False),
        ("2026-11-01T02:31:00", "2026-11-02T20:00:00", False),  # too late: the next night is near
        (None, "2026-11-02T03:00:00", False),  # never run: waits for its time
    ],
)
def test_a_missed_run_is_known(last, now, due):
    assert missed_run(ScheduleEntry("x", "30 2 * * *"), at(last) if last else None, at(now)) is due


class TestExport:
    def test_cron_waits_within_the_jitter_and_escapes_percent(self, shop):
        text = export_schedule(
            "cronie", ScheduleExport(read(shop / "chujing.yaml").schedule, shop / "chujing.yaml", ["CRM_PW"])
        )
        lines = [x for x in text.splitlines() if re.match(r"[\d*@]", x)]

        assert len(lines) == 2
        assert "RANDOM \\% 601" in lines[0] and "CRON_TZ=Asia/Shanghai" in text and "CRON_TZ=UTC" in text
        assert all(x.count("%") == x.count("\\%") for x in lines)
        assert lines[1].endswith("chujing scan -c chujing.yaml --quiet --only shop --full")
        assert "CRM_PW" in text

    def test_airflow_is_a_program(self, shop):
        tree = ast.parse(
            export_schedule(
                "airflow", ScheduleExport(read(shop / "chujing.yaml").schedule, shop / "chujing.yaml")
            )
        )
        calls = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Call)]

        assert sum(c.startswith("DAG(") for c in calls) == 2
        assert any("max_active_runs=1" in c and "'30 2 * * *'" in c for c in calls)

    def test_kubernetes_never_runs_two_and_takes_secrets_from_a_secret(self, shop):
        objects = list(
            yaml.safe_load_all(
                export_schedule(
                    "kubernetes",
                    ScheduleExport(
                        read(shop / "chujing.yaml").schedule, shop / "chujing.yaml", ["CRM_PW"], "r/c:1"
                    ),
                )
            )
        )
        pod = objects[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]

        assert [o["kind"] for o in objects] == ["CronJob", "CronJob"]
        assert (
            objects[0]["spec"]["concurrencyPolicy"] == "Forbid"
            and objects[0]["spec"]["timeZone"] == "Asia/Shanghai"
        )
        assert {"name": "CRM_PW", "valueFrom": {"secretKeyRef": {"name": "chujing", "key": "CRM_PW"}}} in pod[
            "containers"
        ][0]["env"]
        assert objects[1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["command"][
            -3:
        ] == [
            "--only",
            "shop",
            "--full",
        ]

    def test_an_unknown_target_names_the_nearest(self, shop):
        with pytest.raises(ConfigError, match="crom") as e:
            export_schedule(
                "crom", ScheduleExport(read(shop / "chujing.yaml").schedule, shop / "chujing.yaml")
            )
        assert '"cron"' in e.value.hint


def test_the_server_runs_scans_at_their_times_and_stops_gracefully(shop):
    (shop / "chujing.yaml").write_text(
        CONFIG.replace("30 2 * * *", "* * * * *").replace(", jitter: 600", ""), encoding="utf-8"
    )
    scan = [sys.executable, "-m", "scanner", "scan", "-c", "chujing.yaml", "-q"]
    subprocess.run(scan, cwd=shop, check=True, stdout=subprocess.DEVNULL, env={**os.environ})
    with sqlite3.connect(
        shop / ".chujing" / "state.db"
    ) as c:  # the last run was two minutes ago: one was missed
        c.execute(
            "UPDATE run SET started = ?",
            ((datetime.now(ZoneInfo("UTC")) - timedelta(minutes=2)).isoformat(),),
        )
    child = subprocess.Popen(
        [sys.executable, "-m", "scanner", "schedule", "run", "--log", "json"],
        cwd=shop,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    events = []
    for line in child.stderr:
        if not line.startswith("{"):
            continue
        events.append(json.loads(line))
        if events[-1]["event"] == "ended":
            child.send_signal(signal.SIGTERM)
    assert child.wait(60) == 0
    names = [e["event"] for e in events]
    assert names.index("missed") < names.index("started") < names.index("ended") < names.index("stopped")
    assert next(e for e in events if e["event"] == "ended")["status"] == 0
    with sqlite3.connect(shop / ".chujing" / "state.db") as c:
        assert c.execute("SELECT count(*) FROM run").fetchone()[0] >= 2


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent; answers `answer`."""

    got: list[dict] = []
    answer = 200

    def do_POST(self):
        Hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(Hook.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook(monkeypatch):
    Hook.got, Hook.answer = [], 200
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HOOK", f"http://127.0.0.1:{server.server_port}/secret-path")
    yield Hook
    server.shutdown()


def scan(shop, *options):
    return CliRunner().invoke(app, ["scan", "-c", str(shop / "chujing.yaml"), "-q", "--lang", "en", *options])


class TestWhatARunLeaves:
    def test_a_summary_is_sent_on_change_and_only_then(self, shop, hook):
        (shop / "chujing.yaml").write_text(CONFIG + "notify: {webhook: {env: HOOK}}\n", encoding="utf-8")
        assert scan(shop).exit_code == 0
        assert scan(shop).exit_code == 0
        assert hook.got == []

        (shop / "files" / "a.csv").write_text("quantity\n1\n2\n")
        scan(shop)

        assert "files/a/email  finding: e-mail address -> -  [schema]" in hook.got[0]["text"]
        assert "example.com" not in hook.got[0]["text"]

    def test_a_summary_that_does_not_arrive_is_status_3_and_hides_the_address(self, shop, hook):
        (shop / "chujing.yaml").write_text(CONFIG + "notify: {webhook: {env: HOOK}}\n", encoding="utf-8")
        scan(shop)
        hook.answer = 500
        (shop / "files" / "a.csv").write_text("quantity\n1\n2\n")
        done = scan(shop)

        assert done.exit_code == 3
        assert "the webhook answered 500" in done.stderr
        assert "secret-path" not in done.stderr

    def test_log_lines_are_json_with_the_run_s_id(self, shop):
        os.truncate(shop / "shop.db", 50)
        done = scan(shop, "--log", "json")
        told = [json.loads(x) for x in done.stderr.splitlines() if x.startswith("{")]

        assert done.exit_code == 3
        assert [x["event"] for x in told] == ["skipped", "finished"]
        assert told[1]["run"] == told[0]["run"] != ""
        assert (told[1]["status"], told[1]["tables"]) == (3, 1)

    def test_metrics_are_a_prometheus_textfile(self, shop):
        scan(shop)
        scan(shop, "--metrics", str(shop / "out" / "chujing.prom"))
        text = (shop / "out" / "chujing.prom").read_text()
        line = re.compile(
            r'# (HELP|TYPE) chujing_\w+ .+|chujing_\w+(\{(\w+="([^"\\]|\\.)*",?)*\})? [-+0-9.e]+'
        )

        assert all(line.fullmatch(x) for x in text.splitlines())
        assert "chujing_tables_carried_over 2" in text
        assert 'chujing_tables{status="scanned"} 2' in text
        assert "chujing_columns_personal_information 3" in text  # id, mobile, email

    def test_one_source_alone_leaves_the_others_as_they_were(self, shop):
        scan(shop)
        (shop / "files" / "a.csv").write_text("email\n1\n2\n")
        with sqlite3.connect(shop / "shop.db") as c:
            c.execute("INSERT INTO member (mobile) VALUES ('13700000999')")
        done = scan(shop, "--only", "shop", "-o", str(shop / "r.json"))
        told = json.loads((shop / "r.json").read_text())

        assert done.exit_code == 0
        assert {t: r["carried"] for t, r in told["run"]["tables"].items()} == {
            "files/a": True,
            "shop/member": False,
        }
        scan(shop, "-o", str(shop / "r.json"))
        assert json.loads((shop / "r.json").read_text())["run"]["tables"]["files/a"]["carried"] is False

    def test_an_unknown_source_names_the_nearest(self, shop):
        assert read(shop / "chujing.yaml") is not None
        with pytest.raises(ConfigError, match="shp"):
            CliRunner().invoke(
                app, ["scan", "-c", str(shop / "chujing.yaml"), "--only", "shp"], catch_exceptions=False
            )
