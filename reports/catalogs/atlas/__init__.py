"""Apache Atlas v2, and Purview: classifications on columns, business metadata of tables.

Classifications stand below one of what people accepted and one of what a machine suggests (疑似·待复核), with
`propagate=false`: a suggestion must not travel the lineage. They carry our mark (`kept_by`) and are changed
and removed only where they still do. Tables are looked up by type and `qualifiedName`, columns by their name
among the table's own. A nested field is marked on its column.

In chujing.yaml:

    catalogs:
      atlas:
        url: https://atlas.example.com:21443/api/atlas
        auth: basic                           # CHUJING_ATLAS_TOKEN is user:password
        entities: [{source: lake, platform: hive, platform_instance: prod, casing: lower}]

The type of a table is hive_table for hive, spark and impala, trino_table for trino, else rdbms_table, or what
`type` says. Its `qualifiedName` is `database.schema.table@platform_instance` (hive: `db.table@primary` where
no cluster is named), or the template `name`.

Microsoft Purview speaks the same API below `https://ACCOUNT.purview.azure.com/datamap/api/atlas` with a
bearer token (of `https://purview.azure.net`, valid about an hour: a push it cuts short is continued next
time). The account needs the role Data Curator. Each rule has a type and a name, e.g.

    {type: azure_sql_table, name: "mssql://SERVER.database.windows.net/{database}/{schema}/{table}"}

What differs there: no search below this address, so `--check` names no near tables. A Purview that keeps a
classification without its super type or attributes would lose our mark: such types are refused, and nothing
is written unmarked.

Contract: Apache Atlas 3.0 (sources of August 2026), `webapp/.../rest/{EntityREST,TypesREST}.java`,
`AtlasEntityStoreV2.java`, `EntityGraphMapper.java`, and its client apache-atlas 0.0.16; Microsoft's "Atlas
2.2 functionality" for Purview. Never run against a real server of either.
"""

from reports.catalogs.atlas.check import check
from reports.catalogs.atlas.owners import owners
from reports.catalogs.atlas.payloads import payloads
from reports.catalogs.atlas.write import BATCH, push

__all__ = ["BATCH", "check", "owners", "payloads", "push"]
