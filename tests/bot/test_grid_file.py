"""Grids that arrive (网格文件): a re-division closes the old versions; a bad file changes nothing and says why."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from xicheng import xicheng_url

from bot.demo import DATA, SINCE
from bot.files.grid_file import read_grids, read_mapping
from bot.loading import load_grids
from locales import say
from models.engine import open_engine, reading
from models.grid import GridSuccession, GridVersion
from services.refused import Refused

GEO = DATA / "geo"
RE_DIVIDED_ON = date(2024, 1, 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Xicheng with the grids of 2023 and 2024."""
    with xicheng_url(request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def codes_on(engine: Engine, day: date) -> set[str]:
    """The codes of the grids of a date."""
    valid = (GridVersion.valid_from <= day) & ((GridVersion.valid_to.is_(None)) | (GridVersion.valid_to >= day))
    with reading(engine) as session:
        codes = session.scalars(select(GridVersion.code).where(valid)).all()
    assert len(codes) == len(set(codes))
    return set(codes)


def versions(engine: Engine) -> list[tuple[Any, ...]]:
    """All versions with their dates."""
    with reading(engine) as session:
        rows = select(GridVersion.code, GridVersion.valid_from, GridVersion.valid_to, GridVersion.name)
        return sorted(tuple(row) for row in session.execute(rows))


def in_file(name: str) -> set[str]:
    return {row.code for row in read_grids(GEO / name) if row.level == "community"}


def test_until_the_re_division_the_263_grids_of_2023_hold_and_from_that_day_the_273_of_2024(engine: Engine) -> None:
    assert (len(codes_on(engine, date(2023, 12, 31))), len(codes_on(engine, RE_DIVIDED_ON))) == (263, 273)
    assert codes_on(engine, date(2023, 12, 31)) == in_file("grids_2023.geojson")
    assert codes_on(engine, RE_DIVIDED_ON) == in_file("grids_2024.geojson")
    assert codes_on(engine, date(2021, 12, 31)) == set()


def test_the_mapping_tells_which_grid_took_over_which_and_no_ground_is_lost(engine: Engine) -> None:
    lines = read_mapping(GEO / "grid_mapping_2023_2024.csv")
    with reading(engine) as session:
        rows = session.execute(
            select(GridSuccession.old_code, func.sum(GridSuccession.share_of_old)).group_by(GridSuccession.old_code)
        ).all()
        assert session.scalar(select(func.count()).select_from(GridSuccession)) == len(lines)
    assert {code for code, _ in rows} == codes_on(engine, date(2023, 12, 31))
    assert all(share == pytest.approx(1, abs=0.01) for _, share in rows)


def test_a_second_import_of_either_division_changes_nothing(engine: Engine) -> None:
    before = versions(engine)
    old = load_grids(engine, GEO / "grids_2023.geojson", SINCE, None, SINCE)
    new = load_grids(engine, GEO / "grids_2024.geojson", None, GEO / "grid_mapping_2023_2024.csv", SINCE)
    assert (old.opened, old.closed, old.unchanged) == ((), (), 263)
    assert (new.opened, new.closed, new.unchanged) == ((), (), 273)
    assert versions(engine) == before


def square(west: float = 116.37, south: float = 39.95, side: float = 0.01) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(ring: Any, code: str = "110102010002001", **facts: Any) -> dict[str, Any]:
    properties = {
        "code": code, "name": "网格", "level": "community", "street_code": "110102010", "street_name": "德胜街道",
        "community_codes": ["110102010002"], "community_names": ["安德路南社区"], **facts,
    }  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


BOW_TIE = [[116.37, 39.95], [116.38, 39.96], [116.38, 39.95], [116.37, 39.96], [116.37, 39.95]]
BAD = {
    "no json": ("{", "file.no_json"),
    "deep": ("[" * 100_000, "file.no_json"),
    "a list": ("[]", "file.no_features"),
    "no features": (collection(), "file.no_features"),
    "features of words": ('{"features": "many"}', "file.no_features"),
    "a feature of nothing": (collection(None), "file.feature_incomplete"),
    "no code": (
        collection({"type": "Feature", "properties": {"name": "甲"}, "geometry": {}}),
        "file.feature_incomplete",
    ),
    "no geometry": (collection({**feature(square()), "geometry": None}), "file.feature_incomplete"),
    "a point": (
        collection({**feature([]), "geometry": {"type": "Point", "coordinates": [116, 39]}}),
        "file.bad_geometry",
    ),
    "too few corners": (collection(feature([[116.37, 39.95], [116.38, 39.95]])), "file.bad_geometry"),
    "words for numbers": (collection(feature([["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]])), "file.bad_geometry"),
    "not a number": (
        collection(feature([[float("nan"), 39.95], *square()[1:4], [float("nan"), 39.95]])),
        "file.bad_geometry",
    ),
    "crossing itself": (collection(feature(BOW_TIE)), "file.crossed_border"),
    "empty": (collection(feature([])), "file.bad_geometry"),
    "projected": (collection(feature(square(445_000, 4_420_000, 500))), "file.projected"),
    "latitude first": (collection(feature([[lat, lon] for lon, lat in square()])), "file.swapped"),
    "a bad date": (collection(feature(square(), valid_from="2024年")), "file.bad_date"),
    "a number for a date": (collection(feature(square(), valid_from=20240101)), "file.bad_date"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "key"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_sentence_and_changes_nothing(
    engine: Engine, tmp_path: Path, content: str, key: str
) -> None:
    before = versions(engine)
    path = tmp_path / "grids.geojson"
    path.write_text(content, "utf-8")
    with pytest.raises(Refused) as refusal:
        load_grids(engine, path, RE_DIVIDED_ON, None, SINCE)
    assert refusal.value.key == key
    for language in ("zh_CN", "en"):
        assert "\n" not in say(language, key, **refusal.value.fields)
    assert versions(engine) == before


AWKWARD = {
    "communities that are no list": feature(square(), community_codes=7),
    "an area in words": feature(square(), area_m2="很大"),
    "a label in words": feature(square(), label_lon="东"),
    "codes of communities as numbers": feature(square(), community_codes=[110102010002]),
}


@pytest.mark.parametrize("one", AWKWARD.values(), ids=AWKWARD.keys())
def test_an_awkward_fact_is_understood_or_refused_and_never_half_taken(
    engine: Engine, tmp_path: Path, one: dict[str, Any]
) -> None:
    before = versions(engine)
    path = tmp_path / "grids.geojson"
    path.write_text(collection(one), "utf-8")
    try:
        load_grids(engine, path, date(2026, 6, 1), None, SINCE)
    except Refused:
        assert versions(engine) == before
    else:
        assert one["properties"]["code"] in codes_on(engine, date(2026, 6, 1))


def test_a_grid_that_stands_twice_in_a_file_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text(collection(feature(square()), feature(square(116.4))), "utf-8")
    before = versions(engine)
    with pytest.raises(Refused):
        load_grids(engine, path, date(2026, 6, 1), None, SINCE)
    assert versions(engine) == before


def test_a_changed_grid_without_a_new_date_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "grids.geojson"
    code = sorted(in_file("grids_2023.geojson"))[0]
    path.write_text(collection(feature(square(), code)), "utf-8")
    with pytest.raises(Refused, match=r"grids\.conflict"):
        load_grids(engine, path, SINCE, None, SINCE)


def test_one_street_is_divided_again_and_the_others_stay(engine: Engine, tmp_path: Path) -> None:
    day = date(2026, 6, 1)
    before = codes_on(engine, day)
    path = tmp_path / "grids.geojson"
    path.write_text(collection(feature(square(), "110102010999001")), "utf-8")
    changes = load_grids(engine, path, day, None, SINCE)
    assert changes.opened == ("110102010999001",)
    with reading(engine) as session:
        street = set(session.scalars(select(GridVersion.code).where(GridVersion.street_code == "110102010")))
    assert codes_on(engine, day) == before - street | {"110102010999001"}
    assert codes_on(engine, date(2026, 5, 31)) == before


@pytest.mark.parametrize("line", ["a,b,split,x,1,2024-01-01", "a,b,split,1,1,2024", "a,b"])
def test_a_mapping_with_a_bad_line_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mapping.csv"
    path.write_text(f"old_code,new_code,change,share_of_old,share_of_new,valid_from\n{line}\n", "utf-8")
    with pytest.raises(Refused) as refusal:
        read_mapping(path)
    assert (refusal.value.key, refusal.value.fields["line"]) == ("file.bad_mapping", 2)
