"""Awkward photos (问题照片): each gets its answer and none stops anything."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from PIL import Image

from bot.photos.check import Decoder

DECODER = Decoder()


def check(path: Path) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return DECODER.facts(path, Path(folder) / "small.jpg")


@pytest.fixture(scope="module", autouse=True)
def _end() -> Iterator[None]:
    yield
    DECODER.close()


SPECIAL = Path(__file__).parent.parent / "data" / "photos" / "special"


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("empty.jpg", "empty"),
        ("text.jpg", "not_an_image"),
        ("truncated.jpg", "truncated"),
        ("bomb.png", "too_many_pixels"),
        ("bomb_claim.jpg", "too_many_pixels"),
    ],
)
def test_a_photo_that_cannot_be_opened_says_why(name: str, bad: str) -> None:
    assert check(SPECIAL / name) == {"bad": bad}


@pytest.mark.parametrize("name", ["animated.gif", "cmyk.jpg", "heic.heic", "png_named.jpg", "progressive.jpg"])
def test_an_unusual_photo_is_opened_all_the_same(name: str) -> None:
    facts = check(SPECIAL / name)
    assert "bad" not in facts
    assert facts["width"] > 0


def test_a_photo_is_measured_as_it_is_shown() -> None:
    with Image.open(SPECIAL / "exif_orientation6.jpg") as image:
        stored = image.size
    facts = check(SPECIAL / "exif_orientation6.jpg")
    assert (facts["height"], facts["width"]) == stored


def test_the_camera_tells_place_and_time() -> None:
    facts = check(SPECIAL / "exif_gps.jpg")
    assert facts["taken_on"].startswith("2023:05:16")
    assert facts["exif_lon"] == pytest.approx(116.375, abs=0.01)


def test_a_file_that_is_not_there_is_said_to_be_lost(tmp_path: Path) -> None:
    assert check(tmp_path / "nowhere.jpg") == {"bad": "lost"}


def test_a_small_copy_is_made_apart_without_the_cameras_data(tmp_path: Path) -> None:
    DECODER.facts(SPECIAL / "exif_gps.jpg", tmp_path / "a" / "small.jpg")
    with Image.open(tmp_path / "a" / "small.jpg") as small:
        assert max(small.size) == 320
        assert not small.getexif()


def test_a_decoder_that_was_stopped_is_replaced_and_the_next_photo_is_opened(tmp_path: Path) -> None:
    decoder = Decoder()
    small = tmp_path / "small.jpg"
    assert "bad" not in decoder.facts(SPECIAL / "png.png", small)
    assert decoder._process
    decoder._process.kill()
    decoder._process.wait()
    assert "bad" not in decoder.facts(SPECIAL / "png.png", small)
    decoder.close()
