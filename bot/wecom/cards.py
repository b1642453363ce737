"""Template cards (模板卡片): choices as buttons, and their update after a click; or a numbered list where none show."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.wecom.envelope import fields_of, sender_of, text_of
from models.message import Reply
from services.inbox import Delivery
from services.outbox import Said

MOST_BUTTONS = 6
"""So many buttons a card can have."""
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LABEL = 26, 112, 10
"""Characters that a card shows; more is cut by the phone."""
_KEY = re.compile(r"(\d{1,18}):(\d{1,3}):(\d{1,11})")
_CLICK = "template_card_event"
_STYLES = {"primary": 1, "plain": 2, "danger": 3}


@dataclass(frozen=True, slots=True)
class CardUpdate(Reply):
    """The card that was clicked says from now on what was chosen; its code is good for one update."""

    code: str = ""
    outbox_id: int = 0
    place: int = 0
    stamp: int = 0
    ended: str | None = None
    """What had become of its draft before the click: the button did nothing any more."""

    def body(self) -> dict[str, Any]:
        """What the outbox keeps."""
        said = {"code": self.code, "outbox_id": self.outbox_id, "place": self.place, "stamp": self.stamp}
        return {"card_update": {**said, "ended": self.ended} if self.ended else said}

    def said(self, user: str, now: datetime) -> Said:
        """What goes to the member who clicked."""
        return Said("wecom", user, self, now)


def click_of(delivery: Delivery) -> tuple[str, CardUpdate] | None:
    """The member and the update that a click on a card asks for; none where a delivery is something else."""
    if _CLICK not in delivery.raw:
        return None
    try:
        fields = fields_of(json.loads(delivery.raw).get("xml", "<xml/>"))
    except (ValueError, AttributeError):
        # What cannot be read is parked by the worker; here it must stop nothing.
        return None
    code, key = text_of(fields.get("ResponseCode")), _KEY.fullmatch(text_of(fields.get("EventKey")))
    if text_of(fields.get("Event")) != _CLICK or not code or not key:
        return None
    return sender_of(fields), CardUpdate(code=code, outbox_id=int(key[1]), place=int(key[2]), stamp=int(key[3]))


def card(text: str, choose: str, buttons: list[dict[str, str]], key: str, task_id: str) -> dict[str, Any]:
    """A card with its buttons; `choose` is its title where the text is empty; `key` has `{}` for the place."""
    made: dict[str, Any] = {
        "card_type": "button_interaction", "task_id": task_id,
        "button_list": [
            {"text": one["label"][:LONGEST_LABEL], "style": _STYLES.get(one["style"], 2), "key": key.format(place)}
            for place, one in enumerate(buttons)
        ],
    }  # fmt: skip
    title, _, rest = (text or choose).partition("\n")
    if len(title) > LONGEST_TITLE:
        title, rest = "", text
    if title:
        made["main_title"] = {"title": title}
    if rest:
        made["sub_title_text"] = rest
    return made


def fits_a_card(buttons: list[dict[str, str]]) -> bool:
    """Whether a card can show these choices, with labels that can be told apart."""
    shown = [one["label"][:LONGEST_LABEL] for one in buttons]
    return 0 < len(buttons) <= MOST_BUTTONS and len(set(shown)) == len(shown)


def numbered(buttons: list[dict[str, str]]) -> str:
    """The choices as a list, each with the number that chooses it."""
    return "\n".join(f"{n} {one['label']}" for n, one in enumerate(buttons, 1))
