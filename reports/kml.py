"""Grids as KML 2.2 (OGC 07-147r2), for 奥维 and Google Earth: a placemark each, its facts as data, in WGS-84."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_SPACE = "http://www.opengis.net/kml/2.2"


def kml(features: Sequence[Mapping[str, Any]], text: Any) -> bytes:
    """A file of GeoJSON polygons; `text` says how a fact is written, None where it is left out."""
    root = Element("kml", xmlns=_SPACE)
    document = SubElement(root, "Document")
    for feature in features:
        placemark = SubElement(document, "Placemark")
        facts = {name: text(value) for name, value in feature["properties"].items()}
        SubElement(placemark, "name").text = facts.pop("name", None) or ""
        data = SubElement(placemark, "ExtendedData")
        for name, said in facts.items():
            if said is not None:
                SubElement(SubElement(data, "Data", name=name), "value").text = said
        _draw(placemark, feature["geometry"])
    indent(root)
    written: bytes = tostring(root, "utf-8", xml_declaration=True)
    return written


def _draw(placemark: Element, geometry: Mapping[str, Any]) -> None:
    parent = placemark if geometry["type"] == "Polygon" else SubElement(placemark, "MultiGeometry")
    for rings in _polygons(geometry):
        polygon = SubElement(parent, "Polygon")
        for n, ring in enumerate(rings):
            boundary = SubElement(polygon, "innerBoundaryIs" if n else "outerBoundaryIs")
            line = SubElement(SubElement(boundary, "LinearRing"), "coordinates")
            line.text = " ".join(f"{lon!r},{lat!r}" for lon, lat, *_ in ring)


def _polygons(geometry: Mapping[str, Any]) -> Iterator[Any]:
    if geometry["type"] == "Polygon":
        yield geometry["coordinates"]
    else:
        yield from geometry["coordinates"]
