"""校准 (calibration): the office stands at a known point and sees in which datum a phone tells its position."""

from collections.abc import Sequence

from handlers.talk import Talk
from models.message import Reply
from rules.coordinates import misfits_m
from rules.geometry import valid_position
from services import inbox
from services.refused import Refused

Replies = Sequence[Reply]
_SOURCES = ("menu", "picked", "device", "page")
_CLOSE_M = 150
"""Beyond this the reading fits neither datum: the wrong point, or a phone without a fix."""


def begin(talk: Talk, argument: str = "") -> Replies:
    """校准 LONGITUDE,LATITUDE: the known point in WGS-84; the next positions are compared with it."""
    if not talk.person.offices:
        raise Refused("calibrate.not_yours")
    talk.account.awaiting, talk.account.awaiting_data = (
        "calibrate",
        dict(zip(("lon", "lat"), _point(argument), strict=True)),
    )
    return [Reply(talk.say("calibrate.send"))]


def compares(talk: Talk) -> bool:
    """Whether a position that arrives is to be compared with a known point."""
    return talk.account.awaiting == "calibrate" and talk.message.location is not None


def compare(talk: Talk) -> Replies:
    """How far the position is from the known point, read in either datum, and which one fits."""
    place, known = talk.message.location, talk.account.awaiting_data or {}
    if place is None or place.raw is None:
        raise Refused("calibrate.no_digits")
    lon, lat = map(float, place.raw.split(","))
    if not valid_position(lon, lat):
        raise Refused("patrol.bad_position")
    wgs84_m, gcj02_m = misfits_m((known["lon"], known["lat"]), (lon, lat))
    fits = "neither" if min(wgs84_m, gcj02_m) > _CLOSE_M else "wgs84" if wgs84_m < gcj02_m else "gcj02"
    source = talk.say(f"calibrate.source.{place.source if place.source in _SOURCES else 'picked'}")
    said = talk.say(
        "calibrate.result", source=source, digits=place.raw, wgs84=round(wgs84_m), gcj02=round(gcj02_m),
        verdict=talk.say(f"calibrate.fits.{fits}"),
    )  # fmt: skip
    return [Reply(said)]


def device_position(talk: Talk) -> Replies:
    """A position that a phone tells by itself: compared while one calibrates, else forgotten: nobody asked for it."""
    if compares(talk):
        return compare(talk)
    inbox.erase(talk.session, [talk.message.inbox_id])
    return []


def _point(argument: str) -> tuple[float, float]:
    parts = argument.replace("\uff0c", " ").replace(",", " ").split()
    try:
        lon, lat = map(float, parts)
    except ValueError:
        raise Refused("calibrate.how") from None
    if not valid_position(lon, lat):
        raise Refused("calibrate.how")
    return lon, lat
