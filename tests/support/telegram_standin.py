"""A stand-in for the Bot API (电报替身): real HTTP, Telegram's rules for updates, files with bytes, faults on demand.

`python tests/support/telegram_standin.py PORT` serves it in a process of its own.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

TOKEN = "4242:stand-in-token-of-the-tests"
BOT = {"id": 4242, "is_bot": True, "first_name": "巡林", "username": "xunlin_test_bot"}


@dataclass
class Call:
    """A request of ours: the method, its parameters, which files came along, when."""

    method: str
    given: dict[str, Any]
    files: dict[str, bytes]
    at: float


@dataclass
class StandIn:
    """What Telegram knows: updates that wait, files, our calls, and the faults that a test asks for."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    given_out: list[dict[str, Any]] = field(default_factory=list)
    """Every update there ever was, in its order."""
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    faults: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    """Method, status and body of the next answers, each used once."""
    fault_share: float = 0.0
    """The share of calls that fail in some way."""
    limits: bool = False
    """Whether Telegram's limits are kept: 30 a second in all, a second's gap in a chat (with a burst of three)."""
    webhook: dict[str, Any] = field(default_factory=dict)
    conflicts: int = 0
    too_fast: list[str] = field(default_factory=list)
    """The chats to which something was refused with 429 because it came too fast, in their order."""
    distinct: bool = False
    """Whether each file differs from the others by a few bytes behind its end: nobody sends the same photo twice."""
    keeps_calls: bool = True
    """Whether our calls are remembered; a long measurement would fill the memory with them."""
    waited: list[float] = field(default_factory=list)
    """How long the answers were waited for, in seconds, that a measurement asked for."""
    _awaited: dict[int, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    _bodies: dict[str, bytes] = field(default_factory=dict)
    _polls: int = 0
    _update_ids: Any = field(default_factory=lambda: count(7001))
    _message_ids: Any = field(default_factory=lambda: count(1))
    _file_ids: Any = field(default_factory=lambda: count(1))
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _sent_at: list[float] = field(default_factory=list)
    _chat_at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def app(self) -> web.Application:
        """The server."""
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", f"/bot{TOKEN}/{{method}}", self._serve)
        app.router.add_get(f"/file/bot{TOKEN}/{{path:.+}}", self._file)
        app.router.add_post("/control/updates", self._control_updates)
        app.router.add_get("/control/calls", self._control_calls)
        app.router.add_post("/control/faults", self._control_faults)
        app.router.add_get("/control/counts", self._control_counts)
        app.router.add_get("/control/waited", self._control_waited)
        app.router.add_route("*", "/bot{rest:.*}", self._no_token)
        return app

    # What people do.

    def says(self, user: int, **what: Any) -> dict[str, Any]:
        """A message of a person in the chat with the bot alone."""
        return self.update(message=self.message(user, **what))

    def message(self, user: int, chat: dict[str, Any] | None = None, **what: Any) -> dict[str, Any]:
        """A message as Telegram writes it."""
        person = {"id": user, "is_bot": False, "first_name": f"人{user}", "language_code": "zh-hans"}
        return {
            "message_id": next(self._message_ids), "date": what.pop("date", int(time.time())), "from": person,
            "chat": chat or {"id": user, "type": "private", "first_name": person["first_name"]}, **what,
        }  # fmt: skip

    def photo(self, data: bytes) -> list[dict[str, Any]]:
        """The sizes of a photo whose largest has these bytes."""
        small, large = self.file(data[:1000]), self.file(data)
        return [
            {"file_id": small, "file_unique_id": f"u{small}", "width": 90, "height": 67, "file_size": len(data[:1000])},
            {"file_id": large, "file_unique_id": f"u{large}", "width": 1280, "height": 960, "file_size": len(data)},
        ]

    def file(self, data: bytes) -> str:
        """What a file with these bytes is called."""
        name = f"file{next(self._file_ids)}"
        self.files[name] = data
        return name

    def presses(self, user: int, message: dict[str, Any], data: str) -> dict[str, Any]:
        """A button of a message is pressed."""
        person = {"id": user, "is_bot": False, "first_name": f"人{user}"}
        query = {"id": f"q{next(self._message_ids)}", "from": person, "chat_instance": "1", "data": data}
        return self.update(callback_query={**query, "message": message})

    def again(self, last: int) -> None:
        """Give the latest updates out once more, under other numbers, as Telegram may."""
        for update in self.given_out[-last:]:
            self.updates.append({**update, "update_id": next(self._update_ids)})
        self._news.set()

    def update(self, **what: Any) -> dict[str, Any]:
        """An update that waits to be asked for."""
        update = {"update_id": next(self._update_ids), **what}
        self.updates.append(update)
        if self.keeps_calls:
            self.given_out.append(update)
        self._news.set()
        return update

    # What the bot asks for.

    async def _serve(self, request: web.Request) -> web.Response:
        given, files = await _parameters(request)
        method = request.match_info["method"]
        if self.keeps_calls:
            self.calls.append(Call(method, given, files, time.monotonic()))
        if fault := await self._fault(request, method):
            return fault
        handler = getattr(self, f"_on_{_snake(method)}", None)
        if handler is None:
            return _refused(404, "Not Found")
        answer = await handler(given, files) if asyncio.iscoroutinefunction(handler) else handler(given, files)
        return answer if isinstance(answer, web.Response) else web.json_response({"ok": True, "result": answer})

    async def _fault(self, request: web.Request, method: str) -> web.Response | None:
        for number, (of, status, body) in enumerate(self.faults):
            if of in (method, "*"):
                del self.faults[number]
                return await _fail(request, status, body)
        if self.chance.random() < self.fault_share:
            return await _fail(request, self.chance.choice([500, 502, 429, 0, -1]), {})
        return None

    def _on_get_me(self, *_: Any) -> Any:
        return BOT

    def _on_set_my_commands(self, *_: Any) -> Any:
        return True

    def _on_set_webhook(self, given: dict[str, Any], _: Any) -> Any:
        self.webhook = given
        return True

    def _on_delete_webhook(self, given: dict[str, Any], _: Any) -> Any:
        self.webhook = {}
        return True

    def _on_answer_callback_query(self, *_: Any) -> Any:
        return True

    async def _on_get_updates(self, given: dict[str, Any], _: Any) -> Any:
        if self.webhook.get("url"):
            return _refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(given.get("offset") or 0)
        # A question with an offset acknowledges all updates before it, for ever.
        self.updates = [one for one in self.updates if one["update_id"] >= offset]
        # A new question ends the one that another program holds open.
        self._polls += 1
        mine = self._polls
        self._news.set()
        deadline = time.monotonic() + float(given.get("timeout") or 0)
        while not self.updates and (left := deadline - time.monotonic()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                break
            if mine != self._polls:
                self.conflicts += 1
                return _refused(409, "Conflict: terminated by other getUpdates request")
        return self.updates[: int(given.get("limit") or 100)]

    def _on_send_message(self, given: dict[str, Any], files: Any) -> Any:
        return self._sent(given, text=given["text"])

    def _on_send_photo(self, given: dict[str, Any], files: dict[str, bytes]) -> Any:
        name = str(given.get("photo"))
        data = files.get("photo") or next(iter(files.values()), None)
        if data is None and name not in self.files:
            return _refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        kept = self.file(data) if data is not None else name
        size = {"file_id": kept, "file_unique_id": f"u{kept}", "width": 800, "height": 600}
        return self._sent(given, caption=given.get("caption"), photo=[size])

    def _on_send_document(self, given: dict[str, Any], files: dict[str, bytes]) -> Any:
        data = next(iter(files.values()), b"")
        kept = self.file(data)
        document = {"file_id": kept, "file_unique_id": f"u{kept}", "file_name": "x", "file_size": len(data)}
        return self._sent(given, caption=given.get("caption"), document=document)

    def _on_get_file(self, given: dict[str, Any], _: Any) -> Any:
        name = given["file_id"]
        if name not in self.files:
            return _refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        return {
            "file_id": name,
            "file_unique_id": f"u{name}",
            "file_size": len(self._bytes(name)),
            "file_path": f"photos/{name}.jpg",
        }

    def _sent(self, given: dict[str, Any], **what: Any) -> Any:
        chat = int(given["chat_id"])
        if chat in self.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        if self.limits and (wait := self._wait_for(str(chat))):
            self.too_fast.append(str(chat))
            return _refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        self._note_answer(chat, str(what.get("text")))
        kind = "private" if chat > 0 else "group"
        message = {"message_id": next(self._message_ids), "date": int(time.time()), "from": BOT,
                   "chat": {"id": chat, "type": kind, "title": "x"}}  # fmt: skip
        shown = {name: value for name, value in what.items() if value is not None}
        if markup := given.get("reply_markup"):
            parsed = json.loads(markup) if isinstance(markup, str) else markup
            if "inline_keyboard" in parsed:
                shown["reply_markup"] = parsed
        return {**message, **shown}

    def _note_answer(self, chat: int, text: str) -> None:
        awaited = self._awaited.get(chat)
        if awaited and awaited[0][0] in text:
            self.waited.append(time.monotonic() - awaited.pop(0)[1])

    def _wait_for(self, chat: str) -> int:
        now = time.monotonic()
        self._sent_at = [at for at in self._sent_at if now - at < 1]
        self._chat_at[chat] = [at for at in self._chat_at[chat] if now - at < 3]
        if len(self._sent_at) >= 30 or len(self._chat_at[chat]) >= 4:
            return 1
        self._sent_at.append(now)
        self._chat_at[chat].append(now)
        return 0

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"].removeprefix("photos/").removesuffix(".jpg")
        if fault := await self._fault(request, "file"):
            return fault
        return web.Response(body=self._bytes(name)) if name in self.files else web.Response(status=404)

    def _bytes(self, name: str) -> bytes:
        return self.files[name] + name.encode() if self.distinct else self.files[name]

    async def _no_token(self, request: web.Request) -> web.Response:
        return _refused(401, "Unauthorized")

    # For a test in another process.

    async def _control_updates(self, request: web.Request) -> web.Response:
        said = await request.json()
        for one in said:
            if photo := one.pop("photo_bytes", None):
                one["photo"] = self.photo(self._bodies.setdefault(photo, bytes.fromhex(photo)))
            if words := one.pop("awaits", None):
                self._awaited[one["user"]].append((words, time.monotonic()))
            if "press" in one:
                self.presses(one["user"], one["press"]["message"], one["press"]["data"])
            else:
                self.says(one.pop("user"), **one)
        return web.json_response({"ok": True})

    async def _control_counts(self, request: web.Request) -> web.Response:
        said = [call for call in self.calls if call.method == "sendMessage"]
        wanted = [call for call in said if request.query.get("words", "") in str(call.given.get("text"))]
        asked = [call.at for call in self.calls if call.method == "getUpdates"]
        return web.json_response({
            "said": len(said), "wanted": len(wanted), "now": time.monotonic(), "waiting": len(self.updates),
            "first_at": asked[0] if asked else None, "polls": self._polls, "last_at": wanted[-1].at if wanted else None,
        })  # fmt: skip

    async def _control_waited(self, request: web.Request) -> web.Response:
        waited, self.waited = self.waited, []
        left = sum(map(len, self._awaited.values()))
        return web.json_response({"waited": waited, "left": left})

    async def _control_calls(self, request: web.Request) -> web.Response:
        since = int(request.query.get("since", 0))
        return web.json_response([
            {"method": call.method, "given": call.given, "at": call.at} for call in self.calls[since:]
        ])  # fmt: skip

    async def _control_faults(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.fault_share, self.limits = said.get("share", self.fault_share), said.get("limits", self.limits)
        self.distinct, self.keeps_calls = said.get("distinct", self.distinct), said.get("keeps_calls", self.keeps_calls)
        return web.json_response({"ok": True, "waiting": len(self.updates), "too_fast": len(self.too_fast)})


def _snake(method: str) -> str:
    return re.sub("([A-Z])", lambda found: f"_{found[0].lower()}", method)


async def _parameters(request: web.Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    if request.content_type == "application/json":
        return await request.json(), {}
    given: dict[str, Any] = dict(request.query)
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            given[name] = value
    return given, files


async def _fail(request: web.Request, status: int, body: dict[str, Any]) -> web.Response:
    if status == 429:
        return _refused(429, "Too Many Requests: retry after 1", retry_after=body.get("retry_after", 1))
    if status > 0:
        return _refused(status, body.pop("description", "fault of the test"), **body)
    # The connection is cut, at once or after a while: whether the request was carried out nobody can tell.
    await asyncio.sleep(0.3 * -status)
    if request.transport:
        request.transport.abort()
    return web.Response()


def _refused(status: int, description: str, **parameters: Any) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)


if __name__ == "__main__":
    web.run_app(StandIn().app(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
