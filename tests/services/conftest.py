"""What the services' tests share (公用夹具): Xicheng loaded, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from xicheng import xicheng_url

from models.engine import open_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh copy of Xicheng; the test runs once on each database."""
    with xicheng_url(request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()
