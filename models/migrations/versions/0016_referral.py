"""Referrals: leads that were handed over to the procuratorate."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "referral",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("problem_id", IDENTITY, nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("street_code", sa.Text(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("handed_at", INSTANT, nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_referral_problem_id")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_referral_area_code")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_referral_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("number", name=op.f("uq_referral_number")),
    )
    op.create_index(op.f("ix_referral_problem_id"), "referral", ["problem_id"])
    op.create_index("ix_referral_handed", "referral", ["area_code", "handed_on"])
    op.create_table(
        "referral_step",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("referral_id", IDENTITY, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_step_referral_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_referral_step_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_step")),
    )
    op.create_index(op.f("ix_referral_step_referral_id"), "referral_step", ["referral_id"])
