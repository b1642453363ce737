"""The loops of one process (循环): worker, sender, clock and web, until they are asked to stop."""

import asyncio
import secrets
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from bot.local.receive import receive_routes
from bot.media import check_once
from bot.sender import send_once
from bot.settings import Settings
from bot.worker import Worker
from models.engine import transaction
from scheduler.clock import start_clock
from services import beat
from web.chat import chat_routes
from web.health import health_routes
from web.session import ChatPage, signer

LOOPS = ("receive", "work", "send", "media", "clock", "web")
_IDLE_S = 0.2
_BEAT_S = 15
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CSP = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

log = structlog.get_logger()


async def serve(engine: Engine, settings: Settings, loops: set[str], *, demo: bool = False) -> None:
    """Run the named loops until SIGINT or SIGTERM; what was begun is finished or given back."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if settings.embedded:
        # Only one process serves an embedded database: loops that it no longer runs have no beat to keep.
        with transaction(engine) as session:
            beat.forget(session)
    worker = Worker(engine, settings)
    jobs: list[Coroutine[Any, Any, None]] = []
    if "work" in loops:
        jobs.append(_spin(engine, "work", worker.work_once, stop))
    if "send" in loops:
        jobs.extend(
            _spin(engine, f"send.{name}", _sender(engine, name, settings.data_dir), stop)
            for name in ("local", "clock", "replay")
        )
    if "media" in loops:
        jobs.append(_spin(engine, "media", lambda now: check_once(engine, settings, now), stop))
    if "web" in loops:
        jobs.append(_web(engine, settings, demo, stop))
    clock = start_clock(engine, lambda: None) if "clock" in loops else None
    try:
        await asyncio.gather(*jobs)
    finally:
        if clock:
            clock.shutdown(wait=False)


def app_for(engine: Engine, settings: Settings, *, demo: bool = False) -> FastAPI:
    """The web application: health for everyone, the local chat where it is switched on."""
    app = FastAPI(title="Xunlin", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_routes(engine, settings.zone))
    if demo or settings.local_chat:
        loopback = settings.http_host in _LOOPBACK
        page = ChatPage(
            engine, signer(_secret(settings)), "pick" if demo and loopback else "code", settings.language,
            settings.data_dir, "0.1.0",
        )  # fmt: skip
        app.include_router(receive_routes(page))
        app.include_router(chat_routes(page, settings.zone))
        app.mount("/static", StaticFiles(directory=Path(__file__).parent.parent / "web" / "static"))
        if page.login == "pick":
            app.middleware("http")(_own_host_only)
    app.middleware("http")(_strict)
    return app


def _sender(engine: Engine, channel: str, data_dir: Path) -> Callable[[datetime], int]:
    return lambda now: send_once(engine, channel, now, data_dir)


async def _spin(engine: Engine, name: str, tick: Callable[[datetime], int], stop: asyncio.Event) -> None:
    last_beat = 0.0
    while not stop.is_set():
        error = None
        try:
            did = await asyncio.to_thread(tick, datetime.now(UTC))
        except Exception as failure:
            # Only loops catch everything: the database may be away; it is tried again and seen in /healthz.
            did, error = 0, type(failure).__name__
            log.warning("loop_failed", loop=name, error=error, exc_info=failure)
        if error or asyncio.get_running_loop().time() - last_beat > _BEAT_S:
            last_beat = asyncio.get_running_loop().time()
            await asyncio.to_thread(_beat, engine, name, error)
        if not did:
            await _wait(stop, 1.0 if error else _IDLE_S)


def _beat(engine: Engine, name: str, error: str | None) -> None:
    try:
        with transaction(engine) as session:
            beat.beat(session, name, datetime.now(UTC), error)
    except Exception as failure:
        # A beat that cannot be written shows by its age.
        log.warning("beat_failed", loop=name, error=type(failure).__name__)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _web(engine: Engine, settings: Settings, demo: bool, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        app_for(engine, settings, demo=demo), host=settings.http_host, port=settings.http_port, log_level="warning",
        timeout_graceful_shutdown=1, lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve())
    await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    await serving


async def _own_host_only(request: Request, call_next: Any) -> Response:
    # A foreign name that resolves to this machine must not reach a page that asks for no login.
    if (request.url.hostname or "") not in _LOOPBACK:
        return Response(status_code=421)
    answer: Response = await call_next(request)
    return answer


async def _strict(request: Request, call_next: Any) -> Response:
    answer: Response = await call_next(request)
    answer.headers["Content-Security-Policy"] = _CSP
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _secret(settings: Settings) -> str:
    if settings.secret:
        return settings.secret.get_secret_value()
    path = settings.data_dir / "session.secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), "utf-8")
    return path.read_text("utf-8")
