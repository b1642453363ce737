"""Receipt numbers (受理编号): given once, never again; gaps are allowed."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from rules.receipt import patrol_number

# One upsert on SQLite, where a single process writes.
_NEXT_EMBEDDED = text(
    "INSERT INTO receipt_year (year, last) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = receipt_year.last + 1 RETURNING last"
)


def next_patrol_number(session: Session, year: int) -> str:
    """The next number of a local year."""
    return patrol_number(year, _next(session, year))


def _next(session: Session, year: int) -> int:
    if session.get_bind().dialect.name == "sqlite":
        return int(session.connection().execute(_NEXT_EMBEDDED, {"year": year}).scalar_one())
    _ensure_sequence(session, year)
    return int(session.connection().execute(text(f"SELECT nextval('receipt_{int(year)}')")).scalar_one())


def _ensure_sequence(session: Session, year: int) -> None:
    # A sequence makes nobody wait; a row would be locked until its transaction ends. The lock is for the year's first.
    known = session.info.setdefault("receipt_years", set())
    if year in known:
        return
    name = f"receipt_{int(year)}"
    if session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is None:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": 76_000_000 + year})
        session.execute(text(f"CREATE SEQUENCE IF NOT EXISTS {name}"))
    known.add(year)
