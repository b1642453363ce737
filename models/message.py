"""The channel-neutral message and reply (消息): what a person sent, what we say, whatever the chat."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a message is; whatever else it carries comes along (a photo may have a text)."""

    TEXT = "text"
    LOCATION = "location"
    PHOTO = "photo"
    FILE = "file"
    PRESS = "press"
    RECORDING = "recording"
    """A voice message or a video."""
    SUBMISSION = "submission"
    """A complete patrol in one message, as the replay delivers it."""
    MEETING = "meeting"
    CONTACT = "contact"
    """A card with a phone number; `data` says the number and whether it is the sender's own."""
    TICK = "tick"
    """A live location that moved."""
    EDIT = "edit"
    """Words of an earlier message that were changed."""
    MEMBER = "member"
    """The person blocked us or came back."""
    DRAFT_DUE = "draft_due"
    """The clock's word that a draft has been quiet for long enough."""
    ARRIVED = "arrived"
    """A person came into reach: the organisation let them see us."""
    LEFT = "left"
    """A person left the organisation, or may see us no more."""
    RENAMED = "renamed"
    """The organisation gave a person another user id (`data["new_id"]`)."""
    ANNOUNCED = "announced"
    """A phone says which photos follow (`data["md5"]`)."""
    PLATFORM = "platform"
    """The platform speaks of our app itself: `data` says the event, and from when it holds (`effect_at`)."""
    NOTED = "noted"
    """Something happened that nobody wants an answer to."""
    DIGEST_DUE = "digest_due"
    """The clock's word that an office's weekly digest is due."""
    EMERGENCY_OVER = "emergency_over"
    """The clock's word that an emergency has reached its end."""
    MEETING_TASK_DUE = "meeting_task_due"
    """The clock's word that a task of a meeting is to be reminded of."""
    ANCHOR_DUE = "anchor_due"
    """The clock's word that the head of the audit is to be made known in this chat."""
    UNKNOWN = "unknown"


BY_CLOCK = frozenset({Kind.DRAFT_DUE, Kind.DIGEST_DUE, Kind.EMERGENCY_OVER, Kind.MEETING_TASK_DUE, Kind.ANCHOR_DUE})
"""What the clock says of a person who has not spoken."""
UNSPOKEN = BY_CLOCK | {Kind.PLATFORM}
"""What nobody has said: it opens no account."""


@dataclass(frozen=True, slots=True)
class Location:
    """A position in WGS-84 degrees; `accuracy_m` is what the phone claims."""

    lon: float
    lat: float
    accuracy_m: float | None = None
    forwarded: bool = False
    source: str | None = None
    """Where it comes from: `device`, `picked`, `live`, `menu`, `page`; none where the channel does not tell."""
    datum: str | None = None
    """The datum in which it was sent: `wgs84` or `gcj02`."""
    raw: str | None = None
    """The digits as they were sent, `longitude,latitude`."""


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A photo as its channel names it; `sha256` is known where the bytes came with the message."""

    ref: str
    sha256: str | None = None
    size: int | None = None
    name: str | None = None
    original: bool = False
    unique: str | None = None
    """What the channel calls the picture itself, whoever sends it."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A document that arrived: by the hash of its bytes, or by what its channel calls it until it is fetched."""

    sha256: str | None
    name: str
    size: int
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed: which message of ours (outbox id), which button on it, when it was made (seconds)."""

    outbox_id: int
    button: int
    stamp: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found wrong on a patrol; the words are the catalogue's of the office."""

    type: str
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a person did in a chat."""

    channel: str
    chat_id: str
    sender_id: str
    inbox_id: int
    kind: Kind
    sent_at: datetime
    """The platform's time; for a channel without one, the time of receipt."""
    received_at: datetime
    text: str = ""
    location: Location | None = None
    photos: tuple[PhotoRef, ...] = ()
    photo_count: int | None = None
    """How many photos there are where the files themselves do not come along (the replay)."""
    file: FileRef | None = None
    press: Press | None = None
    choice: int | None = None
    """A number that was typed for one of our buttons, counted from 1, where the chat may show none."""
    shows_buttons: bool | None = None
    """Whether the app in which it was written shows our buttons; none where nothing tells."""
    reply_to: int | None = None
    """The outbox id of our message that this one answers."""
    reply_to_platform: str | None = None
    """The same by what the platform calls our message."""
    forwarded: bool = False
    group_id: str | None = None
    """The album that it belongs to."""
    live_until: datetime | None = None
    """Until when its live location moves."""
    message_ref: str | None = None
    """What its channel calls it, where edits of it may follow."""
    in_group: bool = False
    """It was said in a group, where no patrol is taken."""
    named_us: bool = False
    """In a group: it named the bot."""
    problem: Problem | None = None
    data: dict[str, Any] = field(default_factory=dict)
    """What only one kind carries: a draft's id, a meeting's title, place and attendees."""

    @property
    def own_chat(self) -> str:
        """The chat with the sender alone."""
        return self.sender_id if self.in_group else self.chat_id

    @property
    def photos_sent(self) -> int:
        """How many photos this message brings."""
        return len(self.photos) if self.photo_count is None else self.photo_count


class Priority(StrEnum):
    """Which of two waiting messages goes first."""

    RECEIPT = "0"
    """A receipt goes before every prompt: it is what a person waits for."""
    ANSWER = "1"
    NOTICE = "5"
    REMINDER = "9"


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a message: what it says, and what pressing it does (an action with its argument)."""

    label: str
    do: str
    arg: str = ""
    style: str = "plain"

    def plain(self) -> dict[str, str]:
        """What the outbox keeps; by hand, because `asdict` copies deeply and there are three under each reminder."""
        return {"label": self.label, "do": self.do, "arg": self.arg, "style": self.style}


@dataclass(frozen=True, slots=True)
class Table:
    """A small table in a chat."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or document that a report makes when the message is sent: the report's name and its figures."""

    report: str
    figures: dict[str, Any]
    language: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Something we say, in one chat; `buttons` are rows of choices."""

    text: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    table: Table | None = None
    attachment: Attachment | None = None
    menu: tuple[tuple[str, str, str], ...] | None = None
    """The quick buttons from now on: label, what it sends (`text`, `location`, `photo`), the text."""
    menu_for: tuple[str, str] | None = None
    """Whose quick buttons they are, and in which language: a channel's own command list follows them."""
    draft_id: int | None = None
    """Set on a prompt of a draft: it is dropped when the receipt overtakes it."""
    patrol_id: int | None = None
    """Set on a receipt."""
    reminder_id: int | None = None
    """Set on a reminder."""
    problem_id: int | None = None
    """Set on what speaks of a problem: what answers it joins that problem."""
    not_after: datetime | None = None
    """From when it would only disturb, and is dropped."""
    after: timedelta | None = None
    """How long it waits before it goes: for the rest of an album."""
    to: tuple[str, str] | None = None
    """Channel and chat, where it is not the chat that spoke."""

    def body(self) -> dict[str, Any]:
        """What the outbox keeps and the channel sends."""
        body: dict[str, Any] = {"text": self.text} if self.text else {}
        if self.buttons:
            body["buttons"] = [[button.plain() for button in row] for row in self.buttons]
        if self.table:
            body["table"] = asdict(self.table)
        if self.attachment:
            body["attachment"] = asdict(self.attachment)
        if self.menu:
            body["menu"] = self.menu
        if self.menu_for:
            body["role"], body["language"] = self.menu_for
        return body
