"""Reading parks and old trees (公园、古树) from GeoJSON points in WGS-84."""

import json
from pathlib import Path
from typing import Any

from services.place import PlaceRow
from services.refused import Refused


def read_places(path: Path, kind: str) -> list[PlaceRow]:
    """The places of a file; raises `Refused` for a file that is none, or a feature that lacks something."""
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
    except (ValueError, KeyError, TypeError):
        raise Refused("file.no_features", name=path.name) from None
    return [_place(feature, kind, number) for number, feature in enumerate(features, 1)]


def _place(feature: dict[str, Any], kind: str, number: int) -> PlaceRow:
    try:
        facts, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"]
        return PlaceRow(
            str(facts["code"]), kind, str(facts["name"]), str(facts["street_code"]), float(lon), float(lat),
            facts.get("site"), facts.get("species"), facts.get("grade"),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise Refused("file.feature_incomplete", number=number) from None
