"""The first floor (初始结构): tables, counting policies, duties.

The rows are the project's defaults: until 2026-01-24 a patrol needs location and photo, from 2026-01-25 neither.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table of the first floor and its default rows."""
    op.create_table(
        "area",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["area.code"], name=op.f("fk_area_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_index(op.f("ix_area_parent_code"), "area", ["parent_code"], unique=False)
    op.create_table(
        "beat",
        sa.Column("loop", sa.Text(), nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("loop", name=op.f("pk_beat")),
    )
    op.create_table(
        "chief",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chief")),
        sa.UniqueConstraint("code", name=op.f("uq_chief_code")),
    )
    op.create_index(op.f("ix_chief_phone"), "chief", ["phone"], unique=False)
    op.create_table(
        "duty",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_table(
        "grid_succession",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("old_code", sa.Text(), nullable=False),
        sa.Column("new_code", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("share_of_old", sa.Double(), nullable=False),
        sa.Column("share_of_new", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_succession")),
        sa.UniqueConstraint(
            "old_code", "new_code", "valid_from", name=op.f("uq_grid_succession_old_code_new_code_valid_from")
        ),
    )
    op.create_index(op.f("ix_grid_succession_new_code"), "grid_succession", ["new_code"], unique=False)
    op.create_index(op.f("ix_grid_succession_old_code"), "grid_succession", ["old_code"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("channel", "key", name=op.f("uq_inbox_channel_key")),
    )
    op.create_index(
        "ix_inbox_parked",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["chat", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_inbox_waiting_id",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "local_entry",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("inbox_id", IDENTITY, nullable=True),
        sa.Column("outbox_id", IDENTITY, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_entry")),
        sa.UniqueConstraint("inbox_id", name=op.f("uq_local_entry_inbox_id")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_local_entry_outbox_id")),
    )
    op.create_index("ix_local_entry_chat", "local_entry", ["chat_id", "id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mark")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("platform_id", sa.Text(), nullable=True),
        sa.Column("draft_id", IDENTITY, nullable=True),
        sa.Column("patrol_id", IDENTITY, nullable=True),
        sa.Column("spent_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_draft",
        "outbox",
        ["draft_id"],
        unique=False,
        sqlite_where=sa.text("draft_id IS NOT NULL"),
        postgresql_where=sa.text("draft_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_failed",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_outbox_patrol",
        "outbox",
        ["patrol_id"],
        unique=False,
        sqlite_where=sa.text("patrol_id IS NOT NULL"),
        postgresql_where=sa.text("patrol_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["channel", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "patrol_count",
        sa.Column("post_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("grid_version_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "post_id", "grid_version_id", "month", "verdict", "street_code", name=op.f("pk_patrol_count")
        ),
    )
    op.create_index("ix_patrol_count_month", "patrol_count", ["month"], unique=False)
    op.create_index("ix_patrol_count_street", "patrol_count", ["street_code", "month"], unique=False)
    op.create_table(
        "photo",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("original", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("taken_on", sa.Text(), nullable=True),
        sa.Column("exif_lon", sa.Double(), nullable=True),
        sa.Column("exif_lat", sa.Double(), nullable=True),
        sa.Column("phash", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_sha256", "photo", ["sha256"], unique=False)
    op.create_index(
        "ix_photo_waiting",
        "photo",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('to_fetch', 'stored')"),
        postgresql_where=sa.text("state IN ('to_fetch', 'stored')"),
    )
    op.create_table(
        "policy",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("requires_location", sa.Boolean(), nullable=False),
        sa.Column("requires_photo", sa.Boolean(), nullable=False),
        sa.Column("max_outside_m", sa.Double(), nullable=False),
        sa.Column("repeat_window_s", sa.Integer(), nullable=False),
        sa.Column("repeat_distance_m", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_policy_valid_from")),
    )
    op.create_table(
        "receipt_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_receipt_year")),
    )
    op.create_table(
        "redelivery",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redelivery")),
    )
    op.create_index("ix_redelivery_inbox", "redelivery", ["inbox_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("awaiting", sa.Text(), nullable=True),
        sa.Column("awaiting_data", sa.JSON(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("wrong_codes_since", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_account_chief_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("channel", "user_id", name=op.f("uq_account_channel_user_id")),
    )
    op.create_index(op.f("ix_account_chief_id"), "account", ["chief_id"], unique=False)
    op.create_table(
        "grid_version",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("label_lon", sa.Double(), nullable=True),
        sa.Column("label_lat", sa.Double(), nullable=True),
        sa.Column("change", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["street_code"], ["area.code"], name=op.f("fk_grid_version_street_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_version")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_grid_version_code_valid_from")),
    )
    op.create_index(op.f("ix_grid_version_street_code"), "grid_version", ["street_code"], unique=False)
    op.create_index("ix_grid_version_valid", "grid_version", ["valid_from", "valid_to"], unique=False)
    op.create_table(
        "invite",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_invite_chief_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invite_code_hash")),
    )
    op.create_index(op.f("ix_invite_chief_id"), "invite", ["chief_id"], unique=False)
    op.create_table(
        "office",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_office_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("channel", "user_id", "area_code", name=op.f("uq_office_channel_user_id_area_code")),
    )
    op.create_table(
        "post",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_post_area_code")),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_post_chief_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index("ix_post_area", "post", ["area_code"], unique=False)
    op.create_index("ix_post_chief", "post", ["chief_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_account_id"), "consent", ["account_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("grid_version_id", IDENTITY, nullable=True),
        sa.Column("problem_type", sa.Text(), nullable=True),
        sa.Column("patrol_id", IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_draft_chief_id")),
        sa.ForeignKeyConstraint(["grid_version_id"], ["grid_version.id"], name=op.f("fk_draft_grid_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(
        "ix_draft_due",
        "draft",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_draft_open",
        "draft",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_feedback_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_account_id"), "feedback", ["account_id"], unique=False)
    op.create_table(
        "grid_community",
        sa.Column("grid_version_id", IDENTITY, nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community_code"], ["area.code"], name=op.f("fk_grid_community_community_code")),
        sa.ForeignKeyConstraint(
            ["grid_version_id"], ["grid_version.id"], name=op.f("fk_grid_community_grid_version_id")
        ),
        sa.PrimaryKeyConstraint("grid_version_id", "community_code", name=op.f("pk_grid_community")),
    )
    op.create_index(op.f("ix_grid_community_community_code"), "grid_community", ["community_code"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("attendees", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("chief_id", IDENTITY, nullable=True),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("voided_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_meeting_account_id")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_meeting_area_code")),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_meeting_chief_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_held", "meeting", ["area_code", "held_on"], unique=False)
    op.create_index("uq_meeting_inbox", "meeting", ["inbox_id"], unique=True)
    op.create_table(
        "patrol",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("chief_id", IDENTITY, nullable=False),
        sa.Column("post_id", IDENTITY, nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("grid_version_id", IDENTITY, nullable=True),
        sa.Column("street_code", sa.Text(), nullable=True),
        sa.Column("patrolled_at", INSTANT, nullable=False),
        sa.Column("patrolled_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.Column("outside_m", sa.Double(), nullable=True),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("problem_type", sa.Text(), nullable=True),
        sa.Column("problem_severity", sa.Text(), nullable=True),
        sa.Column("policy_id", IDENTITY, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("voided_at", INSTANT, nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_patrol_account_id")),
        sa.ForeignKeyConstraint(["chief_id"], ["chief.id"], name=op.f("fk_patrol_chief_id")),
        sa.ForeignKeyConstraint(["grid_version_id"], ["grid_version.id"], name=op.f("fk_patrol_grid_version_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_patrol_policy_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_patrol_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol")),
        sa.UniqueConstraint("number", name=op.f("uq_patrol_number")),
    )
    op.create_index(
        "ix_patrol_chief_counted",
        "patrol",
        ["chief_id", "patrolled_at"],
        unique=False,
        sqlite_where=sa.text("verdict = 'counted'"),
        postgresql_where=sa.text("verdict = 'counted'"),
    )
    op.create_index("ix_patrol_chief_time", "patrol", ["chief_id", "patrolled_at"], unique=False)
    op.create_index("ix_patrol_day", "patrol", ["patrolled_on", "id"], unique=False)
    op.create_index("ix_patrol_street_time", "patrol", ["street_code", "patrolled_on", "id"], unique=False)
    op.create_index("uq_patrol_inbox", "patrol", ["inbox_id"], unique=True)
    op.create_table(
        "post_street",
        sa.Column("post_id", IDENTITY, nullable=False),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_street_post_id")),
        sa.ForeignKeyConstraint(["street_code"], ["area.code"], name=op.f("fk_post_street_street_code")),
        sa.PrimaryKeyConstraint("post_id", "street_code", name=op.f("pk_post_street")),
    )
    op.create_table(
        "part",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("draft_id", IDENTITY, nullable=True),
        sa.Column("patrol_id", IDENTITY, nullable=True),
        sa.Column("inbox_id", IDENTITY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("photo_id", IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_part_draft_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_part_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
    )
    op.create_index("ix_part_draft", "part", ["draft_id"], unique=False)
    op.create_index("ix_part_patrol", "part", ["patrol_id"], unique=False)
    op.create_table(
        "patrol_event",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("patrol_id", IDENTITY, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_patrol_event_account_id")),
        sa.ForeignKeyConstraint(["patrol_id"], ["patrol.id"], name=op.f("fk_patrol_event_patrol_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_event")),
    )
    op.create_index(op.f("ix_patrol_event_patrol_id"), "patrol_event", ["patrol_id"], unique=False)

    op.bulk_insert(
        sa.table(
            "policy",
            sa.column("valid_from", sa.Date),
            sa.column("valid_to", sa.Date),
            sa.column("requires_location", sa.Boolean),
            sa.column("requires_photo", sa.Boolean),
            sa.column("max_outside_m", sa.Float),
            sa.column("repeat_window_s", sa.Integer),
            sa.column("repeat_distance_m", sa.Float),
            sa.column("source", sa.Text),
        ),
        [
            {
                "valid_from": date(2000, 1, 1),
                "valid_to": date(2026, 1, 24),
                "requires_location": True,
                "requires_photo": True,
                "max_outside_m": 100.0,
                "repeat_window_s": 300,
                "repeat_distance_m": 50.0,
                "source": "practice of the forest chief offices until 2026-01-24",
            },
            {
                "valid_from": date(2026, 1, 25),
                "valid_to": None,
                "requires_location": False,
                "requires_photo": False,
                "max_outside_m": 100.0,
                "repeat_window_s": 300,
                "repeat_distance_m": 50.0,
                "source": "guobanhan 2026 no. 12",
            },
        ],
    )
    op.bulk_insert(
        sa.table(
            "duty",
            sa.column("level", sa.Text),
            sa.column("period", sa.Text),
            sa.column("times", sa.Integer),
            sa.column("valid_from", sa.Date),
            sa.column("valid_to", sa.Date),
            sa.column("source", sa.Text),
        ),
        [
            {
                "level": level,
                "period": period,
                "times": 1,
                "valid_from": date(2021, 1, 1),
                "valid_to": None,
                "source": "Beijing implementing opinion of 2021",
            }
            for level, period in (("district", "year"), ("street", "month"), ("community", "week"))
        ],
    )
