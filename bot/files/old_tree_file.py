"""Old trees (古树名木) that arrive as GeoJSON points or as a CSV table, in WGS-84; each row that is wrong is named."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.files.csv_table import read_csv
from bot.files.limits import MAX_MAP_BYTES, check_rows, read_text
from locales import all_words
from rules.naming import tidy
from services.old_tree import GRADES
from services.old_tree_import import Finding, TreeRow
from services.refused import Refused

COLUMNS = ("code", "species", "grade", "lon", "lat", "name", "site", "street_code", "status")
_CHINA = (73.0, 136.0, 3.0, 54.0)
_LONGEST = 200
_MISSING = {"code": "code_missing", "species": "species_missing"}
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """What a file holds: the rows that make sense, and what is wrong with the others."""

    rows: list[TreeRow]
    unread: list[Finding]


class _BadRow(ValueError):  # noqa: N818 - what is wrong with one row, not with the program
    def __init__(self, kind: str, value: object = "") -> None:
        super().__init__(kind)
        self.kind, self.value = kind, str(value)[:40]


def read_old_trees(path: Path) -> TreeFile:
    """The trees of a file; raises `Refused` for one that is no table and no GeoJSON at all."""
    lines = _of_table(path) if path.suffix.casefold() == ".csv" else _of_features(path)
    rows: dict[str, TreeRow] = {}
    unread = []
    for number, cells in lines:
        try:
            row = _tree(number, cells)
            if row.code in rows:
                raise _BadRow("doubled", row.code)
            rows[row.code] = row
        except _BadRow as error:
            unread.append(Finding(number, error.kind, error.value))
    if not rows and not unread:
        raise Refused("old_tree.nothing", name=path.name)
    return TreeFile(list(rows.values()), unread)


def _of_table(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    header, *lines = read_csv(path) or [[]]
    places = _places(header)
    if lacking := [name for name in COLUMNS[:5] if name not in places]:
        names = "、".join(all_words(f"old_tree.column.{name}")[0] for name in lacking)
        raise Refused("file.lacks_columns", name=path.name, columns=names)
    for number, line in enumerate(lines, 2):
        cells = {name: line[place] for name, place in places.items() if place < len(line)}
        if any(map(tidy, cells.values())):
            yield number, cells


def _of_features(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = json.loads(read_text(path, MAX_MAP_BYTES))
    except (ValueError, RecursionError) as error:
        raise Refused("file.no_json", name=path.name, line=getattr(error, "lineno", 1)) from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise Refused("old_tree.nothing", name=path.name)
    check_rows(path.name, len(features))
    for number, feature in enumerate(features, 1):
        yield number, _cells(feature)


def _cells(feature: Any) -> dict[str, Any]:
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict):
        return {}
    named = list(facts)
    cells = {name: facts[named[place]] for name, place in _places(named).items()}
    ground = feature.get("geometry")
    point = ground.get("coordinates") if isinstance(ground, dict) and ground.get("type") == "Point" else None
    if isinstance(point, list) and len(point) >= 2:
        cells["lon"], cells["lat"] = point[0], point[1]
    return cells


def _places(header: Sequence[Any]) -> dict[str, int]:
    """Where each column stands: the first of those that bear one of its names."""
    known = {word.casefold(): name for name in COLUMNS for word in all_words(f"old_tree.column.{name}")}
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = known.get(tidy(str(cell)).casefold())
        if name:
            found.setdefault(name, place)
    return found


def _tree(number: int, cells: dict[str, Any]) -> TreeRow:
    code, species = _needed(cells, "code"), _needed(cells, "species")
    lon, lat = _position(cells)
    return TreeRow(
        number, code.upper(), species, _grade(cells), lon, lat, _word(cells, "name"), _word(cells, "site"),
        _word(cells, "street_code"), _gone(cells),
    )  # fmt: skip


def _needed(cells: dict[str, Any], name: str) -> str:
    found = _word(cells, name)
    if found is None:
        raise _BadRow(_MISSING[name])
    return found


def _word(cells: dict[str, Any], name: str) -> str | None:
    value = cells.get(name)
    if value is None or isinstance(value, bool | list | dict):
        return None
    word = tidy(value)
    # The mark with which our own list keeps a spreadsheet from working text out.
    word = word[1:] if word[:1] == "'" and word[1:2] in _FORMULA else word
    # What no table keeps: NUL, half a surrogate.
    if not word.isprintable() or len(word) > _LONGEST:
        raise _BadRow("unreadable", name)
    return word or None


def _grade(cells: dict[str, Any]) -> str:
    said = _word(cells, "grade") or ""
    found = next((one for one in GRADES if said.casefold() in map(str.casefold, _grade_words(one))), None)
    if found is None:
        raise _BadRow("grade_unknown", said)
    return found


def _grade_words(grade: str) -> tuple[str, ...]:
    return (grade, *all_words(f"old_tree.grade_words.{grade}"))


def _gone(cells: dict[str, Any]) -> bool:
    said = _word(cells, "status")
    if said is None or said.casefold() in _known("standing"):
        return False
    if said.casefold() not in _known("gone"):
        raise _BadRow("status_unknown", said)
    return True


def _known(status: str) -> set[str]:
    return {word.casefold() for word in all_words(f"old_tree.status_words.{status}")}


def _position(cells: dict[str, Any]) -> tuple[float, float]:
    lon, lat = (_degrees(cells, name) for name in ("lon", "lat"))
    if _in_china(lon, lat):
        return lon, lat
    raise _BadRow("swapped" if _in_china(lat, lon) else "not_wgs84", f"{lon}, {lat}")


def _in_china(lon: float, lat: float) -> bool:
    west, east, south, north = _CHINA
    return west <= lon <= east and south <= lat <= north


def _degrees(cells: dict[str, Any], name: str) -> float:
    said = _word(cells, name)
    if said is None:
        raise _BadRow("position_missing")
    try:
        degrees = float(said)
    except ValueError:
        raise _BadRow("not_wgs84", said) from None
    if not math.isfinite(degrees):
        raise _BadRow("not_wgs84", said)
    return degrees
