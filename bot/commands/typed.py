"""Reading what is typed after a command (参数): days, spans, areas, accounts; each raises `Refused` for nonsense."""

import re
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import accounts
from bot.settings import Settings
from models.area import Area
from rules.localtime import local_date
from services import measure
from services.refused import Refused
from services.summary import Span, year_span


def today(settings: Settings) -> date:
    """The local date."""
    return local_date(datetime.now(UTC), settings.zone)


def day(text: str | None) -> date | None:
    """A day such as 2023-01-01."""
    if not text:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("cli.bad_day", text=text[:20]) from None


def span(settings: Settings, year: int | None, start: str | None, end: str | None) -> Span:
    """From the first to the last day, or the year, or this year; one that has not begun is refused."""
    found = _span(settings, year, start, end)
    if found.start > today(settings):
        raise Refused("cli.not_begun", day=found.start)
    return found


def _span(settings: Settings, year: int | None, start: str | None, end: str | None) -> Span:
    first, last = day(start), day(end)
    if year is not None and (first or last):
        raise Refused("cli.year_or_days")
    if first and last:
        if last < first:
            raise Refused("cli.days_reversed")
        return Span(first, last, by_days=True)
    if first or last:
        raise Refused("cli.both_days")
    year = today(settings).year if year is None else year
    if not 2000 <= year <= 2100:
        raise Refused("cli.bad_year", year=year)
    return year_span(year)


def area(session: Session, street: str | None) -> Area:
    """The street of this code, or the district."""
    if street:
        return _street(session, street)
    districts = session.scalars(select(Area).where(Area.level == "district")).all()
    if len(districts) != 1:
        raise Refused("cli.no_district")
    return districts[0]


def any_area(session: Session, code: str | None) -> Area:
    """The area of this code, whatever its level, or the district."""
    if not code:
        return area(session, None)
    found = session.get(Area, code)
    if found is None:
        raise Refused("cli.area_unknown", code=code[:20])
    return found


def division(session: Session, year: int | None, here: Area) -> date | None:
    """The first day of the grids that were valid in an area at the end of a year; None where no year is named."""
    if year is None:
        return None
    found = measure.division_of(session, year, here) if 2000 <= year <= 2100 else None
    if found is None:
        raise Refused("count.no_division", year=year)
    return found


def account(text: str) -> tuple[str, str]:
    """Channel and id of CHANNEL:ID."""
    try:
        return accounts.account(text)
    except ValueError:
        raise Refused("cli.bad_account", text=text[:40], known=", ".join(accounts.PEOPLE)) from None


def _street(session: Session, code: str) -> Area:
    found = session.get(Area, code)
    if found is None or found.level != "street":
        raise Refused("cli.street_unknown", code=code[:20])
    return found
