"""The tables of the state. Migrations make them; everything that reads or writes them names them from here.

A test compares them with what the migrations lead to. Loads SQLAlchemy: import it where it is used.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

METADATA = sa.MetaData()
BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")

RUN = sa.Table(                               # finished scans
    "run",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("started", sa.String(32), nullable=False, index=True),        # ISO 8601, UTC
    sa.Column("as_of", sa.String(10), nullable=False),                      # ISO 8601
    # report.json, gzip; its tables are in RUN_TABLE, except where an earlier version made it
    sa.Column("report", BLOB, nullable=False),
    # of what follows NULL is: a run of an earlier version, of which it is not known
    sa.Column("config", sa.String(255)),                                    # file's name; empty: of a URL
    sa.Column("sources", sa.Text),                                          # JSON: [[id, URL, tables read]]
    sa.Column("command", sa.Text),                                          # without what is secret
    sa.Column("settings", sa.Text),                                         # JSON: digests of the settings
    sa.Column("tables", sa.Integer),
    sa.Column("findings", sa.Integer),                                      # columns with one
    sa.Column("status", sa.Integer),                                        # exit status
    sa.Column("is_good", sa.Integer),                                       # 1: may be the last scan
)
RUN_TABLE = sa.Table(                         # the tables of finished scans
    "run_table",
    METADATA,
    sa.Column("run", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),                       # SHA-256 of the table's id
    sa.Column("place", sa.Integer, nullable=False),                         # in the report, from 0
    sa.Column("outline", BLOB, nullable=False),                             # JSON, zlib
    sa.Column("body", BLOB, nullable=False),                                # JSON, zlib
)
KEY_FINGERPRINT = sa.Table(                   # of the hash key that a year's persons are counted under
    "key_fingerprint",
    METADATA,
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)
LEDGER_ENTRY = sa.Table(                      # recorded exports
    "ledger_entry",
    METADATA,
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("head", sa.Text, nullable=False),                             # JSON
    sa.Column("persons", BLOB, nullable=False),                             # hashed, packed
    sa.Column("seal", sa.String(64), nullable=False),
)
LEDGER_HEAD = sa.Table(                       # the sealed number of a year's entries
    "ledger_head",
    METADATA,
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)
TABLE_RESULT = sa.Table(                      # the last result of every table of the sources
    "table_result",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),                       # SHA-256 of the table's id
    sa.Column("name", sa.Text, nullable=False),                             # the table's id
    sa.Column("shape", sa.String(64), nullable=False),
    sa.Column("data", sa.String(64), nullable=False),
    sa.Column("context", sa.String(64), nullable=False),
    sa.Column("run", sa.String(64), nullable=False, index=True),
    sa.Column("finished", sa.Integer, nullable=False),
    sa.Column("checked", sa.String(32), nullable=False, index=True),        # ISO 8601, UTC
    sa.Column("body", BLOB, nullable=False),                                # JSON, gzip
)
LEASE = sa.Table(                             # which process does what
    "lease",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("holder", sa.String(32), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("since", sa.String(32), nullable=False),                      # ISO 8601, UTC
    sa.Column("until", sa.Float(53), nullable=False),                       # seconds since 1970
)
SWEEP_TABLE = sa.Table(                       # summaries of tables that a sweep listed
    "sweep_table",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),                       # SHA-256 of the table's id
    sa.Column("source", sa.String(64), nullable=False, index=True),         # SHA-256 of the source's id
    sa.Column("shape", sa.String(64), nullable=False),
    sa.Column("outline", sa.String(64), nullable=False),
    sa.Column("facts", sa.String(64), nullable=False),
    sa.Column("looked", sa.String(32), nullable=False),                     # ISO 8601, UTC
    sa.Column("body", BLOB, nullable=False),                                # JSON
)
PUSH_ITEM = sa.Table(                         # things of ours in catalogs
    "push_item",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),                       # SHA-256 of target and key
    sa.Column("target", sa.String(64), nullable=False, index=True),         # SHA-256 of catalog and address
    sa.Column("place", sa.Integer, nullable=False),                         # definitions first
    sa.Column("entity", sa.String(64), nullable=False),                     # SHA-256 of what carries it
    sa.Column("wanted", sa.String(32), nullable=False),                     # digest; empty: nothing of ours
    sa.Column("stands", sa.String(32), nullable=False),                     # digest; empty: nothing delivered
    sa.Column("yielded", sa.Integer, nullable=False),                       # 1: a person's own mark stands
    sa.Column("body", BLOB, nullable=False),                                # the payload as JSON
)
