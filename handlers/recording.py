"""Voice messages and videos (录音、录像): kept with the patrol or the report that is in the making."""

from collections.abc import Sequence

from handlers.prompt import prompt
from handlers.talk import Talk
from models.message import Reply
from services import draft, problem_draft, recording


def kept(talk: Talk) -> Sequence[Reply]:
    """A recording is kept; without an open patrol it is kept too, and said to belong to none."""
    # Raises for somebody who is no chief.
    _ = talk.chief
    opened = draft.of_account(talk.session, talk.account.id)
    recording.keep(talk.session, talk.message, talk.account.id, opened)
    if opened and opened.kind == problem_draft.KIND:
        # A voice alone is a report; it is handed in by itself like a photo.
        opened.due_at, opened.asked_at = talk.message.received_at + draft.QUIET_FOR, None
        return [Reply(talk.say("problem.recording_kept")), *prompt(talk, opened)]
    if opened:
        return [Reply(talk.say("recording.kept"))]
    return [Reply(talk.say("recording.kept_alone"), ((talk.button("patrol.begin"),),))]
