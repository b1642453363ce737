"""How a patrol is worded (巡林用语): prompts, choices and receipts."""

from collections.abc import Sequence

from handlers.talk import Talk
from locales import words
from models.draft import Draft
from models.message import Button, Reply
from rules.evidence import COUNTED
from rules.localtime import local_date
from services import draft, duty, grid
from services.patrol import Recorded
from services.post import posts_on

_IN_A_ROW = 2
_MOST_GRIDS = 30


def line(talk: Talk, recorded: Recorded) -> str:
    """The receipt in one line: the number first, then whether it counts."""
    if recorded.verdict.verdict == COUNTED:
        return talk.say("patrol.receipt", number=recorded.number)
    return talk.say("patrol.receipt_but", number=recorded.number, why=why_not(talk, recorded))


def receipt(talk: Talk, recorded: Recorded) -> Reply:
    """The receipt with the progress of the period, and what can still be done."""
    text = [line(talk, recorded)]
    for item in duty.progress(talk.session, talk.chief.id, recorded.patrolled_on)[:1]:
        period = talk.say(f"duty.this_{item.period}")
        text.append(talk.say("patrol.progress", period=period, done=item.done, owed=item.owed))
    if recorded.verdict.verdict == COUNTED and recorded.booking.outside_m:
        text.append(talk.say("patrol.outside_counted", metres=round(recorded.booking.outside_m)))
    buttons = [talk.button("patrol.undo")]
    if not recorded.photos:
        buttons.insert(0, talk.button("patrol.late_photo", recorded.id))
    return Reply("\n".join(text), (tuple(buttons),), patrol_id=recorded.id)


def why_not(talk: Talk, recorded: Recorded) -> str:
    """Why a patrol does not count, and what to do about it."""
    rules = recorded.policy.rules
    return talk.say(
        f"patrol.why.{recorded.verdict.bucket}",
        outside_m=round(recorded.booking.outside_m or 0), max_outside_m=round(rules.max_outside_m),
        minutes=rules.repeat_window_s // 60, metres=round(rules.repeat_distance_m),
    )  # fmt: skip


def prompt(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """What the draft holds, what may still be sent, and the buttons."""
    photos = draft.photos_in(talk.session, opened)
    text = [*_where(talk, opened), *([talk.say("patrol.photos", photos=photos)] if photos else [])]
    if talk.message.forwarded and talk.message.photos:
        text.append(talk.say("patrol.photo_forwarded"))
    if opened.problem_type:
        text.append(talk.say("patrol.problem_noted", problem=opened.problem_type))
    located = draft.location_of(talk.session, opened) is not None or opened.grid_version_id is not None
    text.append(talk.say(f"patrol.ask_{'nothing' if photos and located else 'photo' if located else 'location'}"))
    return [Reply("\n".join(text), _choices(talk, opened, photos), draft_id=opened.id)]


def choose_grid(talk: Talk, opened: Draft, erased: bool) -> Sequence[Reply]:
    """The own grids as buttons, for those who share no position; says so where one was erased."""
    names = grid.own_names(talk.session, talk.chief.id, local_date(talk.now, talk.zone))[:_MOST_GRIDS]
    buttons = [Button(name, "patrol.grid", f"{opened.id}:{id_}") for id_, name in names]
    key = "consent.choose_grid" if erased else "consent.respected"
    return [Reply(talk.say(key), _rows(buttons), draft_id=opened.id)]


def problem_buttons(talk: Talk, opened: Draft) -> tuple[tuple[Button, ...], ...]:
    """The kinds of problems of the catalogue."""
    kinds = words(talk.language, "problem.types")
    return _rows([Button(kind, "patrol.problem_chosen", f"{opened.id}:{kind}") for kind in kinds])


def _where(talk: Talk, opened: Draft) -> list[str]:
    location = draft.location_of(talk.session, opened)
    if location is None:
        return []
    if location.forwarded:
        return [talk.say("patrol.location_forwarded")]
    day = local_date(talk.now, talk.zone)
    posts = posts_on(talk.session, opened.chief_id, day)
    booking = grid.book(talk.session, posts, day, location.lon, location.lat)
    if booking.grid_version_id is None:
        return [talk.say("patrol.located_nowhere")]
    street, name = grid.names(talk.session, booking.grid_version_id)
    if booking.outside_m:
        return [talk.say("patrol.located_outside", street=street, grid=name, metres=round(booking.outside_m))]
    return [talk.say("patrol.located", street=street, grid=name)]


def _choices(talk: Talk, opened: Draft, photos: int) -> tuple[tuple[Button, ...], ...]:
    submit = talk.button("patrol.submit", opened.id, "primary")
    rest = [talk.button("patrol.problem", opened.id)]
    if not photos:
        rest.append(talk.button("patrol.skip", opened.id))
    return ((submit,), (*rest, talk.button("patrol.cancel", opened.id, "danger")))


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[n : n + _IN_A_ROW]) for n in range(0, len(buttons), _IN_A_ROW))
