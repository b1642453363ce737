"""The loops that a database expects (应有的循环), whichever process runs them."""

from bot.settings import Settings

ALWAYS = frozenset({"work", "work.remind", "send", "media", "clock"})
"""Without any of these a message stays unanswered, a chief unreminded, a photo unopened or a draft open.

`web` shows by itself.
"""


def expected_loops(settings: Settings) -> frozenset[str]:
    """The loops by the names that `run --only` knows; `work.remind` is a part of `work`."""
    polls = settings.telegram_token is not None and settings.telegram_mode == "polling"
    # WeCom brings its messages itself; its loop looks after the menu, the cards and what is missing.
    named = {"receive": polls, "receive.wecom": bool(settings.wecom_corp_id)}
    return ALWAYS | {name for name, wanted in named.items() if wanted}
