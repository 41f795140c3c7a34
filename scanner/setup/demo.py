"""An invented company, 华澜零售, with its systems and three flows.

CRM in SQLite with a data dictionary, orders in GB18030 CSV, app events in Parquet by day, staff in an XLSX
with a title row. Nobody in it exists; the same seed makes the same people. The true number of people is known
(`Truth`), so that a test can hold the count against it.
"""

from __future__ import annotations

import random
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.files import write_atomically
from scanner.setup import demo_data
from scanner.setup.demo_data import MEMBERS, STAFF, WITH_CONDITION

HERE = Path(__file__).parent
BEGAN = "since: 2026-02-01"                   # of the customers' flow, in demo_config.yaml
NEXT_STEPS = (                                # in the demo's folder: command, and why, in Chinese and English
    ("decide --what-if ciio=yes", "换一个答案", "another answer"),
    ("review todo", "先复核什么", "what to review first"),
    ("review reject health_note --by me --why pets", "复核立即生效", "a review counts at once"),
    ("scan -c chujing.yaml", "未变化的表不重读", "unchanged tables are not read"),
    ("diff", "变化及其原因", "what changed, and why"),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """True head-counts of the demo company."""

    staff: int
    members: int
    members_exported_to_hq: int               # distinct persons in the CRM flow
    marketing: int
    marketing_sensitive: int


def build_demo(folder: Path, seed: int = 7, since: date | None = None) -> Truth:
    """Write the company into a folder.

    since: when its running flow of customers began; default 2026-02-01, which leaves months without a ledger.
    Raise ConfigError when it holds a configuration that is not the demo's.
    """
    config = folder / "chujing.yaml"
    if config.exists() and "华澜零售" not in config.read_text(encoding="utf-8", errors="replace"):
        raise ConfigError(
            Msg("there is another configuration here"),
            where=str(config),
            hint=Msg("chujing demo OTHER_FOLDER"),
        )
    demo_data.write_systems(folder, random.Random(seed))
    text = (HERE / "demo_config.yaml").read_text(encoding="utf-8")
    if since is not None:
        text = text.replace(BEGAN, f"since: {since}")
    write_atomically(config, text.encode(), "team")
    write_atomically(folder / "chujing-answers.yaml", (HERE / "demo_answers.yaml").read_bytes(), "team")
    return Truth(STAFF, MEMBERS, MEMBERS, MEMBERS, WITH_CONDITION)


def next_steps(folder: Path, program: str, lang: str) -> Iterator[str]:
    """Yield lines to type after the demo. program: what this program is called in its folder."""
    yield f"cd {shlex.quote(str(folder))}"
    width = max(len(command) for command, _, _ in NEXT_STEPS)
    for command, zh, en in NEXT_STEPS:
        yield f"{program} {command:<{width}}  # {zh if lang == 'zh' else en}"
