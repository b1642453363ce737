"""Reading parks and old trees (公园、古树) from GeoJSON points in WGS-84."""

import json
from pathlib import Path
from typing import Any

from bot.files.limits import MAX_MAP_BYTES, read_text
from rules.geometry import valid_position
from services.place import PlaceRow
from services.refused import Refused


def read_places(path: Path, kind: str) -> list[PlaceRow]:
    """The places of a file; raises `Refused` for a file that is none, or a feature that lacks something."""
    try:
        features = json.loads(read_text(path, MAX_MAP_BYTES))["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("file.no_features", name=path.name) from None
    if not isinstance(features, list) or not features:
        raise Refused("file.no_features", name=path.name)
    return [_place(feature, kind, number) for number, feature in enumerate(features, 1)]


def _place(feature: dict[str, Any], kind: str, number: int) -> PlaceRow:
    try:
        facts, (lon, lat) = feature["properties"], map(float, feature["geometry"]["coordinates"])
        if not valid_position(lon, lat):
            raise ValueError
        return PlaceRow(
            str(facts["code"]), kind, str(facts["name"]), str(facts["street_code"]), lon, lat,
            facts.get("site"), facts.get("species"), facts.get("grade"),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise Refused("file.feature_incomplete", number=number) from None
