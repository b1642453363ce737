"""Enrolment (注册): by an invite code, or by the own phone number where it stands on the roster."""

from collections.abc import Sequence

from handlers import menu, office_notice
from handlers.talk import Talk
from models.message import Reply
from services import enrolment, invite, person
from services.person import ChiefFacts
from services.refused import Refused

Replies = Sequence[Reply]


def start(talk: Talk, code: str = "") -> Replies:
    """开始: greets; with a code, enrols."""
    if code:
        return _by_code(talk, code)
    if talk.person.chief:
        return [menu.with_menu(talk, talk.say("start.chief", name=talk.person.chief.name), "chief")]
    role = menu.role_of(talk)
    return [menu.with_menu(talk, talk.say(f"start.{role}"), role)]


def by_contact(talk: Talk) -> Replies:
    """The own contact, shared: the roster knows the number."""
    if not talk.message.data.get("own"):
        raise Refused("start.foreign_contact")
    if invite.too_many(talk.account, talk.now):
        return []
    return _greeted(talk, enrolment.by_phone(talk.session, talk.account, str(talk.message.data.get("phone"))))


def came_or_left(talk: Talk) -> Replies:
    """The person blocked us, or came back: nothing is said, but it is known."""
    if talk.message.data.get("away"):
        person.note_gone(talk.session, talk.message.channel, talk.message.chat_id, talk.now)
    return []


def _by_code(talk: Talk, code: str) -> Replies:
    if invite.too_many(talk.account, talk.now):
        # Whoever guesses is told nothing more; the office has been told already.
        return []
    try:
        return _greeted(talk, invite.use(talk.session, talk.account, code, talk.now))
    except Refused as refusal:
        if refusal.key != "start.wrong_code":
            raise
        # Said here and not raised: a refusal would take back that the wrong code was counted.
        invite.note_wrong(talk.account, talk.now)
        talk.audit("account.enrolled", "invite", None, f"refused:{refusal.key}")
    if not invite.too_many(talk.account, talk.now):
        return [Reply(talk.say("start.wrong_code"))]
    told = office_notice.to_districts(talk, "start.guessing", channel=talk.message.channel, user=talk.account.user_id)
    return [Reply(talk.say("start.too_many_codes")), *told]


def _greeted(talk: Talk, chief: ChiefFacts) -> Replies:
    talk.audit("account.enrolled", f"chief:{chief.id}")
    return [menu.with_menu(talk, talk.say("start.enrolled", name=chief.name), "chief")]
