"""Before and after (整改前后对比): the photos of a problem side by side, for a telephone."""

from collections.abc import Sequence

from locales import say
from reports.figures import Figures
from reports.frame import MARGIN, TEXT, TITLE, WIDE
from reports.page import GREY, LINE, Page

MOST = 3
"""So many photos of each side are shown."""
_GAP = 20
_COLUMN = (WIDE - 2 * MARGIN - _GAP) / 2
_HIGH = _COLUMN * 3 / 4
_TOP = MARGIN + TITLE + 80


def problem_pair(figures: Figures, language: str) -> bytes:
    """The pair as PNG; `before` and `after` are small pictures as JPEG, the earliest of each first."""
    before, after = figures["before"][:MOST], figures["after"][:MOST]
    rows = max(len(before), len(after), 1)
    with Page(WIDE, round(_TOP + rows * (_HIGH + _GAP) + MARGIN)) as page:
        page.write(MARGIN, MARGIN + TITLE * 0.8, figures["number"], TITLE)
        _column(page, MARGIN, say(language, "report.problem_pair.before"), before, language)
        _column(page, MARGIN + _COLUMN + _GAP, say(language, "report.problem_pair.after"), after, language)
        return page.png()


def _column(page: Page, left: float, title: str, photos: Sequence[bytes], language: str) -> None:
    page.write(left, _TOP - 24, title, TEXT, GREY)
    if not photos:
        page.box(left, _TOP, _COLUMN, _HIGH, LINE)
        none = say(language, "report.problem_pair.none")
        page.write(left + _COLUMN / 2, _TOP + _HIGH / 2, none, TEXT, GREY, "center")
    for place, photo in enumerate(photos):
        page.photo(left, _TOP + place * (_HIGH + _GAP), _COLUMN, _HIGH, photo)
