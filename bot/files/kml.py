"""Reads the placemarks of KML 2.2 (OGC 07-147r2), 读 KML: not every build of GDAL knows the data in them."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

_RING = ("outerBoundaryIs", "innerBoundaryIs")


def placemarks(path: str, most: int) -> Iterator[dict[str, Any]]:
    """The placemarks as GeoJSON features in WGS-84, which is KML's only datum, at most one more than `most`.

    Raises `ParseError`, `DefusedXmlException` and `ValueError` for what is no sound KML.
    """
    found = (node for node in parse(path, forbid_dtd=True).iter() if _name(node) == "Placemark")
    for n, node in enumerate(found):
        if n > most:
            return
        yield {"geometry": _geometry(node), "properties": _properties(node)}


def _properties(placemark: Element) -> dict[str, str | None]:
    facts: dict[str, str | None] = {
        _name(node): _text(node) for node in placemark if _name(node) in {"name", "description"}
    }
    for node in placemark.iter():
        if _name(node) == "SimpleData":
            facts[node.get("name", "")] = _text(node)
        elif _name(node) == "Data":
            facts[node.get("name", "")] = next((_text(one) for one in node if _name(one) == "value"), None)
    return facts


def _geometry(placemark: Element) -> dict[str, Any] | None:
    polygons = [_polygon(node) for node in placemark.iter() if _name(node) == "Polygon"]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    if polygons:
        return {"type": "MultiPolygon", "coordinates": polygons}
    for node in placemark.iter():
        if _name(node) in {"Point", "LineString"}:
            points = _points(node)
            return {"type": _name(node), "coordinates": points[0] if _name(node) == "Point" else points}
    return None


def _polygon(node: Element) -> list[list[list[float]]]:
    # The outer ring comes first, wherever it stands in the file.
    return [_points(ring) for kind in _RING for ring in node if _name(ring) == kind]


def _points(node: Element) -> list[list[float]]:
    text = next((one.text or "" for one in node.iter() if _name(one) == "coordinates"), "")
    return [[float(number) for number in point.split(",")[:2]] for point in text.split()]


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _text(node: Element) -> str | None:
    return (node.text or "").strip() or None
