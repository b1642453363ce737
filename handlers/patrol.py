"""A patrol (巡林): from the first part to the receipt, and what can still be changed after it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import consent, patrol_words, problem_prompt
from handlers import problem as problems
from handlers.prompt import prompt
from handlers.talk import Talk
from locales.problems import type_word
from models.draft import Draft
from models.message import Reply
from models.patrol import Patrol
from rules.geometry import valid_position
from rules.localtime import local_date
from services import draft, outbox, patrol, problem_draft, problem_rule, track
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
    if opened.kind == problem_draft.KIND:
        return [Reply(talk.say("problem.first")), *prompt(talk, opened)]
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
    if late is not None:
        return _add_late(talk, late)
    talk.account.awaiting = talk.account.awaiting_data = None
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
    """Free text: a note of the patrol whose receipt it answers, of the open draft, or perhaps a patrol of its own."""
    talk.account.awaiting = talk.account.awaiting_data = None
    answered = draft.patrol_answered(talk.session, talk.message)
    if answered:
        return _add_words(talk, patrol.addable(talk.session, answered, talk.chief.id, talk.now))
    opened = draft.of_account(talk.session, talk.account.id)
    if opened is None:
        kept = draft.keep_words(talk.session, talk.message)
        button = talk.button("patrol.of_text", kept.id, "primary")
        return [Reply(talk.say("patrol.text_outside"), ((button, talk.button("help")),))]
    draft.add(talk.session, opened, talk.message)
    return _go_on(talk, opened)


def of_text(talk: Talk, arg: str) -> Replies:
    """What was written outside a draft becomes the note of a new one."""
    if not talk.spend_buttons():
        raise Refused("chat.button_unknown")
    opened = draft.open_or_new(talk.session, talk.account, talk.chief.id, talk.now)
    draft.add_kept_words(talk.session, opened, int(arg), talk.now)
    return _go_on(talk, opened)


def submit(talk: Talk, _arg: str = "") -> Replies:
    """提交, by button or word; the word alone makes no record of nothing."""
    opened = _open_draft(talk, _arg)
    if opened.kind == problem_draft.KIND:
        return problems.hand_in(talk, opened)
    if talk.message.press is None and draft.is_empty(talk.session, opened):
        return patrol_words.nothing_yet(talk, opened)
    # A position counts for nothing before its owner has said that it may.
    return consent.ask_first(talk, opened) if consent.pending(talk, opened) else _finish(talk, opened)


def due(talk: Talk) -> Replies:
    """The clock's word: a draft with a location or a photo is submitted, one of words alone is closed."""
    opened = talk.session.get(Draft, int(talk.message.data["draft_id"]))
    if opened is None or opened.state != "open" or opened.due_at > talk.now:
        return []
    if opened.kind == problem_draft.KIND:
        return problems.due(talk, opened)
    if not draft.submits_itself(talk.session, opened) or consent.pending(talk, opened):
        draft.close(talk.session, opened, "expired")
        button = talk.button("patrol.submit", opened.id, "primary")
        return [Reply(talk.say("draft.expired"), ((button,),), draft_id=opened.id)]
    return _finish(talk, opened)


def cancel(talk: Talk, arg: str = "") -> Replies:
    """取消: the draft is dropped; what was sent stays in the inbox."""
    draft.close(talk.session, _open_draft(talk, arg), "cancelled")
    return [Reply(talk.say("draft.cancelled"))]


def problem(talk: Talk, _arg: str = "") -> Replies:
    """发现问题: which kind."""
    opened = _open_draft(talk, _arg)
    buttons = problem_prompt.types(talk, opened, "patrol.problem_chosen")
    return [Reply(talk.say("patrol.which_problem"), buttons, draft_id=opened.id)]


def problem_chosen(talk: Talk, arg: str) -> Replies:
    """The kind of problem that was found."""
    draft_id, _, code = arg.partition(":")
    opened = _open_draft(talk, draft_id)
    kind = problem_rule.type_on(talk.session, code, local_date(talk.now, talk.zone))
    # The patrol keeps the office's word, whatever the language of who chose it.
    opened.problem_code = kind.code
    opened.problem_type = type_word(talk.default_language, kind.name or kind.code)
    return prompt(talk, opened)


def grids(talk: Talk, arg: str) -> Replies:
    """A page of the grids to choose from, of one street."""
    draft_id, street, offset = arg.split(":")
    return patrol_words.grids_of_street(talk, _open_draft(talk, draft_id), street or None, int(offset))


def choose_grid(talk: Talk, arg: str) -> Replies:
    """选网格: after all."""
    return patrol_words.choose_grid(talk, _open_draft(talk, arg), False)


def grid_chosen(talk: Talk, arg: str) -> Replies:
    """The grid chosen by hand, where a position was refused."""
    draft_id, _, grid = arg.partition(":")
    opened = _open_draft(talk, draft_id)
    opened.grid_version_id = int(grid)
    return prompt(talk, opened)


def undo(talk: Talk, arg: str = "") -> Replies:
    """撤回: the patrol of the receipt whose button it is, by word the latest own one of 24 hours; asks once."""
    chief = talk.chief.id
    found = patrol.own(talk.session, int(arg), chief, talk.now) if arg else None
    if found and found.withdrawn_at:
        raise Refused("patrol.withdrawn_before", number=found.number)
    found = found or patrol.latest_own(talk.session, chief, talk.now)
    if found is None:
        raise Refused("patrol.nothing_to_undo")
    buttons = (talk.button("patrol.withdraw", found.id, "danger"), talk.button("patrol.keep", found.id))
    return [Reply(talk.say("patrol.undo_which", number=found.number, when=talk.moment(found.patrolled_at)), (buttons,))]


def withdraw(talk: Talk, arg: str) -> Replies:
    """确认撤回."""
    found = patrol.own(talk.session, int(arg), talk.chief.id, talk.now)
    patrol.withdraw(talk.session, found, talk.account.id, talk.now)
    talk.spend_buttons()
    return [Reply(talk.say("patrol.withdrawn", number=found.number))]


def keep(talk: Talk, arg: str = "") -> Replies:
    """不撤回; after all it may be too late for that."""
    found = talk.session.get(Patrol, int(arg)) if arg else None
    if found and found.chief_id == talk.chief.id and found.withdrawn_at:
        raise Refused("patrol.is_withdrawn", number=found.number)
    talk.spend_buttons()
    return [Reply(talk.say("patrol.kept"))]


def late_photo(talk: Talk, arg: str) -> Replies:
    """补照片: the photos that follow join that patrol."""
    found = patrol.addable(talk.session, int(arg), talk.chief.id, talk.now)
    _await_photos(talk, found)
    return [Reply(talk.say("patrol.send_late_photo", number=found.number))]


def _go_on(talk: Talk, opened: Draft) -> Replies:
    # One prompt for what came together: a newer one takes the place of one that has not been sent.
    outbox.drop_prompts(talk.session, opened.id)
    # Of a problem the place is worth a question only when one was sent: what is urgent comes first.
    placed = opened.kind != problem_draft.KIND or draft.location_of(talk.session, opened) is not None
    prompts = (consent.ask_first(talk, opened) if placed else []) or prompt(talk, opened)
    return [replace(one, after=_ALBUM_WAIT) for one in prompts] if talk.message.group_id else prompts


def _late_target(talk: Talk) -> Patrol | None:
    answered = draft.patrol_answered(talk.session, talk.message)
    if answered is None and talk.message.group_id:
        answered = draft.patrol_of_album(talk.session, talk.account.id, talk.message.group_id)
    asked = talk.account.awaiting_data if talk.account.awaiting == "late_photo" else None
    if answered is None and asked and talk.now < datetime.fromisoformat(asked["until"]):
        answered = int(asked["patrol_id"])
    try:
        return patrol.addable(talk.session, answered, talk.chief.id, talk.now) if answered else None
    except Refused:
        # Too late for that one: the photo begins a new patrol.
        return None


def _await_photos(talk: Talk, found: Patrol) -> None:
    until = (talk.now + draft.QUIET_FOR).isoformat()
    talk.account.awaiting, talk.account.awaiting_data = "late_photo", {"patrol_id": found.id, "until": until}


def _add_words(talk: Talk, found: Patrol) -> Replies:
    draft.add_late_words(talk.session, found, talk.message, talk.account.id, talk.now)
    return [Reply(talk.say("patrol.note_joined", number=found.number))]


def _add_late(talk: Talk, found: Patrol) -> Replies:
    draft.add_late_photos(talk.session, found, talk.message, talk.account.id, talk.now)
    if talk.message.text:
        draft.add_late_words(talk.session, found, talk.message, talk.account.id, talk.now)
    if talk.account.awaiting == "late_photo":
        # More may follow, one by one.
        _await_photos(talk, found)
    key = "patrol.photo_joined_counted" if found.verdict == "counted" else "patrol.photo_joined"
    return [Reply(talk.say(key, number=found.number, photos=found.photos))]


def _finish(talk: Talk, opened: Draft) -> Replies:
    recorded = draft.submit(talk.session, opened, talk.zone, talk.now)
    return [patrol_words.receipt(talk, recorded), *problems.with_patrol(talk, opened, recorded.id)]


def _open_draft(talk: Talk, arg: str) -> Draft:
    found = talk.session.get(Draft, int(arg)) if arg else draft.of_account(talk.session, talk.account.id)
    if found is None or found.account_id != talk.account.id:
        raise Refused("draft.none")
    if found.state not in {"open", "expired"}:
        raise Refused("draft.closed")
    return found
