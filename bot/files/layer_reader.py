"""Reads KML, Shapefile and GPKG (图层读取): a program of its own, because damaged files can stop the library in it."""

import json
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyogrio
import shapely
from defusedxml.ElementTree import iterparse
from pyogrio import raw
from pyproj import CRS, Transformer

from bot.files.kml import placemarks

MEMORY_BYTES = 2 * 1024 * 1024 * 1024
CPU_S = 60
_DECIMALS = 9
"""Of a degree: a tenth of a millimetre."""
_OWN_DATUMS = ("wgs84", "wgs1984", "worldgeodeticsystem1984", "china2000", "cgcs2000", "chinageodetic")
"""WGS-84 and CGCS2000, which differ by centimetres; names as they stand in files, letters and digits alone."""
_ROOT_KML = re.compile(r"(\{[^}]*\})?kml")


class BadLayerError(Exception):
    """What is wrong, as a key below `file.`, and its fields."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


def main() -> None:
    """Print the features of `FILE KIND MOST` as JSON, or `{"bad": key, "fields": …}`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    path, kind, most = sys.argv[1:]
    try:
        answer: dict[str, Any] = {"features": list(_features(path, kind, int(most)))}
    except BadLayerError as bad:
        answer = {"bad": bad.key, "fields": bad.fields}
    except Exception:
        # A damaged file makes the library raise whatever it likes; here is nothing else that could fail.
        answer = {"bad": "bad_layer", "fields": {}}
    print(json.dumps(answer))


def _features(path: str, kind: str, most: int) -> Iterator[dict[str, Any]]:
    if kind == "kml":
        _check_kml(path)
        yield from _limited(placemarks(path, most), most)
        return
    n = 0
    for layer in [str(name) for name, shape in pyogrio.list_layers(path) if shape is not None]:
        # As Latin-1 every byte of a .dbf comes through: its writers say little about their encoding, and not always
        # the truth.
        encoding = "ISO-8859-1" if kind == "shp" else None
        meta, _, grounds, columns = raw.read(path, layer=layer, force_2d=True, max_features=most + 1, encoding=encoding)
        n += len(grounds)
        if n > most:
            raise BadLayerError("too_many_grids", most=most)
        names, cells = [str(name) for name in meta["fields"]], [[_plain(one) for one in column] for column in columns]
        if kind == "shp":
            names, cells = _decoded(names, cells)
        for geometry, *facts in zip(_in_degrees(grounds, meta["crs"]), *cells, strict=True):
            yield {"geometry": geometry, "properties": dict(zip(names, facts, strict=True))}


def _limited(features: Iterator[dict[str, Any]], most: int) -> Iterator[dict[str, Any]]:
    for n, feature in enumerate(features):
        if n >= most:
            raise BadLayerError("too_many_grids", most=most)
        yield feature


def _check_kml(path: str) -> None:
    # The library opens whatever it recognises, also a list of other files: only KML may pass for it.
    events = iterparse(path, events=("start",), forbid_dtd=True)
    _, root = next(iter(events))
    if not _ROOT_KML.fullmatch(root.tag):
        raise BadLayerError("bad_layer")
    for _, node in events:
        if node.tag.endswith("NetworkLink"):
            raise BadLayerError("kml_link")
        node.clear()


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, np.datetime64) and np.isnat(value)):
        return None
    if isinstance(value, np.datetime64):
        return str(value)[:10]
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain != plain else plain


def _decoded(names: list[str], cells: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """The texts of a .dbf: UTF-8 where all of them are, else GBK; a sign cut at the end of a cell is lost."""
    texts = [*names, *(cell for column in cells for cell in column if isinstance(cell, str))]
    encoding = "utf-8" if all(map(_is_utf8, texts)) else "gb18030"

    def read(cell: Any) -> Any:
        return cell.encode("latin-1").decode(encoding, "ignore") if isinstance(cell, str) else cell

    return [read(name) for name in names], [[read(cell) for cell in column] for column in cells]


def _is_utf8(text: str) -> bool:
    data = text.encode("latin-1")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cells are cut by bytes: an unfinished sign at the very end is no other encoding.
        return error.reason == "unexpected end of data"
    return True


def _in_degrees(grounds: Any, crs: str | None) -> Iterator[Any]:
    shapes = shapely.from_wkb(grounds)
    transformer = _transformer(crs) if crs else None

    def plain(points: Any) -> Any:
        xy = np.column_stack(transformer.transform(points[:, 0], points[:, 1])) if transformer else points
        return np.round(xy, _DECIMALS)

    for one in shapes:
        yield None if one is None else json.loads(shapely.to_geojson(shapely.transform(one, plain)))


def _transformer(text: str) -> Transformer | None:
    """What turns a projection of WGS-84 or CGCS2000 into degrees; None for degrees themselves.

    Other datums (Beijing 1954, Xi'an 1980, a town's own) are refused: what leads from them to WGS-84 is not public.
    """
    crs = CRS.from_user_input(text)
    ground = crs.geodetic_crs
    datum = ground.datum.name if ground is not None and ground.datum is not None else crs.name
    if ground is None or not _is_own(datum):
        raise BadLayerError("other_datum", datum=datum[:60])
    return None if crs.is_geographic else Transformer.from_crs(crs, ground, always_xy=True)


def _is_own(datum: str) -> bool:
    letters = re.sub("[^a-z0-9]", "", datum.lower())
    return any(own in letters for own in _OWN_DATUMS)


if __name__ == "__main__":
    main()
