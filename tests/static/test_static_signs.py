"""Signs in the catalogue (符号): the page draws each itself, for not every device has a letter for it."""

import re
from unicodedata import category

from source_files import ROOT

SIGNS = (ROOT / "web" / "static" / "signs.js").read_text("utf-8")
ICONS = dict(re.findall(r'"(.)": "(\w+)"', SIGNS))


def signs_in(text: str) -> set[str]:
    """The pictures in a text; arrows and lines stand in every font."""
    return {sign for sign in text if category(sign) == "So" and ord(sign) >= 0x2600}


def test_every_sign_of_the_catalogue_is_drawn_by_the_page() -> None:
    used = set().union(*(signs_in(file.read_text("utf-8")) for file in (ROOT / "locales").glob("*.toml")))
    assert {"✅", "📅"} <= used
    assert used <= ICONS.keys(), f"without an icon: {used - ICONS.keys()}"


def test_every_icon_that_a_sign_names_is_there() -> None:
    drawn = set(re.findall(r'symbol id="(\w+)"', (ROOT / "web" / "static" / "icons.svg").read_text("utf-8")))
    assert set(ICONS.values()) <= drawn
