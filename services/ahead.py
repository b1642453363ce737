"""Reading ahead (预读): what each message of a round would ask of the database, asked once for all of them."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from services import consent, draft, person


def read(session: Session, people: Collection[tuple[str, str]]) -> None:
    """Remember who the users of channels are, their answers and their open drafts, until the transaction ends.

    Each message finds in the session what is said here, and asks by itself where nothing is: only a message of the
    same chat changes it, and a round holds one of each.
    """
    accounts: list[int] = []
    for channel in {channel for channel, _ in people}:
        users = {user for of, user in people if of == channel}
        accounts.extend(account.id for account in person.read_ahead(session, channel, users))
    consent.read_ahead(session, accounts)
    draft.read_ahead(session, accounts)
