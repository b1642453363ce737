"""What only people can see to before a lawful roll-out (合规事项): noted with its words, asked for by the doctor."""

from datetime import datetime

from sqlalchemy.orm import Session

from services import audit, mark
from services.consent import TEXT_VERSION
from services.refused import Refused

ITEMS = ("filing", "notice", "retention", "ip")
"""国办函〔2026〕12号 (filing), Personal Information Protection Law (notice), 网络安全法 (six months of logs), WeCom."""


def confirm(session: Session, item: str, text: str, now: datetime) -> None:
    """Note that an item is seen to; raises `Refused` for an unknown one."""
    if item not in ITEMS:
        raise Refused("lawful.unknown_item", name=item, known=", ".join(ITEMS))
    mark.write(session, _name(item), f"{text.strip()} ({now:%Y-%m-%d})")
    audit.note(session, audit.OPERATOR, "lawful.confirmed", f"lawful:{item}", None, audit.DONE, now)


def confirmed(session: Session, item: str) -> str | None:
    """What was noted of an item; none where nothing was, or only for an older text of the notice."""
    return mark.read(session, _name(item))


def _name(item: str) -> str:
    # A new text of the notice needs a new approval.
    return f"lawful.{item}.{TEXT_VERSION}" if item == "notice" else f"lawful.{item}"
