"""What OpenMetadata is sent, and what its stand-in in these tests answers,
held against the models it publishes.
"""

import json
import os
import subprocess
from pathlib import Path

import findings
import openmetadata_server
import places
import pytest

from detectors.registry import value_detectors
from reports.catalogs import find
from reports.catalogs.naming import NamingRule
from reports.catalogs.openmetadata.define import AUTOMATIC
from reports.catalogs.openmetadata.feedback import APPROVED, TASK_KIND
from reports.catalogs.openmetadata.names import joined_name, stored_name
from reports.catalogs.picking import Selection

ROOT = places.ROOT
PYTHON = Path(os.environ.get("CHUJING_OPENMETADATA_PYTHON", ROOT / ".venv-openmetadata" / "bin" / "python"))
ASKED = Selection(
    (NamingRule("crm", platform_instance="crm_pg", database="crm"),), suggested=True, recognizers=True
)


def held(kind, body):
    return {"kind": kind, "body": body}


def examples():
    """An entity as the stand-in keeps it, after a push and a person's change."""
    made = openmetadata_server.OpenMetadata()
    made.table("crm_pg.crm.public.member", "mobile", ("address", "city"))
    made._make("tags", "chujing.phone_mobile", {"name": "phone_mobile"})
    label = {
        "tagFQN": "chujing.phone_mobile",
        "source": "Classification",
        "labelType": "Manual",
        "state": "Confirmed",
    }
    made.by_hand(
        "li.na", "crm_pg.crm.public.member", [{"op": "add", "path": "/columns/0/tags", "value": [label]}]
    )
    table = made.held["tables"]["crm_pg.crm.public.member"]
    yield held(
        "table",
        {
            k: v
            for k, v in table.items()
            if k in ("columns", "version", "updatedAt", "updatedBy", "fullyQualifiedName")
        }
        | {"name": "member"},
    )
    yield held("versions", {"entityType": "table", "versions": made.versions[table["id"]]})
    feedback = {
        "entityLink": "<#E::table::crm_pg.crm.public.member::columns::mobile>",
        "tagFQN": "chujing_suggested.phone_mobile",
        "feedbackType": "INCORRECT_CLASSIFICATION",
        "userReason": "WRONG_DATA_TYPE",
        "suggestedTag": "chujing.phone_landline",
        "status": "APPLIED",
        "createdAt": 1_793_600_000_000,
    }
    yield held("feedback", feedback)
    person = {"id": "5b0c4f2e-7f3c-4a6e-9d0a-2f6f8b1c9e11", "type": "user", "name": "li.na"}
    yield held(
        "task",
        {
            "category": "Review",
            "type": TASK_KIND,
            "status": APPROVED[0],
            "payload": {"feedback": feedback},
            "createdBy": person,
            "resolution": {"type": APPROVED[0], "resolvedBy": person, "resolvedAt": 1_793_700_000_000},
        },
    )
    for name in (*findings.NAMES, 'a::b>"c"', ":::", "\r\n", '">"'):
        yield held("stored", {"name": name, "stored": stored_name(name)})
    for parts in (
        ["crm_pg", "crm", "public", "member"],
        ["crm_pg", "a.b", "public", "2026.订单"],
        ["服务", "库", "模式", "<script>"],
    ):
        yield held("name", {"parts": parts, "fqn": joined_name(*parts)})
    yield held("automatic", AUTOMATIC)


def recognized():
    """What each recogniser says of its detector's examples:
    a weak pattern only in a column whose name has one of its words.
    """
    known = {d.name: d for d in value_detectors()}
    for p in (p for p in find("openmetadata").payloads(findings.crm(), ASKED) if p.kind == "recognizer"):
        r = p.body["recognizer"]
        pattern, words = r["recognizerConfig"]["patterns"][0], r["recognizerConfig"]["context"]
        for text in known[pattern["name"]].examples:
            alone = pattern["score"] >= r["confidenceThreshold"]
            yield held("found", {"recognizer": r, "text": text, "context": ["amount"], "expected": alone})
            for word in words:
                yield held("found", {"recognizer": r, "text": text, "context": [word], "expected": True})


def test_every_payload_is_valid_by_the_published_models():
    if not PYTHON.exists():
        if os.environ.get("CHUJING_REQUIRE_SERVERS") == "1":
            pytest.fail(f"{PYTHON} is missing: .ci/run makes it")
        pytest.skip("needs a Python with openmetadata-ingestion: .ci/run makes one")
    sent = [
        held(p.kind, p.body)
        for report in (findings.crm(), findings.hostile(), findings.wide(20, 40))
        for p in find("openmetadata").payloads(report, ASKED)
        if p.kind != "automatic"
    ]
    every = [*sent, *examples(), *recognized()]
    ran = subprocess.run(
        [str(PYTHON), str(ROOT / "tests" / "clients" / "openmetadata_models.py")],
        input=json.dumps(every),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert ran.returncode == 0, ran.stderr[-2_000:]
    counts = json.loads(ran.stdout)
    assert (
        sum(counts.values()) == len(every)
        and counts["column_tag"] == sum(o["kind"] == "column_tag" for o in sent) > 900
    )
    assert counts["found"] > 100
