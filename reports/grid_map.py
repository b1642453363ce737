"""The grids as a picture (网格图): darker where there were more patrols, or where the last one is longer ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians

from locales import say
from locales.dates import full_date
from reports.calendar_chart import legend
from reports.classes import Classes, classes
from reports.figures import Figures, reached_day
from reports.frame import INNER, MARGIN, SMALL, WIDE, foot_high, head_high, head_of, small, write_foot, write_head
from reports.page import INK, Page, text_width
from reports.period import area_name, as_of_line, period_name

NEVER, BORDER = "#ffffff", "#33413a"
_HIGHEST = 1300.0
_FEW = 45
"""So many grids have room for their own number."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Ground:
    """Where a degree lies on the page, in pixels from its top left corner."""

    west: float
    north: float
    scale: float
    narrow: float
    left: float
    top: float

    def point(self, lon: float, lat: float) -> Point:
        """The place of a position; flat, which is true enough for a district."""
        return self.left + (lon - self.west) * self.narrow * self.scale, self.top + (self.north - lat) * self.scale


def grid_map(figures: Figures, language: str) -> bytes:
    """The map as PNG; its colours hold about as many grids each."""
    scale = classes(grid["n"] for grid in figures["grids"] if grid["n"])
    head = head_of(heading(figures, language), say(language, f"report.grid_map.{figures['shown']}_text"))
    foot = small(_notes(figures, language))
    top = head_high(head) + 70
    ground, high = _ground(figures, top)
    with Page(WIDE, round(top + high + foot_high(foot) + 30)) as page:
        write_head(page, head)
        write_foot(page, foot)
        legend(page, scale, head_high(head), say(language, f"report.legend.{figures['shown']}"))
        for grid in figures["grids"]:
            _draw(page, ground, grid, scale)
        for border in figures.get("borders", ()):
            page.line([ground.point(*point) for point in border], BORDER, 3.0)
        _label(page, ground, figures, scale)
        return page.png()


def heading(figures: Figures, language: str) -> str:
    """What the map shows, of which area and period."""
    key = f"report.grid_map.{figures['shown']}"
    day = full_date(reached_day(figures), language)
    return say(language, key, area=area_name(figures), period=period_name(figures, language), day=day)


def colour_of(n: int | None, scale: Classes) -> str:
    """The colour of a grid; white where there never was a patrol."""
    return NEVER if n is None else scale.colour(n)


def _notes(figures: Figures, language: str) -> list[str]:
    elsewhere = figures["elsewhere"]
    apart = [say(language, "report.grid_map.elsewhere", n=f"{elsewhere:,}")] if elsewhere else []
    never = sum(grid["n"] is None for grid in figures["grids"])
    apart += [say(language, "report.grid_map.never", n=never)] if never else []
    return [*apart, as_of_line(figures, language)]


def _ground(figures: Figures, top: float) -> tuple[Ground, float]:
    points = [p for grid in figures["grids"] for shape in grid["shapes"] for p in shape[0]] or [[0.0, 0.0], [1.0, 1.0]]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    narrow = cos(radians((south + north) / 2))
    scale = min(INNER / ((east - west) * narrow), _HIGHEST / (north - south))
    left = MARGIN + (INNER - (east - west) * narrow * scale) / 2
    return Ground(west, north, scale, narrow, left, top), (north - south) * scale


def _draw(page: Page, ground: Ground, grid: Figures, scale: Classes) -> None:
    for shape in grid["shapes"]:
        rings = [[ground.point(*point) for point in ring] for ring in shape]
        page.area(rings, colour_of(grid["n"], scale), "#7d8a82" if grid["n"] is None else "white", 1.5)


def _label(page: Page, ground: Ground, figures: Figures, scale: Classes) -> None:
    grids = figures["grids"]
    if len(grids) <= _FEW:
        for grid in grids:
            x, y = ground.point(*_middle([grid]))
            white = grid["n"] is not None and scale.is_dark(grid["n"])
            text = "–" if grid["n"] is None else f"{grid['n']:,}"
            page.write(x, y + SMALL * 0.36, text, SMALL, "white" if white else INK, "center")
        return
    taken: list[tuple[float, float, float]] = []
    for code, name in figures["streets"].items():
        wide = text_width(name, SMALL)
        x, y = ground.point(*_middle([grid for grid in grids if grid["street"] == code]))
        x = min(max(x, MARGIN + wide / 2), WIDE - MARGIN - wide / 2)
        while any(abs(x - a) < (wide + other) / 2 + 12 and abs(y - b) < SMALL * 1.35 for a, b, other in taken):
            y += 6
        taken.append((x, y, wide))
        page.box(x - wide / 2 - 5, y - SMALL * 0.8, wide + 10, SMALL * 1.3, "#fffffff0")
        page.write(x, y + SMALL * 0.2, name, SMALL, INK, "center")


def _middle(grids: Sequence[Figures]) -> Point:
    """The centre of gravity of the outer rings."""
    sums = [_moments(shape[0]) for grid in grids for shape in grid["shapes"]]
    area = sum(one[0] for one in sums) or 1.0
    return sum(one[1] for one in sums) / area, sum(one[2] for one in sums) / area


def _moments(ring: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Twice the area of a ring, and it times its centre; positive whichever way it runs."""
    x0, y0 = ring[0]
    area = x = y = 0.0
    for (ax, ay), (bx, by) in pairwise(ring):
        # From the first corner, or the small differences are lost beside 116 degrees.
        cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
        area, x, y = area + cross, x + cross * (ax + bx + x0) / 3, y + cross * (ay + by + y0) / 3
    return (area, x, y) if area > 0 else (-area, -x, -y)
