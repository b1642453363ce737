"""Receipt numbers (受理编号): given once, never again; gaps are allowed."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from rules.receipt import patrol_number, problem_number, referral_number

# One upsert on SQLite, where a single process writes.
_NEXT_EMBEDDED = text(
    "INSERT INTO receipt_year (year, last) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = receipt_year.last + 1 RETURNING last"
)
_NEXT_OF_SERIES = text(
    "INSERT INTO serial_year (series, year, last) VALUES (:series, :year, 1)"
    " ON CONFLICT (series, year) DO UPDATE SET last = serial_year.last + 1 RETURNING last"
)
_LOCKS = {"receipt": 76_000_000, "problem": 77_000_000, "referral": 78_000_000}
"""The series, each with the key of the lock under which the year's first number is given."""


def next_patrol_number(session: Session, year: int) -> str:
    """The next number of a local year."""
    if session.get_bind().dialect.name == "sqlite":
        serial = int(session.connection().execute(_NEXT_EMBEDDED, {"year": year}).scalar_one())
    else:
        serial = _next_of_sequence(session, "receipt", year)
    return patrol_number(year, serial)


def next_problem_number(session: Session, year: int) -> str:
    """The next number of a problem (问题) in a local year."""
    if session.get_bind().dialect.name == "sqlite":
        given = session.connection().execute(_NEXT_OF_SERIES, {"series": "problem", "year": year})
        return problem_number(year, int(given.scalar_one()))
    return problem_number(year, _next_of_sequence(session, "problem", year))


def next_referral_number(session: Session, year: int) -> str:
    """The next number of a referral (移送) in a local year."""
    if session.get_bind().dialect.name == "sqlite":
        given = session.connection().execute(_NEXT_OF_SERIES, {"series": "referral", "year": year})
        return referral_number(year, int(given.scalar_one()))
    return referral_number(year, _next_of_sequence(session, "referral", year))


def _next_of_sequence(session: Session, series: str, year: int) -> int:
    _ensure_sequence(session, series, year)
    return int(session.connection().execute(text(f"SELECT nextval('{series}_{int(year)}')")).scalar_one())


def _ensure_sequence(session: Session, series: str, year: int) -> None:
    # A sequence makes nobody wait; a row would be locked until its transaction ends. The lock is for the year's first.
    known = session.info.setdefault("receipt_years", set())
    if (series, year) in known:
        return
    name = f"{series}_{int(year)}"
    if session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is None:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCKS[series] + year})
        session.execute(text(f"CREATE SEQUENCE IF NOT EXISTS {name}"))
    known.add((series, year))
