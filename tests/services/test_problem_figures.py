"""Figures of problems (问题统计): every number is that of rows which can be listed, and withdrawn ones are in none."""

from datetime import date, timedelta

from problem_cast import NOW, ZONE, Cast, at_state, cast_in, report, step
from sqlalchemy import Engine

from models.area import Area
from models.engine import transaction
from models.patrol import Patrol
from rules.problem_flow import Action, Role, State
from services import annual, problem, problem_figures
from services.problem_figures import figures, is_late, listed
from services.summary import Span

NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))


def made(engine: Engine) -> Cast:
    """Three closed (one late), one open and late, one paused past its time, one returned, one withdrawn."""
    cast = cast_in(engine)
    with transaction(engine) as session:
        for hours in (2, 10, 30):
            found = at_state(session, cast, State.VERIFIED)
            step(session, cast, found, Action.CLOSE, Role.STREET, NOW + timedelta(hours=hours))
        report(session, cast)
        paused = at_state(session, cast, State.ACCEPTED)
        step(session, cast, paused, Action.PAUSE, Role.STREET)
        at_state(session, cast, State.RETURNED)
        at_state(session, cast, State.WITHDRAWN)
        report(session, cast, "rubbish", NOW + timedelta(days=10))
    return cast


def test_the_figures_are_those_of_the_rows(database: Engine) -> None:
    made(database)
    with transaction(database) as session:
        district = session.get_one(Area, "110102")
        found = figures(session, NOVEMBER, district, NOW + timedelta(hours=40))
        rows = listed(session, NOVEMBER, district)
    assert (found["reported"], found["closed"], found["open"], found["overdue"]) == (6, 3, 2, 2)
    assert found["rate"] == 0.5
    assert found["median_close_s"] == 10 * 3600
    assert len(rows) == found["reported"]
    assert sum(is_late(one, NOW + timedelta(hours=40)) for one in rows) == found["overdue"]
    for group in ("by_type", "by_street", "by_month"):
        assert sum(row["reported"] for row in found[group].values()) == found["reported"]
        assert sum(row["closed"] for row in found[group].values()) == found["closed"]


def test_another_street_has_none_of_them(database: Engine) -> None:
    made(database)
    with transaction(database) as session:
        own, other = (session.get_one(Area, code) for code in ("110102010", "110102001"))
        community = session.get_one(Area, "110102010002")
        assert figures(session, NOVEMBER, own, NOW)["reported"] == 6
        assert figures(session, NOVEMBER, other, NOW)["reported"] == 0
        assert figures(session, NOVEMBER, community, NOW)["reported"] == 6
        assert problem.open_in_area(session, own.code, NOW + timedelta(hours=40)) == (3, 1)
        assert problem.open_in_area(session, other.code, NOW) == (0, 0)


def test_the_table_of_records_says_what_each_one_is(database: Engine) -> None:
    made(database)
    with transaction(database) as session:
        rows = problem_figures.records(session, NOVEMBER, session.get_one(Area, "110102"), ZONE, NOW)
        assert session.query(Patrol).count() == 0
        report_ = annual.report(session, NOVEMBER, session.get_one(Area, "110102"), ZONE, NOW)
    assert {row["state"] for row in rows} == {"closed", "reported", "accepted", "returned"}
    assert rows[0]["chief"] == "胡晓兰"
    assert rows[0]["street"] == "德胜街道"
    assert report_["problem_handling"]["reported"] == 6
    assert report_["problems"] == {}, "what patrols noted is another figure"
