"""A lead to hand over (移送测试): a problem that was found on a patrol, with photos and steps."""

from chat_driver import DISTRICT, OWN, Chat, House
from sqlalchemy import select

from models.account import Account
from models.draft import Part
from models.engine import transaction
from models.message import Location
from models.patrol import Patrol
from rules.problem_flow import Action, Role
from services import problem, problem_step
from services.problem import Report
from services.problem_step import Act


def lead(house: House, chat: Chat, photos: tuple[bytes, ...] = (b"\xff\xd8\xff one", b"\xff\xd8\xff two")) -> str:
    """A patrol with a position and photos, and a problem of it that was accepted; gives the problem's number."""
    chat.sends_location(*OWN)
    chat.sends_files(*photos)
    chat.presses("提交")
    office = house.talk_as(f"office {DISTRICT}")
    assert office.account is not None
    with transaction(house.engine) as session:
        patrol = session.scalars(select(Patrol).order_by(Patrol.id.desc())).first()
        assert patrol is not None
        account = session.scalars(select(Account).where(Account.user_id == chat.user)).one()
        kept = session.scalars(
            select(Part.photo_id).where(Part.patrol_id == patrol.id, Part.photo_id.is_not(None)).order_by(Part.id)
        ).all()
        given = Report(
            chief_id=patrol.chief_id, inbox_id=patrol.inbox_id, found_at=house.now, type_code="old_tree",
            account_id=account.id, location=Location(*OWN), note="古槐树干有新砍痕", patrol_id=patrol.id,
            photos=tuple((photo, None) for photo in kept if photo),
        )  # fmt: skip
        made = problem.report(session, given, house.settings.zone, house.now)
        act = Act(made.id, made.version, Action.ACCEPT, [Role.DISTRICT], account_id=office.account.id)
        problem_step.act(session, act, house.settings.zone, house.now)
        return made.number
