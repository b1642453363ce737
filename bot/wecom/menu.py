"""The app's menu (应用菜单): made of the words that the catalogue has for everybody."""

import asyncio
import hashlib
import json
from typing import Any

from sqlalchemy import Engine

from bot.wecom.api import Api
from locales import say
from models.engine import reading, transaction
from services import mark

_MARK = "wecom.menu"
_MORE = ("mine", "undo", "count", "help")
"""Commands below 更多: their names are the keys, and a click is answered like the word."""


def menu(language: str, upload_page: str) -> dict[str, Any]:
    """The menu as WeCom wants it: location picker, camera, and the rest."""
    more: list[dict[str, str]] = [
        {"type": "click", "name": say(language, f"wecom.menu.{name}"), "key": name} for name in _MORE
    ]
    if upload_page:
        more.insert(0, {"type": "view", "name": say(language, "wecom.menu.upload"), "url": upload_page})
    return {
        "button": [
            {"type": "location_select", "name": say(language, "wecom.menu.location"), "key": "location"},
            {"type": "pic_sysphoto", "name": say(language, "wecom.menu.photo"), "key": "photo"},
            {"name": say(language, "wecom.menu.more"), "sub_button": more},
        ]
    }


async def make_menu(engine: Engine, api: Api, language: str, upload_page: str) -> bool:
    """Create the menu where it is not the present one; False where it was."""
    wanted = menu(language, upload_page)
    name = f"{api.agent_id}:{hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()}"
    if await asyncio.to_thread(_present, engine) == name:
        return False
    await api.post("menu/create", wanted, agentid=api.agent_id)
    await asyncio.to_thread(_note, engine, name)
    return True


def _present(engine: Engine) -> str | None:
    with reading(engine) as session:
        return mark.read(session, _MARK)


def _note(engine: Engine, name: str) -> None:
    with transaction(engine) as session:
        mark.write(session, _MARK, name)
