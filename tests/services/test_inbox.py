"""The inbox (收件箱): what was delivered before changes nothing, and a chat is worked on in its order."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from models.engine import reading, transaction
from models.inbox import Inbox, Redelivery
from services import inbox
from services.inbox import Delivery

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def delivery(key: str, chat: str = "胡晓兰", raw: str = "{}", channel: str = "local") -> Delivery:
    return Delivery(channel, key, chat, raw, NOW)


def receive(engine: Engine, *deliveries: Delivery) -> list[int]:
    with transaction(engine) as session:
        return inbox.receive(session, deliveries)


def claimed(engine: Engine, now: datetime = NOW, limit: int = 10) -> list[str]:
    """The keys that a worker takes and settles."""
    with transaction(engine) as session:
        found = inbox.claim(session, now, limit)
        inbox.settle(session, [waiting.id for waiting in found], now)
        return [waiting.key for waiting in found]


def repeats(engine: Engine) -> list[str]:
    """The keys of the deliveries that came again."""
    with reading(engine) as session:
        rows = select(Inbox.key).join(Redelivery, Redelivery.inbox_id == Inbox.id).order_by(Redelivery.id)
        return list(session.scalars(rows))


def test_a_repeated_delivery_changes_nothing_and_can_be_counted(database: Engine) -> None:
    first = receive(database, delivery("1", raw='{"text": "巡林"}'))
    assert len(first) == 1
    assert receive(database, delivery("1", chat="万枕萱", raw='{"text": "撤回"}')) == []
    assert repeats(database) == ["1"]
    with reading(database) as session:
        kept = session.scalars(select(Inbox)).one()
    assert (kept.id, kept.chat, kept.raw, kept.state) == (first[0], "胡晓兰", '{"text": "巡林"}', "waiting")


def test_a_repeat_of_what_was_worked_on_is_not_worked_on_again(database: Engine) -> None:
    receive(database, delivery("1"))
    assert claimed(database) == ["1"]
    receive(database, delivery("1"))
    assert (claimed(database), repeats(database)) == ([], ["1"])


def test_a_batch_may_hold_a_key_more_than_once_and_one_that_is_known(database: Engine) -> None:
    receive(database, delivery("known"))
    new = receive(database, delivery("new"), delivery("known"), delivery("new"), delivery("new"), delivery("other"))
    assert len(new) == 2
    assert sorted(repeats(database)) == ["known", "new", "new"]


def test_the_same_key_on_another_channel_is_another_delivery(database: Engine) -> None:
    assert len(receive(database, delivery("1"), delivery("1", channel="telegram"))) == 2
    assert repeats(database) == []


def test_nothing_received_is_nothing_done(database: Engine) -> None:
    assert receive(database) == []
    assert claimed(database) == []


def test_a_worker_takes_the_first_of_every_chat_and_each_chat_in_its_order(database: Engine) -> None:
    receive(database, *(delivery(f"{chat}{n}", chat) for n in range(3) for chat in "甲乙"))
    assert [claimed(database) for _ in range(4)] == [["甲0", "乙0"], ["甲1", "乙1"], ["甲2", "乙2"], []]


def test_a_worker_takes_no_more_than_it_asks_for_and_the_oldest_first(database: Engine) -> None:
    receive(database, *(delivery(chat, chat) for chat in "甲乙丙"))
    assert [claimed(database, limit=2), claimed(database, limit=2)] == [["甲", "乙"], ["丙"]]


def test_what_failed_holds_its_chat_until_it_is_tried_again_and_is_parked_after_the_fifth_time(
    database: Engine,
) -> None:
    receive(database, delivery("bad", "甲", raw="broken"), delivery("next", "甲"), delivery("other", "乙"))
    now, parked = NOW, []
    for _ in range(5):
        with transaction(database) as session:
            bad = next(waiting for waiting in inbox.claim(session, now, 10) if waiting.key == "bad")
            parked.append(inbox.fail(session, bad, "ValueError", now))
        assert "next" not in claimed(database, now) or parked[-1]
        now += timedelta(minutes=5)
    assert parked == [False, False, False, False, True]
    with reading(database) as session:
        kept = session.scalars(select(Inbox).where(Inbox.key == "bad")).one()
        assert session.scalars(select(Inbox.state).where(Inbox.key == "next")).one() == "done"
    assert (kept.state, kept.raw, kept.tries, kept.error) == ("parked", "broken", 5, "ValueError")


def test_a_transaction_that_is_rolled_back_has_received_nothing(database: Engine) -> None:
    try:
        with transaction(database) as session:
            inbox.receive(session, [delivery("1")])
            raise ConnectionAbortedError
    except ConnectionAbortedError:
        pass
    assert claimed(database) == []
    assert len(receive(database, delivery("1"))) == 1
