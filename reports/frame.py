"""Head and foot of a picture for a telephone (图的首尾): title and sentence above, notes below."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.figures import Figures
from reports.lines import wrapped
from reports.page import GREY, Page, text_width
from reports.period import title
from reports.sentence import annual_sentence

WIDE, MARGIN = 1080, 52
INNER = WIDE - 2 * MARGIN
TITLE, TEXT, SMALL = 46, 32, 27


@dataclass(frozen=True)
class Head:
    """The lines at the top of a picture."""

    size: float
    title: list[str]
    sentence: list[str]


def head_of(heading: str, sentence: str) -> Head:
    """A title and a sentence, broken into lines."""
    size = min(TITLE, max(TEXT, TITLE * 0.99 * INNER / max(text_width(heading, TITLE), 1)))
    return Head(size, wrapped(heading, size, INNER), wrapped(sentence, TEXT, INNER))


def figures_head(figures: Figures, language: str) -> Head:
    """The head of a picture of figures: their title and their sentence."""
    return head_of(title(figures, language), annual_sentence(figures, language))


def head_high(head: Head) -> float:
    """How high a head is, in pixels."""
    return MARGIN + len(head.title) * TITLE * 1.2 + len(head.sentence) * TEXT * 1.4 + 52


def write_head(page: Page, head: Head) -> None:
    """Write the head at the top of a page."""
    y = float(MARGIN) - 6
    for line in head.title:
        y += TITLE * 1.2
        page.write(MARGIN, y, line, head.size)
    for line in head.sentence:
        y += TEXT * 1.4
        page.write(MARGIN, y + 12, line, TEXT, GREY)


def small(notes: Sequence[str]) -> list[str]:
    """Notes in lines of small writing."""
    return [line for note in notes for line in wrapped(note, SMALL, INNER)]


def foot_high(lines: Sequence[str]) -> float:
    """How high a foot of so many lines is, in pixels."""
    return len(lines) * SMALL * 1.4 + MARGIN


def write_foot(page: Page, lines: Sequence[str]) -> None:
    """Write the foot at the bottom of a page."""
    top = page.high - foot_high(lines) + SMALL + 14
    for place, line in enumerate(lines):
        page.write(MARGIN, top + place * SMALL * 1.4, line, SMALL, GREY)
