"""The Spark engine on a real master with two workers: the same report as the local engine, and nothing but counts and hashes comes back."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import scanner
from detectors.checksums import iso7064_mod11_2
from detectors.errors import ConfigError, SourceError
from detectors.model import Skipped
from reports.formats.json import to_json
from scanner.sampling import positions
from scanner.spark import Engine, session, work

DAY = date(2026, 11, 1)
HEAD = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {lake: {url: lake}}
test_rows: {lake/member: {mobile: {eq: "13700000003"}}}
flows:
  - {id: everything, entity: a, recipient: {name: HQ}, purpose: crm, retention_days: 9000,
     fields: [member/name, member/id_no, member/mobile, member/remark, orders/receiver_mobile, visits/uid, visits/email]}
  - {id: shanghai, entity: a, recipient: {name: HQ}, purpose: crm, fields: [member/name, member/mobile],
     where: {lake/member: {city: {eq: 上海}}}}
"""


def resident_id(i):
    body = f"110105{1950 + i % 70}{1 + i % 12:02d}{1 + i % 28:02d}{i % 1000:03d}"
    return body + iso7064_mod11_2(body)


def members(n, people, seed=7):
    who = np.random.default_rng(seed).integers(0, people, n).tolist()
    names = [f"林{chr(0x4e00 + i % 40)}" for i in who]
    mobiles = [f"137{i // 2 % 10**8:08d}" for i in who]
    return pa.table({
        "id_no": [None if i % 11 == 0 else resident_id(i) for i in who],
        "mobile": [None if i % 5 == 0 else m for i, m in zip(who, mobiles, strict=True)],
        "name": names,
        "birth_date": [date(1950 + i % 70, 1 + i % 12, 1 + i % 28) for i in who],
        "city": [("上海", "杭州", "北京")[i % 3] for i in who],
        "address": [{"province": "浙江省", "street": f"文三路{i % 90}号"} for i in who],
        "remark": [f"请联系{n}，电话{m}，谢谢" for n, m in zip(names, mobiles, strict=True)],
    })


@pytest.fixture
def lake(tmp_path):
    """Parquet in several files and row groups, GB18030 text, and nested JSON lines."""
    folder = tmp_path / "lake"
    (folder / "member").mkdir(parents=True)
    table = members(900, 400)
    pq.write_table(table.slice(0, 500), folder / "member/part-0.parquet", row_group_size=120)
    pq.write_table(table.slice(500), folder / "member/part-1.parquet", row_group_size=300)
    rows = [f"{i},137{i % 70:08d},林{chr(0x4e00 + i % 9)},2001-01-0{1 + i % 9} 10:00" for i in range(300)]
    (folder / "orders.csv").write_bytes("\n".join(["order_id,receiver_mobile,receiver_name,created_at", *rows]).encode("gb18030"))
    (folder / "visits.jsonl").write_text("\n".join(
        json.dumps({"uid": i, "email": f"u{i % 60}@corp.cn", "geo": {"lat": 30 + i / 1000, "lng": 120 + i / 1000}}) for i in range(200)))
    (tmp_path / "chujing.yaml").write_text(HEAD, encoding="utf-8")
    return tmp_path


def same(one, other):
    """Reports without their runs."""
    return to_json(one) | {"run": None} == to_json(other) | {"run": None}


def test_findings_and_counts_are_those_of_the_local_engine(lake, spark_session):
    config = str(lake / "chujing.yaml")

    here = scanner.scan(config, as_of=DAY)
    there = scanner.scan(config, as_of=DAY, spark=spark_session)

    assert here.flows[0].individuals.best > 300
    assert any(n.startswith("test_rows|") for n in here.flows[0].count_notes)
    assert any(n.startswith("too_old|") for n in here.flows[0].count_notes)
    assert same(here, there)
