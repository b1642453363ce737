"""Local dates (当地日期): year, month and week are those of the zone, never of UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date that a calendar in the zone shows at an instant."""
    return instant.astimezone(zone).date()


def day_bounds(start: date, end: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants, from inclusive to exclusive, of the local dates from `start` to `end` (both inclusive)."""
    first = datetime.combine(start, time(), zone)
    after = datetime.combine(end + timedelta(days=1), time(), zone)
    return first.astimezone(UTC), after.astimezone(UTC)
