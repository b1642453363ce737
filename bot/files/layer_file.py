"""Grids that arrive as KML, Shapefile or GPKG (矢量文件): told by their bytes, unpacked by size first, read apart."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from shutil import copyfile, copyfileobj
from tempfile import TemporaryDirectory
from typing import Any

from bot.files.limits import MAX_GRIDS, MAX_MAP_BYTES, check_size, check_unpacked
from locales import words
from rules.naming import tidy
from services.refused import Refused

_WAIT_S = 120
_ROOT = Path(__file__).parent.parent.parent
_SHAPEFILE = (".shp", ".shx", ".dbf")
_SHP_MAGIC, _GPKG_MAGIC = b"\x00\x00\x27\x0a", b"SQLite format 3\x00"
_MOST_PARTS = 1000
_COLUMNS = (
    "code", "name", "level", "parent_code", "street_code", "street_name", "community_codes", "community_names",
    "change", "valid_from", "valid_to", "area_m2", "label_lon", "label_lat",
)  # fmt: skip
_NUMBERS = {"area_m2", "label_lon", "label_lat"}
_LISTS = {"community_codes", "community_names"}

Feature = dict[str, Any]


def kind_of_layer(path: Path) -> str | None:
    """`zip`, `shp`, `gpkg` or `kml` by a file's first bytes, whatever its name says; None for anything else."""
    check_size(path, MAX_MAP_BYTES)
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"PK"):
        return "zip"
    if head.startswith(_SHP_MAGIC):
        return "shp"
    if head.startswith(_GPKG_MAGIC):
        return "gpkg"
    return "kml" if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") else None


def read_layers(path: Path, kind: str) -> list[Feature]:
    """The features of a file as GeoJSON has them, in WGS-84; raises `Refused` for what cannot be read."""
    with TemporaryDirectory(prefix="xunlin-") as folder:
        if kind == "zip":
            file, kind = _unpacked(path, Path(folder))
        elif kind == "shp":
            file = _beside(path, Path(folder))
        else:
            file = path
        features = _asked(path.name, file, kind)
    if not features:
        raise Refused("file.no_features", name=path.name)
    return [{**one, "properties": _facts(one["properties"])} for one in features]


def _unpacked(path: Path, folder: Path) -> tuple[Path, str]:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = _parts(path.name, packed)
            for ending, part in parts.items():
                # Under names of our own: those in the archive lead nowhere.
                with packed.open(part) as source, (folder / f"grids{ending}").open("wb") as target:
                    copyfileobj(source, target)
    except Refused:
        raise
    except Exception:
        # Each way to pack raises its own errors when it is damaged.
        raise Refused("file.bad_zip", name=path.name) from None
    return (folder / "grids.kml", "kml") if ".kml" in parts else (folder / "grids.shp", "shp")


def _parts(name: str, packed: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The parts by their endings: those of the one shapefile, or the one KML."""
    infos = packed.infolist()
    check_unpacked(name, sum(info.file_size for info in infos))
    if len(infos) > _MOST_PARTS:
        raise Refused("file.bad_zip", name=name)
    own = [info for info in infos if not info.is_dir() and not _is_hidden(info.filename)]
    kml = [info for info in own if info.filename.lower().endswith(".kml")]
    shp = [info for info in own if info.filename.lower().endswith(".shp")]
    if len(kml) == 1 and not shp:
        return {".kml": kml[0]}
    if len(shp) != 1:
        raise Refused("file.many_shapes" if shp else "file.no_shape", name=name)
    stem = shp[0].filename[:-4]
    parts = {info.filename[len(stem) :].lower(): info for info in own if info.filename.startswith(stem + ".")}
    _check_whole(name, set(parts))
    return {ending: parts[ending] for ending in (*_SHAPEFILE, ".prj") if ending in parts}


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _beside(path: Path, folder: Path) -> Path:
    """The parts of a shapefile that lie beside it."""
    stem, there = path.stem, {}
    for one in path.parent.iterdir():
        if one.stem == stem and one.is_file():
            there[one.suffix.lower()] = one
    _check_whole(path.name, set(there))
    for ending in (*_SHAPEFILE, ".prj"):
        if ending in there:
            check_size(there[ending], MAX_MAP_BYTES)
            copyfile(there[ending], folder / f"grids{ending}")
    return folder / "grids.shp"


def _check_whole(name: str, endings: set[str]) -> None:
    lacking = [ending for ending in _SHAPEFILE if ending not in endings]
    if lacking:
        raise Refused("file.shape_lacks", name=name, parts=", ".join(lacking))


def _asked(name: str, file: Path, kind: str) -> list[Feature]:
    command = [sys.executable, "-m", "bot.files.layer_reader", str(file.resolve()), kind, str(MAX_GRIDS)]
    # Nothing of our settings is handed over: what opens strangers' files needs no secret.
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if key in os.environ}
    try:
        done = subprocess.run(command, cwd=_ROOT, env=kept, capture_output=True, timeout=_WAIT_S, check=False)
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        # It was stopped by its limits, or by the file, before it could speak.
        raise Refused("file.bad_layer", name=name) from None
    if "bad" in answer:
        raise Refused(f"file.{answer['bad']}", **{"name": name, **answer["fields"]})
    found: list[Feature] = answer["features"]
    return found


def _facts(raw: dict[str, Any]) -> dict[str, Any]:
    """The columns under the names of our GeoJSON: a .dbf has room for ten letters, and clerks write Chinese."""
    known = {tidy(word).lower(): name for name in _COLUMNS for word in words("zh_CN", f"grids.column.{name}")}
    facts: dict[str, Any] = {}
    for column, value in raw.items():
        name = known.get(tidy(column).lower())
        if name and value not in (None, "") and name not in facts:
            facts[name] = _value(name, value)
    return facts


def _value(name: str, value: Any) -> Any:
    if name in _LISTS:
        # Only this mark: some communities have an enumeration comma in their name.
        return [one.strip() for one in tidy(value).split(";") if one.strip()]
    if name in _NUMBERS and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value if name in _NUMBERS else tidy(value)
