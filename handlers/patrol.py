"""A patrol (巡林): from the first part to the receipt, and what can still be changed after it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers import consent, patrol_words
from handlers.talk import Talk
from models.draft import Draft
from models.message import Reply
from models.patrol import Patrol
from rules.geometry import valid_position
from services import draft, outbox, patrol, track
from services.refused import Refused

Replies = Sequence[Reply]
_ALBUM_WAIT = timedelta(seconds=1.5)
"""Photos of an album come one by one and without an end mark: the prompt waits so long for the rest."""


def submitted(talk: Talk) -> Replies:
    """A patrol that arrives complete in one message."""
    said = talk.message
    submission = patrol.Submission(
        chief_id=talk.chief.id, inbox_id=said.inbox_id, patrolled_at=said.sent_at, location=said.location,
        photos=said.photos_sent, note=said.text or None, problem=said.problem,
    )  # fmt: skip
    recorded = patrol.record(talk.session, submission, talk.zone, talk.now)
    return [Reply(patrol_words.line(talk, recorded), patrol_id=recorded.id)]


def begin(talk: Talk, _arg: str = "") -> Replies:
    """The word 巡林 or its button opens a draft."""
    opened = draft.open_or_new(talk.session, talk.account, talk.chief.id, talk.now)
    draft.open_by_word(talk.session, opened, talk.message)
    return _go_on(talk, opened)


def part(talk: Talk) -> Replies:
    """A location or a photo: a part of the open draft, of the patrol whose receipt it answers, or of a new draft."""
    said = talk.message
    if said.location and not valid_position(said.location.lon, said.location.lat):
        raise Refused("patrol.bad_position")
    if draft.is_echo(talk.session, talk.account, said):
        return []
    late = _late_target(talk) if said.photos else None
    talk.account.awaiting = talk.account.awaiting_data = None
    if late is not None:
        return _add_late(talk, late)
    opened = draft.open_or_new(talk.session, talk.account, talk.chief.id, talk.now)
    draft.add(talk.session, opened, said)
    return _go_on(talk, opened)


def moved(talk: Talk) -> Replies:
    """A live location moved: a point of its track, never a new patrol, and nothing is said."""
    said = talk.message
    found = draft.part_of_message(talk.session, talk.account.id, said.message_ref or "", "location")
    if found and said.location and valid_position(said.location.lon, said.location.lat):
        track.add(talk.session, found[0], said.location, said.sent_at)
    return []


def edited(talk: Talk) -> Replies:
    """Words that were changed: the note of an open draft follows, a submitted patrol stays as it was recorded."""
    found = draft.part_of_message(talk.session, talk.account.id, talk.message.message_ref or "", "text")
    if found is None:
        return []
    part, of = found
    if of.state != "open":
        return [Reply(talk.say("patrol.edited_too_late"))] if of.patrol_id else []
    part.text = talk.message.text
    return []


def words(talk: Talk) -> Replies:
    """Free text: a note in an open draft, else a question whether it is a patrol."""
    opened = draft.of_account(talk.session, talk.account.id)
    if opened is None:
        button = talk.button("patrol.of_text", talk.message.text[:1000], "primary")
        return [Reply(talk.say("patrol.text_outside"), ((button, talk.button("help")),))]
    draft.add(talk.session, opened, talk.message)
    return _go_on(talk, opened)


def of_text(talk: Talk, text: str) -> Replies:
    """What was written outside a draft becomes the note of a new one."""
    press = talk.message.press
    if press and not outbox.spend(talk.session, press.outbox_id, talk.now):
        raise Refused("chat.button_unknown")
    opened = draft.open_or_new(talk.session, talk.account, talk.chief.id, talk.now)
    draft.add(talk.session, opened, talk.with_text(text))
    return _go_on(talk, opened)


def submit(talk: Talk, _arg: str = "") -> Replies:
    """提交, by button or word."""
    opened = _open_draft(talk, _arg)
    # A position counts for nothing before its owner has said that it may.
    return consent.ask_first(talk, opened) if consent.pending(talk, opened) else _finish(talk, opened)


def due(talk: Talk) -> Replies:
    """The clock's word: a draft with a location or a photo is submitted, one of words alone is closed."""
    opened = talk.session.get(Draft, int(talk.message.data["draft_id"]))
    if opened is None or opened.state != "open" or opened.due_at > talk.now:
        return []
    if not draft.submits_itself(talk.session, opened) or consent.pending(talk, opened):
        draft.close(talk.session, opened, "expired")
        return [Reply(talk.say("draft.expired"), ((talk.button("patrol.submit", opened.id, "primary"),),))]
    return _finish(talk, opened)


def cancel(talk: Talk, arg: str = "") -> Replies:
    """取消: the draft is dropped; what was sent stays in the inbox."""
    draft.close(talk.session, _open_draft(talk, arg), "cancelled")
    return [Reply(talk.say("draft.cancelled"))]


def problem(talk: Talk, _arg: str = "") -> Replies:
    """发现问题: which kind."""
    opened = _open_draft(talk, _arg)
    return [Reply(talk.say("patrol.which_problem"), patrol_words.problem_buttons(talk, opened), draft_id=opened.id)]


def problem_chosen(talk: Talk, arg: str) -> Replies:
    """The kind of problem that was found."""
    draft_id, _, kind = arg.partition(":")
    opened = _open_draft(talk, draft_id)
    opened.problem_type = kind
    return patrol_words.prompt(talk, opened)


def grid_chosen(talk: Talk, arg: str) -> Replies:
    """The grid chosen by hand, where a position was refused."""
    draft_id, _, grid = arg.partition(":")
    opened = _open_draft(talk, draft_id)
    opened.grid_version_id = int(grid)
    return patrol_words.prompt(talk, opened)


def undo(talk: Talk, _arg: str = "") -> Replies:
    """撤回: names the latest own patrol within 24 hours and asks once."""
    latest = patrol.latest_own(talk.session, talk.chief.id, talk.now)
    if latest is None:
        raise Refused("patrol.nothing_to_undo")
    confirm = talk.button("patrol.withdraw", latest.id, "danger")
    when = latest.patrolled_at.astimezone(talk.zone).strftime("%m-%d %H:%M")
    return [
        Reply(talk.say("patrol.undo_which", number=latest.number, when=when), ((confirm, talk.button("patrol.keep")),))
    ]


def withdraw(talk: Talk, arg: str) -> Replies:
    """确认撤回."""
    found = patrol.own(talk.session, int(arg), talk.chief.id, talk.now)
    patrol.withdraw(talk.session, found, talk.account.id, talk.now)
    return [Reply(talk.say("patrol.withdrawn", number=found.number))]


def keep(talk: Talk, _arg: str = "") -> Replies:
    """不撤回."""
    return [Reply(talk.say("patrol.kept"))]


def late_photo(talk: Talk, arg: str) -> Replies:
    """补照片: the next photo joins that patrol."""
    found = patrol.own(talk.session, int(arg), talk.chief.id, talk.now)
    talk.account.awaiting, talk.account.awaiting_data = "late_photo", {"patrol_id": found.id}
    return [Reply(talk.say("patrol.send_late_photo", number=found.number))]


def _go_on(talk: Talk, opened: Draft) -> Replies:
    # One prompt for what came together: a newer one takes the place of one that has not been sent.
    outbox.drop_prompts(talk.session, opened.id)
    prompts = consent.ask_first(talk, opened) or patrol_words.prompt(talk, opened)
    return [replace(one, after=_ALBUM_WAIT) for one in prompts] if talk.message.group_id else prompts


def _late_target(talk: Talk) -> Patrol | None:
    answered = draft.patrol_answered(talk.session, talk.message)
    if answered is None and talk.message.group_id:
        answered = draft.patrol_of_album(talk.session, talk.account.id, talk.message.group_id)
    if answered is None and talk.account.awaiting == "late_photo" and talk.account.awaiting_data:
        answered = int(talk.account.awaiting_data["patrol_id"])
    try:
        return patrol.own(talk.session, answered, talk.chief.id, talk.now) if answered else None
    except Refused:
        # Too late for that one: the photo begins a new patrol.
        return None


def _add_late(talk: Talk, found: Patrol) -> Replies:
    draft.add_late_photos(talk.session, found, talk.message, talk.account.id, talk.now)
    key = "patrol.photo_joined_counted" if found.verdict == "counted" else "patrol.photo_joined"
    return [Reply(talk.say(key, number=found.number, photos=found.photos))]


def _finish(talk: Talk, opened: Draft) -> Replies:
    recorded = draft.submit(talk.session, opened, talk.zone, talk.now)
    return [patrol_words.receipt(talk, recorded)]


def _open_draft(talk: Talk, arg: str) -> Draft:
    found = talk.session.get(Draft, int(arg)) if arg else draft.of_account(talk.session, talk.account.id)
    if found is None or found.account_id != talk.account.id:
        raise Refused("draft.none")
    if found.state not in {"open", "expired"}:
        raise Refused("draft.closed")
    return found
