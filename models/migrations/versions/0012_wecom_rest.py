"""WeCom (企业微信): cards that can still be updated, photos that were announced, who sees buttons.

Rows that are there stay as they are: every new column may be empty.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "account": [sa.Column("sees_buttons", sa.Boolean(), nullable=True), sa.Column("hinted_at", INSTANT, nullable=True)],
    "draft": [sa.Column("photos_chosen", sa.Integer(), nullable=True), sa.Column("chosen_at", INSTANT, nullable=True)],
    "photo": [sa.Column("md5", sa.Text(), nullable=True)],
}


def upgrade() -> None:
    """Add the two tables and the columns."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    _cards()
    _announced()


def _cards() -> None:
    op.create_table(
        "wecom_card",
        sa.Column("outbox_id", IDENTITY, nullable=False),
        sa.Column("draft_id", IDENTITY, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_wecom_card")),
    )


def _announced() -> None:
    op.create_table(
        "announced_photo",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("draft_id", IDENTITY, nullable=True),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("photo_id", IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_announced_photo_account_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_announced_photo_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announced_photo")),
    )
    op.create_index("ix_announced_photo_photo", "announced_photo", ["photo_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_announced_photo_waiting", "announced_photo", ["account_id"], sqlite_where=waiting, postgresql_where=waiting
    )
