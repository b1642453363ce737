"""Every table in one place (全部数据表), for migrations and whole-database work."""

from models import (  # noqa: F401 - importing registers the tables
    account,
    area,
    chief,
    count,
    draft,
    emergency,
    grid,
    house,
    inbox,
    local_entry,
    map_link,
    meeting,
    outbox,
    pace,
    patrol,
    photo,
    place,
    policy,
    recording,
    reminder,
    schedule,
    snapshot,
    upload,
    wecom,
    workday,
)
from models.base import Base

metadata = Base.metadata
