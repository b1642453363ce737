"""Voice messages and videos (录音、录像): kept with the patrol that is in the making."""

from collections.abc import Sequence

from handlers.talk import Talk
from models.message import Reply
from services import draft, recording


def kept(talk: Talk) -> Sequence[Reply]:
    """A recording is kept; without an open patrol it is kept too, and said to belong to none."""
    # Raises for somebody who is no chief.
    _ = talk.chief
    opened = draft.of_account(talk.session, talk.account.id)
    recording.keep(talk.session, talk.message, talk.account.id, opened)
    if opened:
        return [Reply(talk.say("recording.kept"))]
    return [Reply(talk.say("recording.kept_alone"), ((talk.button("patrol.begin"),),))]
