"""Words of lines that speak of a table: signatures, dates, notes, sources, pages, sums, ends.

WORDED   words with a colon, or verbs with `by`, and what follows
SPACED   words and a blank, where no colon parts them: less certain
KEY      words with a colon alone; BARE_KEY without it; their value stands in the next cell
PAGE     the number of a page
OTHER    pages, counts of rows, ends
"""

from __future__ import annotations

import re

from scanner.connectors.total_rows import TOTALS

_SIGNATURES = (
    r"[制填编]表|制单|填报|编制|[审复]核|审[批定]|[批核]准|核对|经办|经手|录入|导出|打印|统计|汇总|制作|报送|报告|校对"
    r"|会计|出纳|主管|负责|联系|签[字名章]|盖章|作成|承認|確認"
)
_DATES = r"[制填编]表|打印|导出|统计|截止|报告|生成|更新|查询|填报|作成|出力"
_ACTS = (
    r"(?:prepared|reviewed|checked|approved|verified|compiled|created|generated|exported|printed|signed"
    r"|authori[sz]ed|issued|authored|extracted|downloaded|run|report(?:ed)?)[ _](?:by|on|at|from)"
)
_SOLID = (                                    # words that a colon or a blank follows
    rf"(?:(?:{_SIGNATURES})(?:人员|[人员者]|单位|部门)?(?:签[字名章])?|(?:单位|部门|财务|项目)(?:负责人|主管|盖章|公章)"
    rf"|(?:{_DATES})(?:日期?|时间|于|自)|数据截[至止]|截[至止](?:日期|时间)?|单位[（(]?盖章[)）]?"
    r"|(?:数据|资料|信息)?来源|出处|出典|附?注释?|备注|说明|附[注件]|填表说明|注意(?:事项)?|備考|注記"
    r"|日期|时间|联系电话|报表编号|版本号?|页[码数]|第几页|打印机构|机构名称|统计口径|口径说明"
    rf"|{_ACTS}"
    r"|(?:report|run|print|export|as[ -]of|issue)[ _](?:date|time)|date|time|as[ ]of|data[ ]source|sources?"
    r"|notes?"
    r"|remarks?|n\.?b\.?|disclaimer|footnotes?|comments?|signatures?|signed|contact|page|version|copyright"
    r"|erstellt[ ](?:von|am)|gepr[üu]ft[ ](?:von|am)|freigegeben[ ](?:von|am)|gedruckt[ ](?:von|am)|stand"
    r"|quellen?|hinweise?|anmerkung(?:en)?|unterschrift|bearbeiter"
    r"|[ée]tabli[ ](?:par|le)|pr[ée]par[ée][ ]par|v[ée]rifi[ée][ ]par|approuv[ée][ ]par|remarques?"
    r"|imprim[ée][ ]le"
    r"|elaborado[ ](?:por|el)|revisado[ ]por|aprobado[ ]por|fuentes?|notas?|observaciones|impreso[ ]el)"
)
_UNITS = (
    r"(?:[条人行名户位笔页份个次项台张家]|条?记录|人次"
    r"|(?:data[ ])?rows?|records?|persons?|people|entries|items|pages?)"
)
_SUMS = rf"(?:以上|上述)?(?:{'|'.join(sorted(TOTALS, key=len, reverse=True))})"
_PAGES = (
    r"第\s*\d+\s*页(?:[\s/，,、]*共\s*\d+\s*页)?|共\s*\d+\s*页(?:[\s/，,、]*第\s*\d+\s*页)?|\d+\s*/\s*\d+\s*页"
    r"|(?:page|seite|p[áa]gina|pag?\.)\s*\d+(?:\s*(?:of|/|von|sur|de|di)\s*\d+)?|[-–—]\s*\d+\s*[-–—]"
)
_COUNTS = (
    r"(?:以上|上述|本表|全部|总)?\s*(?:合计|总计|总?共计?|总和|total(?:[ ]of)?)"
    rf"\s*[:：]?\s*\d[\d,.]*\s*{_UNITS}?\s*(?:记录|数据)?"
    rf"|(?:总|合计|总计)?(?:人数|户数|条数|记录数|行数|笔数|总数)(?:合计)?\s*[:：]\s*\d[\d,.]*\s*{_UNITS}?"
    rf"|(?:total|number|count)(?:[ ](?:number|count))?(?:[ ]of)?[ ]{_UNITS}\s*[:：=]?\s*\d[\d,.]*"
    rf"|{_UNITS}[ ]?count\s*[:：=]\s*\d[\d,.]*"
    r"|[(（]?\s*\d[\d,.]*\s*(?:rows?|records?|行|条记录)\s*"
    r"(?:\(s\))?\s*(?:affected|selected|returned|in[ ]set|exported|fetched|受影响|已选择)?"
    r"(?:\s*\([\d.]+ *(?:sec|s)\))?\s*[)）]?\.?"
    rf"|{_SUMS}\s*[:：].{{0,30}}"
)
_ENDS = (
    r"[\W_]*(?:end(?:[ ]of[ ](?:\w+[ ]?){1,3})?|eof|以下空白|以下无正文|(?:报表|文件|数据|列表|表格)?结束"
    r"|完毕?|ende|fin)[\W_]*"
    r"|[-=_*—]{3,}|©.*|(?:strictly[ ])?confidential\W?|(?:内部资料|机密|绝密|秘密|保密)(?:[，,、 ].{0,20})?"
)
WORDED = re.compile(
    rf"[\s*※•·#>-]*[（(\[【]?(?:{_SOLID})[)）\]】]?\s*\d{{0,2}}\s*[:：].*|{_ACTS}\s.*", re.I | re.S
)
SPACED = re.compile(                         # words and a blank, where no colon parts them
    rf"[\s*※•·#>-]*(?:{_SOLID})\s+\S.*|\w+[ ](?:by|on|von|am|par|por)[ ]\S.*|[※*＊]\s*\S.*",
    re.I | re.S,
)
KEY = re.compile(rf"[\s*※•·#>-]*(?:{_SOLID})\s*[:：]\s*", re.I)
BARE_KEY = re.compile(rf"(?:{_SOLID})", re.I)
PAGE = re.compile(rf"\s*(?:{_PAGES})\s*", re.I)
OTHER = re.compile(rf"\s*(?:{_PAGES}|{_COUNTS}|{_ENDS})\s*", re.I | re.S)
