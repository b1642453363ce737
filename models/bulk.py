"""Statements over everything (大语句): how the database is to run one that writes a whole country's rows."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_AS_IT_IS = text("SET LOCAL jit = off")


def run_long(session: Session) -> None:
    """Let the statements of this transaction run as they are: compiling them costs PostgreSQL more than it saves."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_AS_IT_IS)
