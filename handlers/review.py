"""核实 (review): a patrol at a time with what is odd about it; the office accepts or voids it and says why."""

from collections.abc import Sequence

from handlers.count_records import verdict_name
from handlers.hints import hint_lines
from handlers.talk import Talk
from locales import catalogue, say
from models.message import Button, Reply
from services import review
from services.refused import Refused
from services.review import ACCEPT, VOID, Case, Sign

Replies = Sequence[Reply]


def asked(talk: Talk, argument: str = "") -> Replies:
    """核实 [number]: the first that waits, or the patrol of a receipt number."""
    _office(talk)
    if argument:
        return [_shown(talk, review.by_number(talk.session, talk.person, argument))]
    ids, total = review.waiting(talk.session, talk.person)
    if not ids:
        return [Reply(talk.say("review.none"))]
    return [Reply(talk.say("review.waiting", total=f"{total:,}")), _shown(talk, ids[0])]


def next_(talk: Talk, arg: str) -> Replies:
    """下一条: the one that waits behind this one; after the last, the first."""
    _office(talk)
    ids, _ = review.waiting(talk.session, talk.person)
    if not ids:
        return [Reply(talk.say("review.none"))]
    place = ids.index(int(arg)) + 1 if int(arg) in ids else 0
    return [_shown(talk, ids[place % len(ids)])]


def accept(talk: Talk, arg: str) -> Replies:
    """计入: asks why."""
    return _ask_why(talk, ACCEPT, int(arg))


def void(talk: Talk, arg: str) -> Replies:
    """作废: asks why."""
    return _ask_why(talk, VOID, int(arg))


def because(talk: Talk, arg: str) -> Replies:
    """A reason that was chosen."""
    act, number, place = arg.split("|")
    return _rule(talk, act, int(number), _reasons(talk, act)[int(place)])


def told(talk: Talk, text: str) -> Replies:
    """A reason in the office's own words."""
    wanted = talk.account.awaiting_data or {}
    replies = _rule(talk, wanted["act"], wanted["patrol"], text)
    talk.account.awaiting = talk.account.awaiting_data = None
    return replies


def _ask_why(talk: Talk, act: str, patrol_id: int) -> Replies:
    _office(talk)
    found = review.judged_by(talk.session, talk.person, patrol_id)
    talk.account.awaiting, talk.account.awaiting_data = "review", {"act": act, "patrol": patrol_id}
    choices = tuple(
        (talk.button("review.because", f"{act}|{patrol_id}|{n}", label=reason),)
        for n, reason in enumerate(_reasons(talk, act))
    )
    return [Reply(talk.say(f"review.why_{act}", number=found.number), choices)]


def _rule(talk: Talk, act: str, patrol_id: int, why: str) -> Replies:
    _office(talk)
    ruled = review.rule(talk.session, talk.person, patrol_id, act, why, talk.now)
    number = ruled.patrol.number
    fields = {
        "number": number,
        "before": verdict_name(talk, ruled.before),
        "after": verdict_name(talk, ruled.after.bucket),
    }
    done = Reply(talk.say(f"review.{act}_done", why=why, **fields), ((talk.button("review.next", patrol_id),),))
    if ruled.account is None:
        return [done]
    language = ruled.account.language or talk.default_language
    heard = say(language, f"review.chief_{act}", number=number, why=why)
    return [done, Reply(heard, to=(ruled.account.channel, ruled.account.chat_id))]


def _shown(talk: Talk, patrol_id: int) -> Reply:
    case = review.case(talk.session, talk.person, patrol_id)
    talk.audit("record.viewed", f"patrol:{case.patrol.number}", case.patrol.street_code)
    return Reply("\n".join(_lines(talk, case)), _buttons(talk, case))


def _lines(talk: Talk, case: Case) -> list[str]:
    patrol = case.patrol
    head = talk.say(
        "review.case", number=patrol.number, when=talk.moment(patrol.patrolled_at), chief=case.chief,
        grid=case.grid or "–", photos=patrol.photos, verdict=verdict_name(talk, patrol.reason or patrol.verdict),
    )  # fmt: skip
    note = [talk.say("review.note", note=patrol.note)] if patrol.note else []
    signs = [_sign(talk, sign) for sign in case.signs]
    own = [talk.say("review.own", number=patrol.number)] if review.is_own(talk.person, patrol) else []
    return [head, *note, *own, *signs, *hint_lines(talk, {patrol.id: patrol.number}), *_history(talk, patrol.id)]


def _sign(talk: Talk, sign: Sign) -> str:
    fields = {"metres": f"{sign.metres:,.0f}", "km": f"{sign.metres / 1000:.1f}", "kmh": f"{sign.kmh:,.0f}"}
    return talk.say(f"review.sign.{sign.kind}", number=sign.number, **fields)


def _history(talk: Talk, patrol_id: int) -> list[str]:
    return [
        talk.say(
            "review.event", when=talk.moment(event.happened_at), what=talk.say(f"review.what.{event.what}"),
            before=verdict_name(talk, event.before), after=verdict_name(talk, event.after), why=event.why or "–",
        )
        for event in review.history(talk.session, patrol_id)
    ]  # fmt: skip


def _buttons(talk: Talk, case: Case) -> tuple[tuple[Button, ...], ...]:
    patrol = case.patrol
    next_one = talk.button("review.next", patrol.id)
    if patrol.withdrawn_at is not None or review.is_own(talk.person, patrol):
        return ((next_one,),)
    yes = (talk.button("review.accept", patrol.id, "primary"),) if patrol.ruling != "accepted" else ()
    no = (talk.button("review.void", patrol.id, "danger"),) if patrol.voided_at is None else ()
    return ((*yes, *no), (next_one,))


def _reasons(talk: Talk, act: str) -> list[str]:
    found: list[str] = catalogue(talk.language)[f"review.reasons_{act}"]
    return found


def _office(talk: Talk) -> None:
    if not talk.person.offices:
        raise Refused("review.not_yours")
