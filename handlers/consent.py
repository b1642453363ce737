"""Consent to location (位置授权): one notice, two buttons, and a way on for those who refuse."""

from collections.abc import Sequence

from handlers import patrol_words
from handlers.prompt import prompt
from handlers.talk import Talk
from models.draft import Draft
from models.message import Reply
from services import consent, draft


def ask_first(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """The notice, where no answer was given yet; the way without a position, where it was refused; else nothing."""
    answer = consent.answer_of(talk.session, talk.account.id)
    if answer is None:
        return _ask(talk, opened)
    if answer is False:
        erased = draft.erase_positions(talk.session, talk.account.id)
        # Asked when the patrol begins and after a position went; then a button under the prompt is enough.
        if opened.grid_version_id is None and (erased or _just_begun(talk, opened)):
            return patrol_words.choose_grid(talk, opened, erased)
    return []


def pending(talk: Talk, opened: Draft) -> bool:
    """Whether a position waits for an answer that was never given."""
    located = draft.location_of(talk.session, opened) is not None
    return located and consent.answer_of(talk.session, opened.account_id) is None


def agree(talk: Talk, arg: str) -> Sequence[Reply]:
    """同意: what was sent before counts now."""
    consent.give(talk.session, talk.account.id, True, talk.now)
    talk.spend_buttons()
    opened = _asked_for(talk, arg)
    return prompt(talk, opened) if opened else [Reply(talk.say("consent.thanks"))]


def refuse(talk: Talk, arg: str) -> Sequence[Reply]:
    """不同意: positions are erased, the grid is chosen by hand."""
    consent.give(talk.session, talk.account.id, False, talk.now)
    talk.spend_buttons()
    erased = draft.erase_positions(talk.session, talk.account.id)
    opened = _asked_for(talk, arg)
    return patrol_words.choose_grid(talk, opened, erased) if opened else [Reply(talk.say("consent.respected"))]


def _ask(talk: Talk, opened: Draft) -> Sequence[Reply]:
    # The whole notice once a patrol, then a short line: what came in is acknowledged, and nobody is held up.
    buttons = (talk.button("consent.yes", opened.id, "primary"), talk.button("consent.no", opened.id))
    if _just_begun(talk, opened):
        return [Reply(talk.say("consent.notice"), (buttons,), draft_id=opened.id)]
    where = [talk.say("consent.location_waits")] if pending(talk, opened) else []
    text = "\n".join([*patrol_words.held(talk, opened, where), talk.say("consent.still_asked")])
    return [Reply(text, (buttons, patrol_words.submit_or_drop(talk, opened)), draft_id=opened.id)]


def _just_begun(talk: Talk, opened: Draft) -> bool:
    return len({part.inbox_id for part in draft.parts_of(talk.session, opened)}) == 1


def _asked_for(talk: Talk, arg: str) -> Draft | None:
    # The draft may have been put aside while the question stood open.
    found = talk.session.get(Draft, int(arg)) if arg else None
    waits = found is not None and found.account_id == talk.account.id and found.state in {"open", "expired"}
    return found if waits else draft.of_account(talk.session, talk.account.id)
