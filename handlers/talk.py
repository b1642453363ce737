"""One message in its conversation (对话): who speaks, when, and in which language we answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from locales import say
from models.account import Account
from models.message import Button, Kind, Message, Press
from services.person import ChiefFacts, Person
from services.refused import Refused


@dataclass(frozen=True, slots=True)
class Talk:
    """What a handler works with; `now` is the instant that everything in this transaction happens."""

    session: Session
    message: Message
    person: Person
    now: datetime
    zone: ZoneInfo
    default_language: str

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
            raise Refused("chat.not_enrolled")
        return self.person.chief

    def say(self, key: str, /, **fields: object) -> str:
        """A sentence in the person's language."""
        return say(self.language, key, **fields)

    def with_text(self, text: str) -> Message:
        """The message as if it had said this text."""
        return replace(self.message, kind=Kind.TEXT, text=text, press=None)

    def as_press(self, press: Press) -> "Talk":
        """The talk as if this button had been pressed."""
        return replace(self, message=replace(self.message, kind=Kind.PRESS, press=press, text=""))

    def button(self, do: str, arg: object = "", style: str = "plain", label: str | None = None) -> Button:
        """A button that does an action; its label is the catalogue's unless one is given."""
        return Button(label or self.say(f"button.{do.replace('.', '_')}"), do, str(arg), style)
