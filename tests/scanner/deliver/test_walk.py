"""From the demo's intake sheet to papers that pass readiness: by commands, and by writing where they ask."""

import re
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from reports.filings.blocks import TO_FILL_IN
from scanner.cli.app import app
from scanner.deliver.paper_reading import EMPTY_DATE
from scanner.setup.demo import build_demo

MOST_COMMANDS = 8                             # of the walk, the demo itself aside
ANSWER = "经法务与业务部门核对后写明"


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """The demo company, and what types a command in its folder; `typed.commands` are those typed so far."""
    build_demo(tmp_path, seed=7)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_KEY", "44" * 32)

    def type_command(*words, status=0):
        done = CliRunner().invoke(app, [*words, "--lang", "en"], catch_exceptions=False)
        assert done.exit_code == status, done.output
        type_command.commands.append(words)
        return done.output

    type_command.commands = []
    return type_command


def write_answers(folder):
    """Write where the papers and the workbook of a folder ask for it, as a person does in Word and Excel."""
    for file in folder.glob("*.docx"):
        document = docx.Document(str(file))
        for paragraph in (p for p in document.element.body.iter() if p.tag.endswith("}p")):
            runs = [run for run in paragraph.iter() if run.tag.endswith("}t")]
            text = "".join(run.text or "" for run in runs)
            if TO_FILL_IN in text or EMPTY_DATE.search(text):
                runs[0].text = EMPTY_DATE.sub("2026年11月1日", text.replace(TO_FILL_IN, ANSWER))
                for run in runs[1:]:
                    run.text = ""
        document.save(str(file))
    for file in folder.glob("*.xlsx"):
        book = load_workbook(file)
        for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
            if TO_FILL_IN in str(cell.value or ""):
                cell.value = str(cell.value).replace(TO_FILL_IN, ANSWER)
        book.save(file)


def test_from_the_intake_sheet_to_papers_that_pass_readiness(typed):
    """What the tool names as open is settled by the command it names; papers that people wrote into stay."""
    typed("flows", "export", "flows.xlsx")
    typed("flows", "import", "flows.xlsx")
    typed("scan", "-c", "chujing.yaml", "--as-of", "2026-11-01", "-q")
    typed("fields", "justify", "crm-hq", "*", "--why", "总部售后按会员联系", "--by", "王敏")
    typed("fields", "justify", "marketing-sg", "*", "--why", "活动按会员发送", "--by", "王敏")
    typed("dossier", "write", "dossier")
    assert TO_FILL_IN in typed("dossier", "check", "dossier", "--ready", "--as-of", "2026-11-02", status=3)
    write_answers(Path("dossier"))
    written = {file: file.read_bytes() for file in Path("dossier").glob("*.docx")}

    agrees = typed("dossier", "check", "dossier", "--ready", "--as-of", "2026-11-02")

    assert "the papers agree with the state" in agrees and len(written) == 5
    assert len(typed.commands) <= MOST_COMMANDS
    kept = typed("dossier", "write", "dossier")
    assert {file: file.read_bytes() for file in Path("dossier").glob("*.docx")} == written
    names = {*map(str, written), "dossier/出境数据项清单.xlsx"}
    assert set(re.findall(r"kept as it is: (\S.*?) \(", kept)) == names
    typed("fields", "justify", "crm-hq", "member/name", "--why", "另有说明", "--by", "王敏")
    changed = typed("dossier", "check", "dossier", "--as-of", "2026-11-02", status=3)
    assert "字段理由.csv: is not what the report of the day says: chujing dossier write" in changed
    typed("dossier", "write", "dossier")
    assert "字段理由" not in typed("dossier", "check", "dossier", "--as-of", "2026-11-02")
