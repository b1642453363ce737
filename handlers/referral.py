"""移交检察 (referral): the district's office hands a lead over, and registers receipt and result."""

from collections.abc import Sequence

from handlers.talk import Talk
from models.message import Attachment, Button, Reply
from models.referral import Referral
from rules.localtime import local_date
from services import problem, referral
from services.referral import ANSWERED, RECEIVED
from services.refused import Refused
from services.summary import year_span

Replies = Sequence[Reply]


def asked(talk: Talk, argument: str = "") -> Replies:
    """移交检察: how many and the latest; with `WT-…` and the reason, hands over; with `YS-…`, shows one."""
    referral.district_of(talk.session, talk.person)
    number, _, why = argument.strip().partition(" ")
    if not number:
        return _list(talk)
    if number.upper().startswith("YS-"):
        return [_shown(talk, referral.of_number(talk.session, talk.person, number))]
    found = referral.to_hand_over(talk.session, talk.person, number)
    return _confirm(talk, found.id, found.number, why) if why.strip() else _ask_why(talk, found.id, found.number)


def ask(talk: Talk, arg: str) -> Replies:
    """移交检察 under a problem: asks for the reason."""
    found = problem.seen_by(talk.session, talk.person, int(arg))
    referral.to_hand_over(talk.session, talk.person, found.number)
    return _ask_why(talk, found.id, found.number)


def hand_over(talk: Talk, arg: str) -> Replies:
    """确认移交: freezes the record, gives the number and the pack."""
    problem_id, _, why = arg.partition("|")
    if not talk.spend_buttons():
        raise Refused("chat.button_used")
    made = referral.hand_over(talk.session, talk.person, int(problem_id), why, talk.zone, talk.now)
    said = talk.say("referral.handed", number=made.number, problem=made.record["problem"]["number"], digest=made.digest)
    return [Reply(said, _buttons(talk, made)), _pack(talk, made)]


def pack(talk: Talk, arg: str) -> Replies:
    """案卷包: the same pack again."""
    return [_pack(talk, referral.of_id(talk.session, talk.person, int(arg)))]


def received(talk: Talk, arg: str) -> Replies:
    """登记回执: asks for the procuratorate's own number."""
    return _ask(talk, RECEIVED, referral.of_id(talk.session, talk.person, int(arg)))


def answered(talk: Talk, arg: str) -> Replies:
    """登记结果: asks what came of it."""
    return _ask(talk, ANSWERED, referral.of_id(talk.session, talk.person, int(arg)))


def told(talk: Talk, text: str) -> Replies:
    """What we asked for."""
    wanted = talk.account.awaiting_data or {}
    if wanted["what"] == "why":
        replies = _confirm(talk, wanted["problem"], wanted["number"], text)
    else:
        made = referral.register(talk.session, talk.person, wanted["referral"], wanted["what"], text, talk.now)
        replies = [_shown(talk, made)]
    talk.account.awaiting = talk.account.awaiting_data = None
    return replies


def _list(talk: Talk) -> Replies:
    area, today = referral.district_of(talk.session, talk.person), local_date(talk.now, talk.zone)
    span = year_span(today.year)
    total = referral.count(talk.session, span, area)
    head = talk.say("referral.list", area=area.name, year=today.year, total=total)
    lines = [_line(talk, one) for one in referral.latest(talk.session, area.code)]
    return [Reply("\n".join([head, *lines, talk.say("referral.how_to")]))]


def _line(talk: Talk, one: Referral) -> str:
    fields = {"number": one.number, "problem": one.record["problem"]["number"], "day": one.handed_on}
    return talk.say("referral.line", state=talk.say(f"referral.state_{_state(one)}"), **fields)


def _state(one: Referral) -> str:
    return "answered" if one.answered_at else "received" if one.received_at else "handed"


def _shown(talk: Talk, one: Referral) -> Reply:
    lines = [_line(talk, one), talk.say("referral.why", why=one.why), talk.say("referral.digest", digest=one.digest)]
    for step in referral.steps(talk.session, one.id):
        lines.append(talk.say(f"referral.step_{step.what}", when=talk.moment(step.taken_at), text=step.text))
    return Reply("\n".join(lines), _buttons(talk, one))


def _buttons(talk: Talk, one: Referral) -> tuple[tuple[Button, ...], ...]:
    names = ("referral.received", "referral.answered", "referral.pack")
    return (tuple(talk.button(name, one.id) for name in names),)


def _pack(talk: Talk, one: Referral) -> Reply:
    talk.audit("referral.packed", f"referral:{one.number}", one.area_code)
    attachment = Attachment("case_pack", {"number": one.number}, talk.language)
    return Reply(talk.say("referral.pack", number=one.number), attachment=attachment)


def _ask_why(talk: Talk, problem_id: int, number: str) -> Replies:
    wanted = {"what": "why", "problem": problem_id, "number": number}
    talk.account.awaiting, talk.account.awaiting_data = "referral", wanted
    return [Reply(talk.say("referral.ask_why", number=number))]


def _confirm(talk: Talk, problem_id: int, number: str, why: str) -> Replies:
    why = " ".join(why.split())[: referral.MOST_TEXT]
    button = talk.button("referral.hand_over", f"{problem_id}|{why}", "danger")
    return [Reply(talk.say("referral.confirm", number=number, why=why), ((button,),))]


def _ask(talk: Talk, what: str, one: Referral) -> Replies:
    talk.account.awaiting, talk.account.awaiting_data = "referral", {"what": what, "referral": one.id}
    return [Reply(talk.say(f"referral.ask_{what}", number=one.number))]
