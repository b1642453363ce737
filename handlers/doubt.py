"""Asking back (反问): what can be meant in several ways is put back as buttons, each a question in full."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from handlers import question
from handlers.question import AmbiguousAreaError, Question
from handlers.talk import Talk
from locales import all_words
from locales.dates import full_date
from models.area import Area
from models.message import Button, Reply
from rules import festival
from rules.localtime import local_date
from services import measure
from services.refused import Refused
from services.summary import Span


def which_area(talk: Talk, asked: Question, several: AmbiguousAreaError) -> Reply:
    """A name that fits several areas."""
    buttons = [_button(talk, replace(asked, rest=f"#{code}"), name) for code, name in several.fitting]
    return Reply(talk.say("count.doubt.area", text=asked.rest[:40]), _two_in_a_row(buttons))


def which_way(talk: Talk, asked: Question, span: Span, area: Area) -> Reply | None:
    """People or person-times; the grids of which division, where there were several; None where it is clear."""
    if asked.unit == "people":
        units = (measure.PERSON_TIMES, measure.PERSONS)
        buttons = [_button(talk, replace(asked, unit=unit), talk.say(f"count.unit.{unit}")) for unit in units]
        return Reply(talk.say("count.doubt.people"), (tuple(buttons),))
    if asked.group != "grid" or asked.division:
        return None
    starts = measure.divisions_in(talk.session, span, area)
    if len(starts) < 2:
        return None
    buttons = [
        _button(talk, replace(asked, division=str(start.year)), _of_division(talk, start)) for start in _by_year(starts)
    ]
    then = _button(talk, replace(asked, division="then"), talk.say("count.doubt.grids_then"))
    return Reply(talk.say("count.doubt.grids", period=talk.period(span)), _two_in_a_row([*buttons, then]))


def with_festival(talk: Talk, asked: Question) -> Question | Reply:
    """The question with the days of a festival that it names; 春节前后 may mean several spans, and is asked back."""
    found = _festival(asked.rest)
    if found is None:
        return asked
    name, is_around, rest = found
    year = asked.span.start.year if asked.span else _last_begun(talk, name)
    off = festival.days_off(name, year)
    if off is None:
        raise Refused("count.doubt.no_festival", text=asked.rest[:40], year=year)
    asked = replace(asked, rest=rest)
    if not is_around:
        return replace(asked, span=Span(*off))
    spans = [off, *(one for days in festival.AROUND_DAYS if (one := festival.around(name, year, days)))]
    buttons = [_button(talk, replace(asked, span=Span(*one)), talk.period(Span(*one))) for one in spans]
    return Reply(talk.say("count.doubt.festival"), tuple((button,) for button in buttons))


def _festival(rest: str) -> tuple[str, bool, str] | None:
    """The festival that some words name, whether they say “around”, and the other words."""
    said = rest.casefold()
    for name in festival.FESTIVALS:
        for word in sorted(all_words(f"count.festival.{name}"), key=len, reverse=True):
            for around in (*all_words("count.festival.around"), ""):
                for whole in (f"{word}{around}", f"{word} {around}", f"{around} {word}"):
                    if whole.strip() in said:
                        return name, bool(around), said.replace(whole.strip(), " ").strip()
    return None


def _last_begun(talk: Talk, name: str) -> int:
    today = local_date(talk.now, talk.zone)
    off = festival.days_off(name, today.year)
    return today.year if off and off[0] <= today else today.year - 1


def _by_year(starts: Sequence[date]) -> list[date]:
    # A year's question means the division at its end: of several that began in one year only the last can be named.
    return list({start.year: start for start in starts}.values())


def _of_division(talk: Talk, start: date) -> str:
    return talk.say("count.doubt.grids_since", day=full_date(start, talk.language))


def _button(talk: Talk, asked: Question, label: str) -> Button:
    return talk.button("count.asked", question.worded(talk, asked), label=label)


def _two_in_a_row(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2))
