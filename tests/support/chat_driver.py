"""Conversations as people have them (对话驱动): through the real inbox, worker and sender, at a time of their own."""

import asyncio
import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from postgres_server import fresh_postgres_url
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import store
from bot.demo import DATA
from bot.loading import load_grids, load_roster
from bot.media import Media
from bot.sender import send_once
from bot.settings import Settings, read_settings
from bot.uploads import Uploads
from bot.worker import Worker
from models.account import Account
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from models.local_entry import LocalEntry
from models.migrate import upgrade
from scheduler.drafts import ask_for_due
from services import inbox, invite, local_chat, office, person
from services.inbox import Delivery

DISTRICT, DESHENG, XICHANGAN = "110102", "110102010", "110102001"
SINCE = date(2022, 1, 1)
TODAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday, ten in the morning in Beijing."""
IN_2023 = datetime(2023, 5, 9, 2, 0, tzinfo=UTC)

OWN = (116.385325, 39.949052)
"""WGS-84, inside the grid of 安德路南社区, which is 胡晓兰's."""
OWN_58_M_ON = (116.386, 39.949052)
OUT_BY_50_M = (116.388122, 39.949052)
OUT_BY_120_M = (116.388941, 39.949052)
NEIGHBOURS = (116.378, 39.961117)
"""In the grid of 黄寺大街西社区, more than a kilometre from 胡晓兰's."""

_CHIEFS = {
    "110102-L07", "110102010-L1", "110102001-L1", "110102010002-L1", "110102010005-L1", "110102010019-L1",
}  # fmt: skip
"""万守梓 of the district, 谢怀棠 and 武惜楸 of two streets, 胡晓兰, 万枕萱 and 顾梓 (two grids) of communities."""
_numbers = count(1)


@dataclass(frozen=True)
class Heard:
    """A message of ours as the page shows it."""

    outbox_id: int
    text: str
    buttons: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    body: dict[str, Any]

    @property
    def words(self) -> str:
        """All that can be read, with the cells of its table, however the channel shows one."""
        return "\n".join((self.text, *("  ".join(row) for row in self.rows)))


class House:
    """A small Xicheng: one street with its chiefs, a second one for contrast, and the clock of the test."""

    def __init__(self, url: str, folder: Path, now: datetime = TODAY) -> None:
        self.engine = open_engine(url)
        self.settings: Settings = read_settings(
            database_url=url, data_dir=folder, timezone="Asia/Shanghai", language="zh_CN"
        )
        self.worker, self.now, self.sends_at_once = Worker(self.engine, self.settings), now, True
        self.channel, self.chats, self.deliver = "local", Chat, self._deliver_local

    def talk_as(self, who: str) -> "Chat":
        """A chat of a chief (by name), of an office (`office` with its area's code), or of a stranger (any word)."""
        user = self.user_of(who)
        with transaction(self.engine) as session:
            account = person.of_account(session, self.channel, user, user, self.now).account
            chief = session.scalars(select(Chief).where(Chief.name == who)).first()
            assert account is not None
            account.chief_id = chief.id if chief else None
            if who.startswith("office "):
                office.add(session, self.channel, user, who.removeprefix("office "), self.now)
        return self.chats(self, user)

    def user_of(self, who: str) -> str:
        """What the channel calls a person."""
        return who.replace(" ", "-")

    def invite(self, name: str) -> str:
        """A code for a chief."""
        with transaction(self.engine) as session:
            chief = session.scalars(select(Chief).where(Chief.name == name)).one()
            return invite.issue(session, chief, self.now)

    def waits(self, **time: float) -> None:
        """Let time pass, then let the clock look at the drafts."""
        self.now += timedelta(**time)
        ask_for_due(self.engine, self.now)
        self.works()

    def works(self) -> None:
        """Work on all that waits, and send what is to be said."""
        while self.worker.work_once(self.now):
            pass
        if self.sends_at_once:
            self.sends_out()

    def sends_out(self) -> None:
        """Send what is to be said."""
        self.deliver()

    def _deliver_local(self) -> None:
        while send_once(self.engine, "local", self.now, self.settings.data_dir):
            pass

    def opens_photos(self) -> None:
        """Open the photos that wait for it."""
        media = Media(self.engine, self.settings, {})
        while media.check_once(self.now):
            pass
        media.decoder.close()

    def reads_uploads(self) -> None:
        """Read and import the files that wait for it."""
        uploads = Uploads(self.engine, self.settings, {})
        while asyncio.run(uploads.once(self.now)):
            pass
        self.sends_out()

    def reading(self) -> AbstractContextManager[Session]:
        """A look at the database."""
        return reading(self.engine)

    def rows(self, query: Any) -> Sequence[Any]:
        """What the database holds."""
        with self.reading() as session:
            return session.scalars(query).all()


@dataclass
class Chat:
    """One person's chat."""

    house: House
    user: str
    seen: int = 0
    heard: list[Heard] = field(default_factory=list)
    posted: Delivery | None = None

    def sends(self, text: str, reply_to: Heard | None = None) -> str:
        """Send words; gives what is answered."""
        return self._posts({"text": text}, reply_to=reply_to)

    def sends_location(self, lon: float, lat: float) -> str:
        """Send a position (WGS-84 degrees)."""
        return self._posts({"location": {"lon": lon, "lat": lat, "accuracy_m": 12}})

    def sends_photos(
        self, number: int = 1, reply_to: Heard | None = None, text: str = "", of: bytes | None = None
    ) -> str:
        """Send photos in one message, each with these bytes or with its own."""
        return self._posts({"text": text}, self._photos(number, of), reply_to)

    def sends_file(self, name: str, photos: int = 0, text: str = "", data: bytes | None = None) -> str:
        """Send a file, with photos or words beside it; its bytes are its name where none are given."""
        kept = store.put(self.house.settings.data_dir, name.encode() if data is None else data)
        file = {"sha256": kept.sha256, "name": name, "size": kept.size}
        return self._posts({"text": text}, self._photos(photos), file=file)

    def sends_again(self) -> str:
        """Deliver the latest message once more."""
        assert self.posted is not None
        with transaction(self.house.engine) as session:
            assert inbox.receive(session, [self.posted]) == []
        self.house.works()
        return self.hears()

    def sends_files(self, *photos: bytes) -> str:
        """Send photos of these bytes in one message."""
        kept = [store.put(self.house.settings.data_dir, photo) for photo in photos]
        return self._posts({"text": ""}, [{"sha256": k.sha256, "size": k.size, "name": "photo.jpg"} for k in kept])

    def presses(self, label: str, on: Heard | None = None) -> str:
        """Press a button: on a message, or on the latest that has such a button."""
        self._reads()
        message = on or next(one for one in reversed(self.heard) if _place(one, label) is not None)
        place = _place(message, label)
        assert place is not None, f"no {label} among {message.buttons}"
        return self._posts({"press": {"outbox": message.outbox_id, "button": place}})

    def replies(self) -> list[Heard]:
        """What came since this was last asked."""
        self._reads()
        new, self.seen = self.heard[self.seen :], len(self.heard)
        return new

    def hears(self) -> str:
        """The words that came since this was last asked."""
        return "\n".join(one.text for one in self.replies())

    @property
    def last(self) -> Heard:
        """The latest message."""
        self._reads()
        return self.heard[-1]

    @property
    def account(self) -> Account:
        """The account behind the chat."""
        found: Account = self.house.rows(select(Account).where(Account.user_id == self.user))[0]
        return found

    def _posts(
        self, message: dict[str, Any], photos: Sequence[dict[str, Any]] = (), reply_to: Heard | None = None,
        file: dict[str, Any] | None = None,
    ) -> str:  # fmt: skip
        now, number = self.house.now, next(_numbers)
        raw = {
            "user": self.user, "at": now.isoformat(), "message": {"id": number, **message}, "photos": list(photos),
            "file": file, "reply_to": reply_to.outbox_id if reply_to else None,
        }  # fmt: skip
        delivery = Delivery("local", f"{self.user}:{number}", f"local:{self.user}", json.dumps(raw), now)
        self.posted = delivery
        with transaction(self.house.engine) as session:
            (inbox_id,) = inbox.receive(session, [delivery])
            local_chat.show(session, self.user, json.dumps({"from": "me", **message}), now, inbox_id=inbox_id)
        self.house.works()
        return self.hears()

    def _photos(self, number: int, of: bytes | None = None) -> list[dict[str, Any]]:
        files = [of or f"photo {next(_numbers)}".encode() for _ in range(number)]
        kept = [store.put(self.house.settings.data_dir, file) for file in files]
        return [{"sha256": one.sha256, "size": one.size, "name": "photo.jpg"} for one in kept]

    def _reads(self) -> None:
        lines = select(LocalEntry).where(LocalEntry.chat_id == self.user, LocalEntry.outbox_id.is_not(None))
        shown = self.house.rows(lines.order_by(LocalEntry.id))
        self.heard.extend(_heard(line) for line in shown[len(self.heard) :])


@contextmanager
def small_house(kind: str, folder: Path, now: datetime = TODAY) -> Iterator[House]:
    """A fresh copy of the small Xicheng on `sqlite` or `postgresql`."""
    with small_url(kind, folder) as url:
        house = House(url, folder / "data", now)
        yield house
        house.engine.dispose()


@contextmanager
def small_url(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh copy of the small Xicheng."""
    if kind == "postgresql":
        with fresh_postgres_url(load_small) as url:
            yield url
    else:
        shutil.copy(_small_file(), folder / "small.db")
        yield f"sqlite:///{folder}/small.db"


def load_small(url: str) -> None:
    """Migrate the database at `url` and load 德胜街道, 西长安街街道 and a few of their chiefs."""
    engine, folder = open_engine(url), Path(mkdtemp(prefix="xunlin-"))
    upgrade(engine)
    load_grids(engine, _some_grids(folder / "grids.geojson"), SINCE, None, SINCE)
    load_roster(engine, _some_chiefs(folder / "roster.csv"), SINCE)
    engine.dispose()
    shutil.rmtree(folder)


@cache
def _small_file() -> Path:
    made = Path(mkdtemp(prefix="xunlin-")) / "small.db"
    load_small(f"sqlite:///{made}")
    return made


def _some_grids(path: Path) -> Path:
    drawn = json.loads((DATA / "geo" / "grids_2024.geojson").read_text("utf-8"))
    streets = {"", DESHENG, XICHANGAN}
    drawn["features"] = [one for one in drawn["features"] if one["properties"]["street_code"] in streets]
    path.write_text(json.dumps(drawn), "utf-8")
    return path


def _some_chiefs(path: Path) -> Path:
    with (DATA / "roster" / "roster_2023.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0])
        sheet.writeheader()
        sheet.writerows(row for row in rows if row["code"] in _CHIEFS)
    return path


def _heard(line: LocalEntry) -> Heard:
    body = json.loads(line.body)
    buttons = tuple(button["label"] for row in body["buttons"] or () for button in row)
    rows = tuple(tuple(row) for row in (body["table"] or {}).get("rows", ()))
    return Heard(line.outbox_id or 0, body["text"] or "", buttons, rows, body)


def _place(message: Heard, label: str) -> int | None:
    exact = [n for n, one in enumerate(message.buttons) if one == label]
    return next(iter([*exact, *(n for n, one in enumerate(message.buttons) if label in one)]), None)
