"""Awkward photos (问题照片): each gets its answer and none stops anything."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from chat_driver import OWN, small_house
from PIL import Image
from sqlalchemy import select

from bot.media import Media
from bot.photos.check import Decoder
from locales import say
from models.patrol import Patrol
from models.photo import Photo

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


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("animated.gif", (160, 120)), ("black_pocket.jpg", (320, 240)), ("cmyk.jpg", (320, 240)),
        ("heic.heic", (640, 480)), ("png.png", (120, 160)), ("png_named.jpg", (120, 160)),
        ("progressive.jpg", (640, 480)),
    ],
)  # fmt: skip
def test_an_unusual_photo_is_opened_all_the_same(name: str, size: tuple[int, int]) -> None:
    facts = check(SPECIAL / name)
    assert (facts["width"], facts["height"]) == size
    assert len(facts["phash"]) == 16


def test_a_photo_is_measured_as_it_is_shown() -> None:
    with Image.open(SPECIAL / "exif_orientation6.jpg") as image:
        stored = image.size
    facts = check(SPECIAL / "exif_orientation6.jpg")
    assert (facts["height"], facts["width"]) == stored


@pytest.mark.parametrize(
    ("name", "place", "taken"),
    [
        ("exif_gps.jpg", (116.375, 39.8727), "2023:05:16 09:21:33"),
        ("exif_gps_other_district.jpg", (116.295, 40.006), "2023:05:16 09:25:00"),
        ("exif_gps_zero.jpg", (None, None), None),
        ("exif_old_date.jpg", (None, None), "2019:04:02 15:00:10"),
        ("exif_orientation6.jpg", (None, None), None),
        ("png.png", (None, None), None),
    ],
)
def test_the_camera_tells_place_and_time_where_it_knows_them(
    name: str, place: tuple[float | None, float | None], taken: str | None
) -> None:
    facts = check(SPECIAL / name)
    assert facts["taken_on"] == taken
    assert (facts["exif_lon"], facts["exif_lat"]) == tuple(one and pytest.approx(one, abs=0.0001) for one in place)


BAD = {
    "bomb.png": "too_many_pixels", "bomb_claim.jpg": "too_many_pixels", "empty.jpg": "empty",
    "text.jpg": "not_an_image", "truncated.jpg": "truncated",
}  # fmt: skip


def test_every_awkward_photo_is_answered_in_the_chat_and_none_harms_its_patrol(tmp_path: Path) -> None:
    names = sorted(path.name for path in SPECIAL.iterdir())
    assert len(names) == 17
    with small_house("sqlite", tmp_path) as house:
        chat = house.talk_as("胡晓兰")
        chat.sends_location(*OWN)
        chat.presses("同意")
        media = Media(house.engine, house.settings, {})
        for name in names:
            house.now += timedelta(hours=1)
            chat.sends_location(*OWN)
            chat.sends_files((SPECIAL / name).read_bytes())
            assert "已登记 XL-2026-" in chat.presses("提交"), name
            media.check_once(house.now)
            house.sends_out()
            said = chat.hears()
            assert said == (say("zh_CN", f"photo.bad.{BAD[name]}") if name in BAD else ""), name
        media.decoder.close()
        photos = house.rows(select(Photo).order_by(Photo.id))
        verdicts = house.rows(select(Patrol.verdict))
    assert [photo.error for photo in photos] == [BAD.get(name) for name in names]
    assert verdicts == ["counted"] * 17


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


def test_a_round_whose_time_is_over_gives_back_what_it_did_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.media._CHECKED_FOR_S", -1.0)
    with small_house("sqlite", tmp_path) as house:
        chat = house.talk_as("胡晓兰")
        chat.sends_files(*((SPECIAL / name).read_bytes() for name in ("png.png", "exif_gps.jpg", "truncated.jpg")))
        media = Media(house.engine, house.settings, {})
        assert media.check_once(house.now) == 1
        photos = house.rows(select(Photo).order_by(Photo.id))
        assert [(one.state, one.lease_until) for one in photos] == [
            ("checked", None), ("stored", None), ("stored", None),
        ]  # fmt: skip
        assert [media.check_once(house.now) for _ in range(3)] == [1, 1, 0]
        media.decoder.close()
