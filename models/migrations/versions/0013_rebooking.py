"""Booking again (重新归属): what a change of roster, grids or policies moved a patrol from and to."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("patrol_event", sa.Column("moved", sa.JSON(), nullable=True))
