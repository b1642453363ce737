"""Reminders in the tests (提醒测试): the clock plans, the loop says, at a time of the test's own."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from chat_driver import House
from sqlalchemy import select

from bot.reminders import Reminders
from models.reminder import Reminder
from scheduler import digests, emergencies
from scheduler.plans import plan_due

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: date, clock: str) -> datetime:
    """An instant by the clock in Beijing."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


def ticks(house: House, now: datetime) -> None:
    """Let it be `now`: the clock plans and asks, the reminder loop says what is due, all of it is sent."""
    house.now = now
    plan_due(house.engine, ZONE, now)
    while Reminders(house.engine, house.settings).remind_once(now):
        pass
    digests.ask_for_due(house.engine, ZONE, now)
    emergencies.ask_for_over(house.engine, now)
    house.works()


def reminders_of(house: House, chief_id: int | None, kind: str = "reminder", duty_id: int = 3) -> list[Reminder]:
    """A chief's rows, in the order of their periods."""
    rows = select(Reminder).where(Reminder.chief_id == chief_id, Reminder.kind == kind, Reminder.duty_id == duty_id)
    return list(house.rows(rows.order_by(Reminder.period_start)))
