"""A person that the text model names counts where the cell classifier agrees, and nothing else is called so.

The text model errs on sentences like none it was trained on; what it names is asked again as a cell. A name
in front of a word for a place, a business or a language is part of its name: 莫愁湖, 韩美林艺术馆.

>>> agreed(["林清荷住在西湖边"], [[Span(0, 3, "PERSON")]])
[[Span(start=0, end=3, kind='PERSON')]]
>>> agreed(["附近有林清荷饭店"], [[Span(3, 6, "PERSON")]])
[[]]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from detectors.language import Span
from detectors.language.cells import CLASSES
from detectors.language.cells import builtin as cells

AGREED = 0.7                                  # least probability of a person's name, Chinese or transcribed
_NAMES = [CLASSES.index(kind) for kind in ("PERSON", "FOREIGN")]
_CALLED_SO = re.compile(                      # behind the name, at most a character between them
    "[\u4e00-\u9fff]?(?:[店馆饭餐站市县區区镇鎮村路街桥橋河湖山岛島海港楼寺庙塔州省国國郡洲湾灣城宫语語族奖杯]"
    "|酒店|宾馆|大厦|大学|学院|中学|小学|公司|集团|医院|银行|机场|地铁|公园|广场|烈士|纪念|小吃|火锅|自助|烤|炒"
    "|定律|文明|事件|公国|王朝|政府|地区|地區|联赛|聯賽|南部|北部|西部|東部|东部|境内)"
)


def agreed(texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[list[Span]]:
    """Return the spans of each text without persons that nothing but the text model sees."""
    doubtful = [
        (i, span) for i, of_text in enumerate(spans) for span in of_text
        if span.kind == "PERSON" and _CALLED_SO.match(texts[i], span.end) is None
    ]
    names = [texts[i][span.start:span.end] for i, span in doubtful]
    shares = cells()(names)[:, _NAMES].sum(axis=1) if names else ()
    sure = {(i, span) for (i, span), share in zip(doubtful, shares, strict=True) if share >= AGREED}
    return [
        [span for span in of_text if span.kind != "PERSON" or (i, span) in sure]
        for i, of_text in enumerate(spans)
    ]
