"""A page to draw on (画布): pixels from the top left corner, one Chinese font, the same bytes for the same drawing."""

import io
import logging
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font
    from matplotlib.patches import Patch

Align = Literal["left", "center", "right"]
INK, GREY, LINE = "#1f2a24", "#5c6962", "#d5dbd7"
_DPI = 100
_MISSING = "\u3013"
_drawing = threading.Lock()  # FreeType faces and Agg are not made for several threads


class Page:
    """A white page of the given size in pixels; use it as a context: threads draw one after the other."""

    def __init__(self, wide: int, high: int) -> None:
        self.wide, self.high = wide, high

    def __enter__(self) -> "Page":
        _drawing.acquire()
        try:
            self._open()
        except BaseException:
            _drawing.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._canvas.renderer = None  # 6 MB that would wait for the garbage collector
        self._figure.clear()
        _drawing.release()

    def _open(self) -> None:
        _quiet()
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self._figure = Figure(figsize=(self.wide / _DPI, self.high / _DPI), dpi=_DPI, facecolor="white")
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1), xlim=(0, self.wide), ylim=(self.high, 0))
        self._axes.set_axis_off()

    def box(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """A filled rectangle from its top left corner."""
        from matplotlib.patches import Rectangle

        self._draw(Rectangle((x, y), wide, high, facecolor=colour, edgecolor="none", linewidth=0))

    def area(self, rings: Sequence[Sequence[tuple[float, float]]], colour: str, edge: str, line: float) -> None:
        """A filled polygon: its outer ring, then its holes; `line` is the width of its border in pixels."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        path = Path.make_compound_path(*(Path([*ring], closed=True) for ring in rings))
        self._draw(PathPatch(path, facecolor=colour, edgecolor=edge, linewidth=line * 72 / _DPI))

    def _draw(self, patch: "Patch") -> None:
        # Not add_patch: it works out the limits of the axes anew for each box, and ours are fixed.
        patch.set_transform(self._axes.transData)
        self._axes.add_artist(patch)

    def photo(self, x: float, y: float, wide: float, high: float, jpeg: bytes) -> None:
        """A picture, whole and in its own proportions, in the middle of a rectangle."""
        from PIL import Image

        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
            picture = opened.convert("RGB")
        scale = min(wide / picture.width, high / picture.height)
        own_wide, own_high = picture.width * scale, picture.height * scale
        left, top = x + (wide - own_wide) / 2, y + (high - own_high) / 2
        self._axes.imshow(picture, extent=(left, left + own_wide, top + own_high, top), aspect="auto", zorder=2)
        self._axes.set(xlim=(0, self.wide), ylim=(self.high, 0))

    def line(self, points: Sequence[tuple[float, float]], colour: str, wide: float) -> None:
        """A line through points, `wide` pixels."""
        from matplotlib.lines import Line2D

        xs, ys = zip(*points, strict=True)
        joins: dict[str, Any] = {"solid_joinstyle": "round", "solid_capstyle": "round"}
        self._axes.add_line(Line2D(xs, ys, color=colour, linewidth=wide * 72 / _DPI, **joins))

    def write(
        self, x: float, y: float, text: str, size: float, colour: str = INK, align: Align = "left", turn: int = 0
    ) -> None:
        """One line of text on its baseline y, `size` pixels high; turned by degrees about its anchor."""
        from matplotlib.font_manager import FontProperties

        self._axes.text(
            x,
            y,
            printable(text),
            font=FontProperties(fname=_font_path(), size=size * 72 / _DPI),
            color=colour,
            ha=align,
            va="baseline",
            rotation=turn,
            rotation_mode="anchor",
            parse_math=False,
        )

    def png(self) -> bytes:
        """The page as PNG without date or program name."""
        stream = io.BytesIO()
        self._figure.savefig(
            stream, format="png", dpi=_DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 4}
        )
        return stream.getvalue()


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """The width in pixels of a line of text `size` pixels high."""
    font = _font()
    from matplotlib.ft2font import LoadFlags

    font.set_size(size, 72)
    font.set_text(printable(text), flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64


def missing_glyphs(text: str) -> set[str]:
    """The characters of a text that the font cannot draw; line breaks and spaces are never drawn."""
    return {char for char in text if not char.isspace() and not _font().get_char_index(ord(char))}


def printable(text: str) -> str:
    """The text on one line, with the printers' mark for a missing character where the font has none."""
    line = " ".join(text.split())
    missing = missing_glyphs(line)
    return "".join(_MISSING if char in missing else char for char in line)


def _font() -> "FT2Font":
    _quiet()
    from matplotlib.font_manager import get_font

    return get_font(_font_path())


@cache
def _font_path() -> str:
    from pylopdf_fonts_zh_cn import sans_path

    return str(sans_path())


@cache
def _quiet() -> None:
    """Keeps the first import from reporting its own font cache, which is never used: every text names its font file."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib as mpl

    # Fitting each of some thousand strokes to the pixels took half the time and shows on no telephone.
    mpl.rcParams["text.hinting"] = "no_hinting"
