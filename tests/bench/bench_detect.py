"""Detection of one million mixed cells against a plain loop of six patterns,
in CPU seconds of one thread and the same run.

The loop is what a careful engineer would write first: `re.search` per cell for resident ID, mobile, card,
e-mail, IP and plate. Ours runs every value detector with checksums over the same cells, as columns. Printed:
seconds of both, cells per second, and the ratio.
"""

import json
import random
import re
import sys
import time

import pyarrow as pa

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
    data = columns(cells, seed=7)
    arrays = [pa.array(c) for c in data]
    value_findings(pa.array(["林清荷", "13900000000"]))  # both sides start with their patterns compiled
    ours, hits = timed(lambda: [value_findings(a) for a in arrays])
    loop, _ = timed(lambda: [sum(1 for t in c for p in SIX if p.search(t)) for c in data])
    print(
        json.dumps(
            {
                "cells": cells,
                "ours_cpu_s": round(ours, 2),
                "six_patterns_cpu_s": round(loop, 2),
                "ratio": round(loop / ours, 2),
                "ours_cells_per_s": round(cells / ours),
                "found": [sorted({h.detector.name for h in c}) for c in hits],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
