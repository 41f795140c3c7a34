"""Great Expectations: suites exported from contracts of ours, over a table of real rows.

Standard input: JSON {suite: file, csv: file}. Writes how many expectations held, and which did not.
"""

import json
import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd

question = json.load(sys.stdin)
suite = gx.ExpectationSuite(**json.loads(Path(question["suite"]).read_text(encoding="utf-8")))
context = gx.get_context(mode="ephemeral")
context.suites.add(suite)
frame = pd.read_csv(question["csv"], dtype=str)
asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
results = batch.validate(suite).results
failed = [str(r.expectation_config) for r in results if not r.success]
print(json.dumps({"held": len(results) - len(failed), "failed": failed}))  # noqa: T201
