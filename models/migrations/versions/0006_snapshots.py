"""Snapshots: published summaries with their figures."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table of published summaries."""
    op.create_table(
        "snapshot",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("last_patrol_id", IDENTITY, nullable=False),
        sa.Column("last_event_id", IDENTITY, nullable=False),
        sa.Column("last_meeting_id", IDENTITY, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_snapshot_account_id")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_snapshot_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
    )
    op.create_index("ix_snapshot_asked", "snapshot", ["area_code", "start_on", "end_on", "id"])
