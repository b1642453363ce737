"""年报 (the annual summary): the sentence, the table, the picture."""

from collections.abc import Sequence

from handlers import periods
from handlers.talk import Talk
from models.message import Attachment, Reply, Table
from rules.localtime import local_date
from services import scope, summary
from services.refused import Refused
from services.summary import LEVELS, Span


def of_year(talk: Talk, argument: str = "") -> Sequence[Reply]:
    """年报 [year]: this year so far where none is named."""
    if not talk.person.offices:
        raise Refused("summary.not_yours")
    today = local_date(talk.now, talk.zone)
    span, rest = periods.find(argument.split(), today)
    if rest:
        raise Refused("period.not_understood", text=" ".join(rest)[:40])
    span = span or Span(today.replace(month=1, day=1), today.replace(month=12, day=31))
    area = scope.default_area(talk.session, talk.person, today)
    figures = summary.figures(talk.session, span, area, talk.zone, talk.now)
    rows = tuple(
        (row["name"] or talk.say("count.unassigned"), *(f"{row[level]:,}" for level in (*LEVELS, "total")))
        for row in figures["by_street"].values()
    )
    columns = tuple(talk.say(f"report.column.{name}") for name in ("street_name", *LEVELS, "total"))
    chart = Attachment("level_month_chart", figures, talk.language)
    table = Table(talk.say("summary.by_street"), columns, rows)
    # The sentence comes with the picture: both are made of the same figures by the report.
    return [Reply(attachment=chart), Reply(talk.say("summary.by_street"), table=table)]
