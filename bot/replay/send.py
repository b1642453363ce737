"""The replay's sink (回放的去处): its receipts were wanted by nobody but the promise."""

from sqlalchemy.orm import Session

from services.outbox import Leased


def deliver(session: Session, leased: Leased) -> None:
    """Take a message and do nothing with it."""
