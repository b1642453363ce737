"""Problems (问题): units, types and deadlines with dates, problems with their steps and photos.

Rows that are there stay as they are: a problem that was noted on a patrol before is a note and has no steps. The
types, deadlines and units are the project's defaults; names that are not written here stand in the catalogue.
"""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
SINCE = date(2021, 1, 1)

COLUMNS: dict[str, list[sa.Column[object]]] = {
    "draft": [
        sa.Column("kind", sa.Text(), nullable=False, server_default="patrol"),
        sa.Column("problem_code", sa.Text(), nullable=True),
        sa.Column("problem_severity", sa.Text(), nullable=True),
        sa.Column("found_on_patrol_id", IDENTITY, nullable=True),
        sa.Column("problem_id", IDENTITY, nullable=True),
    ],
    "part": [sa.Column("problem_id", IDENTITY, nullable=True)],
    "outbox": [sa.Column("problem_id", IDENTITY, nullable=True)],
}
INDEXES: list[tuple[str, str, list[str], str | None, bool]] = [
    ("ix_part_problem", "part", ["problem_id"], "problem_id IS NOT NULL", False),
    ("ix_outbox_problem", "outbox", ["problem_id"], "problem_id IS NOT NULL", False),
    ("ix_unit_area_code", "unit", ["area_code"], None, False),
    ("uq_problem_inbox", "problem", ["inbox_id"], None, True),
    ("ix_problem_alarm", "problem", ["alarm_at"], "alarm_at IS NOT NULL", False),
    ("ix_problem_open", "problem", ["street_code", "due_at"], "closed_at IS NULL AND withdrawn_at IS NULL", False),
    ("ix_problem_street_found", "problem", ["street_code", "found_on"], None, False),
    ("ix_problem_chief", "problem", ["chief_id"], None, False),
    ("ix_problem_patrol", "problem", ["patrol_id"], "patrol_id IS NOT NULL", False),
    ("ix_problem_emergency", "problem", ["emergency_id"], "emergency_id IS NOT NULL", False),
    ("ix_problem_photo_step_id", "problem_photo", ["step_id"], None, False),
]
TYPES = [
    # code, urgency, offered in an emergency, offered on any day
    ("fallen_tree", "urgent", True, True),
    ("broken_branch", "urgent", True, True),
    ("hit_car", "danger", True, True),
    ("on_wire", "danger", True, False),
    ("on_house", "danger", True, False),
    ("road_blocked", "danger", True, False),
    ("fall_webworm", "ordinary", False, True),
    ("other_pest", "ordinary", False, True),
    ("encroachment", "ordinary", False, True),
    ("hangings", "ordinary", False, True),
    ("old_tree", "ordinary", False, True),
    ("fire_risk", "urgent", False, True),
    ("bare_soil", "ordinary", False, True),
    ("dead_tree", "ordinary", False, True),
    ("rubbish", "ordinary", False, True),
    ("poaching", "urgent", False, True),
    ("other", "ordinary", False, True),
]
DEADLINES = [
    # urgency, amount, what it counts, warned so many seconds before, at night too
    ("danger", 2, "hours", 1800, True),
    ("urgent", 24, "hours", 7200, True),
    ("ordinary", 7, "days", 86400, False),
    ("hard", 15, "days", 172800, False),
]
UNITS = [("maintenance", False), ("property", False), ("urban", False), ("police", False), ("hotline", True)]


def upgrade() -> None:
    """Add the tables, columns, indexes and default rows."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    _units_and_rules()
    _problems()
    for name, table, names, condition, unique in INDEXES:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, names, unique=unique, sqlite_where=where, postgresql_where=where)
    _rows()


def _units_and_rules() -> None:
    op.create_table(
        "unit",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("needs_order", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_unit_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    op.create_table(
        "problem_type",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("storm", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_type")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_problem_type_code_valid_from")),
    )
    op.create_table(
        "problem_deadline",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("warn_s", sa.Integer(), nullable=False),
        sa.Column("at_night", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_deadline")),
        sa.UniqueConstraint("severity", "valid_from", name=op.f("uq_problem_deadline_severity_valid_from")),
    )
    op.create_table(
        "serial_year",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_serial_year")),
    )


def _problems() -> None:
    op.create_table(
        "problem",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("patrol_id", IDENTITY, nullable=True),
        sa.Column("emergency_id", IDENTITY, nullable=True),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("grid_version_id", IDENTITY, nullable=True),
        sa.Column("street_code", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("unit_id", IDENTITY, nullable=True),
        sa.Column("assigned_chief_id", IDENTITY, nullable=True),
        sa.Column("order_number", sa.Text(), nullable=True),
        sa.Column("deadline_id", IDENTITY, nullable=True),
        sa.Column("clock_at", INSTANT, nullable=False),
        *(
            sa.Column(name, INSTANT, nullable=True)
            for name in ("warn_at", "due_at", "alarm_at", "overdue_at", "paused_at")
        ),
        sa.Column("paused_s", sa.Integer(), nullable=False),
        *(sa.Column(name, INSTANT, nullable=True) for name in ("rectified_at", "closed_at", "withdrawn_at")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_problem_{column}"))
            for column, table in (
                ("chief_id", "chief"), ("account_id", "account"), ("patrol_id", "patrol"),
                ("emergency_id", "emergency"), ("grid_version_id", "grid_version"), ("unit_id", "unit"),
                ("assigned_chief_id", "chief"), ("deadline_id", "problem_deadline"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sa.UniqueConstraint("number", name=op.f("uq_problem_number")),
    )  # fmt: skip
    op.create_table(
        "problem_step",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("problem_id", IDENTITY, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("unit_id", IDENTITY, nullable=True),
        sa.Column("assigned_chief_id", IDENTITY, nullable=True),
        sa.Column("order_number", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("inbox_id", IDENTITY, nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_problem_step_{column}"))
            for column, table in (
                ("problem_id", "problem"), ("account_id", "account"), ("unit_id", "unit"),
                ("assigned_chief_id", "chief"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_step")),
        sa.UniqueConstraint("problem_id", "serial", name=op.f("uq_problem_step_problem_id_serial")),
    )  # fmt: skip
    op.create_table(
        "problem_photo",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("problem_id", IDENTITY, nullable=False),
        sa.Column("step_id", IDENTITY, nullable=False),
        sa.Column("photo_id", IDENTITY, nullable=False),
        sa.Column("is_after", sa.Boolean(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_problem_photo_{column}"))
            for column, table in (("problem_id", "problem"), ("step_id", "problem_step"), ("photo_id", "photo"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_photo")),
        sa.UniqueConstraint("problem_id", "photo_id", name=op.f("uq_problem_photo_problem_id_photo_id")),
    )


def _rows() -> None:
    dated = {"valid_from": SINCE, "valid_to": None}
    op.bulk_insert(
        _table("problem_type", "code", "severity", "source", storm=sa.Boolean, listed=sa.Boolean, place=sa.Integer),
        [
            {
                "code": code, "severity": severity, "storm": storm, "listed": listed, "place": place, **dated,
                "source": "practice of Xicheng's forest chief offices; urgency by the project",
            }
            for place, (code, severity, storm, listed) in enumerate(TYPES, 1)
        ],
    )  # fmt: skip
    op.bulk_insert(
        _table(
            "problem_deadline", "severity", "counts", "source", amount=sa.Integer, warn_s=sa.Integer,
            at_night=sa.Boolean,
        ),
        [
            {
                "severity": severity, "amount": amount, "counts": counts, "warn_s": warn_s, "at_night": at_night,
                **dated, "source": "Beijing's clocks of 12345 (jiesu jiban), borrowed",
            }
            for severity, amount, counts, warn_s, at_night in DEADLINES
        ],
    )  # fmt: skip
    op.bulk_insert(
        sa.table(
            "unit", sa.column("kind", sa.Text), sa.column("needs_order", sa.Boolean), sa.column("added_at", INSTANT)
        ),
        [{"kind": kind, "needs_order": order, "added_at": datetime(2021, 1, 1, tzinfo=UTC)} for kind, order in UNITS],
    )


def _table(name: str, *texts: str, **others: Any) -> sa.TableClause:
    columns: list[Any] = [
        *(sa.column(one, sa.Text) for one in texts),
        *(sa.column(one, kind) for one, kind in others.items()),
    ]
    return sa.table(name, *columns, sa.column("valid_from", sa.Date), sa.column("valid_to", sa.Date))
