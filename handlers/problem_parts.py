"""What is sent for a problem that is there (补充): photos, words and a position of the finder; photos of a step."""

from collections.abc import Sequence
from datetime import datetime

from handlers import problem, problem_act, problem_notice, problem_words
from handlers.talk import Talk
from models.message import Location, Reply
from models.problem import Problem
from rules.geometry import valid_position
from services import consent, draft, problem_draft, problem_step
from services import problem as problems
from services.problem_step import Given
from services.refused import Refused

Replies = Sequence[Reply]


def add(talk: Talk, arg: str) -> Replies:
    """补照片: what comes next joins that problem."""
    found = problem.own(talk, arg)
    problem.await_more(talk, found)
    return [Reply(talk.say("problem.send_more", number=found.number))]


def takes(talk: Talk) -> bool:
    """Whether a photo, a position or words belong to a problem that is there."""
    return _target(talk) is not None or _wants_photo(talk) or _more_of(talk) is not None


def check_unit(talk: Talk) -> None:
    """Raises `Refused` for a photo of a unit that has not said which problem it is of."""
    if talk.person.chief is None and problems.acts_for_unit(talk.session, talk.person):
        raise Refused("problem.press_first")


def joined(talk: Talk) -> Replies:
    """Keep them with it; a photo that a step waited for takes the step."""
    if talk.message.photos and _wants_photo(talk):
        return problem_act.photographed(talk)
    step_id = _more_of(talk)
    if step_id is not None:
        photos = problem_draft.new_photos(talk.session, talk.message)
        step = problem_step.more_photos(talk.session, step_id, photos)
        problem_act.await_photos(talk, step)
        found = problem_step.fresh(talk.session, step.problem_id)
        return [Reply(talk.say("problem.photo_joined", number=found.number))]
    found_ = _target(talk)
    if found_ is None:
        raise Refused("problem.unknown")
    return _add(talk, found_)


def _add(talk: Talk, found: Problem) -> Replies:
    place = talk.message.location
    if place and not valid_position(place.lon, place.lat):
        raise Refused("patrol.bad_position")
    if place and consent.answer_of(talk.session, talk.account.id) is not True:
        return _no_position(talk)
    photos = problem_draft.new_photos(talk.session, talk.message)
    given = Given(talk.account.id, photos, _own(place, talk.message.forwarded))
    taken = problem_step.add(talk.session, found, talk.message, given, talk.zone, talk.now)
    if talk.account.awaiting == "problem_add":
        problem.await_more(talk, found)
    key = "problem.place_joined" if place else "problem.photo_joined" if photos else "problem.note_joined"
    said = talk.say(key, number=found.number, place=problem_words.place(talk.session, talk.language, taken.problem))
    told = problem_notice.placed(talk, taken) if place else []
    return [Reply(said, problem_id=found.id), *told]


def _no_position(talk: Talk) -> Replies:
    draft.forget_position(talk.session, talk.message)
    yes, no = talk.button("consent.yes", style="primary"), talk.button("consent.no")
    refused = consent.answer_of(talk.session, talk.account.id) is False
    return [Reply(talk.say("problem.no_position" if refused else "consent.notice"), () if refused else ((yes, no),))]


def _target(talk: Talk) -> Problem | None:
    """The problem that is answered, or that we asked about a moment ago, where it is the speaker's own."""
    if talk.person.chief is None:
        return None
    found = problem_draft.answered(talk.session, talk.message)
    asked = talk.account.awaiting_data if talk.account.awaiting == "problem_add" else None
    if found is None and asked and talk.now < datetime.fromisoformat(asked["until"]):
        found = problems.seen_by(talk.session, talk.person, int(asked["problem"]))
    return found if found and found.chief_id == talk.person.chief.id else None


def _wants_photo(talk: Talk) -> bool:
    asked = talk.account.awaiting_data if talk.account.awaiting == "problem" else None
    return bool(talk.message.photos) and bool(asked and asked.get("need") == "photo")


def _more_of(talk: Talk) -> int | None:
    """The step whose photos come one by one."""
    if not talk.message.photos:
        return None
    asked = talk.account.awaiting_data if talk.account.awaiting == "problem_more" else None
    if asked and talk.now < datetime.fromisoformat(asked["until"]):
        return int(asked["step"])
    group = talk.message.group_id
    return problem_step.step_of_album(talk.session, talk.account.id, group) if group else None


def _own(place: Location | None, forwarded: bool) -> Location | None:
    return None if place is None or place.forwarded or forwarded else place
