"""A Hive metastore with invented tables, in a database of its own:
what a sweep over 30,000 tables and 1.2 M columns is measured on.

    .venv/bin/python tests/bench/metastore.py sqlite:////tmp/metastore.db --tables 30000 --columns 1200000
    .venv/bin/python tests/bench/metastore.py postgresql+psycopg://admin:...@127.0.0.1/metastore
    .venv/bin/python tests/bench/metastore.py URL --change 0.01

The last gives a filled one new statistics for every hundredth table.
Hive's own tables, keys and indexes, those a listing reads; storage descriptors of partitions are left out.
Same seed, same metastore.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

NOW = 1_790_000_000  # the newest moment in it, seconds since 1970
DAY = 86_400
PAGE = 1_000  # tables written at a time
LAYERS = (("ods", "贴源层"), ("dwd", "明细层"), ("dws", "汇总层"), ("ads", "应用层"), ("dim", "维度层"))
SYSTEMS = (
    ("crm", "客户系统"),
    ("oms", "订单系统"),
    ("pay", "支付系统"),
    ("hr", "人事系统"),
    ("app", "应用"),
    ("mkt", "营销"),
    ("fin", "财务"),
    ("scm", "供应链"),
    ("iot", "车联网"),
    ("risk", "风控"),
    ("svc", "客服"),
    ("log", "日志"),
)
SUBJECTS = (
    ("member", "会员"),
    ("user_profile", "用户画像"),
    ("order_detail", "订单明细"),
    ("payment", "支付流水"),
    ("refund", "退款"),
    ("staff", "员工"),
    ("salary", "薪资"),
    ("device", "设备"),
    ("login", "登录日志"),
    ("address", "收货地址"),
    ("coupon", "优惠券"),
    ("invoice", "发票"),
    ("contract", "合同"),
    ("visit", "访问"),
    ("click", "点击"),
    ("vehicle", "车辆"),
    ("trip", "行程"),
    ("complaint", "投诉"),
    ("stock", "库存"),
    ("shipment", "发货"),
    ("store", "门店"),
    ("goods", "商品"),
    ("budget", "预算"),
    ("risk_score", "风险评分"),
)
COLUMNS = (
    ("id", "bigint", "主键"),
    ("user_id", "bigint", "用户编号"),
    ("member_no", "string", "会员号"),
    ("mobile", "string", "手机号"),
    ("id_card_no", "string", "身份证号"),
    ("real_name", "string", "真实姓名"),
    ("email", "string", "电子邮箱"),
    ("birthday", "date", "出生日期"),
    ("gender", "tinyint", "性别"),
    ("address", "string", "详细地址"),
    ("bank_card_no", "string", "银行卡号"),
    ("open_id", "string", "微信标识"),
    ("device_id", "string", "设备号"),
    ("imei", "string", ""),
    ("ip", "string", "登录地址"),
    ("lng", "double", "经度"),
    ("lat", "double", "纬度"),
    ("plate_no", "string", "车牌号"),
    ("vin", "string", "车架号"),
    ("emergency_contact", "string", "紧急联系人"),
    ("salary", "decimal(18,2)", "薪资"),
    ("health_note", "string", "健康备注"),
    ("order_id", "bigint", "订单号"),
    ("sku_id", "bigint", "商品编码"),
    ("amount", "decimal(18,2)", "金额"),
    ("quantity", "int", "数量"),
    ("status", "int", "状态"),
    ("channel", "string", "渠道"),
    ("city", "string", "城市"),
    ("province", "string", "省份"),
    ("store_id", "bigint", "门店编号"),
    ("created_at", "timestamp", "创建时间"),
    ("updated_at", "timestamp", "更新时间"),
    ("is_deleted", "tinyint", "是否删除"),
    ("remark", "string", "备注"),
    ("ext", "map<string,string>", "扩展字段"),
    ("tags", "array<string>", "标签"),
    ("receiver", "struct<name:string,phone:string,addr:string>", "收件人"),
    ("operator", "string", "操作人"),
    ("etl_time", "timestamp", "入库时间"),
)
KEYS = {
    "TBLS": ("TBL_ID",),
    "DBS": ("DB_ID",),
    "SDS": ("SD_ID",),
    "COLUMNS_V2": ("CD_ID", "COLUMN_NAME"),
    "PARTITION_KEYS": ("TBL_ID", "PKEY_NAME"),
    "PARTITIONS": ("PART_ID",),
    "PARTITION_PARAMS": ("PART_ID", "PARAM_KEY"),
    "TABLE_PARAMS": ("TBL_ID", "PARAM_KEY"),
}
FIELDS = {
    "DBS": "DB_ID:b DESC:s DB_LOCATION_URI:s NAME:s OWNER_NAME:s OWNER_TYPE:s",
    "TBLS": "TBL_ID:b CREATE_TIME:i DB_ID:b LAST_ACCESS_TIME:i OWNER:s RETENTION:i SD_ID:b TBL_NAME:s "
    "TBL_TYPE:s VIEW_EXPANDED_TEXT:s "
    "VIEW_ORIGINAL_TEXT:s",
    "SDS": "SD_ID:b CD_ID:b LOCATION:s",
    "COLUMNS_V2": "CD_ID:b COMMENT:s COLUMN_NAME:s TYPE_NAME:s INTEGER_IDX:i",
    "PARTITION_KEYS": "TBL_ID:b PKEY_COMMENT:s PKEY_NAME:s PKEY_TYPE:s INTEGER_IDX:i",
    "TABLE_PARAMS": "TBL_ID:b PARAM_KEY:s PARAM_VALUE:s",
    "PARTITIONS": "PART_ID:b CREATE_TIME:i LAST_ACCESS_TIME:i PART_NAME:s SD_ID:b TBL_ID:b",
    "PARTITION_PARAMS": "PART_ID:b PARAM_KEY:s PARAM_VALUE:s",
}
INDEXES = (("PARTITIONS", "TBL_ID"), ("TBLS", "DB_ID"), ("SDS", "CD_ID"))
Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Made:
    """A table to be written: where it stands, and whose columns it has."""

    database: str
    name: str
    comment: str
    width: int
    seed: int  # of its columns: copies and shards share it
    partitions: int


def schema() -> sa.MetaData:
    kinds = {"b": sa.BigInteger, "i": sa.Integer, "s": sa.Text}
    made = sa.MetaData()
    for table, fields in FIELDS.items():
        sa.Table(
            table,
            made,
            *(
                sa.Column(n, kinds[k], primary_key=n in KEYS[table], autoincrement=False)
                for n, _, k in (f.partition(":") for f in fields.split())
            ),
        )
    for table, column in INDEXES:
        own = made.tables[table].c[column]
        sa.Index(f"{table}_{column}_IDX", own)
    return made


def warehouse(tables: int, columns: int, partitions: int, seed: int) -> Iterator[Made]:
    """Originals, and among them copies, months and shards; widths around columns / tables."""
    draw = random.Random(seed)
    mean = columns / tables
    written = 0
    while written < tables:
        (layer, _), (system, of), (subject, about) = (
            draw.choice(LAYERS),
            draw.choice(SYSTEMS),
            draw.choice(SUBJECTS),
        )
        own, at = draw.getrandbits(48), f"{layer}_{system}"
        name = f"{layer}_{system}_{subject}_{written}{draw.choice(('', '_di', '_df', '_hi'))}"
        width = max(4, round(draw.triangular(4, 2 * mean - 4, mean)))
        count = (
            max(1, round(draw.lognormvariate(0, 1) * partitions / 1.65))
            if layer != "dim" and draw.random() < 0.5
            else 0
        )
        members = [(at, name, f"{of}{about}", count)]
        chance = draw.random()
        if chance < 0.004:
            members = [
                (at, f"{layer}_{system}_{subject}_{written}_{n:02d}", f"{of}{about}分表", 0)
                for n in range(64)
            ]
        elif chance < 0.012:
            members = [
                (
                    at,
                    f"{layer}_{system}_{subject}_{written}_{2025 + n // 12}_{n % 12 + 1:02d}",
                    f"{of}{about}月表",
                    0,
                )
                for n in range(24)
            ]
        elif chance < 0.12:
            day = f"{draw.randint(2022, 2026)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
            copy = draw.choice(
                (f"tmp_{name}", f"bak_{name}", f"test_{name}", f"{name}_{day}", f"{name}_bak{day}")
            )
            members.append((draw.choice((at, "tmp", "default")), copy, draw.choice(("", f"{of}{about}")), 0))
        for database, member, comment, parts in members[: tables - written]:
            yield Made(database, member, comment, width, own, parts)
        written += min(len(members), tables - written)


def pages(made: list[Made], databases: dict[str, int]) -> Iterator[Rows]:
    """Rows of PAGE tables at a time."""
    part = 0
    for start in range(0, len(made), PAGE):
        rows: Rows = {t: [] for t in FIELDS}
        for key, table in enumerate(made[start : start + PAGE], start + 1):
            part = _table(rows, key, table, databases[table.database], part)
        yield rows


def _table(rows: Rows, key: int, table: Made, database: int, part: int) -> int:
    draw = random.Random(table.seed)
    chosen = draw.sample(COLUMNS, min(table.width, len(COLUMNS)))
    chosen += [(f"metric_{n:03d}", "decimal(18,4)", f"指标{n}") for n in range(table.width - len(chosen))]
    own = random.Random(key)
    made = NOW - own.randint(30, 1_500) * DAY
    changed = NOW - own.randint(0, 30) * DAY if table.partitions or own.random() < 0.3 else made
    count = own.randint(1, 10_000_000)
    rows["TBLS"].append(
        (
            key,
            made,
            database,
            0 if own.random() < 0.6 else changed,
            f"owner_{table.seed % 40}",
            0,
            key,
            table.name,
            "EXTERNAL_TABLE" if own.random() < 0.3 else "MANAGED_TABLE",
            None,
            None,
        )
    )
    rows["SDS"].append((key, key, f"hdfs://nn/warehouse/{table.database}.db/{table.name}"))
    rows["COLUMNS_V2"] += [
        (key, comment or None, name, kind, i) for i, (name, kind, comment) in enumerate(chosen)
    ]
    told = {"transient_lastDdlTime": changed, **({"comment": table.comment} if table.comment else {})}
    if table.partitions:
        rows["PARTITION_KEYS"].append((key, "日期", "dt", "string", 0))
    elif own.random() < 0.8:
        told |= {"numRows": count, "totalSize": count * table.width * 6, "numFiles": 1 + count // 1_000_000}
    rows["TABLE_PARAMS"] += [(key, k, str(v)) for k, v in told.items()]
    for n in range(table.partitions):
        part += 1
        at = changed - n * DAY
        day = time.strftime("%Y-%m-%d", time.gmtime(at))
        rows["PARTITIONS"].append((part, at, 0, f"dt={day}", key, key))
        rows["PARTITION_PARAMS"] += [
            (part, "numRows", str(count // 100)),
            (part, "totalSize", str(count * table.width // 16)),
            (part, "transient_lastDdlTime", str(at)),
        ]
    return part


def write(connection: sa.Connection, meta: sa.MetaData, rows: Rows) -> None:
    for name, own in rows.items():
        if not own:
            continue
        if connection.dialect.name == "postgresql":
            text = "\n".join("\t".join("\\N" if v is None else str(v) for v in row) for row in own)
            with connection.connection.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                copy.write(text + "\n")
        else:
            columns = [c.name for c in meta.tables[name].columns]
            connection.execute(
                meta.tables[name].insert(), [dict(zip(columns, row, strict=True)) for row in own]
            )


def fill(
    url: str, *, tables: int = 30_000, columns: int = 1_200_000, partitions: int = 40, seed: int = 7
) -> dict[str, int]:
    """Fill an empty database; rows written by table. partitions:
    mean number of a partitioned table's, about half are.
    """
    engine = sa.create_engine(url)
    meta = schema()
    made = list(warehouse(tables, columns, partitions, seed))
    databases = {name: i for i, name in enumerate(sorted({m.database for m in made}), 1)}
    written = dict.fromkeys(FIELDS, 0)
    with engine.begin() as connection:
        meta.create_all(connection)
        write(
            connection,
            meta,
            {
                "DBS": [
                    (i, "", f"hdfs://nn/warehouse/{n}.db", n, "admin", "USER") for n, i in databases.items()
                ]
            },
        )
        for rows in pages(made, databases):
            write(connection, meta, rows)
            written = {t: written[t] + len(r) for t, r in rows.items()}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return written | {"DBS": len(databases)}


def change(url: str, share: float, seed: int = 7) -> int:
    """New statistics and a new moment of change for a share of the tables; how many."""
    engine = sa.create_engine(url)
    meta = schema()
    params = meta.tables["TABLE_PARAMS"]
    with engine.begin() as connection:
        keys = list(connection.execute(sa.select(meta.tables["TBLS"].c.TBL_ID).order_by("TBL_ID")).scalars())
        chosen = random.Random(seed).sample(keys, round(len(keys) * share))
        for key in chosen:
            connection.execute(
                params.update()
                .where(params.c.TBL_ID.in_([key]), params.c.PARAM_KEY == "transient_lastDdlTime")
                .values(PARAM_VALUE=str(NOW + DAY))
            )
    engine.dispose()
    return len(chosen)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--tables", type=int, default=30_000)
    parser.add_argument("--columns", type=int, default=1_200_000)
    parser.add_argument("--partitions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--change", type=float)
    given = parser.parse_args()
    began = time.monotonic()
    if given.change is not None:
        print(f"{change(given.url, given.change, given.seed):,} tables changed")
    else:
        for table, number in fill(
            given.url,
            tables=given.tables,
            columns=given.columns,
            partitions=given.partitions,
            seed=given.seed,
        ).items():
            print(f"{table:18}{number:>12,}")
    print(f"{time.monotonic() - began:.1f} s")
