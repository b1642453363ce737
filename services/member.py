"""Members of the organisation's directory (成员): who is which chief, who came, who left."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.chief import Chief, Post
from models.inbox import Inbox
from models.outbox import Outbox
from services import enrolment, mark
from services.person import ChiefFacts
from services.refused import Refused

_DIRECTORY = "wecom"
"""The channel whose user ids an organisation gives out: nobody can choose one."""


def offered(session: Session, channel: str, user_id: str) -> ChiefFacts | None:
    """The one chief of the roster whose id in the directory this is, if nobody speaks for that chief yet."""
    if channel != _DIRECTORY:
        return None
    taken = select(Account.id).where(Account.chief_id == Chief.id, Account.channel == _DIRECTORY)
    found = session.scalars(select(Chief).where(Chief.wecom_id == user_id, ~taken.exists()).limit(2)).all()
    return ChiefFacts(found[0].id, found[0].code, found[0].name) if len(found) == 1 else None


def same_id(channel: str, user_id: str) -> str:
    """A user id as we keep it: WeCom does not tell `ZhangSan` from `zhangsan`."""
    return user_id.lower() if channel == _DIRECTORY else user_id


def account_of(session: Session, user_id: str) -> Account | None:
    """The account of a member who has been here."""
    here = (Account.channel == _DIRECTORY) & (Account.user_id == user_id)
    return session.scalars(select(Account).where(here)).first()


def as_numbers(account: Account | None) -> bool:
    """Whether choices are numbers for a person: as the person said, else as the app told in which they write."""
    if account is None:
        return False
    return account.sees_buttons is False if account.plain_choices is None else account.plain_choices


def needs_hint(account: Account | None) -> bool:
    """Whether nobody knows yet if a person sees buttons, and the person was not told what to do without."""
    return account is not None and (account.plain_choices, account.sees_buttons, account.hinted_at) == (None,) * 3


def title_of(session: Session, chief_id: int) -> str:
    """The clerk's word for what a chief is, from the latest post."""
    latest = select(Post.title).where(Post.chief_id == chief_id).order_by(Post.valid_from.desc(), Post.id.desc())
    return session.scalar(latest.limit(1)) or ""


def confirm(session: Session, account: Account, code: str) -> ChiefFacts:
    """Enrol an account as the chief that the directory says it is; raises `Refused` where it says so no more."""
    enrolment.check_free(account)
    chief = offered(session, account.channel, account.user_id)
    if chief is None or chief.code != code:
        raise Refused("member.not_you")
    return enrolment.enrol(session, account, chief.id)


def leave(session: Session, account: Account, now: datetime) -> None:
    """Take everything away that a person who left could do; what they recorded stays."""
    account.chief_id, account.blocked_at = None, now
    account.awaiting = account.awaiting_data = None
    mine = (Office.channel == account.channel) & (Office.user_id == account.user_id) & Office.removed_at.is_(None)
    session.execute(update(Office).where(mine).values(removed_at=now))
    mark.new_edition(session, "offices")
    # The directory may give the id to somebody else one day.
    session.execute(update(Chief).where(Chief.wecom_id == account.user_id).values(wecom_id=None, wecom_asked_at=None))


def rename(session: Session, account: Account, new_id: str) -> None:
    """Let an account go on under its new user id, with all that waits for it."""
    old, channel = account.user_id, account.channel
    other = select(Account.id).where(Account.channel == channel, Account.user_id == new_id)
    if session.scalar(other) is not None:
        return
    waiting = (Inbox.chat == f"{channel}:{old}") & (Inbox.state == "waiting")
    session.execute(update(Inbox).where(waiting).values(chat=f"{channel}:{new_id}"))
    session.execute(update(Office).where(Office.channel == channel, Office.user_id == old).values(user_id=new_id))
    mark.new_edition(session, "offices")
    session.execute(update(Chief).where(Chief.wecom_id == old).values(wecom_id=new_id))
    said = (Outbox.channel == channel) & (Outbox.chat_id == old)
    session.execute(update(Outbox).where(said).values(chat_id=new_id))
    account.user_id = account.chat_id = new_id


def to_look_up(session: Session, asked_before: datetime, limit: int) -> list[tuple[int, str]]:
    """Chiefs whose id in the directory is not known, with their phones; those who were never asked for come first."""
    due = or_(Chief.wecom_asked_at.is_(None), Chief.wecom_asked_at < asked_before)
    query = select(Chief.id, Chief.phone).where(Chief.wecom_id.is_(None), Chief.phone.is_not(None), due)
    rows = session.execute(query.order_by(Chief.wecom_asked_at.is_not(None), Chief.id).limit(limit))
    return [(chief_id, phone) for chief_id, phone in rows if phone]


def found(session: Session, chief_id: int, user_id: str | None, now: datetime) -> None:
    """Note what the directory said to a chief's phone."""
    values = {"wecom_id": user_id.lower() if user_id else None, "wecom_asked_at": now}
    session.execute(update(Chief).where(Chief.id == chief_id).values(values))
