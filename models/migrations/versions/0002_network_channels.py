"""Network channels (网络渠道): paces, leases, where a position came from, what a platform calls a file.

Rows that are there stay as they are: every new column may be empty or has a default.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "outbox": [sa.Column("not_before", INSTANT, nullable=True)],
    "account": [sa.Column("blocked_at", INSTANT, nullable=True)],
    "part": [
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("raw_position", sa.Text(), nullable=True),
        sa.Column("live_until", INSTANT, nullable=True),
        sa.Column("message_ref", sa.Text(), nullable=True),
    ],
    "photo": [
        sa.Column("unique_ref", sa.Text(), nullable=True),
        sa.Column("sm3", sa.Text(), nullable=True),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("same_as", IDENTITY, nullable=True),
    ],
}


def upgrade() -> None:
    """Add the tables and columns that channels over a network need."""
    op.create_table(
        "pace",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat_id", name=op.f("pk_pace")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "platform_file",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_ref", sa.Text(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "sha256", name=op.f("pk_platform_file")),
    )
    op.create_table(
        "track_point",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("part_id", IDENTITY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_track_point_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_point")),
    )
    op.create_index(op.f("ix_track_point_part_id"), "track_point", ["part_id"])
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_outbox_chat", "outbox", ["channel", "chat_id", "priority", "id"],
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
    named = sa.text("group_id IS NOT NULL")
    op.create_index("ix_part_group", "part", ["group_id"], sqlite_where=named, postgresql_where=named)
    referred = sa.text("message_ref IS NOT NULL")
    op.create_index("ix_part_message", "part", ["message_ref"], sqlite_where=referred, postgresql_where=referred)
    told = sa.text("platform_id IS NOT NULL")
    op.create_index(
        "ix_outbox_platform", "outbox", ["channel", "chat_id", "platform_id"], sqlite_where=told, postgresql_where=told
    )
    op.create_index("ix_photo_chat", "photo", ["channel", "chat_id", "id"])
