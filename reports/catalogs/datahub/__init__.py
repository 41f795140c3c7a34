"""DataHub: glossary terms on fields, grades on fields, head-counts and paths on datasets. PATCH only beside stewards' own marks.

Terms stand under a node of what people accepted and one of what a machine suggests. Everything is written under our attribution, and
removed only where it still carries it. By REST (OpenAPI v3, as the SDK's own emitter speaks it), or a file for `datahub ingest`
(source `file`). Contract: acryl-datahub 1.7, `emitter/mcp_patch_builder.py`, `emitter/request_helper.py`.
"""

from reports.catalogs.datahub.payloads import BATCH, check, files, owners, payloads, push

__all__ = ["BATCH", "check", "files", "owners", "payloads", "push"]
