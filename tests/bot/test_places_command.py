"""`xunlin places import` (地点): parks come by a command, twice is once, and a bad file changes nothing."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot.__main__ import app
from bot.demo import DATA
from models.engine import open_engine, reading
from models.place import Place
from services.refused import Refused


@pytest.fixture
def house(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/xunlin.db"
    (tmp_path / "xunlin.db").write_bytes(migrated_file.read_bytes())
    monkeypatch.setenv("XUNLIN_DATABASE_URL", url)
    monkeypatch.setenv("XUNLIN_LANGUAGE", "zh_CN")
    return url


def imported(*arguments: str) -> str:
    return CliRunner().invoke(app, ["places", "import", *arguments], catch_exceptions=False).output


def places(url: str) -> int:
    engine = open_engine(url)
    with reading(engine) as session:
        n = session.scalar(select(func.count()).select_from(Place)) or 0
    engine.dispose()
    return n


def test_parks_are_loaded_and_a_second_time_changes_nothing(house: str) -> None:
    parks = DATA / "geo" / "parks.geojson"
    n = len(json.loads(parks.read_text("utf-8"))["features"])
    for _ in range(2):
        assert f"已载入地点 {n} 个" in imported(str(parks))
        assert places(house) == n


POINT = '{{"type": "Feature", "properties": {{"code": "1", "name": "甲", "street_code": "110102010"}}, "geometry": {}}}'
BAD = {
    "no json": "{",
    "no features": '{"features": []}',
    "no position": '{"features": [' + POINT.format("null") + "]}",
    "nowhere": '{"features": [' + POINT.format('{"coordinates": [0, 0]}') + "]}",
    "words": '{"features": [' + POINT.format('{"coordinates": ["a", "b"]}') + "]}",
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_file_and_an_unknown_kind_are_refused(house: str, tmp_path: Path, content: str) -> None:
    path = tmp_path / "parks.geojson"
    path.write_text(content, "utf-8")
    with pytest.raises(Refused, match=r"file\."):
        imported(str(path))
    with pytest.raises(Refused, match=r"cli\.bad_place_kind"):
        imported(str(path), "--kind", "lake")
    assert places(house) == 0
