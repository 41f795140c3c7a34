"""What is kept of every finished table, and the lease of the one run that writes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"

BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "table_result",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("shape", sa.String(64), nullable=False),
        sa.Column("data", sa.String(64), nullable=False),
        sa.Column("context", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False, index=True),
        sa.Column("finished", sa.Integer, nullable=False),
        sa.Column("checked", sa.String(32), nullable=False, index=True),
        sa.Column("body", BLOB, nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("until", sa.Float(53), nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )


def downgrade() -> None:
    op.drop_table("lease")
    op.drop_table("table_result")
