"""年报 (the annual summary): the sentence, the table, the picture."""

from collections.abc import Sequence
from typing import Any

from handlers import count_records, question
from handlers.talk import Talk
from models.area import Area
from models.message import Attachment, Button, Reply, Table
from rules.localtime import local_date
from services import annual, ledger, scope, summary
from services.measure import How
from services.refused import Refused
from services.summary import LEVELS, Span


def of_year(talk: Talk, argument: str = "") -> Sequence[Reply]:
    """年报 [year]: this year so far where none is named."""
    if not talk.person.offices:
        raise Refused("summary.not_yours")
    today = local_date(talk.now, talk.zone)
    asked = question.read(talk, argument)
    if asked.rest:
        raise Refused("period.not_understood", text=asked.rest[:40])
    span = asked.span or Span(today.replace(month=1, day=1), today.replace(month=12, day=31))
    area = scope.default_area(talk.session, talk.person, today)
    how = question.how_of(talk, asked, area)
    figures = summary.figures(talk.session, span, area, talk.zone, talk.now)
    rows = tuple(
        (row["name"] or talk.say("count.unassigned"), *(f"{row[level]:,}" for level in (*LEVELS, "total")))
        for row in figures["by_street"].values()
    )
    columns = tuple(talk.say(f"report.column.{name}") for name in ("street_name", *LEVELS, "total"))
    chart = Attachment("level_month_chart", figures, talk.language)
    table = Table(talk.say("summary.by_street"), columns, rows)
    # The sentence comes with the picture: both are made of the same figures by the report.
    return [
        Reply(attachment=chart),
        Reply(talk.say("summary.by_street"), _opened(talk, span, area, figures, how), table),
    ]


def _opened(talk: Talk, span: Span, area: Area, figures: dict[str, Any], how: How) -> tuple[tuple[Button, ...], ...]:
    """Buttons that open the numbers: the patrols, whole or by street, and the meetings."""
    by_street = talk.button("count.again", count_records.arg(span, area, "street"), label=talk.say("count.by.street"))
    held = figures["meetings"]
    label = talk.say("count.open_row", row=talk.say("report.column.meetings"), n=held)
    meetings = (talk.button("count.meetings", count_records.arg(span, area, "level"), label=label),) if held else ()
    arg = count_records.arg(span, area, "level")
    files = (
        talk.button("summary.document", arg),
        talk.button("summary.workbook", count_records.arg(span, area, "level", how=how)),
    )
    kept = (talk.button("snapshot.ask", arg), talk.button("snapshot.compare", arg))
    drawn = (talk.button("summary.streets", arg), talk.button("summary.calendar", arg))
    return (count_records.lists(talk, span, area), (by_street, *meetings), drawn, files, kept)


def document(talk: Talk, text: str) -> Sequence[Reply]:
    """.docx: the annual report in Word."""
    asked = _asked(talk, text)
    figures = annual.report(talk.session, asked.span, asked.area, talk.zone, talk.now)
    _exported(talk, asked, "docx")
    return [Reply(talk.say("summary.document"), attachment=Attachment("annual_document", figures, talk.language))]


def calendar(talk: Talk, text: str) -> Sequence[Reply]:
    """日历: the counted patrols of every day."""
    asked = _asked(talk, text)
    figures = annual.report(talk.session, asked.span, asked.area, talk.zone, talk.now)
    return [Reply(talk.say("summary.calendar"), attachment=Attachment("calendar_chart", figures, talk.language))]


def streets(talk: Talk, text: str) -> Sequence[Reply]:
    """按街道图: the figures of every street."""
    asked = _asked(talk, text)
    figures = summary.figures(talk.session, asked.span, asked.area, talk.zone, talk.now)
    return [Reply(talk.say("summary.street_chart"), attachment=Attachment("street_chart", figures, talk.language))]


def workbook(talk: Talk, text: str) -> Sequence[Reply]:
    """.xlsx: the ledger in Excel, read when it is sent."""
    asked = _asked(talk, text)
    wanted = ledger.asked(asked.span, asked.area, talk.zone, asked.how.division)
    _exported(talk, asked, "xlsx")
    return [Reply(talk.say("summary.workbook"), attachment=Attachment("annual_workbook", wanted, talk.language))]


def _exported(talk: Talk, asked: count_records.Asked, ending: str) -> None:
    talk.audit("summary.exported", f"summary:{asked.span.start}..{asked.span.end}:{ending}", asked.area.code)


def _asked(talk: Talk, text: str) -> count_records.Asked:
    if not talk.person.offices:
        raise Refused("summary.not_yours")
    return count_records.restore(talk, text)
