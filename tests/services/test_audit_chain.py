"""The audit chain (审计链): whatever is changed later is found, and the first broken row is named."""

from collections.abc import Callable, Iterator

import pytest
from audit_house import BEGIN, chain, chained, change, fill, head, rehash, tampering, verified
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from migrated import migrate
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from models.audit import Audit, write_noted
from models.engine import open_engine, reading, savepoint, transaction
from services import audit
from services.audit import Head

N = 20


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A chain of twenty rows."""
    with chained(database_url, N) as made:
        yield made


def broken(engine: Engine, *anchors: Head) -> tuple[int, str] | None:
    """Place and kind of the first broken row."""
    found = verified(engine, *anchors).broken
    return (found.seq, found.kind) if found else None


def test_a_chain_that_nobody_touched_is_right_and_goes_on(engine: Engine) -> None:
    assert broken(engine) is None
    first = head(engine)
    fill(engine, 5, N + 1)
    assert verified(engine).unchained == 5
    assert chain(engine) == 5
    assert chain(engine) == 0
    found = verified(engine, first)
    assert (found.broken, found.head.seq, found.unchained) == (None, N + 5, 0)


def test_a_row_that_was_changed_is_named(engine: Engine) -> None:
    for column, value in (("who", "account:9"), ("result", "withdrawn"), ("area_code", None), ("object", "patrol:X")):
        with tampering(engine) as connection:
            before = connection.execute(text(f"SELECT {column} FROM audit WHERE seq = 7")).scalar()
            change(connection, f"UPDATE audit SET {column} = :v WHERE seq = 7", v=value)
        found = verified(engine).broken
        assert found is not None
        assert (found.seq, found.kind, found.what) == (7, "changed", "patrol.submitted")
        with tampering(engine) as connection:
            change(connection, f"UPDATE audit SET {column} = :v WHERE seq = 7", v=before)
        assert broken(engine) is None


def test_an_instant_that_was_moved_by_a_microsecond_is_found(engine: Engine) -> None:
    with tampering(engine) as connection:
        at = connection.execute(select(Audit.happened_at).where(Audit.seq == 9)).scalar_one()
        connection.execute(Audit.__table__.update().where(Audit.seq == 9).values(happened_at=at.replace(microsecond=7)))  # type: ignore[attr-defined]
    assert broken(engine) == (9, "changed")


def test_a_row_that_was_deleted_is_missed(engine: Engine) -> None:
    with tampering(engine) as connection:
        change(connection, "DELETE FROM audit WHERE seq = 11")
    assert broken(engine) == (11, "missing")


def test_a_row_that_was_deleted_is_missed_where_the_places_were_closed_up(engine: Engine) -> None:
    with tampering(engine) as connection:
        change(connection, "DELETE FROM audit WHERE seq = 11")
        for seq in range(12, N + 1):
            change(connection, "UPDATE audit SET seq = :n WHERE seq = :s", s=seq, n=seq - 1)
    assert broken(engine) == (11, "changed")


def test_two_rows_that_changed_places_are_found(engine: Engine) -> None:
    with tampering(engine) as connection:
        one, other = (
            connection.execute(text("SELECT id, hash FROM audit WHERE seq = :s"), {"s": s}).one() for s in (4, 8)
        )
        change(connection, "UPDATE audit SET seq = 1000 WHERE id = :i", i=one.id)
        change(connection, "UPDATE audit SET seq = 4, hash = :h WHERE id = :i", i=other.id, h=one.hash)
        change(connection, "UPDATE audit SET seq = 8, hash = :h WHERE id = :i", i=one.id, h=other.hash)
    assert broken(engine) == (4, "changed")


def test_a_row_that_was_put_in_between_is_found(engine: Engine) -> None:
    insert = (
        "INSERT INTO audit (id, happened_at, who, what, object, result, seq, hash)"
        " SELECT 1000, happened_at, who, 'patrol.voided', object, result, 6, hash FROM audit WHERE seq = 7"
    )
    with tampering(engine) as connection:
        for seq in range(N, 5, -1):
            change(connection, "UPDATE audit SET seq = :n WHERE seq = :s", s=seq, n=seq + 1)
        change(connection, insert)
    assert broken(engine) == (6, "changed")


def test_a_tail_that_was_cut_off_is_known_to_the_head_and_stays_a_gap(engine: Engine) -> None:
    with tampering(engine) as connection:
        change(connection, "DELETE FROM audit WHERE seq > 15")
    assert broken(engine) == (16, "cut")
    fill(engine, 3, 100)
    chain(engine)
    assert broken(engine) == (16, "missing")


def test_a_tail_that_was_cut_off_with_its_head_is_found_by_an_anchor_alone(engine: Engine) -> None:
    anchor = head(engine)
    with tampering(engine) as connection:
        change(connection, "DELETE FROM audit WHERE seq > 15")
        rehash(connection, 99)
    assert broken(engine) is None
    assert broken(engine, anchor) == (16, "cut")
    assert broken(engine, Head(0, anchor.hash)) == (0, "unknown")


def test_a_chain_of_which_nothing_is_left_is_found_by_an_anchor_alone(engine: Engine) -> None:
    anchor = head(engine)
    with tampering(engine) as connection:
        change(connection, "DELETE FROM audit")
        change(connection, "DELETE FROM mark WHERE name = 'audit.head'")
    assert broken(engine) is None
    assert broken(engine, anchor) == (1, "cut")


def test_a_chain_rewritten_with_right_hashes_is_found_by_an_anchor_alone(engine: Engine) -> None:
    early, late = Head(5, hash_at(engine, 5)), head(engine)
    with tampering(engine) as connection:
        change(connection, "UPDATE audit SET result = 'withdrawn' WHERE seq = 12")
        rehash(connection, 12)
    assert broken(engine) is None
    assert broken(engine, early) is None
    assert broken(engine, early, late) == (N, "anchor")
    assert broken(engine, Head(0, late.hash)) == (0, "unknown")


def test_an_own_anchor_finds_it_until_it_is_forged_too(engine: Engine) -> None:
    with transaction(engine) as session:
        audit.keep_anchor(session, head(engine), "file", "", BEGIN, None)
    with tampering(engine) as connection:
        change(connection, "UPDATE audit SET result = 'withdrawn' WHERE seq = 12")
        rehash(connection, 12)
    assert broken(engine) == (N, "anchor")
    with tampering(engine) as connection:
        change(connection, "DELETE FROM audit_anchor")
    assert broken(engine) is None


def hash_at(engine: Engine, seq: int) -> str:
    with reading(engine) as session:
        return session.scalars(select(Audit.hash).where(Audit.seq == seq)).one() or ""


CHANGES: dict[str, Callable[[Connection, int], None]] = {
    "a column": lambda c, n: change(c, "UPDATE audit SET result = 'x' WHERE seq = :n", n=n),
    "the hash": lambda c, n: change(c, "UPDATE audit SET hash = :h WHERE seq = :n", n=n, h="0" * 64),
    "the id": lambda c, n: change(c, "UPDATE audit SET id = 5000 + id WHERE seq = :n", n=n),
    "gone": lambda c, n: change(c, "DELETE FROM audit WHERE seq = :n", n=n),
    "unplaced": lambda c, n: change(c, "UPDATE audit SET seq = NULL WHERE seq = :n", n=n),
    "below": lambda c, n: change(c, "UPDATE audit SET seq = -seq WHERE seq = :n", n=n),
    "cut": lambda c, n: change(c, "DELETE FROM audit WHERE seq >= :n", n=n),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(1, N)), min_size=1, max_size=3),
       forged=st.booleans())  # fmt: skip
def test_no_mixture_of_changes_passes_the_last_anchor(
    engine: Engine, deeds: list[tuple[str, int]], forged: bool
) -> None:
    anchor = head(engine)
    connection = engine.connect()
    with connection, connection.begin() as undone:
        # What is changed here is looked at from within, and taken back.
        before = rows(connection)
        _without_triggers(connection)
        for kind, seq in deeds:
            CHANGES[kind](connection, seq)
        if forged:
            rehash(connection, 1)
        same = rows(connection) == before
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            found = audit.verify(session, [anchor])
        undone.rollback()
    assert (found.broken is None) == same
    assert same or (found.broken is not None and found.broken.seq <= N)
    assert broken(engine, anchor) is None


def rows(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(Audit.__table__).order_by(Audit.id))]


def _without_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for name in ("audit_update", "audit_delete", "audit_insert"):
            change(connection, f"DROP TRIGGER {name}")
    else:
        change(connection, "ALTER TABLE audit DISABLE TRIGGER USER")


REFUSED = (
    "UPDATE audit SET result = 'x' WHERE seq = 3", "UPDATE audit SET seq = 99, hash = 'x' WHERE seq = 3",
    "UPDATE audit SET seq = NULL WHERE seq = 3", "DELETE FROM audit WHERE seq = 3", "DELETE FROM audit",
    "UPDATE audit SET result = 'x', seq = 77, hash = 'x' WHERE seq IS NULL",
    "INSERT INTO audit (happened_at, who, what, object, result, seq, hash)"
    " SELECT happened_at, who, what, object, result, 77, 'x' FROM audit WHERE seq = 3",
    "UPDATE audit_anchor SET hash = 'x'", "DELETE FROM audit_anchor",
)  # fmt: skip
EMBEDDED = (
    "INSERT OR REPLACE INTO audit (id, happened_at, who, what, object, result)"
    " SELECT id, happened_at, who, 'x', object, result FROM audit WHERE seq = 3",
    "UPDATE OR REPLACE audit SET seq = 3, hash = 'x' WHERE seq IS NULL",
    "REPLACE INTO audit_anchor (id, anchored_at, seq, hash, kind, place)"
    " SELECT id, anchored_at, 1, 'x', kind, place FROM audit_anchor",
)
SERVER = ("TRUNCATE audit", "TRUNCATE audit_anchor")


def test_the_database_refuses_every_change_until_its_triggers_are_gone(engine: Engine) -> None:
    with transaction(engine) as session:
        audit.keep_anchor(session, audit.head(session), "file", "", BEGIN, None)
    fill(engine, 1, 500)
    statements = (*REFUSED, *(EMBEDDED if engine.dialect.name == "sqlite" else SERVER))
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    assert chain(engine) == 2  # one of them says that it was anchored
    assert broken(engine) is None
    for statement in statements:  # the control
        with engine.connect() as connection, connection.begin() as undone:
            _without_triggers(connection)
            for name in ("audit_anchor_update", "audit_anchor_delete", "audit_anchor_insert"):
                if engine.dialect.name == "sqlite":
                    change(connection, f"DROP TRIGGER {name}")
            if engine.dialect.name != "sqlite":
                change(connection, "ALTER TABLE audit_anchor DISABLE TRIGGER USER")
            connection.execute(text(statement))
            undone.rollback()


def fails_after(session: Session, what: str) -> None:
    audit.note(session, "operator", what, "x:1", None, "done", BEGIN)
    raise ZeroDivisionError


def test_what_is_rolled_back_was_never_noted(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine) as session:
        fails_after(session, "x.done")
    with transaction(engine) as session:
        audit.note(session, "operator", "x.before", "x:1", None, "done", BEGIN)
        with pytest.raises(ZeroDivisionError), savepoint(session):
            fails_after(session, "x.within")
        audit.note(session, "operator", "x.after", "x:1", None, "done", BEGIN)
    assert chain(engine) == 2
    with reading(engine) as session:
        assert [link.what for link in audit.listed(session, audit.Wanted(object="x:1"))] == ["x.before", "x.after"]


def test_many_rows_of_one_commit_are_all_there(engine: Engine) -> None:
    with transaction(engine) as session:
        for number in range(300):
            audit.note(session, "operator", "x.done", f"x:{number}", None, "done", BEGIN)
    assert chain(engine) == 300
    assert broken(engine) is None


def test_a_row_whose_commit_comes_late_is_chained_after_those_that_overtook_it(postgres_url: str) -> None:
    migrate(postgres_url)
    engine = open_engine(postgres_url)
    slow = Session(engine)
    audit.note(slow, "account:1", "x.slow", "x:1", None, "done", BEGIN)
    write_noted(slow)
    fill(engine, 4)
    assert chain(engine) == 4
    slow.commit()
    slow.close()
    assert chain(engine) == 1
    with reading(engine) as session:
        assert [link.id for link in audit.listed(session, audit.Wanted())] == [2, 3, 4, 5, 1]
    assert broken(engine) is None
    engine.dispose()
