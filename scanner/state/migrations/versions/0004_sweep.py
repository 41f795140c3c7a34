"""What a sweep of names, comments and statistics keeps of every table, for ranking."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "sweep_table",
        sa.Column("id", sa.String(64), primary_key=True),              # hash of the table's id, which may be longer than a key may be
        sa.Column("source", sa.String(64), nullable=False, index=True),        # hash of the source's id
        sa.Column("shape", sa.String(64), nullable=False),             # columns, comments, and what looked at them
        sa.Column("outline", sa.String(64), nullable=False),           # the source's own mark of the definition; empty where it has none
        sa.Column("facts", sa.String(64), nullable=False),             # rows, bytes, owner, last access
        sa.Column("looked", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb"), nullable=False),
        if_not_exists=True,                       # a database that commits every statement may have been left in the middle
    )


def downgrade() -> None:
    op.drop_table("sweep_table")
