"""The audit (审计): every change, and every view or export of evidence, as a row that is never changed."""

from datetime import datetime

from sqlalchemy import Index, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Identity, only

NOTED = "audit.noted"
"""Where a session keeps what was noted until its commit."""


class Audit(Base):
    """Who did what to which object; written in the commit of the deed, given its place in the chain soon after.

    Triggers refuse every change but the first setting of `seq` and `hash`. It names accounts and objects by their
    numbers: no name, phone number, position or words of a person.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_unchained", "id", **only("seq IS NULL")),
        Index("uq_audit_seq", "seq", unique=True, **only("seq IS NOT NULL")),
        # Only what is chained: the intake need not keep it.
        Index("ix_audit_object", "object", "seq", **only("seq IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    happened_at: Mapped[datetime]

    who: Mapped[str]
    """`account:7`, `chief:12`, `operator` (the command line), `clock`, `house` (it followed), `anyone`."""

    what: Mapped[str]
    """Noun and verb, such as `patrol.submitted`, `record.viewed`, `summary.exported`."""

    object: Mapped[str]
    """Kind and number, such as `patrol:XL-2026-000001`, `photo:12`, `roster:2023-01-01`."""

    area_code: Mapped[str | None]

    result: Mapped[str]
    """What became of it: a verdict, `done`, or `refused:` and why."""

    seq: Mapped[int | None] = mapped_column(Identity)
    """The place in the chain, from 1 on; none until the row is chained."""

    hash: Mapped[str | None]
    """`rules.audit.next_hash`: SHA-256 over the hash before and this row."""


class AuditAnchor(Base):
    """The head of the chain as it was made known outside; never changed either."""

    __tablename__ = "audit_anchor"
    __table_args__ = (Index("ix_audit_anchor_seq", "seq"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    anchored_at: Mapped[datetime]

    seq: Mapped[int] = mapped_column(Identity)

    hash: Mapped[str]

    kind: Mapped[str]
    """`chat`, `tsa` (an RFC 3161 timestamp) or `file`."""

    place: Mapped[str]
    """Channel and chat, or the address of the timestamp authority; empty for a file."""

    token: Mapped[bytes | None]
    """The authority's answer, DER."""


# Built once. Many rows go in one statement where something is returned, else in one statement each.
_INSERT = insert(Audit)
_INSERT_MANY = _INSERT.returning(Audit.id)
_FEW = 20


def write_noted(session: Session) -> None:
    """Write what was noted in a session; `models.engine.transaction` calls it right before the commit."""
    rows = session.info.pop(NOTED, None)
    if rows:
        session.connection().execute(_INSERT_MANY if len(rows) > _FEW else _INSERT, rows)
