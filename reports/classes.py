"""Classes of a coloured map (分级): few, of about as many places each, in colours that everybody tells apart."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

COLOURS = ("#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8")
"""Light to dark: the order shows without any colour (ColorBrewer's YlGnBu, safe for colour-blind readers)."""
NOTHING = "#eceeec"
DARK = 3
"""From this class on the writing is white."""


@dataclass(frozen=True)
class Classes:
    """The highest value of each class, from low to high."""

    tops: tuple[int, ...]

    def place(self, value: int) -> int:
        """The class of a value of at least 1, from 0."""
        return min(bisect_left(self.tops, value), len(self.tops) - 1)

    def colour(self, value: int) -> str:
        """The colour of a value; 0 has its own."""
        return COLOURS[self._shade(self.place(value))] if value else NOTHING

    def is_dark(self, value: int) -> bool:
        """Whether what is written on it must be white."""
        return bool(value) and self._shade(self.place(value)) >= DARK

    def rows(self) -> list[tuple[str, str]]:
        """Label and colour of each class, for the legend."""
        lows = [1, *(top + 1 for top in self.tops[:-1])]
        labels = [f"{low:,}" if low == top else f"{low:,}–{top:,}" for low, top in zip(lows, self.tops, strict=True)]
        return [(label, COLOURS[self._shade(n)]) for n, label in enumerate(labels)]

    def _shade(self, place: int) -> int:
        # Few classes are spread over the whole scale.
        return (
            place if len(self.tops) == len(COLOURS) else round(place * (len(COLOURS) - 1) / max(len(self.tops) - 1, 1))
        )


def classes(values: Iterable[int]) -> Classes:
    """At most five classes that hold about as many of the values above 0 each."""
    above = sorted(value for value in values if value > 0)
    if not above:
        return Classes((1,))
    steps = len(COLOURS)
    return Classes(
        tuple(sorted({above[(len(above) * n - 1) // steps] for n in range(1, steps + 1) if len(above) * n >= steps}))
    )
