"""The tiles of 天地图 (Tianditu) below the live map, where a key is set: their addresses, hosts and credit."""

from dataclasses import dataclass
from typing import Any

HOSTS = range(8)
LAYERS = ("vec", "cva")
"""The ground, and the names on it."""
_MATRIX = "c"
"""Tiles in degrees of CGCS2000: they lie on the map as they are. It differs from WGS-84 by less than a metre."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Where tiles come from; `url` may hold `{s}`, which stands for 0 to 7."""

    url: str
    key: str
    approval: str
    """The approval number (审图号), which must be shown with the map."""

    def hosts(self) -> tuple[str, ...]:
        """The hosts that the page may load pictures from."""
        return tuple(dict.fromkeys(self.url.replace("{s}", str(n)) for n in HOSTS))

    def templates(self) -> list[str]:
        """The address of a tile of each layer; `{s}`, `{z}`, `{x}`, `{y}` are the page's to fill."""
        return [
            f"{self.url}/{layer}_{_MATRIX}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
            f"&TILEMATRIXSET={_MATRIX}&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={self.key}"
            for layer in LAYERS
        ]

    def shown(self) -> dict[str, Any]:
        """What the page needs of them."""
        return {"templates": self.templates(), "hosts": len(self.hosts()), "approval": self.approval}
