"""A word to the offices (告知林长办), in their own chats."""

from collections.abc import Sequence

from handlers.talk import Talk
from locales import say
from models.message import Reply
from services import office


def to_districts(talk: Talk, key: str, /, **fields: object) -> Sequence[Reply]:
    """The sentence at `key` for every account of a district's office, each in its language."""
    return [
        Reply(say(account.language or talk.default_language, key, **fields), to=(account.channel, account.chat_id))
        for account in office.accounts(talk.session, "district")
    ]
