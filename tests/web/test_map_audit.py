"""The live map is audited (一张图审计): who came in, what was shown, what was taken along, what was refused."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from chat_driver import DESHENG, DISTRICT, XICHANGAN, House, small_house
from map_house import OFFICES, browser, code_for, fill, serving
from sqlalchemy import select, text

from models.account import Account
from models.audit import Audit
from models.patrol import Patrol
from models.photo import Photo

YEAR = {"first": "2026-01", "last": "2026-12"}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng with a few patrols."""
    with small_house(request.param, tmp_path) as made:
        fill(made)
        yield made


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The address of its server."""
    with serving(house) as found:
        yield found


def deeds(house: House, user: str) -> list[tuple[str, str, str | None, str]]:
    """What was noted of an office's account, in order."""
    account = house.rows(select(Account.id).where(Account.user_id == user))[0]
    rows = house.rows(select(Audit).where(Audit.who == f"account:{account}").order_by(Audit.id))
    return [(row.what, row.object, row.area_code, row.result) for row in rows]


def seen(client: httpx.Client, path: str, **asked: str) -> int:
    return client.get(path, params=asked).status_code


def test_coming_in_looking_at_a_record_and_its_photo_and_taking_along(house: House, address: str) -> None:
    patrol = house.rows(select(Patrol).order_by(Patrol.id))[0]
    photo = house.rows(select(Photo.id))[0]
    with browser(address, code_for(house, OFFICES[DISTRICT])) as client:
        assert seen(client, f"/map/data/records/{patrol.id}") == 200
        assert seen(client, f"/map/data/photos/{photo}/full") == 200
        assert seen(client, "/map/export.csv", area=DISTRICT, **YEAR) == 200
        assert seen(client, "/map/data/records", grid=str(patrol.grid_version_id), **YEAR) == 200
    found = deeds(house, OFFICES[DISTRICT])
    assert [what for what, *_ in found][:2] == ["map.link_issued", "map.entered"]
    assert found[2:5] == [
        ("record.viewed", f"patrol:{patrol.number}", DESHENG, "done"),
        ("photo.viewed", f"photo:{photo}", None, "done"),
        ("map.exported", "grids:2026-01..2026-12:csv", DISTRICT, "done"),
    ]
    assert found[5][0] == "record.listed"


def test_what_was_refused_is_noted_too(house: House, address: str) -> None:
    patrol = house.rows(select(Patrol).where(Patrol.street_code == DESHENG).order_by(Patrol.id))[0]
    code = code_for(house, OFFICES[XICHANGAN])
    with browser(address, code) as client:
        assert seen(client, f"/map/data/records/{patrol.id}") == 404
        assert seen(client, f"/map/data/photos/{house.rows(select(Photo.id))[0]}/full") == 404
        assert client.post("/map/session", json={"code": code}).status_code == 403
    found = deeds(house, OFFICES[XICHANGAN])
    assert [(what, result) for what, _, _, result in found[2:]] == [
        ("record.viewed", "refused"), ("photo.viewed", "refused"),
    ]  # fmt: skip
    nobody = house.rows(select(Audit).where(Audit.who == "anyone"))
    assert [(row.what, row.result) for row in nobody] == [("map.entered", "refused")]


def test_what_cannot_be_noted_is_not_shown(house: House, address: str) -> None:
    patrol = house.rows(select(Patrol.id).order_by(Patrol.id))[0]
    with browser(address, code_for(house, OFFICES[DISTRICT])) as client:
        with house.engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit RENAME TO audit_away"))
        assert seen(client, f"/map/data/records/{patrol}") == 500
        with house.engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit_away RENAME TO audit"))
        assert seen(client, f"/map/data/records/{patrol}") == 200
