"""Lines that stand below the rows of exported tables, by kind, and rows that only look like such."""

import csv
import io

# cells of one line each
FOOTERS = {
    "signature": [
        ["制表人：王小明"], ["审核：李娜"], ["复核人:张伟"], ["Prepared by: Anna Baker"], ["经办人：陈静"],
        ["Approved by Henry Jones"], ["制表人：王小明  审核人：李娜"], ["制单：刘洋", "审核：李娜"],
        ["填报人：", "王小明"], ["Erstellt von: Sven Keller"], ["单位（盖章）：", "上海分公司"],
    ],
    "date": [
        ["制表日期：2026-11-01"], ["打印时间: 2026-11-01 12:00"], ["导出时间：2026/11/1"],
        ["Printed on: 2026-11-01"],
        ["Generated at 2026-11-01 08:00"], ["数据截至：2026年10月"],
        ["Report date: 1 Nov 2026"], ["制表：王小明", "2026-11-01"],
    ],
    "note": [
        ["备注：以上数据不含离职人员"], ["注：含试用期人员"], ["说明：数据保密"], ["Note: excludes leavers"],
        ["Remarks: see file 2"], ["注1：含兼职"], ["Hinweis: ohne Azubis"], ["填表说明：逐项填写"],
    ],
    "source": [["数据来源：人事系统"], ["来源：HR"], ["Source: HR system"], ["Data source: SAP"],
               ["Quelle: HR"]],
    "page": [
        ["第1页 共3页"], ["第 1 页/共 3 页"], ["共3页，第1页"], ["Page 1 of 3"], ["Seite 1 von 3"], ["- 3 -"],
        ["Page 2"],
    ],
    "total": [
        ["合计：300人"], ["共300条"], ["共计 300 人"], ["总人数：300"], ["Total: 300"],
        ["Total records: 300"],
        ["(300 rows affected)"], ["300 rows selected."], ["以上共300条记录"], ["合计", "300"], ["总计"],
        ["小计：300"],
    ],
    "end": [["--- end ---"], ["End of report"], ["*** END OF FILE ***"], ["以下空白"], ["----------"],
            ["EOF"]],
}  # fmt: skip
# rows of a member table whose cells are sparse or of an unusual form
ROWS = [
    ["王:小明", "", ""], ["欧阳小明", "", ""], ["Anna Baker", "", ""], ["李娜（经理）", "", ""],
    ["合伟", "", ""],
    ["王小明", "", "备注：新员工"], ["备注：新员工", "13912345678", ""], ["", "13912345678", ""],
    ["注娜", "", "上海"], ["共芳", "13912345678", "上海"], ["页明", "", ""],
]  # fmt: skip


def as_csv(rows, end="\n", delimiter=","):
    """Return rows as delimited text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, delimiter=delimiter)
    writer.writerows(rows)
    return text.getvalue()


def as_sheet(rows, path):
    """Write rows into the only sheet of a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    book.save(path)
