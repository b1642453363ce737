"""Grids as a file for other programs (网格图层): GeoJSON, KML, Shapefile, GPKG and CSV, in WGS-84."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reports.kml import kml

Feature = dict[str, Any]

KINDS = {
    "geojson": "application/geo+json", "kml": "application/vnd.google-earth.kml+xml", "shp": "application/zip",
    "gpkg": "application/geopackage+sqlite3", "csv": "text/csv; charset=utf-8",
}  # fmt: skip
"""The formats by their short names, with their media types."""
ENDINGS = {name: "zip" if name == "shp" else name for name in KINDS}
"""The ending of each format's file: a shapefile is several files in an archive."""
_DRIVERS = {"shp": "ESRI Shapefile", "gpkg": "GPKG"}
_SHORT = {
    "parent_code": "parent_cd", "street_code": "street_cd", "street_name": "street_nm", "community_codes": "comm_codes",
    "community_names": "comm_names",
}  # fmt: skip
"""A .dbf has room for ten letters; an import knows both names."""
_NUMBERS = (int, float)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def layer_file(kind: str, features: Sequence[Feature]) -> tuple[bytes, str, str]:
    """A file of features with its ending and its media type; raises `ValueError` for an unknown kind."""
    return grid_layer(kind, features), ENDINGS[kind], KINDS[kind]


def grid_layer(kind: str, features: Sequence[Feature]) -> bytes:
    """A file of GeoJSON features, all with the same properties; raises `ValueError` for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"unknown format {kind!r}; known: {', '.join(KINDS)}")
    if kind == "geojson":
        return json.dumps({"type": "FeatureCollection", "features": [*features]}, ensure_ascii=False).encode()
    if kind == "csv":
        return _csv(features)
    if kind == "kml":
        return kml(features, _text)
    with TemporaryDirectory(prefix="xunlin-") as folder:
        _write(kind, features, Path(folder) / f"grids.{kind}")
        return _packed(Path(folder)) if kind == "shp" else (Path(folder) / f"grids.{kind}").read_bytes()


def _write(kind: str, features: Sequence[Feature], path: Path) -> None:
    # Imported here: few processes ever write a layer, and it takes 70 MB.
    import numpy as np
    import shapely
    from pyogrio import raw

    grounds = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
    names = list(features[0]["properties"]) if features else ["code", "name"]
    columns = [_column([one["properties"].get(name) for one in features]) for name in names]
    raw.write(
        str(path), shapely.to_wkb(np.array(grounds, dtype=object)), columns,
        [_SHORT.get(name, name[:10]) for name in names] if kind == "shp" else names,
        driver=_DRIVERS[kind], crs="EPSG:4326", encoding="UTF-8", layer="grids",
        geometry_type="MultiPolygon" if kind == "gpkg" else "Polygon" if kind == "shp" else "Unknown",
        promote_to_multi=kind == "gpkg",
    )  # fmt: skip


def _column(values: Sequence[Any]) -> Any:
    import numpy as np

    known = [value for value in values if value is not None]
    if known and all(isinstance(value, _NUMBERS) for value in known):
        whole = len(known) == len(values) and all(isinstance(value, int) for value in known)
        return np.array(values, dtype="int64" if whole else "float64")
    return np.array([_text(value) for value in values], dtype=object)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _packed(folder: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.iterdir()):
            packed.writestr(zipfile.ZipInfo(file.name, _EARLIEST), file.read_bytes(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _csv(features: Sequence[Feature]) -> bytes:
    # The mark at the beginning: without it Excel takes UTF-8 for something else.
    file = io.StringIO("\ufeff", newline="")
    file.seek(0, io.SEEK_END)
    names = list(features[0]["properties"]) if features else []
    sheet = csv.writer(file)
    sheet.writerow(names)
    sheet.writerows([_cell(one["properties"].get(name)) for name in names] for one in features)
    return file.getvalue().encode()


def _cell(value: Any) -> str:
    text = _text(value) or ""
    # Text that a spreadsheet would work out stays text.
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, _NUMBERS) else text
