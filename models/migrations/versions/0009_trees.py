"""Old trees: the archive, the visits, the rule; what the map showed of them moves into the archive."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
_KNOWN = {0x4E00: "first", 0x540D: "notable"}
"""Grades by the first character of their Chinese names: 'one' and 'name'; every other one is the second."""
_MOVED = sa.text(
    "INSERT INTO old_tree (code, species, grade, name, site, street_code, lon, lat, entered_on)"
    " SELECT code, coalesce(species, name), :known, name, site, street_code, lon, lat, CURRENT_DATE"
    " FROM place WHERE kind = 'old_tree' AND coalesce(grade, '') = :grade"
)
SOURCE = "default of the house; the local rules of protection go before"


def upgrade() -> None:
    """Add the three tables and the draft's number of trees."""
    _add_archive()
    _add_visits()
    op.create_table(
        "old_tree_rule",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("near_m", sa.Double(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("unseen_days", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_tree_rule")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_old_tree_rule_valid_from")),
    )
    op.add_column("draft", sa.Column("trees", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "INSERT INTO old_tree_rule (valid_from, near_m, most, unseen_days, source)"
        f" VALUES ('2000-01-01', 100, 12, 90, '{SOURCE}')"
    )
    _move()


def _add_archive() -> None:
    op.create_table(
        "old_tree",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("species", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_tree")),
        sa.UniqueConstraint("code", name=op.f("uq_old_tree_code")),
    )
    op.create_index(op.f("ix_old_tree_street_code"), "old_tree", ["street_code"])


def _add_visits() -> None:
    op.create_table(
        "old_tree_visit",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("tree_id", IDENTITY, nullable=False),
        sa.Column("draft_id", IDENTITY, nullable=True),
        sa.Column("patrol_id", IDENTITY, nullable=True),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["tree_id"], ["old_tree.id"], name=op.f("fk_old_tree_visit_tree_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_old_tree_visit_draft_id")),
        sa.ForeignKeyConstraint(["patrol_id"], ["patrol.id"], name=op.f("fk_old_tree_visit_patrol_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_tree_visit")),
    )
    op.create_index(op.f("ix_old_tree_visit_tree_id"), "old_tree_visit", ["tree_id"])
    for kind in ("draft", "patrol"):
        there = sa.text(f"{kind}_id IS NOT NULL")
        op.create_index(
            f"uq_old_tree_visit_{kind}", "old_tree_visit", [f"{kind}_id", "tree_id"], unique=True,
            sqlite_where=there, postgresql_where=there,
        )  # fmt: skip


def _move() -> None:
    bind = op.get_bind()
    grades = bind.execute(sa.text("SELECT DISTINCT grade FROM place WHERE kind = 'old_tree'")).scalars().all()
    if not grades:
        return
    for grade in grades:
        bind.execute(_MOVED, {"grade": grade or "", "known": _KNOWN.get(ord((grade or " ")[0]), "second")})
    op.execute("DELETE FROM place WHERE kind = 'old_tree'")
    # An edition of its own: without one the archive counts as empty.
    edition = sa.text("INSERT INTO mark (name, value) VALUES ('edition.old_trees', :value)")
    bind.execute(edition, {"value": uuid4().hex})
