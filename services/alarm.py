"""Alarms (告警): what only a person outside the program can mend, kept until it is over."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.house import Mark
from services import mark

_PREFIX = "alarm."


def sound(session: Session, name: str, text: str) -> None:
    """Raise an alarm, or give it a new text."""
    mark.write(session, f"{_PREFIX}{name}", text)


def end(session: Session, name: str) -> None:
    """End an alarm, if there is one."""
    session.execute(delete(Mark).where(Mark.name == f"{_PREFIX}{name}"))


def text_of(session: Session, name: str) -> str | None:
    """The text of an alarm, or None."""
    return mark.read(session, f"{_PREFIX}{name}")


def sounding(session: Session) -> dict[str, str]:
    """Every alarm by its name."""
    rows = session.execute(select(Mark.name, Mark.value).where(Mark.name.startswith(_PREFIX)).order_by(Mark.name))
    return {name.removeprefix(_PREFIX): text for name, text in rows}
