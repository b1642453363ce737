"""Every table in one place (全部数据表), for migrations and whole-database work."""

from models import (  # noqa: F401 - importing registers the tables
    account,
    area,
    chief,
    count,
    draft,
    grid,
    house,
    inbox,
    local_entry,
    meeting,
    outbox,
    pace,
    patrol,
    photo,
    policy,
    recording,
    snapshot,
    wecom,
)
from models.base import Base

metadata = Base.metadata
