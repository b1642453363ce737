"""Grids as KML, Shapefile and GPKG (矢量文件): they go out and come back the same; what is wrong is one sentence."""

import io
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from file_refusals import told
from pyogrio import raw
from pyproj import CRS, Transformer
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner
from xicheng import xicheng_url

from bot.demo import DATA, SINCE
from bot.files import layer_file, layer_reader
from bot.files.grid_file import read_grids
from bot.loading import load_grids
from models.area import Area
from models.engine import open_engine, reading
from models.grid import GridVersion
from reports.grid_layer import ENDINGS, KINDS, grid_layer
from rules.coordinates import gcj02_of_wgs84
from rules.geometry import same_ground
from services import grid_export
from services.grid_import import GridRow
from services.refused import Refused

LAYERS = ("kml", "shp", "gpkg", "geojson")
OUTER = [[116.37, 39.95], [116.3812345, 39.95], [116.38, 39.96], [116.37, 39.96], [116.37, 39.95]]
HOLE = [[116.373, 39.953], [116.373, 39.957], [116.377, 39.957], [116.377, 39.953], [116.373, 39.953]]
ISLAND = [[116.40, 39.95], [116.41, 39.95], [116.41, 39.96], [116.40, 39.95]]
FACTS = {
    "code": "110102010002001", "name": "安德路南社区网格·𠮷", "level": "community", "street_code": "110102010",
    "street_name": "德胜街道", "community_codes": ["110102010002", "110102010005"],
    "community_names": ["安德路南社区", "第二、二社区"], "change": "merged",
    "valid_from": "2026-06-01", "valid_to": None,
    "area_m2": 1234.5, "label_lon": 116.375, "label_lat": 39.951,
}  # fmt: skip


def grid(*polygons: Any, **facts: Any) -> dict[str, Any]:
    """A grid with a hole and an island, or of these polygons."""
    shape = {"type": "MultiPolygon", "coordinates": list(polygons) or [[OUTER, HOLE], [ISLAND]]}
    return {"type": "Feature", "geometry": shape, "properties": {**FACTS, **facts}}


def stored(folder: Path, kind: str, *features: dict[str, Any], name: str = "网格") -> Path:
    path = folder / f"{name}.{ENDINGS[kind]}"
    path.write_bytes(grid_layer(kind, features or [grid()]))
    return path


def ground(row: GridRow) -> Any:
    return shapely.from_geojson(row.geometry)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_grid_with_chinese_names_a_hole_and_an_island_comes_back_as_it_went(tmp_path: Path, kind: str) -> None:
    second = grid(
        [OUTER], code="110102010002002", name="黄寺大街", community_codes=[], community_names=[], area_m2=None
    )
    rows = read_grids(stored(tmp_path, kind, grid(), second))
    assert [(row.code, row.name, row.street_name) for row in rows] == [
        (FACTS["code"], FACTS["name"], "德胜街道"), ("110102010002002", "黄寺大街", "德胜街道"),
    ]  # fmt: skip
    assert rows[0].communities == tuple(zip(FACTS["community_codes"], FACTS["community_names"], strict=True))
    assert (rows[0].valid_from, rows[0].valid_to, rows[0].change) == (date(2026, 6, 1), None, "merged")
    assert (rows[0].area_m2, rows[0].label_lon, rows[1].area_m2) == (1234.5, 116.375, None)
    for row, sent in zip(rows, (grid(), second), strict=True):
        assert same_ground(ground(row), shapely.from_geojson(json.dumps(sent["geometry"])))
    assert ground(rows[0]).area < shapely.Polygon(OUTER).area + shapely.Polygon(ISLAND).area


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with xicheng_url(request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("kind", LAYERS)
def test_the_273_grids_of_xicheng_go_out_and_an_import_of_them_changes_nothing(
    engine: Engine, tmp_path: Path, kind: str
) -> None:
    with reading(engine) as session:
        found = grid_export.features(session, session.get_one(Area, "110102"), date(2024, 6, 1))
        before = session.scalar(select(func.count()).select_from(GridVersion))
    assert len(found) == 273
    changes = load_grids(engine, stored(tmp_path, kind, *found), None, None, SINCE)
    assert (changes.opened, changes.closed, changes.unchanged) == ((), (), 273)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(GridVersion)) == before


@pytest.mark.parametrize("kind", [*KINDS])
def test_the_command_writes_each_format_and_says_how_many(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from bot.__main__ import app

    with xicheng_url("sqlite", tmp_path) as url:
        monkeypatch.setenv("XUNLIN_DATABASE_URL", url)
        monkeypatch.setenv("XUNLIN_LANGUAGE", "zh_CN")
        out = tmp_path / f"out.{ENDINGS[kind]}"
        asked = ["grids", "export", "--format", kind, "--on", "2023-05-01", "--street", "110102010", "--out", str(out)]
        done = CliRunner().invoke(app, asked, catch_exceptions=False)
        assert (done.exit_code, "已把 " in done.output) == (0, True)
        n = int(re.findall(r"已把 (\d+) 个", done.output)[0])
        if kind == "csv":
            lines = out.read_text("utf-8-sig").splitlines()
            assert (len(lines) - 1, lines[0].split(",")[:2]) == (n, ["code", "name"])
        else:
            assert len(read_grids(out)) == n
            done = CliRunner().invoke(app, ["grids", "import", str(out), "--dry-run"], catch_exceptions=False)
            assert f"试运行，未写入。网格将新增 0 个版本，关闭 0 个，不变 {n} 个" in done.output
        with pytest.raises(Refused, match=r"grids\.none_on"):
            CliRunner().invoke(app, ["grids", "export", "--on", "1999-01-01"], catch_exceptions=False)
        with pytest.raises(Refused, match=r"cli\.bad_layer_format"):
            CliRunner().invoke(app, ["grids", "export", "--format", "dwg"], catch_exceptions=False)


def shapefile(folder: Path, crs: str | None, encoding: str = "UTF-8", to: Any = None) -> Path:
    """A packed shapefile as another program writes it: in a folder, with Chinese columns."""
    home = folder / "made"
    home.mkdir()
    polygon = shapely.Polygon(OUTER)
    ring = shapely.transform(polygon, to, interleaved=False) if to else polygon
    columns = {"编码": FACTS["code"], "名称": "甲网格", "street_cd": "110102010", "街道": "德胜街道"}
    raw.write(
        str(home / "图层.shp"), shapely.to_wkb(shapely.creation.np.array([ring], dtype=object)),
        [shapely.creation.np.array([cell], dtype=object) for cell in columns.values()], list(columns),
        driver="ESRI Shapefile", geometry_type="Polygon", crs=crs or "EPSG:4326", encoding=encoding,
    )  # fmt: skip
    (home / "图层.cpg").unlink(missing_ok=True)
    if crs is None:
        (home / "图层.prj").unlink()
    return packed(folder, {f"数据/{one.name}": one.read_bytes() for one in home.iterdir()})


def packed(folder: Path, parts: dict[str, bytes], name: str = "网格.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB18030"])
def test_the_names_in_a_dbf_are_read_whatever_it_says_of_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = shapefile(tmp_path, "EPSG:4326", encoding)
    lies = packed(tmp_path, {**parts_of(path), "数据/图层.cpg": b"ISO-8859-1"}, "lies.zip")
    for one in (path, lies):
        (row,) = read_grids(one)
        assert (row.name, row.street_name, row.code) == ("甲网格", "德胜街道", FACTS["code"])


def test_a_name_that_was_cut_in_the_middle_of_a_sign_is_still_utf8(tmp_path: Path) -> None:
    parts = parts_of(shapefile(tmp_path, "EPSG:4326", "UTF-8"))
    whole = "甲网格".encode()
    cut = {name: data.replace(whole, whole[:-1] + b" ") for name, data in parts.items()}
    (row,) = read_grids(packed(tmp_path, cut))
    assert (row.name, row.street_name) == ("甲网", "德胜街道")


def projected(crs: str) -> Any:
    return Transformer.from_crs(CRS(crs).geodetic_crs, crs, always_xy=True).transform


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547", "EPSG:32650", "EPSG:4508", "EPSG:3857"])
def test_projections_of_wgs84_and_cgcs2000_become_degrees(tmp_path: Path, crs: str) -> None:
    (row,) = read_grids(shapefile(tmp_path, crs, to=projected(crs)))
    assert ground(row).equals_exact(shapely.Polygon(OUTER).normalize(), 1e-7) or same_ground(
        ground(row), shapely.Polygon(OUTER)
    )


@pytest.mark.parametrize(("crs", "datum"), [("EPSG:4214", "Beijing"), ("EPSG:2334", "Xian"), ("EPSG:4610", "Xian")])
def test_a_datum_that_nobody_may_convert_is_refused_by_its_name(tmp_path: Path, crs: str, datum: str) -> None:
    said = told(read_grids, shapefile(tmp_path, crs))
    assert said.startswith("file.other_datum")
    assert datum in said.replace("'", "")


def test_without_a_prj_metres_are_refused_and_degrees_are_taken(tmp_path: Path) -> None:
    (tmp_path / "metres").mkdir()
    (row,) = read_grids(shapefile(tmp_path, None))
    assert row.code == FACTS["code"]
    said = told(read_grids, shapefile(tmp_path / "metres", None, to=projected("EPSG:4547")))
    assert said.startswith("file.projected")


@pytest.mark.parametrize("ending", [".dbf", ".shx"])
def test_a_shapefile_without_one_of_its_parts_is_refused_naming_it(tmp_path: Path, ending: str) -> None:
    parts = parts_of(shapefile(tmp_path, "EPSG:4326"))
    lacking = {name: data for name, data in parts.items() if not name.endswith(ending)}
    said = told(read_grids, packed(tmp_path, lacking))
    assert said.startswith("file.shape_lacks")
    assert ending in said
    alone = tmp_path / "alone.shp"
    alone.write_bytes(next(data for name, data in parts.items() if name.endswith(".shp")))
    assert told(read_grids, alone).startswith("file.shape_lacks")


def test_a_shp_is_read_with_the_parts_that_lie_beside_it(tmp_path: Path) -> None:
    for name, data in parts_of(stored(tmp_path, "shp")).items():
        (tmp_path / name).write_bytes(data)
    assert read_grids(tmp_path / "grids.shp")[0].name == FACTS["name"]


def test_a_kmz_is_a_packed_kml(tmp_path: Path) -> None:
    path = packed(tmp_path, {"doc.kml": grid_layer("kml", [grid()])}, "网格.kmz")
    assert read_grids(path)[0].name == FACTS["name"]


def damaged(data: bytes) -> bytes:
    half = len(data) // 2
    return data[: half - 40] + b"\xff" * 80 + data[half + 40 :]


BAD_ZIPS = {
    "cut short": lambda whole: whole[: len(whole) // 2],
    "with bytes turned": damaged,
    "of nothing": lambda whole: b"PK\x05\x06" + bytes(18),
    "of noise": lambda whole: b"PK\x03\x04" + b"noise" * 100,
}


@pytest.mark.parametrize("spoil", BAD_ZIPS.values(), ids=BAD_ZIPS.keys())
def test_a_damaged_archive_is_refused_in_one_sentence(tmp_path: Path, spoil: Any) -> None:
    path = stored(tmp_path, "shp")
    path.write_bytes(spoil(path.read_bytes()))
    assert re.match(r"file\.(bad_zip|no_shape|bad_layer)", told(read_grids, path))


def test_a_bomb_is_refused_by_what_its_directory_says_and_never_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = parts_of(stored(tmp_path, "shp"))
    bomb = packed(tmp_path, {**parts, "grids.sbn": bytes(201 * 1024 * 1024)}, "bomb.zip")
    assert bomb.stat().st_size < 1024 * 1024
    monkeypatch.setattr(layer_file, "copyfileobj", lambda *_: pytest.fail("it was unpacked"))
    assert told(read_grids, bomb).startswith("file.too_large")
    many = packed(tmp_path, {f"{n}.txt": b"" for n in range(1001)}, "many.zip")
    assert told(read_grids, many).startswith("file.bad_zip")


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    parts = parts_of(stored(tmp_path, "shp"))
    home = tmp_path / "home"
    home.mkdir()
    path = packed(home, {f"../../{name}": data for name, data in parts.items()})
    assert read_grids(path)[0].code == FACTS["code"]
    assert {one.name for one in tmp_path.iterdir()} == {"home", "网格.zip"}


def test_several_layers_in_an_archive_and_none_are_told_apart(tmp_path: Path) -> None:
    parts = parts_of(stored(tmp_path, "shp"))
    two = {**parts, **{name.replace("grids", "more"): data for name, data in parts.items()}}
    assert told(read_grids, packed(tmp_path, two)).startswith("file.many_shapes")
    assert told(read_grids, packed(tmp_path, {"readme.txt": b"hello"})).startswith("file.no_shape")


KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
BAD_LAYERS = {
    "a list of other files": (
        "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
        "</OGRVRTDataSource>", "file.bad_layer",
    ),
    "entities": ("<!DOCTYPE kml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + KML.format("&a;"), "file.bad_layer"),
    "a web page": ("<html><body>404</body></html>", "file.bad_layer"),
    "KML cut short": (KML.format("<Placemark>")[:60], "file.bad_layer"),
    "KML of a link": (
        KML.format("<NetworkLink><Link><href>http://a.example</href></Link></NetworkLink>"), "file.kml_link",
    ),
    "KML of nothing": (KML.format(""), "file.no_features"),
    "a placemark without a code": (
        KML.format("<Placemark><name>甲</name><Point><coordinates>116.3,39.9</coordinates></Point></Placemark>"),
        "file.feature_incomplete",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "key"), BAD_LAYERS.values(), ids=BAD_LAYERS.keys())
def test_what_is_no_kml_is_refused_and_opens_no_other_file(tmp_path: Path, content: str, key: str) -> None:
    path = tmp_path / "grids.kml"
    path.write_text(content, "utf-8")
    assert told(read_grids, path).startswith(key)


def test_a_database_that_is_no_gpkg_and_a_cut_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE secret (word TEXT)")
    database.close()
    assert re.match(r"file\.(no_features|bad_layer)", told(read_grids, path))
    whole = stored(tmp_path, "gpkg")
    whole.write_bytes(damaged(whole.read_bytes()[:60_000]))
    assert re.match(r"file\.", told(read_grids, whole))


def test_a_shp_that_claims_more_than_it_holds_does_not_stop_the_program(tmp_path: Path) -> None:
    parts = parts_of(stored(tmp_path, "shp"))
    shp = bytearray(parts["grids.shp"])
    shp[100 + 8 + 36 : 100 + 8 + 44] = struct.pack("<ii", 0x7FFFFFFF, 0x7FFFFFFF)
    assert told(read_grids, packed(tmp_path, {**parts, "grids.shp": bytes(shp)})).startswith("file.")


def test_control_a_reader_that_dies_is_answered_with_the_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path, "gpkg")
    monkeypatch.setattr(layer_file.sys, "executable", "/bin/false")
    assert told(read_grids, path).startswith("file.bad_layer")
    assert layer_reader.MEMORY_BYTES < 4 * 1024**3


def in_gcj02(feature: dict[str, Any]) -> dict[str, Any]:
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    moved = shapely.transform(shape, lambda points: [gcj02_of_wgs84(*point) for point in points])
    return {**feature, "geometry": json.loads(shapely.to_geojson(moved))}


@pytest.mark.parametrize("kind", ["kml", "geojson"])
def test_grids_drawn_on_a_shifted_map_are_refused_and_nothing_changes(tmp_path: Path, kind: str) -> None:
    with xicheng_url("sqlite", tmp_path) as url:
        engine = open_engine(url)
        drawn = json.loads((DATA / "geo" / "grids_2024.geojson").read_text("utf-8"))["features"]
        grids = [one for one in drawn if one["properties"]["level"] == "community"]
        path = tmp_path / f"grids.{kind}"
        facts = ("code", "name", "street_code")
        plain = [{**one, "properties": {name: one["properties"][name] for name in facts}} for one in grids]
        path.write_bytes(grid_layer(kind, [in_gcj02(one) for one in plain]))
        with pytest.raises(Refused, match=r"grids\.gcj02") as refused:
            load_grids(engine, path, date(2026, 6, 1), None, SINCE)
        assert 400 < refused.value.fields["metres"] < 700
        path.write_bytes(grid_layer(kind, plain))
        assert load_grids(engine, path, date(2026, 6, 1), None, SINCE, dry_run=True).opened == ()
        engine.dispose()


def test_text_that_a_spreadsheet_would_work_out_stays_text() -> None:
    sheet = grid_layer("csv", [grid(name="=1+1", area_m2=-3.5)]).decode("utf-8-sig")
    assert "'=1+1" in sheet
    assert ",-3.5," in sheet


def test_a_packed_shapefile_is_the_same_twice() -> None:
    names = zipfile.ZipFile(io.BytesIO(grid_layer("shp", [grid()]))).namelist()
    assert names == ["grids.cpg", "grids.dbf", "grids.prj", "grids.shp", "grids.shx"]
    with pytest.raises(ValueError, match="unknown format"):
        grid_layer("dwg", [])
