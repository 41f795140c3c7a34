"""datacontract-cli on contracts of ours. Standard input: JSON {do: lint, test or export, folder, formats}.

Writes of each contract by its file name: of a lint or a test the checks that did not pass and how many did,
of an export the length of each format.
"""

import json
import sys
from pathlib import Path

from datacontract.data_contract import DataContract
from datacontract.export.exporter import ExportFormat


def _result(check):
    """The word of a check's result; of one that was not run, for want of a server, none."""
    return check.result.value if check.result is not None else "none"


def checked(run):
    failed = [f"{c.name}: {_result(c)}: {c.reason}" for c in run.checks if _result(c) != "passed"]
    return {"passed": len(run.checks) - len(failed), "failed": failed}


def exported(contract, formats, folder, name):
    lengths = {}
    for format in formats:
        schemas = contract.get_data_contract().schema_
        text = contract.export(ExportFormat(format), schema_name=schemas[0].name, sql_server_type="postgres")
        lengths[format] = len(text)
        written = text if isinstance(text, str) else json.dumps(text)
        (folder / f"{name}.{format}").write_text(written, encoding="utf-8")
    return lengths


question = json.load(sys.stdin)
folder, answers = Path(question["folder"]), {}
for file in sorted(folder.glob("*.odcs.yaml")):
    contract = DataContract(data_contract_file=str(file))
    match question["do"]:
        case "lint":
            answers[file.name] = checked(contract.lint())
        case "test":
            answers[file.name] = checked(contract.test())
        case "export":
            answers[file.name] = exported(contract, question["formats"], folder, file.stem)
print(json.dumps(answers))  # noqa: T201
