"""Accounts as an operator types them (账号): CHANNEL:ID."""

import re

PEOPLE = ("telegram", "wecom", "local")
"""The channels in which people have accounts."""


def account(text: str) -> tuple[str, str]:
    """Channel and id of CHANNEL:ID; raises `ValueError` for an unknown channel and for what can be no id."""
    channel, _, user = (part.strip() for part in text.partition(":"))
    if channel not in PEOPLE or not user or re.search(r"[\s,:]", user) or len(user) > 64:
        raise ValueError(f"no account: {text}")
    if channel == "telegram" and not re.fullmatch(r"[1-9][0-9]*", user):
        raise ValueError(f"no Telegram id: {text}")
    return channel, user


def accounts(text: str) -> list[tuple[str, str]]:
    """Every account of a list with commas; raises `ValueError`."""
    return [account(one) for one in text.split(",") if one.strip()]
