"""A database of this version (已建库)."""

from models.engine import open_engine
from models.migrate import upgrade


def migrate(url: str) -> None:
    """Bring the database at `url` to this version and let go of it."""
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
