"""Detection of one million mixed cells, and of 200,000 remarks, against a plain loop of six patterns,
in CPU seconds of one thread and the same run.

The loop is what a careful engineer would write first: `re.search` per cell for resident ID, mobile, card,
e-mail, IP and plate. Ours runs every value detector with checksums over the same cells, as columns. Printed:
seconds of both, cells per second, and the ratio.
"""

import json
import random
import re
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from detectors.checksums import iso7064_mod11_2
from detectors.columns import value_findings

SIX = [
    re.compile(p)
    for p in (
        r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)",
        r"(?<!\d)1[3-9]\d{9}(?!\d)",
        r"(?<!\d)[2-6]\d{15,18}(?!\d)",
        r"[\w.+-]+@[\w-]+\.[\w.]+",
        r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)",
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}",
    )
]
WORDS = [
    "已联系客户",
    "订单完成",
    "order shipped",
    "请尽快处理",
    "无备注",
    "customer called",
    "退货申请",
    "库存不足",
    "发票已开",
    "gift wrap please",
]


def columns(cells, seed):
    """Ten columns of `cells` / 10: running text with personal items in three tenths of it,
    identifiers, numbers, codes.
    """
    draw = random.Random(seed)
    n = cells // 10

    def mobile():
        return f"1{draw.choice('3578')}{draw.randrange(10**9):09d}"

    def resident():
        body = (
            f"310115{draw.randrange(1950, 2010)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}"
            f"{draw.randrange(1000):03d}"
        )
        return body + iso7064_mod11_2(body)

    def remark():
        text = f"{draw.choice(WORDS)}{draw.randrange(10**6)}{draw.choice(WORDS)}"
        return (
            f"{text}{draw.choice((mobile, resident, mail))()}{draw.choice(WORDS)}"
            if draw.random() < 0.3
            else text
        )

    def mail():
        return f"user{draw.randrange(10**7)}@mail.cn"

    makers = (
        remark,
        remark,
        remark,
        mobile,
        resident,
        mail,
        lambda: f"NO{draw.randrange(10**12):012d}",
        lambda: str(draw.randrange(10**16)),
        lambda: draw.choice(WORDS),
        lambda: f"100.{draw.randrange(64, 128)}.{draw.randrange(256)}.{draw.randrange(256)}",
    )
    return [[make() for _ in range(n)] for make in makers]


CHINESE = [
    "客户", "反映", "商品", "包装", "破损", "要求", "退款", "已", "转", "售后", "处理", "请", "尽快",
    "联系", "明天", "上午", "下午", "送货", "上门", "到", "小区", "门口", "快递", "柜", "电话", "无人",
    "接听", "再次", "投诉", "服务", "态度", "满意", "回访", "发票", "抬头", "公司", "采购", "合同", "编号",
    "续签", "会员", "积分", "兑换", "活动", "规则", "说明", "系统", "升级", "登录", "失败", "密码", "重置",
    "安排", "技术", "人员", "检查", "设备", "更换", "配件", "保修", "期内",
]
ENGLISH = [
    "customer", "asked", "about", "delivery", "time", "and", "refund", "policy", "for", "the", "damaged",
    "item", "please", "call", "back", "tomorrow", "morning", "order", "was", "shipped", "late", "agent",
    "noted", "complaint", "closed", "after", "review", "warranty", "still", "valid", "invoice", "sent",
    "by", "email",
]


def remarks(cells, seed):
    """One column of remarks of about 60 bytes, six tenths Chinese, three tenths with a personal item."""
    draw = random.Random(seed)
    items = (
        lambda: f"1{draw.choice('3578')}{draw.randrange(10**9):09d}",
        lambda: f"user{draw.randrange(10**7)}@mail.cn",
        lambda: f"沪A{draw.randrange(10**5):05d}",
        lambda: f"上海市浦东新区世纪大道{draw.randrange(1, 999)}号{draw.randrange(1, 30)}室",
        lambda: f"100.{draw.randrange(64, 128)}.{draw.randrange(256)}.{draw.randrange(256)}",
    )

    def remark():
        words, between = (CHINESE, "") if draw.random() < 0.6 else (ENGLISH, " ")
        text = between.join(draw.choice(words) for _ in range(draw.randrange(6, 14)))
        if draw.random() >= 0.3:
            return text
        return f"{text}{draw.choice('， ')}{draw.choice(items)()}{draw.choice(('。', '', ', ok'))}"

    return [[remark() for _ in range(cells)]]


def timed(work):
    """(least CPU seconds of three runs, what the last one found)."""
    took = []
    for _ in range(3):
        start = time.process_time()
        found = work()
        took.append(time.process_time() - start)
    return min(took), found


def main(argv):
    cells = int(argv[0]) if argv else 1_000_000
    value_findings(pa.array(["林清荷", "13900000000"]))  # both sides start with their patterns compiled
    for name, data in (("columns", columns(cells, seed=7)), ("remarks", remarks(cells // 5, seed=3))):
        print(json.dumps({"set": name, **measured(data)}))
        print(json.dumps({"set": name, **measured_csv(data)}))


def measured_csv(data):
    """What a CSV of columns of cells takes, read and detected, and the bare read of it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cells.csv"
        table = pa.table([pa.array(c) for c in data], names=[f"c{i}" for i in range(len(data))])
        csv.write_csv(table, file)
        options = csv.ReadOptions(use_threads=False), csv.ConvertOptions(
            column_types={name: pa.string() for name in table.column_names})

        def read():
            return csv.read_csv(file, read_options=options[0], convert_options=options[1])

        bare, _ = timed(read)
        ours, _ = timed(lambda: [value_findings(c.combine_chunks()) for c in read().columns])
    return {
        "cells": sum(map(len, data)), "ours_cpu_s": round(ours, 2), "bare_cpu_s": round(bare, 2),
        "ratio": round(ours / bare, 1),
    }


def measured(data):
    """What both take over columns of cells, and what ours finds."""
    cells, arrays = sum(map(len, data)), [pa.array(c) for c in data]
    ours, hits = timed(lambda: [value_findings(a) for a in arrays])
    loop, _ = timed(lambda: [sum(1 for t in c for p in SIX if p.search(t)) for c in data])
    return {
        "cells": cells,
        "ours_cpu_s": round(ours, 2),
        "six_patterns_cpu_s": round(loop, 2),
        "ratio": round(loop / ours, 2),
        "ours_cells_per_s": round(cells / ours),
        "found": [sorted({h.detector.name for h in c}) for c in hits],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
