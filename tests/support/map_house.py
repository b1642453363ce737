"""The live map as browsers meet it (一张图的门): a server over a small Xicheng, and browsers that came in by a link."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import httpx
import uvicorn
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, XICHANGAN, Chat, House
from sqlalchemy import select

from bot.serve import app_for
from models.account import Account
from models.engine import transaction
from services import map_link

OWN_PAGE = {"X-Xunlin": "1", "Connection": "close"}
PHOTO = sorted((Path(__file__).parents[2] / "demo" / "xicheng" / "photos").glob("*.jpg"))[0]
OFFICES = {DISTRICT: "office-110102", DESHENG: f"office-{DESHENG}", XICHANGAN: f"office-{XICHANGAN}"}


def fill(house: House) -> None:
    """Patrols of two streets and three levels, with a photo, a problem, one withdrawn, one without any grid."""
    for code in OFFICES:
        house.talk_as(f"office {code}")
    chief = _agreed(house, "胡晓兰")
    for place in (OWN, NEIGHBOURS):
        chief.sends_location(*place)
        chief.sends_files(PHOTO.read_bytes())
        chief.presses("提交")
        house.now += timedelta(hours=1)
    chief.presses("撤回")
    chief.presses("确认撤回")
    for who in ("谢怀棠", "万守梓", "武惜楸"):
        other = house.talk_as(who)
        other.sends("巡林")
        other.presses("不同意")
        other.presses("提交")
    house.opens_photos()


def _agreed(house: House, who: str) -> Chat:
    chat = house.talk_as(who)
    chat.sends_location(*OWN)
    chat.presses("同意")
    chat.sends("取消")
    return chat


@contextmanager
def serving(house: House) -> Iterator[str]:
    """The address of a server as `xunlin run` makes it: without the local chat."""
    server = uvicorn.Server(uvicorn.Config(app_for(house.engine, house.settings), port=0, log_level="warning",
                                           lifespan="off", ws="none"))  # fmt: skip
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def code_for(house: House, user: str, age: timedelta = timedelta(0)) -> str:
    """The code of a link of an account, as old as is said."""
    with transaction(house.engine) as session:
        account = session.scalars(select(Account).where(Account.user_id == user)).one()
        return map_link.issue(session, account.id, datetime.now(UTC) - age)


@contextmanager
def browser(address: str, code: str | None = None) -> Iterator[httpx.Client]:
    """A browser; with a code it has come in."""
    with httpx.Client(base_url=address, headers=OWN_PAGE, trust_env=False) as client:
        if code is not None:
            assert client.post("/map/session", json={"code": code}).status_code == 204
        yield client
