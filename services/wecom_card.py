"""Cards of drafts (草稿卡片): they say what became of the draft, where it ended without a click on them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.draft import Draft
from models.outbox import Outbox
from models.wecom import WecomCard

UPDATED_WITHIN = timedelta(hours=71)
"""How long a card can be updated: WeCom takes its code for 72 hours."""
_ENDED = ("submitted", "cancelled")
"""A draft that has merely expired can still be submitted: its buttons work."""


@dataclass(frozen=True, slots=True)
class StaleCard:
    """A card whose buttons do nothing any more, with the code that updates it and the state of its draft."""

    outbox_id: int
    user_id: str
    code: str
    state: str


def keep(session: Session, outbox_id: int, user_id: str, code: str, sent_at: datetime) -> None:
    """Keep the code of a card that was sent, where it belongs to a draft."""
    draft_id = session.scalar(select(Outbox.draft_id).where(Outbox.id == outbox_id))
    if draft_id is not None:
        session.merge(WecomCard(outbox_id=outbox_id, draft_id=draft_id, user_id=user_id, code=code, sent_at=sent_at))


def close(session: Session, outbox_id: int) -> None:
    """Forget a card that says already what became of it."""
    session.execute(delete(WecomCard).where(WecomCard.outbox_id == outbox_id))


def stale(session: Session, now: datetime, limit: int) -> list[StaleCard]:
    """Cards whose drafts ended without a click on them."""
    over = (Draft.state.in_(_ENDED), WecomCard.sent_at > now - UPDATED_WITHIN)
    query = select(WecomCard, Draft.state).join(Draft, Draft.id == WecomCard.draft_id).where(*over)
    rows = session.execute(query.order_by(WecomCard.outbox_id).limit(limit))
    return [StaleCard(card.outbox_id, card.user_id, card.code, state) for card, state in rows]


def ended(session: Session, outbox_id: int) -> str | None:
    """What became of the draft of one of our messages, where it is over."""
    of = select(Draft.state).join(Outbox, Outbox.draft_id == Draft.id)
    return session.scalar(of.where(Outbox.id == outbox_id, Draft.state.in_(_ENDED)))


def forget_old(session: Session, now: datetime) -> None:
    """Forget the cards whose codes are good no more."""
    session.execute(delete(WecomCard).where(WecomCard.sent_at <= now - UPDATED_WITHIN))
