"""The audit: its rows, its anchors, and triggers that keep both from being changed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KEPT = ("id", "happened_at", "who", "what", "object", "area_code", "result")
REFUSE = "SELECT RAISE(ABORT, 'the audit is append-only');"


def upgrade() -> None:
    """Add the two tables and their triggers."""
    op.create_table(
        "audit",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("seq", IDENTITY, nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    _index("ix_audit_unchained", ["id"], "seq IS NULL")
    _index("uq_audit_seq", ["seq"], "seq IS NOT NULL", unique=True)
    _index("ix_audit_object", ["object", "seq"], "seq IS NOT NULL")
    op.create_table(
        "audit_anchor",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("anchored_at", INSTANT, nullable=False),
        sa.Column("seq", IDENTITY, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
    op.create_index("ix_audit_anchor_seq", "audit_anchor", ["seq"])
    for statement in _embedded() if op.get_bind().dialect.name == "sqlite" else _server():
        op.execute(statement)


def _index(name: str, columns: list[str], where: str, unique: bool = False) -> None:
    op.create_index(name, "audit", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _embedded() -> list[str]:
    # REPLACE deletes without a word to the trigger of deletes: it is met before it happens.
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)
    chains = f"OLD.seq IS NULL AND OLD.hash IS NULL AND NEW.seq > 0 AND NEW.hash IS NOT NULL AND {same}"
    taken = "EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)"
    placed = "NEW.seq IS NOT NULL OR NEW.hash IS NOT NULL OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
    again = "EXISTS (SELECT 1 FROM audit_anchor WHERE id = NEW.id)"
    return [
        f"CREATE TRIGGER audit_update BEFORE UPDATE ON audit WHEN NOT ({chains}) OR {taken} BEGIN {REFUSE} END",
        f"CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN {REFUSE} END",
        f"CREATE TRIGGER audit_insert BEFORE INSERT ON audit WHEN {placed} BEGIN {REFUSE} END",
        f"CREATE TRIGGER audit_anchor_update BEFORE UPDATE ON audit_anchor BEGIN {REFUSE} END",
        f"CREATE TRIGGER audit_anchor_delete BEFORE DELETE ON audit_anchor BEGIN {REFUSE} END",
        f"CREATE TRIGGER audit_anchor_insert BEFORE INSERT ON audit_anchor WHEN {again} BEGIN {REFUSE} END",
    ]


def _server() -> list[str]:
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)
    chains = f"OLD.seq IS NULL AND OLD.hash IS NULL AND NEW.seq > 0 AND NEW.hash IS NOT NULL AND {same}"
    refuse = "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
    return [
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
        f"CREATE TRIGGER audit_update BEFORE UPDATE ON audit FOR EACH ROW WHEN (NOT ({chains}))"
        " EXECUTE FUNCTION audit_refuse()",
        f"CREATE TRIGGER audit_delete BEFORE DELETE ON audit {refuse}",
        "CREATE TRIGGER audit_insert BEFORE INSERT ON audit FOR EACH ROW"
        " WHEN (NEW.seq IS NOT NULL OR NEW.hash IS NOT NULL) EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_refuse()",
        f"CREATE TRIGGER audit_anchor_change BEFORE UPDATE OR DELETE ON audit_anchor {refuse}",
        "CREATE TRIGGER audit_anchor_truncate BEFORE TRUNCATE ON audit_anchor EXECUTE FUNCTION audit_refuse()",
    ]
