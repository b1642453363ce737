"""What the live map's routes share (一张图), as the settings say, whichever door one comes in by."""

from sqlalchemy import Engine

from bot.secret import house_secret
from bot.settings import Settings
from web.map_session import MapPage, signers


def map_page(engine: Engine, settings: Settings) -> MapPage:
    """The map of a database."""
    secure = settings.public_url.startswith("https://")
    return MapPage(engine, signers(house_secret(settings)), settings.language, settings.data_dir, settings.zone, secure)
