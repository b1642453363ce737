"""WeCom (企业微信): its token, nonces and sendings; recordings; who is who in the directory.

Rows that are there stay as they are: every new column may be empty.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "account": [sa.Column("plain_choices", sa.Boolean(), nullable=True)],
    "chief": [sa.Column("wecom_id", sa.Text(), nullable=True), sa.Column("wecom_asked_at", INSTANT, nullable=True)],
    "photo": [sa.Column("missed_at", INSTANT, nullable=True)],
}


def upgrade() -> None:
    """Add the tables and columns of WeCom."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(op.f("ix_chief_wecom_id"), "chief", ["wecom_id"])
    _channel()
    _recordings()


def _channel() -> None:
    op.create_table(
        "wecom_token",
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("renew_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("app", name=op.f("pk_wecom_token")),
    )
    op.create_table(
        "wecom_nonce",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_wecom_nonce")),
    )
    op.create_index("ix_wecom_nonce_seen", "wecom_nonce", ["seen_at"])
    op.create_table(
        "wecom_sending",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("outbox_id", IDENTITY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wecom_sending")),
    )
    op.create_index("ix_wecom_sending_member", "wecom_sending", ["user_id", "begun_at"])
    op.create_index("ix_wecom_sending_outbox", "wecom_sending", ["outbox_id"])


def _recordings() -> None:
    op.create_table(
        "recording",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("draft_id", IDENTITY, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recording_account_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_recording_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
    )
    op.create_index(op.f("ix_recording_account_id"), "recording", ["account_id"])
    op.create_index(op.f("ix_recording_draft_id"), "recording", ["draft_id"])
    waiting = sa.text("state = 'to_fetch'")
    op.create_index("ix_recording_waiting", "recording", ["id"], sqlite_where=waiting, postgresql_where=waiting)
