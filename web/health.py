"""Health and metrics (健康检查与指标) for whoever watches the program: numbers only, no personal data."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.engine import reading
from services import alarm, health
from services.health import Queue, age_s

BEAT_LIMIT_S = 60
"""A loop whose last beat is older than this is taken for dead."""

Clock = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def health_routes(
    engine: Engine, zone: ZoneInfo | None = None, clock: Clock = _utc_now, expected: Collection[str] = ()
) -> APIRouter:
    """`GET /healthz` and `GET /metrics` of a database, whose `expected` loops must have a beat.

    `zone` says when a year begins (default Asia/Shanghai).
    """
    router = APIRouter()
    registry = CollectorRegistry()
    registry.register(_Figures(engine, zone or ZoneInfo("Asia/Shanghai"), clock))

    @router.get("/healthz")
    def healthz() -> JSONResponse:
        """200 while the database answers and every expected loop comes round, else 503."""
        body = _state(engine, clock(), expected)
        return JSONResponse(body, 200 if body["ok"] else 503)

    @router.get("/metrics")
    def metrics() -> Response:
        """The same numbers and more, in the format of Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _state(engine: Engine, now: datetime, expected: Collection[str]) -> dict[str, Any]:
    try:
        with reading(engine) as session:
            inbox, outbox = health.inbox_queue(session), health.outbox_queue(session)
            ages = {beat.loop: round(age_s(beat.beat_at, now), 1) for beat in health.beats(session)}
            alarms = sorted(alarm.sounding(session))
    except SQLAlchemyError:
        return {"ok": False, "database": "down"}
    missing = health.missing(ages, expected)
    return {
        "ok": not missing and all(age <= BEAT_LIMIT_S for age in ages.values()),
        "database": "up",
        "inbox": {"waiting": inbox.waiting, "parked": inbox.stuck, "oldest_waiting_s": round(inbox.oldest_s(now), 1)},
        "outbox": {
            "waiting": outbox.waiting,
            "failed": outbox.stuck,
            "oldest_waiting_s": round(outbox.oldest_s(now), 1),
        },
        "loops": ages,
        "missing": missing,
        # Names alone: what is wrong in words is the doctor's. They turn no probe red: restarting mends none of them.
        "alarms": alarms,
    }


class _Figures(Collector):
    """The gauges, read from the database whenever they are asked for: nothing is counted twice."""

    def __init__(self, engine: Engine, zone: ZoneInfo, clock: Clock) -> None:
        self.engine, self.zone, self.clock = engine, zone, clock

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: else registering would already ask the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges of now; only `xunlin_up` 0 where the database does not answer."""
        try:
            gauges = list(self._read(self.clock()))
        except SQLAlchemyError:
            gauges = []
        yield GaugeMetricFamily("xunlin_up", "Whether the database answers", value=bool(gauges))
        yield from gauges

    def _read(self, now: datetime) -> Iterator[GaugeMetricFamily]:
        year = now.astimezone(self.zone).year
        with reading(self.engine) as session:
            yield from _queue("inbox", "parked", health.inbox_queue(session), now)
            yield from _queue("outbox", "failed", health.outbox_queue(session), now)
            ages = {beat.loop: age_s(beat.beat_at, now) for beat in health.beats(session)}
            yield _labelled("xunlin_loop_age_seconds", "Since a loop last came round", "loop", ages)
            patrols = health.patrols_of_year(session, year)
            yield _labelled("xunlin_patrols_this_year", "Patrols of this local year by verdict", "verdict", patrols)
            alarms = dict.fromkeys(alarm.sounding(session), 1)
            yield _labelled("xunlin_alarm", "What only a person can mend", "name", alarms)
            yield _labelled("xunlin_photos", "Photos by state", "state", health.photos_by_state(session))


def _queue(name: str, stuck: str, queue: Queue, now: datetime) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(f"xunlin_{name}_waiting", f"What waits in the {name}", value=queue.waiting)
    yield GaugeMetricFamily(f"xunlin_{name}_{stuck}", f"What is {stuck} in the {name}", value=queue.stuck)
    oldest = f"xunlin_{name}_oldest_waiting_seconds"
    yield GaugeMetricFamily(oldest, f"Age of the oldest that waits in the {name}", value=queue.oldest_s(now))


def _labelled(name: str, what: str, label: str, values: dict[str, Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
