"""The loops of one process (循环): worker, sender, clock and web, until they are asked to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.bell import Bell, Bells
from bot.channels import DATABASE_CHANNELS, start_channels
from bot.expected import expected_loops
from bot.local.receive import receive_routes
from bot.logs import set_up_logs
from bot.loops import Round, in_thread, spin
from bot.map_page import map_page
from bot.media import Media
from bot.network import NetworkChannel
from bot.network_sender import NetworkSender
from bot.problem_alarms import ProblemAlarms
from bot.reminders import Reminders
from bot.secret import house_secret
from bot.sender import send_once
from bot.settings import LOOPBACK, Settings
from bot.uploads import Uploads
from bot.worker import Worker
from models.engine import transaction
from reports.grid_layer import layer_file
from scheduler.clock import start_clock
from services import beat, photo
from web.chat import chat_routes
from web.font import font_routes
from web.health import health_routes
from web.map import map_routes
from web.map_data import map_data_routes
from web.map_export import map_export_routes
from web.map_old_tree import map_old_tree_routes
from web.map_problem import map_problem_routes
from web.map_record import map_record_routes
from web.session import ChatPage, signer

_LATE_TICK = timedelta(seconds=60)
LOOPS = ("receive", "work", "send", "media", "clock", "web")
_CSP = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


async def serve(
    engine: Engine, settings: Settings, loops: set[str], *, demo: bool = False, door: socket | None = None
) -> None:
    """Run the named loops until SIGINT or SIGTERM; what was begun is finished or given back."""
    set_up_logs(settings.log_level, settings.secret_values)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_loops(engine, settings, loops, stop, demo=demo, door=door)


async def run_loops(
    engine: Engine, settings: Settings, loops: set[str], stop: asyncio.Event, *, demo: bool = False,
    door: socket | None = None,
) -> None:  # fmt: skip
    """Run the named loops until `stop`; without a door the web server opens its own."""
    if settings.embedded:
        # Only one process serves an embedded database: what another left behind is nobody's.
        with transaction(engine) as session:
            beat.forget(session)
            photo.forget_leases(session)
    bells = Bells()
    channels = await start_channels(engine, settings, bells)
    clock = None
    if "clock" in loops:
        clock = start_clock(engine, settings.zone, bells.work.ring, bells.remind.ring, settings.audit_chat)
    try:
        beats = (spin(engine, name, look, stop, Bell()) for name, look in _silent(loops, clock))
        jobs = _jobs(engine, settings, loops, channels, bells, stop, demo=demo, door=door)
        await asyncio.gather(*jobs, *beats)
    finally:
        if clock:
            clock.shutdown(wait=False)
        for channel in channels:
            if channel.close:
                await channel.close()
    # A clean end: nobody needs to look for loops that were told to stop.
    with contextlib.suppress(SQLAlchemyError), transaction(engine) as session:
        beat.forget(session, None if settings.embedded else loops)


def _jobs(
    engine: Engine, settings: Settings, loops: set[str], channels: list[NetworkChannel], bells: Bells,
    stop: asyncio.Event, *, demo: bool, door: socket | None,
) -> list[Coroutine[Any, Any, None]]:  # fmt: skip
    jobs: list[Coroutine[Any, Any, None]] = []
    if "receive" in loops:
        jobs.extend(channel.receive(stop) for channel in channels if channel.receive)
    if "work" in loops:
        work = Worker(engine, settings).work_once
        jobs.append(spin(engine, "work", in_thread(work), stop, bells.work, after=bells.send))
        remind, ring = Reminders(engine, settings).remind_once, ProblemAlarms(engine, settings).ring_once
        both = in_thread(lambda now: remind(now) + ring(now))
        jobs.append(spin(engine, "work.remind", both, stop, bells.remind, after=bells.send))
    if "send" in loops:
        jobs.extend(
            spin(engine, f"send.{name}", in_thread(_sender(engine, name, settings)), stop, bells.sending(name))
            for name in DATABASE_CHANNELS
        )
        jobs.extend(_network_sender(engine, settings, channel, bells, stop) for channel in channels)
    if "media" in loops:
        media = Media(engine, settings, {channel.name: channel.fetch for channel in channels})
        jobs.append(_media(engine, media, bells, stop))
        jobs.append(spin(engine, "media.fetch", media.fetch_once, stop, bells.media))
        jobs.append(_uploads(engine, settings, media, bells, stop))
    if "clock" in loops and settings.audit_tsa_url:
        # Imported here: only who has an authority needs its protocol.
        from bot.stamps import Stamps

        jobs.append(spin(engine, "clock.stamp", Stamps(engine, settings).stamp_once, stop, Bell()))
    if "web" in loops:
        jobs.append(_web(engine, settings, channels, bells, demo, stop, door))
    return jobs


async def _media(engine: Engine, media: Media, bells: Bells, stop: asyncio.Event) -> None:
    try:
        await spin(engine, "media", in_thread(media.check_once), stop, bells.media)
    finally:
        media.decoder.close()


async def _uploads(engine: Engine, settings: Settings, media: Media, bells: Bells, stop: asyncio.Event) -> None:
    uploads = Uploads(engine, settings, media.fetches)
    await spin(engine, "media.uploads", uploads.once, stop, Bell(), after=bells.send)


def _silent(loops: set[str], clock: Any) -> Iterator[tuple[str, Round]]:
    """The loops that have rounds of their own kind, with a look at whether they still come round."""

    async def ticks(now: datetime) -> int:
        due = [job.next_run_time for job in clock.get_jobs() if job.next_run_time]
        if not clock.running or (due and now - min(due) > _LATE_TICK):
            raise RuntimeError("the clock does not tick")
        return 0

    async def answers(now: datetime) -> int:
        return 0

    if clock:
        yield "clock", ticks
    if "web" in loops:
        yield "web", answers


async def _network_sender(
    engine: Engine, settings: Settings, channel: NetworkChannel, bells: Bells, stop: asyncio.Event
) -> None:
    bell = bells.sending(channel.name)
    sender = NetworkSender(
        engine, channel.name, channel.post, channel.limits, settings.data_dir, bell, alone=settings.embedded,
        template=settings.report_template,
    )  # fmt: skip
    await spin(engine, f"send.{channel.name}", sender.send_once, stop, bell)
    await sender.finish()


def app_for(
    engine: Engine, settings: Settings, *, demo: bool = False, channels: Sequence[NetworkChannel] = (),
    ring: Callable[[], None] = lambda: None,
) -> FastAPI:  # fmt: skip
    """The web application: health for everyone, callbacks of platforms, the local chat where it is switched on."""
    app = FastAPI(title="Xunlin", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_routes(engine, settings.zone, expected=expected_loops(settings)))
    for channel in channels:
        if channel.routes:
            app.include_router(channel.routes)
    if demo or settings.local_chat:
        loopback = settings.http_host in LOOPBACK
        page = ChatPage(
            engine, signer(house_secret(settings)), "pick" if demo and loopback else "code", settings.language,
            settings.data_dir, "0.1.0", settings.zone.key,
        )  # fmt: skip
        app.include_router(receive_routes(page, ring))
        app.include_router(chat_routes(page, settings.zone))
        if page.login == "pick":
            app.middleware("http")(_own_host_only)
    place = map_page(engine, settings)
    app.include_router(map_routes(place))
    app.include_router(map_data_routes(place))
    app.include_router(map_record_routes(place))
    app.include_router(map_export_routes(place, layer_file))
    app.include_router(map_old_tree_routes(place))
    app.include_router(map_problem_routes(place))
    app.include_router(font_routes())
    app.mount("/static", StaticFiles(directory=Path(__file__).parent.parent / "web" / "static"))
    app.middleware("http")(_strict)
    return app


def _sender(engine: Engine, channel: str, settings: Settings) -> Callable[[datetime], int]:
    return lambda now: send_once(engine, channel, now, settings.data_dir, settings.report_template)


async def _web(
    engine: Engine, settings: Settings, channels: list[NetworkChannel], bells: Bells, demo: bool, stop: asyncio.Event,
    door: socket | None,
) -> None:  # fmt: skip
    app = app_for(engine, settings, demo=demo, channels=channels, ring=bells.work.ring)
    config = uvicorn.Config(
        app, host=settings.http_host, port=settings.http_port, log_level="warning", timeout_graceful_shutdown=1,
        lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve([door] if door else None))
    await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    await serving


async def _own_host_only(request: Request, call_next: Any) -> Response:
    # A foreign name that resolves to this machine must not reach a page that asks for no login.
    if (request.url.hostname or "") not in LOOPBACK:
        return Response(status_code=421)
    answer: Response = await call_next(request)
    return answer


async def _strict(request: Request, call_next: Any) -> Response:
    answer: Response = await call_next(request)
    # A page may ask for less than this.
    answer.headers.setdefault("Content-Security-Policy", _CSP)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers.setdefault("Referrer-Policy", "no-referrer")
    return answer
