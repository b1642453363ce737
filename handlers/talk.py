"""One message in its conversation (对话): who speaks, when, and in which language we answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from locales import say
from locales.dates import span_name
from models.account import Account
from models.message import Button, Kind, Message, Press
from services import audit, outbox
from services.person import ChiefFacts, Person
from services.refused import Refused
from services.summary import Span


@dataclass(frozen=True, slots=True)
class Talk:
    """What a handler works with; `now` is the instant that everything in this transaction happens."""

    session: Session
    message: Message
    person: Person
    now: datetime
    zone: ZoneInfo
    default_language: str
    address: str = ""
    """Where this server's pages are reached; empty where nobody knows."""
    map_door: str = ""
    """Where the map opens from this very chat without a link; empty where the chat cannot say who somebody is."""

    @property
    def language(self) -> str:
        """The language of the person, else of the house."""
        chosen = self.person.account.language if self.person.account else None
        return chosen or self.default_language

    @property
    def account(self) -> Account:
        """The account of the person; raises `Refused` on a channel without accounts."""
        if self.person.account is None:
            raise Refused("chat.no_account")
        return self.person.account

    @property
    def chief(self) -> ChiefFacts:
        """The chief who speaks; raises `Refused` for anybody else."""
        if self.person.chief is None:
            raise Refused("chat.office_is_no_chief" if self.person.offices else "chat.not_enrolled")
        return self.person.chief

    def spend_buttons(self) -> bool:
        """Use up the buttons of the message that was pressed; False when they had been used before."""
        press = self.message.press
        return press is None or outbox.spend(self.session, press.outbox_id, self.now)

    def say(self, key: str, /, **fields: object) -> str:
        """A sentence in the person's language."""
        return say(self.language, key, **fields)

    def with_message(self, **changed: Any) -> "Talk":
        """The same talk about a message that differs a little."""
        return replace(self, message=replace(self.message, **changed))

    def period(self, span: Span) -> str:
        """A period by its shortest name, as the reports word it."""
        return span_name(span.start, span.end, self.language)

    def moment(self, at: datetime) -> str:
        """An instant as a list shows it: local date with its year, and time."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def as_press(self, press: Press) -> "Talk":
        """The talk as if this button had been pressed."""
        return self.with_message(kind=Kind.PRESS, press=press, text="")

    def audit(self, what: str, object: str, area: str | None = None, result: str = audit.DONE) -> None:
        """Note a deed of this person for the audit, in the commit of this message."""
        audit.note(self.session, audit.by(self.person), what, object, area, result, self.now)

    def button(self, do: str, arg: object = "", style: str = "plain", label: str | None = None) -> Button:
        """A button that does an action; its label is the catalogue's unless one is given."""
        return Button(label or self.say(f"button.{do.replace('.', '_')}"), do, str(arg), style)
