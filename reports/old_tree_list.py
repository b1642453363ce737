"""The archive of old trees as a file (古树名木清单): CSV and GeoJSON, such as an import takes again."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from locales import say, words
from reports.figures import Figures

COLUMNS = ("code", "species", "grade", "lon", "lat", "name", "site", "street_code", "status", "last_seen")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = ("lon", "lat")


def tree_csv(trees: Sequence[Figures], language: str) -> bytes:
    """The trees as a table, in UTF-8 with its mark, which Excel asks for."""
    file = io.StringIO(newline="")
    sheet = csv.writer(file)
    sheet.writerow(words(language, f"old_tree.column.{name}")[0] for name in COLUMNS)
    for tree in trees:
        facts = _worded(tree, language)
        sheet.writerow(facts[name] if name in _NUMBERS else _cell(facts[name]) for name in COLUMNS)
    return ("\ufeff" + file.getvalue()).encode()


def tree_geojson(trees: Sequence[Figures], language: str) -> bytes:
    """The trees as points in WGS-84."""
    features = [_feature(_worded(tree, language)) for tree in trees]
    return (json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n").encode()


def _worded(tree: Figures, language: str) -> dict[str, Any]:
    status = "gone" if tree["closed_on"] else "standing"
    return {
        **tree, "grade": say(language, f"old_tree.grade.{tree['grade']}"),
        "status": words(language, f"old_tree.status_words.{status}")[0],
    }  # fmt: skip


def _feature(facts: dict[str, Any]) -> dict[str, Any]:
    properties = {name: facts[name] for name in COLUMNS if name not in _NUMBERS}
    point = {"type": "Point", "coordinates": [facts["lon"], facts["lat"]]}
    return {"type": "Feature", "id": facts["code"], "properties": properties, "geometry": point}


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # Text that a spreadsheet would work out stays text.
    return f"'{text}" if text.startswith(_FORMULA) else text
