"""The audit (审计): noting a deed in its own commit, chaining what was noted, finding what was changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from models.audit import NOTED, Audit, AuditAnchor
from models.house import Mark
from models.upsert import insert_or
from rules.audit import START, Broken, Link, next_hash, spelled, walk
from services import mark
from services.person import Person

OPERATOR, CLOCK, HOUSE, ANYONE = "operator", "clock", "house", "anyone"
"""The command line, what comes by itself in time, what follows from another deed, somebody who is not known."""
DONE = "done"
BATCH = 2000
"""So many rows are chained in one commit: on SQLite nobody else writes meanwhile."""
_HEAD = "audit.head"
_ATTEMPTS = frozenset({"chat.button_unknown", "member.not_you", "start.phone_unknown", "start.chief_taken"})
_READ = 5000
_COLUMNS = (
    Audit.seq, Audit.id, Audit.happened_at, Audit.who, Audit.what, Audit.object, Audit.area_code, Audit.result,
    Audit.hash,
)  # fmt: skip
_SET = (
    update(Audit.__table__)  # type: ignore[arg-type]
    .where(Audit.__table__.c.id == bindparam("row"))
    .values(seq=bindparam("place"), hash=bindparam("digest"))
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: its last row's place and hash."""

    seq: int
    hash: str

    @property
    def statement(self) -> str:
        """What is made known outside, such as `12:ab…`."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole chain found."""

    head: Head
    """The last row that is right."""
    unchained: int
    anchors: int
    """Anchors that were compared."""
    broken: Broken | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; none of a field means all."""

    since_at: datetime | None = None
    until_at: datetime | None = None
    who: str | None = None
    object: str | None = None
    others: tuple[str, ...] = field(default=())
    """More objects whose rows are wanted too."""


def note(
    session: Session, who: str, what: str, object: str, area: str | None, result: str, now: datetime
) -> None:  # fmt: skip
    """Note a deed; the row is written in the commit of this session, and not at all where that is rolled back.

    `who` is `by(person)`, `by_account(id)`, `OPERATOR`, `CLOCK`, `HOUSE` or `ANYONE`; `object` a kind and its number;
    never a name, a phone number, a position or somebody's words.
    """
    row = {
        "happened_at": now, "who": who, "what": what, "object": object, "area_code": area, "result": result,
    }  # fmt: skip
    noted = session.info.get(NOTED)
    if noted is None:
        session.info[NOTED] = [row]
    else:
        noted.append(row)


def by_operator(session: Session, what: str, object: str, now: datetime) -> None:
    """Note a deed of the command line."""
    note(session, OPERATOR, what, object, None, DONE, now)


def is_attempt(key: str) -> bool:
    """Whether a refusal kept somebody from what is not theirs; that a photo is missing, say, is none."""
    return key.endswith((".not_yours", ".unknown")) or key in _ATTEMPTS


def by(person: Person) -> str:
    """How the audit names whoever speaks."""
    if person.account is not None:
        return by_account(person.account.id)
    return f"chief:{person.chief.id}" if person.chief else ANYONE


def by_account(account_id: int | None) -> str:
    """How the audit names an account; somebody without one is the command line."""
    return OPERATOR if account_id is None else f"account:{account_id}"


def chain(session: Session, limit: int = BATCH) -> int:
    """Give the oldest committed rows without a place their place and hash; gives how many there were.

    Whoever else chains waits for the commit. Rows are taken in the order of their ids; one whose commit came later
    than that of a higher id is simply taken later: the order of the chain is that in which rows became known.
    """
    before = _locked_head(session)
    rows = session.execute(_select().where(Audit.seq.is_(None)).order_by(Audit.id).limit(limit)).all()
    placed = []
    for seq, row in enumerate(rows, before.seq + 1):
        link = Link(seq, *row[1:])
        before = Head(seq, next_hash(before.hash, link))
        placed.append({"row": link.id, "place": seq, "digest": before.hash})
    if placed:
        session.connection().execute(_SET, placed)
        mark.write(session, _HEAD, before.statement)
    return len(placed)


def any_unchained(session: Session) -> bool:
    """Whether a row has no place yet."""
    return session.scalar(select(Audit.id).where(Audit.seq.is_(None)).limit(1)) is not None


def head(session: Session) -> Head:
    """The end of the chain; before the first row its place is 0."""
    row = session.execute(
        select(Audit.seq, Audit.hash).where(Audit.seq.is_not(None)).order_by(Audit.seq.desc()).limit(1)
    ).one_or_none()
    return Head(row.seq, row.hash or "") if row else Head(0, START)


def verify(session: Session, given: Sequence[Head] = ()) -> Verified:
    """Look through the whole chain, comparing our own anchors and those that are given (place 0: wherever it stands).

    Anchors are what finds a chain that was rewritten with right hashes, or cut together with its head.
    """
    anchors = {one.seq: one.hash for one in [*_known(session), *given] if one.seq}
    sought = {one.hash for one in given if not one.seq}
    last, broken = Head(0, START), _contradiction(session, given)
    for link, wrong in walk(_links(session), anchors):
        if wrong:
            broken = _earlier(broken, wrong)
            break
        last = Head(link.seq, link.hash)
        sought.discard(link.hash)
    else:
        broken = _earlier(broken, _beyond(last, anchors, sought))
    unchained = session.scalar(select(func.count()).select_from(Audit).where(Audit.seq.is_(None))) or 0
    kept = session.scalar(select(func.count()).select_from(AuditAnchor)) or 0
    return Verified(last, unchained, kept + len(given), broken)


def keep_anchor(session: Session, at: Head, kind: str, place: str, now: datetime, token: bytes | None) -> None:
    """Keep that the head was made known outside; `kind` is `chat`, `tsa` or `file`."""
    anchor = AuditAnchor(anchored_at=now, seq=at.seq, hash=at.hash, kind=kind, place=place, token=token)
    session.add(anchor)
    session.flush()
    note(session, CLOCK, "audit.anchored", f"audit:{at.seq}", None, kind, now)


def anchored_at(session: Session, kind: str) -> datetime | None:
    """When the head was last made known in a way."""
    return session.scalar(select(func.max(AuditAnchor.anchored_at)).where(AuditAnchor.kind == kind))


def tokens(session: Session) -> Sequence[AuditAnchor]:
    """The anchors that a timestamp authority signed, in the order of the chain."""
    return session.scalars(select(AuditAnchor).where(AuditAnchor.kind == "tsa").order_by(AuditAnchor.seq)).all()


def listed(session: Session, wanted: Wanted) -> Iterator[Link]:
    """The chained rows that are asked for, in the order of the chain."""
    query = _select().where(Audit.seq.is_not(None))
    if wanted.since_at is not None:
        query = query.where(Audit.happened_at >= wanted.since_at)
    if wanted.until_at is not None:
        query = query.where(Audit.happened_at < wanted.until_at)
    if wanted.who is not None:
        query = query.where(Audit.who == wanted.who)
    if wanted.object is not None:
        query = query.where(Audit.object.in_([wanted.object, *wanted.others]))
    return _stream(session, query)


def as_row(link: Link) -> dict[str, Any]:
    """A chained row as it is given away: what is hashed, and the hash."""
    return {
        "seq": link.seq, "id": link.id, "at": spelled(link.happened_at), "who": link.who, "what": link.what,
        "object": link.object, "area": link.area_code, "result": link.result, "hash": link.hash,
    }  # fmt: skip


def _locked_head(session: Session) -> Head:
    """The end of the chain, held until the commit: the row of the mark makes others wait."""
    values = {"name": _HEAD, "value": Head(0, START).statement}
    session.execute(insert_or(session, Mark).values(values).on_conflict_do_nothing())
    known = read_head(session.scalar(select(Mark.value).where(Mark.name == _HEAD).with_for_update()) or "")
    found = head(session)
    # Where the end was cut off, the mark still knows it: the gap stays to be seen.
    return known if known is not None and known.seq > found.seq else found


def read_head(text: str) -> Head | None:
    """A head as `statement` says it, or a hash alone (place 0); None for anything else."""
    place, _, digest = text.strip().rpartition(":")
    good = len(digest) == 64 and not set(digest) - set("0123456789abcdef") and (place or "0").isdecimal()
    return Head(int(place or 0), digest) if good else None


def _known(session: Session) -> list[Head]:
    rows = session.execute(select(AuditAnchor.seq, AuditAnchor.hash)).all()
    marked = read_head(mark.read(session, _HEAD) or "")
    return [*(Head(seq, digest) for seq, digest in rows), *([marked] if marked else [])]


def _contradiction(session: Session, given: Sequence[Head]) -> Broken | None:
    """Two anchors of one place that do not agree: what is given from outside is believed."""
    known: dict[int, str] = {}
    for one in [*_known(session), *given]:
        if one.seq and known.setdefault(one.seq, one.hash) != one.hash:
            return Broken(one.seq, "anchor")
    return None


def _beyond(last: Head, anchors: Mapping[int, str], sought: set[str]) -> Broken | None:
    if any(seq > last.seq for seq in anchors):
        return Broken(last.seq + 1, "cut")
    return Broken(0, "unknown") if sought else None


def _earlier(one: Broken | None, other: Broken | None) -> Broken | None:
    found = [broken for broken in (one, other) if broken]
    return min(found, key=lambda broken: broken.seq) if found else None


def _links(session: Session) -> Iterator[Link]:
    return _stream(session, _select().where(Audit.seq.is_not(None)))


def _stream(session: Session, query: Any) -> Iterator[Link]:
    """Page by page, so that whoever stops early leaves nothing open."""
    page = query.order_by(Audit.seq, Audit.id).limit(_READ)
    rows = session.execute(page).all()
    while rows:
        yield from (Link(*row) for row in rows)
        seq, row_id = rows[-1].seq, rows[-1].id
        after = or_(Audit.seq > seq, (Audit.seq == seq) & (Audit.id > row_id))
        rows = session.execute(page.where(after)).all()


def _select() -> Any:
    return select(*_COLUMNS)
