"""What stands in the catalogs by our hand, and what is to be sent: one row for each thing in each catalog."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"

BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "push_item",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("target", sa.String(64), nullable=False, index=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("entity", sa.String(64), nullable=False),
        sa.Column("wanted", sa.String(32), nullable=False),
        sa.Column("stands", sa.String(32), nullable=False),
        sa.Column("yielded", sa.Integer, nullable=False),
        sa.Column("body", BLOB, nullable=False),
        if_not_exists=True,                       # a server may commit each statement
    )


def downgrade() -> None:
    op.drop_table("push_item")
