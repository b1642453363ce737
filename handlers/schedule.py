"""提醒 (reminder settings): a chief's own time, quiet hours and pause; the office's for a level, a street or a grid."""

from collections.abc import Sequence
from typing import Any

from handlers.areas import named, own_office, today
from handlers.talk import Talk
from locales import all_words, words
from models.message import Reply
from rules.level import COUNTED_LEVELS
from rules.reminder import Times
from rules.schedule_words import ClockWords, find_day, find_times
from services import schedule
from services.refused import Refused
from services.schedule import Target

Replies = Sequence[Reply]
_MOST_PAUSES = 20


def asked(talk: Talk, argument: str = "") -> Replies:
    """提醒 [what]: shows what holds, or sets what is said."""
    said = argument.split()
    if talk.person.chief and said and (until := _paused_until(said[0])) is not None:
        return _pause(talk, [*until, *said[1:]])
    if talk.person.chief and said and said[0] in all_words("remind.words.resume"):
        return resume(talk)
    found, rest = _times(said)
    if talk.person.offices and (rest or not talk.person.chief):
        return _of_office(talk, found, rest)
    if rest:
        raise Refused("remind.not_understood", text=" ".join(rest)[:40])
    return _own(talk, found)


def resume(talk: Talk, _arg: str = "") -> Replies:
    """恢复提醒."""
    schedule.pause(talk.session, talk.chief.id, None, "", talk.account.id, talk.now)
    return [Reply(talk.say("remind.resumed"))]


def _own(talk: Talk, found: dict[str, Any]) -> Replies:
    if found:
        times = schedule.set_times(
            talk.session, schedule.of_chief(talk.chief.id), found, talk.account.id, today(talk), talk.now
        )
    times = schedule.times_of(talk.session, talk.chief.id, today(talk))
    lines = [talk.say("remind.set") if found else talk.say("remind.yours"), _shown(talk, times)]
    until = schedule.paused_until(talk.session, talk.chief.id, today(talk))
    if until:
        lines.append(talk.say("remind.paused_until", day=until))
        return [Reply("\n".join(lines), ((talk.button("remind.resume"),),))]
    return [Reply("\n".join([*lines, talk.say("remind.how")]))]


def _paused_until(word: str) -> list[str] | None:
    """What stands behind the word for a pause, with a blank or without (暂停到12月10日); None for another word."""
    pause = next((one for one in all_words("remind.words.pause") if word.startswith(one)), None)
    return None if pause is None else [rest] if (rest := word.removeprefix(pause)) else []


def _pause(talk: Talk, said: list[str]) -> Replies:
    until = find_day(said[0], today(talk)) if said else None
    reason = " ".join(said[1:])[:200]
    if until is None or not reason:
        raise Refused("remind.pause_how")
    if until < today(talk):
        raise Refused("remind.pause_past", day=until)
    schedule.pause(talk.session, talk.chief.id, until, reason, talk.account.id, talk.now)
    return [Reply(talk.say("remind.paused", day=until, reason=reason), ((talk.button("remind.resume"),),))]


def _of_office(talk: Talk, found: dict[str, Any], rest: list[str]) -> Replies:
    area = own_office(talk, "remind.not_yours")
    if not rest and not found:
        return _overview(talk, area.code, area.name)
    target, name = _target(talk, area.code, " ".join(rest))
    if not found:
        raise Refused("remind.no_time")
    times = schedule.set_times(talk.session, target, found, talk.account.id, today(talk), talk.now)
    return [Reply(talk.say("remind.set_for", name=name, times=_shown(talk, times)))]


def _overview(talk: Talk, code: str, name: str) -> Replies:
    lines = [talk.say("remind.office", area=name)]
    pauses = schedule.pauses(talk.session, code, today(talk))
    lines += [
        talk.say("remind.pause_line", area=one.area, chief=one.chief, day=one.until, reason=one.reason)
        for one in pauses[:_MOST_PAUSES]
    ]
    return [Reply("\n".join([*lines, *([] if pauses else [talk.say("remind.no_pauses")])]))]


def _target(talk: Talk, area_code: str, text: str) -> tuple[Target, str]:
    for level in COUNTED_LEVELS:
        if text in all_words(f"level.{level}"):
            if len(area_code) > 6:
                raise Refused("remind.level_of_district")
            return schedule.of_level(area_code, level), text
    area = named(talk, text)
    if area and area.level == "street" and area.code.startswith(area_code):
        return schedule.of_street(area.code), area.name
    grid = schedule.of_grid(talk.session, text, area_code, today(talk))
    if grid is None and area and area.level == "community":
        grid, text = schedule.of_community(talk.session, area.code, today(talk)), area.name
    if grid is None:
        raise Refused("remind.target_unknown", text=text[:40])
    return grid, text


def _times(said: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    known = [" ".join((a, b)) for a, b in zip(*(words(one, "remind.weekdays") for one in ("zh_CN", "en")), strict=True)]
    off = dict.fromkeys(all_words("remind.words.days_off"), True)
    off |= dict.fromkeys(all_words("remind.words.workdays"), False)
    clocks = ClockWords(*(all_words(f"remind.words.{one}") for one in ("morning", "afternoon", "hours", "half")))
    found = find_times([one for one in said if one not in all_words("remind.words.quiet")], known, off, clocks)
    return found.found, list(found.rest)


def _shown(talk: Talk, times: Times) -> str:
    weekday = words(talk.language, "remind.weekdays")[times.weekday - 1].split()[0]
    off = talk.say("remind.also_days_off" if times.days_off else "remind.workdays_only")
    return talk.say(
        "remind.times", weekday=weekday, time=_clock(times.minute), quiet_from=_clock(times.quiet_from),
        quiet_to=_clock(times.quiet_to), days_off=off,
    )  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
