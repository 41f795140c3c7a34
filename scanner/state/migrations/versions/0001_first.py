"""First tables: runs with their reports, and the fingerprint of the hash key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("started", sa.String(32), nullable=False, index=True),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("report", BLOB, nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )
    op.create_table(
        "key_fingerprint",
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )


def downgrade() -> None:
    op.drop_table("key_fingerprint")
    op.drop_table("run")
