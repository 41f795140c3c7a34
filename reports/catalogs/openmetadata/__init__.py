"""OpenMetadata: tags on columns, custom properties of tables, and our patterns as its recognisers.

Two classifications: `chujing` holds what people accepted (Confirmed), `chujing_suggested` what a machine
suggests (Suggested). What a person did to a tag or a number there is left alone; of tags it is read back by
`chujing review import --from openmetadata`. By REST; tables are called service.database.schema.table, where
platform_instance is the service:

    catalogs:
      openmetadata:
        url: https://openmetadata.example.com/api         # CHUJING_OPENMETADATA_TOKEN is a bot's JWT
        entities: [{source: crm, platform_instance: crm_pg, database: crm}]

Contract: openmetadata-ingestion 2.0.7, `ometa/mixins/patch_mixin.py`,
`schema/type/tagLabel`, `schema/api/classification`, `schema/type/recognizer`.
"""

from reports.catalogs.openmetadata.check import check
from reports.catalogs.openmetadata.decisions import decisions
from reports.catalogs.openmetadata.owners import owners
from reports.catalogs.openmetadata.payloads import RECOGNIZERS, payloads
from reports.catalogs.openmetadata.write import BATCH, push

__all__ = ["BATCH", "RECOGNIZERS", "check", "decisions", "owners", "payloads", "push"]
