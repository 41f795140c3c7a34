"""The year's ledger: a row for each recorded export, and a sealed head, so that its end cannot go missing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("persons", BLOB, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )
    op.create_table(
        "ledger_head",
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )


def downgrade() -> None:
    op.drop_table("ledger_head")
    op.drop_table("ledger_entry")
