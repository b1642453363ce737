"""Orders of the general chief (林长令): drafted, numbered, sent to chiefs in one commit, receipted by each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, insert, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.area import Area
from models.chief import Chief, Post
from models.document import Document
from models.forest_order import ForestOrder, OrderReceipt
from models.message import Priority, Reply
from models.outbox import Outbox
from models.upsert import insert_or
from services.person import Person
from services.refused import Refused
from services.summary import LEVELS, Span

LONGEST_TITLE, LONGEST_TEXT = 200, 3000
WITHDRAW_FOR = timedelta(hours=24)
"""How long an order can be withdrawn by the office that issued it."""
_CALL = ("channel", "chat_id", "priority", "body", "state", "created_at", "tries")


@dataclass(frozen=True, slots=True)
class Tally:
    """Receipts of a street; the chiefs of the district itself have no street."""

    street: str | None
    to: int
    received: int
    unreached: int

    @property
    def open(self) -> int:
        """How many could be sent to and have not said that it arrived."""
        return self.to - self.received - self.unreached


@dataclass(frozen=True, slots=True)
class Missing:
    """A chief who has not said that it arrived."""

    name: str
    area: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What is needed for a draft."""

    area_code: str
    year: int
    number: int | None
    title: str
    text: str | None
    issuer: str | None
    levels: Sequence[str]
    area_codes: Sequence[str]


def draft(session: Session, wanted: Draft, account_id: int, now: datetime) -> ForestOrder:
    """Keep a draft; raises `Refused` for a title that is none, too long a text, or a number that is taken."""
    if not wanted.title:
        raise Refused("order.no_title")
    if len(wanted.title) > LONGEST_TITLE or len(wanted.text or "") > LONGEST_TEXT:
        raise Refused("order.too_long", title=LONGEST_TITLE, text=LONGEST_TEXT)
    if wanted.number is not None:
        _check_free(session, wanted.area_code, wanted.year, wanted.number)
    found = ForestOrder(
        area_code=wanted.area_code, year=wanted.year, number=wanted.number, title=wanted.title, text=wanted.text,
        issuer=wanted.issuer, levels=list(wanted.levels), area_codes=list(wanted.area_codes), account_id=account_id,
        drafted_at=now,
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def own_draft(session: Session, order_id: int, account_id: int) -> ForestOrder:
    """A draft of an account; raises `Refused` for anybody else's, or one that was issued."""
    found = session.get(ForestOrder, order_id)
    if found is None or found.account_id != account_id:
        raise Refused("order.unknown")
    if found.issued_at is not None:
        raise Refused("order.issued_before", number=found.number, year=found.year)
    return found


def toggle_level(session: Session, found: ForestOrder, level: str) -> None:
    """Let an order go to the chiefs of a level, or not; one level stays."""
    chosen = [one for one in LEVELS if (one in found.levels) != (one == level)]
    if not chosen:
        raise Refused("order.to_nobody")
    found.levels = chosen
    session.flush()


def reaches(session: Session, found: ForestOrder, today: date) -> tuple[int, int]:
    """How many chiefs an order would go to, and how many of them have no account to send it to."""
    rows = _recipients(session, found, today)
    return len(rows), sum(not row.sent for row in rows)


def issue(session: Session, found: ForestOrder, today: date, now: datetime) -> None:
    """Give a draft its number and note whom it goes to; raises `Refused` where that is nobody.

    Of two that are issued at once with the same number the second fails by the key, and is tried again with the next.
    """
    if found.document_id is not None and session.get_one(Document, found.document_id).state != "stored":
        raise Refused("order.document_pending")
    rows = _recipients(session, found, today)
    if not rows:
        raise Refused("order.to_nobody")
    if found.number is None:
        found.number = _next_number(session, found.area_code, found.year)
    else:
        _check_free(session, found.area_code, found.year, found.number)
    found.issued_at, found.issued_on = now, today
    session.flush()
    session.execute(
        insert(OrderReceipt),
        [{"order_id": found.id, "chief_id": row.chief_id, "level": row.level, "area_code": row.area_code,
          "sent": row.sent, "received_at": None} for row in rows],
    )  # fmt: skip


def send(session: Session, found: ForestOrder, said: Mapping[str, Reply], house: str, now: datetime) -> None:
    """Write a message to everybody to whom an order goes, by one statement a language.

    `said` is the message in each language, `house` the language of those who chose none.
    """
    for language, reply in said.items():
        chosen = func.coalesce(Account.language, house) == language
        rows = _letters(found, reply, now).where(chosen)
        session.execute(insert_or(session, Outbox).from_select(list(_CALL), rows))


def receive(session: Session, order_id: int, chief_id: int, now: datetime) -> ForestOrder:
    """Note that an order has arrived with a chief; the first time counts; raises `Refused` for anybody else."""
    receipt = session.get(OrderReceipt, (order_id, chief_id))
    if receipt is None:
        raise Refused("order.not_to_you")
    if receipt.received_at is None:
        receipt.received_at, receipt.sent = now, True
    return session.get_one(ForestOrder, order_id)


def withdraw(session: Session, found: ForestOrder, now: datetime) -> None:
    """Withdraw an order within 24 hours; the row and its number stay."""
    if found.withdrawn_at is not None:
        raise Refused("order.withdrawn_before", number=found.number, year=found.year)
    if found.issued_at is None or found.issued_at <= now - WITHDRAW_FOR:
        raise Refused("order.too_late", number=found.number, year=found.year)
    found.withdrawn_at = now


def visible(session: Session, order_id: int, person: Person) -> ForestOrder:
    """An issued order that an office may see: its own, or one that reaches into its area; raises `Refused` else."""
    found = session.get(ForestOrder, order_id)
    if found is None or found.issued_at is None or not _seen_by(session, found, person):
        raise Refused("order.unknown")
    return found


def is_own(found: ForestOrder, person: Person) -> bool:
    """Whether an office issued an order."""
    return found.area_code in person.offices


def latest(session: Session, person: Person, limit: int) -> list[ForestOrder]:
    """The latest orders that an office may see."""
    rows = session.scalars(
        select(ForestOrder).where(ForestOrder.issued_at.is_not(None)).order_by(ForestOrder.issued_at.desc())
    )
    return [row for row in rows if _seen_by(session, row, person)][:limit]


def tally(session: Session, order_id: int, person: Person) -> list[Tally]:
    """The receipts of an order by street, of the office's own area."""
    street, code = aliased(Area), func.substr(OrderReceipt.area_code, 1, 9)
    received = func.sum(case((OrderReceipt.received_at.is_not(None), 1), else_=0))
    unreached = func.sum(case((OrderReceipt.sent.is_(False), 1), else_=0))
    rows = session.execute(
        select(street.name, func.count(), received, unreached)
        .select_from(OrderReceipt)
        .outerjoin(street, (street.code == code) & (street.level == "street"))
        .where(OrderReceipt.order_id == order_id, _within(person))
        .group_by(street.code, street.name)
        .order_by(street.code)
    )
    return [Tally(name, int(to), int(got), int(out)) for name, to, got, out in rows]


def missing(session: Session, order_id: int, person: Person) -> list[Missing]:
    """Who of the office's own area has not said that it arrived: names are for the office that answers for them."""
    rows = session.execute(
        select(Chief.name, Area.name, OrderReceipt.sent)
        .join(OrderReceipt, OrderReceipt.chief_id == Chief.id)
        .join(Area, Area.code == OrderReceipt.area_code)
        .where(OrderReceipt.order_id == order_id, OrderReceipt.received_at.is_(None), _within(person))
        .order_by(OrderReceipt.area_code, Chief.code)
    )
    return [Missing(name, area, sent) for name, area, sent in rows]


def figures(session: Session, span: Span, area: Area) -> dict[str, int]:
    """`issued` by the offices of an area in a period, `to` how many chiefs, `received` by how many of them."""
    here = (
        ForestOrder.issued_on.between(span.start, span.end), ForestOrder.withdrawn_at.is_(None),
        ForestOrder.area_code.startswith(area.code),
    )  # fmt: skip
    issued = session.scalar(select(func.count()).select_from(ForestOrder).where(*here)) or 0
    got = func.sum(case((OrderReceipt.received_at.is_not(None), 1), else_=0))
    row = session.execute(
        select(func.count(OrderReceipt.chief_id), got)
        .join(ForestOrder, ForestOrder.id == OrderReceipt.order_id)
        .where(*here)
    ).one()
    return {"issued": issued, "to": int(row[0]), "received": int(row[1] or 0)}


def listing(session: Session, span: Span, area: Area) -> list[dict[str, Any]]:
    """The orders of a period with their receipts, withdrawn ones too: the ledger's rows."""
    here = (ForestOrder.issued_on.between(span.start, span.end), ForestOrder.area_code.startswith(area.code))
    got = func.sum(case((OrderReceipt.received_at.is_not(None), 1), else_=0))
    rows = session.execute(
        select(ForestOrder, Area.name, func.count(OrderReceipt.chief_id), got)
        .join(Area, Area.code == ForestOrder.area_code)
        .join(OrderReceipt, OrderReceipt.order_id == ForestOrder.id)
        .where(*here)
        .group_by(ForestOrder.id, Area.name)
        .order_by(ForestOrder.issued_on, ForestOrder.id)
    )
    return [
        {"on": row.issued_on, "area": name, "year": row.year, "number": row.number, "title": row.title,
         "to": int(to), "received": int(received), "withdrawn": row.withdrawn_at is not None}
        for row, name, to, received in rows
    ]  # fmt: skip


def _check_free(session: Session, area_code: str, year: int, number: int) -> None:
    same = (ForestOrder.area_code == area_code, ForestOrder.year == year, ForestOrder.number == number)
    if session.scalar(select(ForestOrder.id).where(*same, ForestOrder.issued_at.is_not(None)).limit(1)):
        raise Refused("order.number_taken", number=number, year=year)


def _next_number(session: Session, area_code: str, year: int) -> int:
    same = (ForestOrder.area_code == area_code, ForestOrder.year == year, ForestOrder.issued_at.is_not(None))
    return (session.scalar(select(func.max(ForestOrder.number)).where(*same)) or 0) + 1


@dataclass(frozen=True, slots=True)
class _Recipient:
    chief_id: int
    level: str
    area_code: str
    sent: bool


def _recipients(session: Session, found: ForestOrder, today: date) -> list[_Recipient]:
    """Each chief once, by the widest post that the order goes to."""
    reachable = select(Account.id).where(Account.chief_id == Post.chief_id, Account.blocked_at.is_(None)).exists()
    rows = session.execute(
        select(Post.chief_id, Post.level, Post.area_code, reachable)
        .where(*_posts(found.levels, found.area_codes, today))
        .order_by(func.length(Post.area_code), Post.id)
    )
    chiefs: dict[int, _Recipient] = {}
    for chief_id, level, area_code, sent in rows:
        chiefs.setdefault(chief_id, _Recipient(chief_id, level, area_code, bool(sent)))
    return list(chiefs.values())


def _posts(levels: Collection[str], area_codes: Collection[str], today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Post.level.in_(levels), or_(*(Post.area_code.startswith(code) for code in area_codes)),
        Post.valid_from <= today, or_(Post.valid_to.is_(None), Post.valid_to >= today),
    )  # fmt: skip


def _letters(found: ForestOrder, reply: Reply, now: datetime) -> Any:
    to = select(OrderReceipt.chief_id).where(OrderReceipt.order_id == found.id)
    other = aliased(Account)
    spoke = func.coalesce(other.spoke_at, other.created_at)
    latest_ = select(other.id).where(other.chief_id == Account.chief_id, other.blocked_at.is_(None))
    latest_id = latest_.order_by(spoke.desc(), other.id.desc()).limit(1).scalar_subquery()
    return select(
        Account.channel, Account.chat_id, literal(Priority.NOTICE.value), literal(reply.body(), Outbox.body.type),
        literal("waiting"), literal(now, Outbox.created_at.type), literal(0),
    ).where(Account.chief_id.in_(to), Account.id == latest_id)  # fmt: skip


def _seen_by(session: Session, found: ForestOrder, person: Person) -> bool:
    if is_own(found, person) or any(found.area_code.startswith(code) for code in person.offices):
        return True
    within = select(OrderReceipt.chief_id).where(OrderReceipt.order_id == found.id, _within(person))
    return session.scalar(within.limit(1)) is not None


def _within(person: Person) -> ColumnElement[bool]:
    return or_(*(OrderReceipt.area_code.startswith(code) for code in person.offices), OrderReceipt.order_id.is_(None))
