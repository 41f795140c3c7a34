"""The tables of a run as rows. Runs of earlier versions stay one JSON, and are read as such."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0007"
down_revision = "0006"

BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "run_table",
        sa.Column("run", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("outline", BLOB, nullable=False),
        sa.Column("body", BLOB, nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )


def downgrade() -> None:
    op.drop_table("run_table")
