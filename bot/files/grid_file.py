"""Grids that arrive as GeoJSON, KML, Shapefile or GPKG, and the mapping of a re-division as CSV (网格文件)."""

import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from bot.files.csv_table import read_csv
from bot.files.ground import check_ground
from bot.files.layer_file import kind_of_layer, read_layers
from bot.files.limits import MAX_GRIDS, MAX_MAP_BYTES, read_text
from rules.naming import tidy
from services.grid_import import GridRow, SuccessionRow
from services.refused import Refused

_LEVELS = ("district", "street", "community")
_MAPPING = ("old_code", "new_code", "change", "share_of_old", "share_of_new", "valid_from")


def read_grids(path: Path) -> list[GridRow]:
    """The grids of a file in WGS-84, CGCS2000 or a projection of these; raises `Refused` with what is wrong."""
    kind = kind_of_layer(path)
    features = read_layers(path, kind) if kind else _features(path)
    rows: dict[tuple[str, date | None], GridRow] = {}
    for number, feature in enumerate(features, 1):
        row = _grid(feature, number)
        if (row.code, row.valid_from) in rows:
            raise Refused("file.double_code", code=row.code, number=number)
        rows[row.code, row.valid_from] = row
    return list(rows.values())


def read_mapping(path: Path) -> list[SuccessionRow]:
    """The lines of a mapping of old to new grids; raises `Refused` with the line that is wrong."""
    header, *lines = read_csv(path) or [[]]
    places = {tidy(name): place for place, name in enumerate(header)}
    if not set(_MAPPING) <= set(places):
        raise Refused("file.bad_mapping", name=path.name, line=1)
    rows = []
    for number, line in enumerate(lines, 2):
        if not any(map(tidy, line)):
            continue
        try:
            rows.append(_succession([tidy(line[places[name]]) for name in _MAPPING]))
        except (IndexError, ValueError):
            raise Refused("file.bad_mapping", name=path.name, line=number) from None
    if not rows:
        raise Refused("file.bad_mapping", name=path.name, line=2)
    return rows


def _features(path: Path) -> list[Any]:
    try:
        content = json.loads(read_text(path, MAX_MAP_BYTES), parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise Refused("file.no_json", name=path.name, line=getattr(error, "lineno", 1)) from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        raise Refused("file.no_features", name=path.name)
    if len(features) > MAX_GRIDS:
        raise Refused("file.too_many_grids", name=path.name, most=MAX_GRIDS)
    return features


def _whole(digits: str) -> int | float:
    # Nothing in a map has more digits than a code.
    return int(digits) if len(digits) <= 32 else float(digits)


def _grid(feature: Any, number: int) -> GridRow:
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict):
        raise Refused("file.feature_incomplete", number=number)
    code, name = (_text(facts, key, str(number)) for key in ("code", "name"))
    if not (code and name and feature.get("geometry")):
        raise Refused("file.feature_incomplete", number=number)
    check_ground(feature["geometry"], code)
    return GridRow(
        code=code, name=name, level=_level(facts, code), parent_code=_text(facts, "parent_code", code),
        street_code=_text(facts, "street_code", code), street_name=_text(facts, "street_name", code),
        communities=_communities(facts, code), change=_text(facts, "change", code),
        valid_from=_day(facts, "valid_from", code), valid_to=_day(facts, "valid_to", code),
        area_m2=_number(facts, "area_m2", code), label_lon=_number(facts, "label_lon", code),
        label_lat=_number(facts, "label_lat", code), geometry=json.dumps(feature["geometry"]),
    )  # fmt: skip


def _level(facts: dict[str, Any], code: str) -> str:
    level = _text(facts, "level", code) or "community"
    return level if level in _LEVELS else _refuse(facts, "level", code)


def _text(facts: dict[str, Any], key: str, code: str) -> str | None:
    value = facts.get(key)
    if value is None or value == "":
        return None
    return _word(value) or _refuse(facts, key, code)


def _number(facts: dict[str, Any], key: str, code: str) -> float | None:
    value = facts.get(key)
    plain = value is None or (isinstance(value, int | float) and math.isfinite(value))
    return value if plain else _refuse(facts, key, code)


def _communities(facts: dict[str, Any], code: str) -> tuple[tuple[str, str], ...]:
    codes, names = _texts(facts, "community_codes", code), _texts(facts, "community_names", code)
    if len(codes) != len(names) or len(set(codes)) != len(codes):
        _refuse(facts, "community_codes", code)
    return tuple(zip(codes, names, strict=True))


def _texts(facts: dict[str, Any], key: str, code: str) -> list[str]:
    values = facts.get(key) or []
    texts = [_word(value) for value in values] if isinstance(values, list) else [""]
    return texts if all(texts) else _refuse(facts, key, code)


def _word(value: Any) -> str:
    # Empty where it is neither text nor number, or holds what no table keeps (NUL, half a surrogate).
    text = tidy(value) if isinstance(value, str | int | float) else ""
    return text if text.isprintable() else ""


def _day(facts: dict[str, Any], key: str, code: str) -> date | None:
    try:
        return date.fromisoformat(facts[key]) if facts.get(key) else None
    except (TypeError, ValueError):
        raise Refused("file.bad_date", code=code, key=key, value=str(facts[key])[:40]) from None


def _refuse(facts: dict[str, Any], key: str, code: str) -> NoReturn:
    raise Refused("file.bad_value", code=code, key=key, value=str(facts.get(key))[:40])


def _succession(cells: Sequence[str]) -> SuccessionRow:
    old, new, change, of_old, of_new, valid_from = cells
    if not (old and new and change):
        raise ValueError("a mapping line names both grids and the change")
    return SuccessionRow(old, new, change, _share(of_old), _share(of_new), date.fromisoformat(valid_from))


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    return share
