"""What stands in the catalogs by our hand, and what is still to be sent: one row for each thing of ours in each catalog."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "push_item",
        sa.Column("id", sa.String(64), primary_key=True),              # hash of catalog and key, which may be longer than a key may be
        sa.Column("target", sa.String(64), nullable=False, index=True),        # hash of catalog and address
        sa.Column("place", sa.Integer, nullable=False),                # definitions first
        sa.Column("entity", sa.String(64), nullable=False),            # hash of what carries it: what has one travels together
        sa.Column("wanted", sa.String(32), nullable=False),            # digest of what shall stand; empty: nothing of ours
        sa.Column("stands", sa.String(32), nullable=False),            # digest of what was delivered; empty: nothing
        sa.Column("yielded", sa.Integer, nullable=False),              # 1: a person's own mark stands in its place
        sa.Column("body", sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb"), nullable=False),
        if_not_exists=True,                       # a database that commits every statement may have been left in the middle
    )


def downgrade() -> None:
    op.drop_table("push_item")
