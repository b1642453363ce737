"""Reminders (提醒): duties of posts and grids, schedules, planned reminders, workdays, digests, emergencies.

Rows that are there stay as they are: every new column may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

COLUMNS: dict[str, list[sa.Column[object]]] = {
    "duty": [
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("post_id", IDENTITY, nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("window_from", sa.Integer(), nullable=True),
        sa.Column("window_to", sa.Integer(), nullable=True),
        sa.Column("season_from", sa.Text(), nullable=True),
        sa.Column("season_to", sa.Text(), nullable=True),
    ],
    "outbox": [
        sa.Column("not_after", INSTANT, nullable=True),
        sa.Column("reminder_id", IDENTITY, nullable=True),
    ],
    "account": [sa.Column("spoke_at", INSTANT, nullable=True)],
}
INDEXES = [
    ("ix_outbox_late", "outbox", ["not_after"], "state = 'waiting' AND not_after IS NOT NULL"),
    ("ix_patrol_post_counted", "patrol", ["post_id", "patrolled_on"], "verdict = 'counted'"),
    ("ix_patrol_problem", "patrol", ["grid_version_id"], "problem_type IS NOT NULL"),
    ("ix_reminder_due", "reminder", ["due_at"], "state = 'planned'"),
    ("ix_emergency_open", "emergency", ["ends_at"], "ended_at IS NULL"),
]


def upgrade() -> None:
    """Add the tables, columns and indexes of duties and reminders."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    _schedules()
    _reminders()
    _emergencies()
    for name, table, names, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, names, sqlite_where=where, postgresql_where=where)


def _schedules() -> None:
    op.create_table(
        "workday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("next_work", sa.Date(), nullable=False),
        sa.Column("last_work", sa.Date(), nullable=False),
        sa.Column("noon_at", INSTANT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_workday")),
    )
    op.create_table(
        "schedule",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("minute", sa.Integer(), nullable=True),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("days_off", sa.Boolean(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_schedule_scope_key")),
    )
    op.create_table(
        "digest",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("channel", "user_id", name=op.f("uq_digest_channel_user_id")),
    )


def _reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("duty_id", IDENTITY, nullable=False),
        sa.Column("post_id", IDENTITY, nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("taps", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "duty_id", "post_id", "grid_code", "period_start", "kind",
            name=op.f("uq_reminder_duty_id_post_id_grid_code_period_start_kind"),
        ),
    )  # fmt: skip
    op.create_table(
        "plan",
        sa.Column("duty_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("duty_id", "period_start", name=op.f("pk_plan")),
    )


def _emergencies() -> None:
    op.create_table(
        "emergency",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("called", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_emergency_area_code")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_emergency_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency")),
    )
    op.create_table(
        "emergency_answer",
        sa.Column("emergency_id", IDENTITY, nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["emergency_id"], ["emergency.id"], name=op.f("fk_emergency_answer_emergency_id")),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_emergency_answer_chief_id")),
        sa.PrimaryKeyConstraint("emergency_id", "chief_id", name=op.f("pk_emergency_answer")),
    )
