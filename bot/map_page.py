"""What the live map's routes share (一张图), as the settings say, whichever door one comes in by."""

from sqlalchemy import Engine

from bot.secret import house_secret
from bot.settings import Settings
from web.map_session import MapPage, signers
from web.map_tiles import Tiles


def map_page(engine: Engine, settings: Settings) -> MapPage:
    """The map of a database."""
    secure = settings.public_url.startswith("https://")
    house = signers(house_secret(settings))
    return MapPage(
        engine, house, settings.language, settings.data_dir, settings.zone, secure, _tiles(settings)
    )  # fmt: skip


def _tiles(settings: Settings) -> Tiles | None:
    # Under cn-gov the page asks no host but its own.
    if settings.tianditu_key is None or settings.profile == "cn-gov":
        return None
    return Tiles(settings.tianditu_url, settings.tianditu_key.get_secret_value(), settings.tianditu_approval.strip())
