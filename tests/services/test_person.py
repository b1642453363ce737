"""Who speaks (人): the account that spoke last is known, and knowing it costs hardly any writes."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event, select

from models.account import Account
from models.chief import Chief
from models.engine import reading, transaction
from services import person

NOW = datetime(2023, 5, 8, 2, 0, tzinfo=UTC)
HU = "110102010002-L1"


def speaks(engine: Engine, user: str, now: datetime) -> int:
    """Let somebody speak; gives how often that changed an account."""
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        written.extend([statement] if statement.startswith("UPDATE account") else [])

    event.listen(engine, "before_cursor_execute", note)
    with transaction(engine) as session:
        person.note_spoke(person.of_account(session, "telegram", user, user, now), now)
    event.remove(engine, "before_cursor_execute", note)
    return len(written)


def enrols(engine: Engine, *users: str) -> None:
    """Make the accounts of users those of 胡晓兰."""
    with transaction(engine) as session:
        hu = session.scalars(select(Chief.id).where(Chief.code == HU)).one()
        for account in session.scalars(select(Account).where(Account.user_id.in_(users))):
            account.chief_id = hu


def latest(engine: Engine) -> str:
    """Who spoke last, by what is kept."""
    spoke = Account.spoke_at.is_not(None)
    with reading(engine) as session:
        return session.scalars(select(Account.user_id).where(spoke).order_by(Account.spoke_at.desc())).first() or ""


def test_of_many_messages_one_an_hour_is_written_down(database: Engine) -> None:
    minutes = [speaks(database, "one", NOW + timedelta(minutes=n)) for n in range(0, 150, 10)]
    assert [n for n, written in enumerate(minutes) if written] == [0, 6, 12]


def test_whoever_changes_to_another_account_is_known_there_at_once(database: Engine) -> None:
    speaks(database, "one", NOW)
    speaks(database, "two", NOW + timedelta(minutes=1))
    speaks(database, "stranger", NOW + timedelta(minutes=1))
    enrols(database, "one", "two")
    for minute, user, writes in ((2, "two", 0), (3, "one", 1), (4, "one", 0), (5, "two", 1), (6, "stranger", 0)):
        assert speaks(database, user, NOW + timedelta(minutes=minute)) == writes, (minute, user)
    assert latest(database) == "two"


def test_whoever_speaks_is_blocked_no_more(database: Engine) -> None:
    speaks(database, "one", NOW)
    with transaction(database) as session:
        person.note_gone(session, "telegram", "one", NOW)
    assert speaks(database, "one", NOW + timedelta(minutes=1)) == 1
    with reading(database) as session:
        assert session.scalars(select(Account.blocked_at).where(Account.user_id == "one")).one() is None
