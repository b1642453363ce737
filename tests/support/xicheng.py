"""Xicheng loaded once a session and copied for each test (西城测试库)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from postgres_server import fresh_postgres_url

from bot import demo
from models.engine import open_engine
from models.migrate import upgrade

_sqlite: list[Path] = []


def load(url: str) -> None:
    """A migrated database with Xicheng's grids, areas, roster and offices."""
    engine = open_engine(url)
    upgrade(engine)
    demo.load_house(engine)
    engine.dispose()


@contextmanager
def xicheng_url(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh copy on `sqlite` or `postgresql`."""
    if kind == "postgresql":
        with fresh_postgres_url(load) as url:
            yield url
        return
    if not _sqlite:
        made = Path(mkdtemp(prefix="xunlin-")) / "xicheng.db"
        load(f"sqlite:///{made}")
        _sqlite.append(made)
    shutil.copy(_sqlite[0], folder / "xunlin.db")
    yield f"sqlite:///{folder}/xunlin.db"
