"""A common word beside its table: what it is there, and what it is not elsewhere. All tables are invented."""

from __future__ import annotations

import pytest

from detectors.columns.fusion import detect
from detectors.model import ColumnFinding, ColumnInfo, ColumnSample, TableInfo, TableRef

Columns = tuple[tuple[str, str, str], ...]    # name, type, comment
MEMBER: Columns = (("id", "bigint", ""), ("member_id", "bigint", ""))


def finding_of(table: str, columns: Columns, column: str) -> ColumnFinding | None:
    infos = tuple(ColumnInfo(name, kind, comment=text) for name, kind, text in columns)
    info = TableInfo(TableRef(table), infos)
    samples = [ColumnSample(info.ref.column("", c.parts), info, c, None) for c in infos]
    found = (f for f in detect(info, samples) if f.kind == "personal_information")
    return next((f for f in found if f.primary and f.column == info.ref.column("", (column,))), None)


def label_of(table: str, columns: Columns, column: str) -> str:
    finding = finding_of(table, columns, column)
    return "" if finding is None else str(finding.label)


COINS: Columns = (*MEMBER, ("coin_type", "varchar(20)", ""), ("txid", "varchar(80)", ""))
CALL: Columns = (("id", "bigint", ""), ("customer_phone", "varchar(20)", ""), ("start_time", "datetime", ""))
CHECK: Columns = (("id", "bigint", ""), ("user_id", "bigint", ""), ("real_name", "varchar(40)", ""))
GUARDIAN: Columns = (("id", "int", ""), ("student_name", "text", ""), ("guardian_phone", "text", ""))
SCORES: Columns = (("id", "bigint", ""), ("student_id", "bigint", ""), ("student_name", "varchar(40)", ""))


@pytest.mark.parametrize(("table", "columns", "column", "label"), [
    ("member_coin_withdrawal", COINS, ("to_address", "varchar(100)", ""), "bank_account"),
    ("member_coin_deposit", COINS, ("wallet_address", "varchar(100)", ""), "bank_account"),
    ("install_event", CHECK, ("gaid", "varchar(40)", ""), "device_id"),
    ("install_event", CHECK, ("browser_id", "varchar(40)", ""), "device_id"),
    ("service_call", CALL, ("recording_file", "varchar(200)", "通话录音"), "communication_content"),
    ("service_call", CALL, ("transcript", "text", ""), "communication_content"),
    ("liveness_check", CHECK, ("face_video_url", "varchar(200)", ""), "biometric"),
    ("user_check", CHECK, ("lmtx", "varchar(200)", "活体人脸照片"), "biometric"),
    ("consent_form", GUARDIAN, ("signature_image", "varchar(200)", ""), "signature"),
    ("consent_form", GUARDIAN, ("qm", "varchar(200)", "家长签字图片"), "signature"),
    ("exam_result", SCORES, ("score", "decimal(5,1)", ""), "education"),
])
def test_what_a_word_is_beside_its_table(
    table: str, columns: Columns, column: tuple[str, str, str], label: str,
) -> None:
    assert label_of(table, (*columns, column), column[0]) == label


SHOP: Columns = (("id", "bigint", ""), ("shop_name", "varchar(40)", ""), ("city", "varchar(40)", ""))
POOL: Columns = (("id", "bigint", ""), ("coin_type", "varchar(20)", ""), ("hot_balance", "decimal", ""))
CLIENT: Columns = (("id", "bigint", ""), ("app_key", "varchar(40)", ""), ("callback_url", "varchar(200)", ""))


@pytest.mark.parametrize(("table", "columns", "column", "labels"), [
    ("member_address", (*MEMBER, ("city", "varchar(20)", "")), ("address", "varchar(200)", ""),
     {"postal_address"}),
    ("coin_cold_pool", POOL, ("cold_address", "varchar(100)", "平台冷钱包地址"), {""}),
    ("campaign", SHOP, ("advertising_id", "bigint", ""), {""}),
    ("service_call", CALL, ("recording_seconds", "int", "录音时长"), {""}),
    ("app_member", CHECK, ("signature", "varchar(200)", "个性签名"), {"", "free_text_with_pi", "other_pi"}),
    ("webhook_request", CLIENT, ("signature", "varchar(200)", ""), {""}),
    ("member", CHECK, ("facebook_url", "varchar(200)", ""), {"im_account"}),
    ("sip_trunk", CLIENT, ("auth_password", "varchar(200)", ""), {""}),
    ("api_key", CLIENT, ("access_token", "varchar(200)", ""), {""}),
])
def test_what_it_is_not_elsewhere(
    table: str, columns: Columns, column: tuple[str, str, str], labels: set[str],
) -> None:
    finding = finding_of(table, (*columns, column), column[0])
    assert ("" if finding is None or finding.possible else str(finding.label)) in labels


@pytest.mark.parametrize(("column", "table", "label"), [
    ("card_no", "payment_card", "bank_card"), ("user_agent", "login_event", "device_id"),
])
def test_a_fingerprint_is_of_what_the_table_speaks_of(column: str, table: str, label: str) -> None:
    columns: Columns = (*CHECK, (column, "varchar(200)", ""), ("fingerprint", "varchar(64)", ""))
    assert label_of(table, columns, "fingerprint") in (label, "")
    assert label_of("user_enrolment", (*CHECK, ("fingerprint", "blob", "指纹")), "fingerprint") == "biometric"
