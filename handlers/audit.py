"""The audit's anchor (审计链锚): the head of the chain, once a day, in a chat outside of the database."""

from collections.abc import Sequence

from handlers.talk import Talk
from models.message import Reply
from services import audit


def due(talk: Talk) -> Sequence[Reply]:
    """Makes the head known; nothing where no row was ever noted."""
    while audit.chain(talk.session):
        pass
    head = audit.head(talk.session)
    if not head.seq:
        return []
    place = f"{talk.message.channel}:{talk.message.chat_id}"
    audit.keep_anchor(talk.session, head, "chat", place, talk.now, None)
    return [Reply(talk.say("audit.anchor", seq=f"{head.seq:,}", at=talk.moment(talk.now), statement=head.statement))]
