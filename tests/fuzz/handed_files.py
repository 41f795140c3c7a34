"""Files that people hand in, each with what reads it; changed at random, each is read or refused in one line."""

import contextlib
import io
import logging
import signal
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import mutations
from places import ROOT

from detectors.errors import ChujingError

CANARY = "zq7Hidden9Word"                     # a password in an address: no message may show it
SECONDS = 20                                  # CPU seconds after which reading counts as hanging
FOLDER = {                                    # a small company
    "chujing.yaml": f"""version: 1
exporter: {{id: acme, entities: [acme-cn], facts: {{ciio: no, important_data: none}}}}
sources:
  crm: {{url: "postgresql://reader:{CANARY}@db.example/crm", include: ["public/*"], exclude: ["*/*_bak"], timeout: 9}}
  lake: {{url: "data", connections: 2, pause: 100, blackout: ["22:00-06:00"]}}
ignore: [{{column: crm/public/shop/phone, why: hotline, by: 林, until: 2027-01-01}}]
links: [{{from: crm/public/orders/member_id, to: crm/public/member/id}}]
subjects: {{crm/public/member/kin_phone: emergency_contact}}
flows:
  - {{id: crm-hq, entity: acme-cn, status: active, since: 2026-02-01, every: month, purpose: crm, mode: transfer,
     recipient: {{name: HQ, country: DE}}, retention_days: 730, claim: none, facts: {{}},
     fields: [crm/public/member/name, crm/public/member/mobile],
     where: {{crm/public/member: {{region: {{in: [EU, UK]}}}}}}}}
  - {{id: hr-hq, entity: acme-cn, recipient: {{name: HQ, country: DE}}, purpose: hr_management, sql: "SELECT name FROM staff",
     source: crm}}
schedule: {{night: {{cron: "0 3 * * *", sources: [crm]}}}}
""",
    "chujing-answers.yaml": """- {fact: ciio, value: no, by: 王敏, on: 2026-03-01, how: letter}
- {fact: export_necessary, value: yes, flow: crm-hq, by: 王敏, on: 2026-03-01}
- {flow: crm-hq, field: crm/public/member/name, answer: justify, why: deliveries, by: 王敏, on: 2026-03-02}
- {suggestion: crm-hq/x, by: 王敏, on: 2026-03-02, why: no}
""",
    "reviews.yaml": """- {verdict: confirm, column: crm/public/member/name, label: person_name, by: 王敏, on: 2026-03-01}
- {verdict: reject, table: crm/public/shop, label: phone_mobile, by: 林, on: 2026-03-02, why: 门店电话}
- {verdict: relabel, pattern: "crm/*/mobile", label: order_id, to: phone_mobile, by: 林, on: 2026-03-02, until: 2027-01-01}
""",
    "chujing-filed.yaml": """- {id: c1, kind: contract, entity: acme-cn, recipient: HQ, purpose: crm, flow: crm-hq, mode: transfer,
   items: [{name: 姓名, description: x, columns: [crm/public/member/name]}, {name: 手机号}],
   persons: 12000, sensitive: 10, retention_days: 730, valid_until: 2029-01-31, by: 王敏, on: 2026-03-01}
""",
    "detectors.yaml": """detectors:
  - name: loyalty_no
    label: user_id
    title: 会员卡号
    pattern: 'HY[0-9]{10}'
    check: luhn
    names: [loyalty_no, hykh]
    examples: [HY0000000018]
    counterexamples: [HY0000000019]
  - {name: plan_names, label: other_pi, title: 计划, words: [青松计划, 白桦计划], names: [plan]}
""",
    "recognisers.yaml": """recognizers:
  - {name: Loyalty, supported_entity: CN_ID_CARD, supported_language: zh,
     patterns: [{name: a, regex: 'HY[0-9]{10}', score: 0.5}], context: [card]}
  - {name: Plans, supported_entity: SALARY, deny_list: [青松, 白桦]}
  - {name: CreditCardRecognizer, type: predefined}
""",
    "facts.yaml": """as_of: 2026-06-01
entity: acme
facts: {ciio: no, important_data: none}
flows:
  - {id: a, recipient: HQ, country: DE, purpose: crm, individuals: {low: 10, best: 20, high: 30}, sensitive: 5}
  - {id: b, recipient: HQ, purpose: hr, claim: none, individuals: 300, minors: 0}
together: {individuals: 320}
""",
    "events.ndjson": """{"outputs": [{"name": "public.member", "facets": {"columnLineage": {"fields": {"mobile": {"inputFields": \
[{"namespace": "n", "name": "public.orders", "field": "tel", "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}]}]}}}}}]}
{"eventType": "COMPLETE", "inputs": [], "outputs": [{"name": "public.orders"}]}
""",
    "manifest.json": """{"metadata": {"adapter_type": "postgres"}, "nodes": {"model.a.member": {"resource_type": "model",
"schema": "public", "name": "member", "alias": "member", "compiled_code": "select tel as mobile from public.orders"}}}
""",
    "dictionary.json": """{"tables": [{"name": "member", "comment": "会员", "columns": [{"name": "mobile", "type": "varchar",
"comment": "手机号"}, {"name": "name", "comment": "姓名"}]}]}
""",
}


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A kind of file. name: under which it lies in its folder. read: the folder that holds it."""

    name: str
    content: Callable[[], bytes]
    mutate: Callable
    read: Callable[[Path], object]


def _text(name):
    return lambda: FOLDER[name].encode()


def _configuration(folder):
    from scanner.config.model import read

    return read(folder / "chujing.yaml")


def _workspace(folder):
    from scanner.workspace import open_workspace

    return open_workspace(folder / "chujing.yaml")


def _reviews(folder):
    from scanner.sheets import review_file

    return review_file.read(folder / "reviews.yaml", date(2026, 6, 1))


def _detectors(folder):
    from detectors.custom import load

    return load(folder / "detectors.yaml")


def _recognisers(folder):
    from detectors.importers import convert

    return convert(folder / "recognisers.yaml", {"SALARY": "salary_income"})


def _facts(folder):
    from mappings.rules import in_force
    from scanner.records.stated_facts import read_stated_facts

    return read_stated_facts(folder / "facts.yaml", in_force(date(2026, 6, 1)), {}, date(2026, 6, 1))


def _grading(folder):
    from mappings.grading import load_grading

    return load_grading(str(folder / "company.yaml"))


def _company(folder):
    from mappings.company import read_company_xlsx

    return read_company_xlsx(folder / "classes.xlsx")


def _zone(folder):
    from mappings.zones import load_zone

    return load_zone(str(folder / "zone.yaml"))


def _zone_sheet(folder):
    from mappings.zone_sheet import read_zone_xlsx
    from mappings.zones import parse_zone

    return parse_zone(read_zone_xlsx(folder / "zone.xlsx"), "zone.xlsx")


def _intake(folder):
    from scanner.sheets import flow_register

    return flow_register.read(folder / "flows.xlsx")


def _baseline_sheet(folder):
    from scanner.sheets.filed_items import read_items

    return read_items(folder / "filed.xlsx", ["crm/public/member/name"])


def _lineage(name):
    def read(folder):
        from detectors.model import ColumnInfo, TableInfo, TableRef
        from scanner.gather.lineage import read_lineage
        from scanner.gather.table_catalogue import TableCatalogue

        infos = [TableInfo(TableRef(t, "public"), (ColumnInfo("mobile", "text"), ColumnInfo("tel", "text")))
                 for t in ("member", "orders")]
        catalogue = TableCatalogue({info.ref.id("crm"): info for info in infos}, complete=True)
        return read_lineage(catalogue, [folder / name])

    return read


def _dictionary(name):
    def read(folder):
        from scanner.connectors.dictionary import load_dictionary

        return load_dictionary(folder / name)

    return read


def _state(folder):
    from scanner.state import store

    for entry in store.runs(folder):
        store.find(folder, entry.id)
    return store.last(folder)


def _ledger(folder):
    from scanner.count import ledger

    return [list(ledger.read_entries(folder, KEY, 2026)), ledger.last_seal(folder, KEY, 2026)]


def _outbox(folder):
    from scanner.deliver.outbox import outbox
    from scanner.deliver.push_scope import PushScope

    with outbox(folder, "atlas", "http://x") as box:
        return [box.diff(_payloads()[1:], PushScope(frozenset({"s"}))), list(box.every()), list(box.batches(2))]


def _payloads():
    from reports.catalogs import Payload

    return [Payload(f"k{i}", "term", f"e{i}", {"name": f"n{i}"}, about="s/t" if i else "") for i in range(5)]


KEY = b"k" * 32


def _sheet(rows):
    def content():
        from openpyxl import Workbook

        book = Workbook()
        for row in rows:
            book.active.append(row)
        packed = io.BytesIO()
        book.save(packed)
        return packed.getvalue()

    return content


def _shipped(path):
    return lambda: (ROOT / path).read_bytes()


def _register():
    from scanner.config.model import read
    from scanner.sheets import flow_register

    with _own_folder("register") as folder:
        (folder / "chujing.yaml").write_text(FOLDER["chujing.yaml"], encoding="utf-8")
        flow_register.write(folder / "flows.xlsx", read(folder / "chujing.yaml").flows)
        return (folder / "flows.xlsx").read_bytes()


@cache
def _state_file():
    """The state of a folder after a scan, with two entries in the ledger and a queue for a catalog."""
    import scanner
    from scanner.count import ledger
    from scanner.deliver.outbox import outbox
    from scanner.deliver.push_scope import PushScope
    from scanner.state import store
    from scanner.state.run_entry import RunOrigin

    with _own_folder("state") as folder:
        (folder / "data").mkdir()
        rows = "".join(f"137{i:08d}\n" for i in range(20))
        (folder / "data" / "member.csv").write_text(f"mobile\n{rows}", encoding="utf-8")
        config = f"version: 1\nsources: {{lake: {{url: {folder}/data}}}}\n"
        (folder / "chujing.yaml").write_text(config, encoding="utf-8")
        report = scanner.scan(str(folder / "chujing.yaml"))
        store.remember(report, folder, RunOrigin("chujing.yaml", "scan", {}), 0)
        stated = ledger.StatedPersons(1_200, 10, "王敏", "SFTP log")
        for month in ("2026-01", "2026-02"):
            ledger.append_entry(folder, KEY, 2026, ledger.declared_entry("acme-cn", "crm-hq", month, stated))
        with outbox(folder, "atlas", "http://x") as box:
            box.enqueue(box.diff(_payloads(), PushScope(frozenset())))
        return (folder / ".chujing" / "state.db").read_bytes()


@contextlib.contextmanager
def _own_folder(name):
    with tempfile.TemporaryDirectory(prefix=name) as folder:
        yield Path(folder)


CLASSES = [["数据分类分级清单"], ["一级", "二级", "三级", "分级", "说明"],
           ["个人信息", "基本信息", "姓名", "3级", "客户姓名"], ["个人信息", "联系信息", "手机号", "3级", ""],
           ["业务数据", "订单", "订单号", "1级", None]]
ITEMS = [["数据项清单"], ["序号", "数据项名称", "内容描述", "备注"], [1, "姓名", "客户姓名", "crm/public/member/name"],
         [2, "手机号", "手机", ""]]
GRADING = """id: acme
title: 集团分类分级
grades: [1级, 2级, 3级]
labels:
  person_name: {levels: [个人信息, 姓名], grade: 3级}
  phone_mobile: {levels: [个人信息, 联系信息, 手机号], grade: 3级, confidence: recalled}
"""


ABOUT = {"id": "x", "zone": "Z", "title": "T", "version": "1", "issued": "2025-01-01", "status": "in_force",
         "complete": "yes", "sectors": "零售", "whole_scenarios": "会员", "source": "官方公告 2025-01-01 https://example.cn", "confidence": "recalled", "ciio_excluded": "yes"}

ENTRY = {"industry": "零售", "scenario": "会员", "data_category": "个人信息", "description": "会员资料", "count_min": 10_000,
         "data_kind": "个人信息", "required_path": "安全评估", "source_page": "3"}


@cache
def _zone_template():
    from openpyxl import load_workbook

    from mappings.zone_sheet import write_template
    from mappings.zones import COLUMNS

    packed = io.BytesIO()
    write_template(packed)
    book = load_workbook(packed)
    about, entries = book.worksheets
    for row in about.iter_rows():
        row[1].value = ABOUT.get(row[0].value, "")
    entries.append([ENTRY.get(key, "") for key in COLUMNS])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _yaml(name, read, content=None):
    return HandedFile(name, content or _text(name), mutations.mutate_yaml, read)


def _book(name, read, content):
    return HandedFile(name, content, mutations.mutate_archive, read)


STATE = ".chujing/state.db"
KINDS = {
    "configuration": _yaml("chujing.yaml", _configuration),
    "answers": _yaml("chujing-answers.yaml", _workspace),
    "reviews": _yaml("reviews.yaml", _reviews),
    "filed": _yaml("chujing-filed.yaml", _workspace),
    "detectors": _yaml("detectors.yaml", _detectors),
    "recognisers": _yaml("recognisers.yaml", _recognisers),
    "facts": _yaml("facts.yaml", _facts),
    "taxonomy": _yaml("company.yaml", _grading, GRADING.encode),
    "zone": _yaml("zone.yaml", _zone, _shipped("mappings/zone_lists/beijing_2024.yaml")),
    "lineage events": HandedFile(
        "events.ndjson", _text("events.ndjson"), mutations.mutate_json, _lineage("events.ndjson")),
    "lineage of dbt": HandedFile(
        "manifest.json", _text("manifest.json"), mutations.mutate_json, _lineage("manifest.json")),
    "dictionary": HandedFile(
        "dictionary.json", _text("dictionary.json"), mutations.mutate_json, _dictionary("dictionary.json")),
    "classes": _book("classes.xlsx", _company, _sheet(CLASSES)),
    "zone sheet": _book("zone.xlsx", _zone_sheet, _zone_template),
    "intake": _book("flows.xlsx", _intake, cache(_register)),
    "baseline": _book("filed.xlsx", _baseline_sheet, _sheet(ITEMS)),
    "dictionary sheet": _book("dictionary.xlsx", _dictionary("dictionary.xlsx"),
                              _sheet([["表名", "字段名", "注释"], ["member", "mobile", "手机号"]])),
    "state": HandedFile(STATE, _state_file, mutations.mutate_database, _state),
    "ledger": HandedFile(STATE, _state_file, mutations.mutate_database, _ledger),
    "outbox": HandedFile(STATE, _state_file, mutations.mutate_database, _outbox),
}


class Hanging(BaseException):
    """Reading took too long."""


def put(kind, content, folder):
    """Write a file of a kind into a folder; return where."""
    place = folder / kind.name
    place.parent.mkdir(exist_ok=True)
    (folder / "chujing.yaml").write_text(FOLDER["chujing.yaml"], encoding="utf-8")
    place.write_bytes(content)
    return place


def outcome_of(kind, content, folder):
    """Return what became of a file, read or refused, and what is wrong with that; empty: nothing."""
    place = put(kind, content, folder)
    notes = _Notes()
    logging.getLogger().addHandler(notes)
    before = signal.signal(signal.SIGVTALRM, _raise_hanging)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    outcome = "read"
    try:
        kind.read(folder)
    except ChujingError as e:
        outcome = "refused"
        notes.lines += [str(fault.line()) for fault in e.faults]
        if any("\n" in line or not line.strip() for line in notes.lines):
            return outcome, f"not one line: {notes.lines!r}"
    except Hanging:
        return "hanging", "hangs"
    except Exception as e:
        frames = traceback.extract_tb(e.__traceback__)
        own = [frame for frame in frames if "site-packages" not in frame.filename]
        return "crashed", f"{type(e).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        logging.getLogger().removeHandler(notes)
        for file in place.parent.glob(f"{place.name}*"):
            file.unlink()
    return outcome, "shows a password" if any(CANARY in line for line in notes.lines) else ""


def _raise_hanging(*_):
    raise Hanging


class _Notes(logging.Handler):
    """What was logged."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))
