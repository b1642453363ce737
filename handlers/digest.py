"""周报 (the weekly digest): what the office gets once a week, at its own time, or not at all."""

from collections.abc import Sequence
from datetime import timedelta

from handlers import duty as duty_words
from handlers.areas import own_office, today
from handlers.overdue import days, table
from handlers.talk import Talk
from locales import all_words, words
from models.message import Reply
from rules.duty import bounds
from rules.schedule_words import find_times
from services import digest, overdue, problem, reminder
from services.refused import Refused

Replies = Sequence[Reply]


def asked(talk: Talk, argument: str = "") -> Replies:
    """周报: last week now; 周报 关, 周报 开, 周报 周一 09:10 set it."""
    own_office(talk, "digest.not_yours")
    return _set(talk, argument.split()) if argument else due(talk)


def due(talk: Talk) -> Replies:
    """Last week by street, and what the reminders cost."""
    if not talk.person.offices:
        return []
    area = own_office(talk, "digest.not_yours")
    start, end = bounds("week", bounds("week", today(talk))[0] - timedelta(days=1))
    found = overdue.at(talk.session, area.code, end, today(talk))
    problems = overdue.problems(talk.session, area.code, start, end)
    open_, late = problem.open_in_area(talk.session, area.code, talk.now)
    cost = reminder.costs(talk.session, start, end, area.code)
    lines = [
        talk.say("digest.title", area=area.name, start=start, end=end),
        *(
            talk.say(
                "digest.line", duty=duty_words.line(talk, one.duty), days=days(one), owing=one.owing, done=one.done,
                missing=one.owing - one.done,
            )
            for one in found
        ),
        talk.say("digest.problems", n=problems),
        talk.say("digest.open_problems", n=open_, late=late),
        talk.say("digest.cost", messages=cost["messages"], taps=cost["taps"]),
    ]  # fmt: skip
    weekly = next((one for one in found if one.duty.period == "week"), None)
    return [Reply("\n".join(lines), table=table(talk, weekly, talk.say("digest.by_street")) if weekly else None)]


def _set(talk: Talk, said: list[str]) -> Replies:
    row = digest.of_account(talk.session, talk.message.channel, talk.message.sender_id)
    if said[0] in all_words("digest.words.off"):
        digest.set_time(row, enabled=False)
        return [Reply(talk.say("digest.off"))]
    known = [" ".join((a, b)) for a, b in zip(*(words(one, "remind.weekdays") for one in ("zh_CN", "en")), strict=True)]
    found = find_times([one for one in said if one not in all_words("digest.words.on")], known, {})
    if found.rest or "quiet_from" in found.found:
        raise Refused("digest.not_understood", text=" ".join(said)[:40])
    digest.set_time(row, enabled=True, weekday=found.found.get("weekday"), minute=found.found.get("minute"))
    weekday = words(talk.language, "remind.weekdays")[row.weekday - 1].split()[0]
    return [Reply(talk.say("digest.on", weekday=weekday, time=f"{row.minute // 60:02d}:{row.minute % 60:02d}"))]
