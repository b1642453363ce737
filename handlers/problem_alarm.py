"""The clock speaks (时限提醒): those who must act are warned once, and once more when it is overdue."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from handlers import problem_words
from locales import say
from models.account import Account
from models.message import Reply
from services import person, problem_people
from services.problem_clock import Alarm


def words(session: Session, alarm: Alarm, house: str, zone: ZoneInfo, now: datetime) -> Sequence[Reply]:
    """What is said, to whom: whose turn it is; of what is overdue the office too."""
    turn = problem_people.whose_turn(session, alarm.problem)
    known = {account.id for account in turn}
    offices = problem_people.offices(session, alarm.problem) if alarm.kind == "overdue" else []
    told = [*turn, *(account for account in offices if account.id not in known)]
    return [_word(session, alarm, account, house, zone, now) for account in told]


def _word(session: Session, alarm: Alarm, account: Account, house: str, zone: ZoneInfo, now: datetime) -> Reply:
    language = account.language or house
    who = person.known(session, account.channel, account.user_id)
    roles = problem_people.roles_of(session, who, alarm.problem) if who else []
    first = say(language, f"problem.{alarm.kind}")
    text = f"{first}\n{problem_words.card(session, language, alarm.problem, zone, now)}"
    return Reply(
        text, problem_words.buttons(language, alarm.problem, roles), to=(account.channel, account.chat_id),
        problem_id=alarm.problem.id,
    )  # fmt: skip
