"""Corners (角落): the counted patrols of a grid by their days."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COUNTED = sa.text("verdict = 'counted'")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_patrol_grid_counted", "patrol", ["grid_version_id", "patrolled_on"],
        sqlite_where=COUNTED, postgresql_where=COUNTED,
    )  # fmt: skip
