"""DataHub: glossary terms on fields, grades on fields, head-counts and paths on datasets.

Terms stand under a node of what people accepted and one of what a machine suggests. Everything is written by
PATCH beside stewards' own marks, under our attribution, and removed only where it still carries it. By REST
(OpenAPI v3, as the SDK's own emitter speaks it), or as a file for `datahub ingest` (source `file`). Patches
need tables that DataHub has. For an empty one, and for DataHub Lite, `--whole -o FILE.json` writes tables,
columns and their terms as aspects of their own; it never touches what stewards edit.
Contract: acryl-datahub 1.7, `emitter/mcp_patch_builder.py`, `emitter/request_helper.py`.
"""

from reports.catalogs.datahub.check import check
from reports.catalogs.datahub.files import files
from reports.catalogs.datahub.owners import owners
from reports.catalogs.datahub.payloads import payloads
from reports.catalogs.datahub.write import BATCH, push

WHOLE = True                                  # `--whole`: tables, too

FILE = "datahub.json"                         # in a folder

__all__ = ["BATCH", "FILE", "WHOLE", "check", "files", "owners", "payloads", "push"]
