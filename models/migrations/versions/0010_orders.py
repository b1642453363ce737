"""Meetings with their record and tasks, orders with their receipts, documents."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what a meeting says beside its title, and the tables."""
    for name in ("chair", "topics", "resolutions"):
        op.add_column("meeting", sa.Column(name, sa.Text(), nullable=True))
    _add_documents()
    _add_meeting_tables()
    _add_tasks()
    _add_orders()


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def _add_documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        _refers("document", "account_id", "account.id"),
        _key("document", "id"),
    )
    op.create_index(op.f("ix_document_account_id"), "document", ["account_id"])
    waiting = sa.text("state = 'to_fetch'")
    op.create_index("ix_document_waiting", "document", ["id"], sqlite_where=waiting, postgresql_where=waiting)


def _add_meeting_tables() -> None:
    for table, other, to in (
        ("meeting_attendee", "chief_id", "chief.id"), ("meeting_paper", "document_id", "document.id"),
    ):  # fmt: skip
        op.create_table(
            table,
            sa.Column("meeting_id", IDENTITY, nullable=False),
            sa.Column(other, IDENTITY, nullable=False),
            _refers(table, "meeting_id", "meeting.id"),
            _refers(table, other, to),
            _key(table, "meeting_id", other),
        )
    op.create_table(
        "meeting_event",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("meeting_id", IDENTITY, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        _refers("meeting_event", "meeting_id", "meeting.id"),
        _refers("meeting_event", "account_id", "account.id"),
        _key("meeting_event", "id"),
    )
    op.create_index(op.f("ix_meeting_event_meeting_id"), "meeting_event", ["meeting_id"])


def _add_tasks() -> None:
    op.create_table(
        "meeting_task",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("meeting_id", IDENTITY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", IDENTITY, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", IDENTITY, nullable=True),
        sa.Column("voided_at", INSTANT, nullable=True),
        _refers("meeting_task", "meeting_id", "meeting.id"),
        _refers("meeting_task", "owner_id", "chief.id"),
        _refers("meeting_task", "account_id", "account.id"),
        _refers("meeting_task", "done_by", "account.id"),
        _key("meeting_task", "id"),
    )
    op.create_index("ix_meeting_task_meeting", "meeting_task", ["meeting_id"])
    open_ = sa.text("done_at IS NULL AND voided_at IS NULL AND reminded_at IS NULL")
    op.create_index("ix_meeting_task_due", "meeting_task", ["due_on"], sqlite_where=open_, postgresql_where=open_)


def _add_orders() -> None:
    op.create_table(
        "forest_order",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("area_codes", sa.JSON(), nullable=False),
        sa.Column("document_id", IDENTITY, nullable=True),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        _refers("forest_order", "area_code", "area.code"),
        _refers("forest_order", "document_id", "document.id"),
        _refers("forest_order", "account_id", "account.id"),
        _key("forest_order", "id"),
    )
    issued = sa.text("issued_at IS NOT NULL")
    op.create_index(
        "uq_forest_order_number", "forest_order", ["area_code", "year", "number"], unique=True,
        sqlite_where=issued, postgresql_where=issued,
    )  # fmt: skip
    op.create_table(
        "order_receipt",
        sa.Column("order_id", IDENTITY, nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        _refers("order_receipt", "order_id", "forest_order.id"),
        _refers("order_receipt", "chief_id", "chief.id"),
        _key("order_receipt", "order_id", "chief_id"),
    )
