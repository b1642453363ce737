"""The live map's doors (一张图的门): in by a link, once; then the own area, and 404 for everything else."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat_driver import DESHENG, DISTRICT, OWN, XICHANGAN, House, small_house
from map_house import OFFICES, OWN_PAGE, PHOTO, browser, code_for, fill, serving
from some_trees import SCHOLAR, plant
from sqlalchemy import select, true, update
from xicheng import xicheng_url

from bot.files.grid_file import read_grids
from models.area import Area
from models.audit import Audit
from models.engine import transaction
from models.grid import GridVersion
from models.map_link import MapLink
from models.patrol import Patrol
from models.photo import Photo
from models.problem import Problem
from services import office
from services.place import PlaceRow, load

YEAR = {"first": "2026-01", "last": "2026-12"}
COMMUNITY = "110102010002"


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


@pytest.fixture
def district(house: House, address: str) -> Iterator[httpx.Client]:
    """The browser of the district's office."""
    with browser(address, code_for(house, OFFICES[DISTRICT])) as client:
        yield client


def grids(client: httpx.Client, area: str = DISTRICT, **asked: Any) -> Any:
    """What the map draws of an area."""
    answer = client.get("/map/data/grids", params={"area": area, **YEAR, **asked})
    assert answer.status_code == 200
    return answer.json()


def test_a_link_works_once_and_looking_at_it_does_not_use_it_up(house: House, address: str) -> None:
    code = code_for(house, OFFICES[DISTRICT])
    with browser(address) as preview:
        assert preview.get("/map").status_code == 200
        assert preview.get("/map/session").status_code == 401
    with browser(address, code) as first, browser(address) as second:
        assert first.get("/map/session").json()["areas"][0]["name"] == "西城区"
        answer = second.post("/map/session", json={"code": code})
        assert (answer.status_code, "已经用过或过期" in answer.json()["error"]) == (403, True)


@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=9), 204), (timedelta(minutes=10, seconds=1), 403)])
def test_a_link_lasts_ten_minutes(house: House, address: str, age: timedelta, status: int) -> None:
    with browser(address) as client:
        assert client.post("/map/session", json={"code": code_for(house, OFFICES[DISTRICT], age)}).status_code == status


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(house: House, address: str) -> None:
    with browser(address) as client:
        cookie = client.post("/map/session", json={"code": code_for(house, OFFICES[DISTRICT])}).headers["set-cookie"]
    assert {"httponly", "samesite=strict", "path=/map"} <= {part.strip().lower() for part in cookie.split(";")}


def test_another_site_cannot_bring_anybody_in(house: House, address: str) -> None:
    code = code_for(house, OFFICES[DISTRICT])
    answer = httpx.post(f"{address}/map/session", json={"code": code}, trust_env=False)
    assert answer.status_code == 403
    with browser(address, code):
        pass


def test_the_page_may_load_its_own_scripts_and_nothing_else(address: str) -> None:
    policy = httpx.get(f"{address}/map", trust_env=False).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_change_needs_the_token_of_its_own_session(house: House, address: str, district: httpx.Client) -> None:
    with browser(address, code_for(house, OFFICES[DESHENG])) as other:
        foreign = other.get("/map/session").json()["token"]
    for token in ("", "made.up", foreign):
        assert district.delete("/map/session", headers={"X-CSRF-Token": token}).status_code == 403
        assert (
            district.post("/map/language", json={"language": "en"}, headers={"X-CSRF-Token": token}).status_code == 403
        )
    own = {"X-CSRF-Token": district.get("/map/session").json()["token"]}
    assert district.post("/map/language", json={"language": "en"}, headers=own).status_code == 204
    assert district.get("/map/session").json()["language"] == "en"


def test_whoever_has_left_is_out_even_with_the_old_cookie(address: str, district: httpx.Client) -> None:
    cookie = district.cookies["xunlin_map"]
    own = {"X-CSRF-Token": district.get("/map/session").json()["token"]}
    assert district.delete("/map/session", headers=own).status_code == 204
    with browser(address) as again:
        again.cookies.set("xunlin_map", cookie)
        assert again.get("/map/session").status_code == 401


def test_a_session_ends_by_itself_and_with_the_office(house: House, district: httpx.Client) -> None:
    assert district.get("/map/session").status_code == 200
    with transaction(house.engine) as session:
        office.remove(session, "local", OFFICES[DISTRICT], house.now)
    assert district.get("/map/session").status_code == 401
    with transaction(house.engine) as session:
        office.add(session, "local", OFFICES[DISTRICT], DISTRICT, house.now)
    assert district.get("/map/session").status_code == 200
    with transaction(house.engine) as session:
        session.execute(update(MapLink).values(used_at=datetime.now(UTC) - timedelta(hours=8, seconds=1)))
    assert district.get("/map/session").status_code == 401


def test_nobody_sees_what_is_not_theirs(house: House, address: str) -> None:
    """Every role asks for every object: 200 for one's own, 404 for another's, 401 for who has not come in."""
    asked, wrong = matrix(house, address, 8)
    assert asked > 200
    assert wrong == []


@pytest.mark.long
def test_nobody_sees_what_is_not_theirs_in_all_of_xicheng(tmp_path: Path) -> None:
    with xicheng_url("sqlite", tmp_path) as url:
        house = House(url, tmp_path / "data")
        fill(house)
        with serving(house) as address:
            asked, wrong = matrix(house, address, 1)
        house.engine.dispose()
    assert asked > 5000
    assert wrong == []


def test_control_a_map_without_areas_gives_wrong_answers(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.scope.may_see", lambda session, person, area, day: area)
    monkeypatch.setattr("services.map_record._visible", lambda session, person, day: true())
    _, wrong = matrix(house, address, 8)
    assert {path.partition("?")[0].split("/")[2] for _, path, _, _ in wrong} >= {"data", "export.csv"}
    assert any("photos" in path for _, path, _, _ in wrong)


def matrix(house: House, address: str, step: int) -> tuple[int, list[tuple[str, str, int, int]]]:
    """How many questions were asked, and those that got another answer than they should: role, path, got, wanted."""
    with ExitStack() as stack:
        roles: dict[str, httpx.Client] = {
            area: stack.enter_context(browser(address, code_for(house, user))) for area, user in OFFICES.items()
        }
        roles["nobody"] = stack.enter_context(browser(address))
        roles["chief"] = stack.enter_context(browser(address, code_for(house, "胡晓兰")))
        roles["forger"] = stack.enter_context(browser(address))
        roles["forger"].cookies.set("xunlin_map", "MQ.forged")
        answers = [
            (role, path, client.get(path, params=params).status_code, allowed(role, street))
            for path, params, street in objects(house, step)
            for role, client in roles.items()
        ]
    return len(answers), [one for one in answers if one[2] != one[3]]


def allowed(role: str, street: str | None) -> int:
    """What a role is answered for an object of a street (of the whole district: its code; of nowhere: None)."""
    if not role.isdigit():
        return 401
    return 200 if street and street.startswith(role) else 404


def objects(house: House, step: int) -> list[tuple[str, dict[str, Any], str | None]]:
    """What can be asked for, one in so many: address, query, the area that it belongs to; and what does not exist."""
    codes = house.rows(select(Area.code).order_by(Area.code))
    areas = [
        (code, code[:9]) for code in [*(c for c in codes if len(c) <= 9), *[c for c in codes if len(c) > 9][::step]]
    ]
    found: list[tuple[str, dict[str, Any], str | None]] = []
    for code, street in [*areas, ("110101", None), ("999999999", None)]:
        found += [(f"/map/{path}", {"area": code, **YEAR}, street) for path in ("data/grids", "export.csv")]
    found += [("/map/data/places", {"area": code}, street) for code, street in areas if len(code) <= 9]
    drawn = [(one.id, one.street_code) for one in house.rows(select(GridVersion).order_by(GridVersion.id))][::step]
    found += [("/map/data/records", {"grid": id_, **YEAR}, street) for id_, street in [*drawn, (999_999, None)]]
    patrols = [(one.id, one.street_code or DISTRICT) for one in house.rows(select(Patrol))]
    found += [(f"/map/data/records/{id_}", {}, street) for id_, street in [*patrols, (999_999, None)]]
    for photo in house.rows(select(Photo)):
        found += [(f"/map/data/photos/{photo.id}/{size}", {}, DESHENG) for size in ("small", "full")]
    return [*found, ("/map/data/photos/999999/small", {}, None)]


def test_the_map_counts_as_the_chat_does(house: House, district: httpx.Client) -> None:
    chat = house.talk_as(f"office {DISTRICT}")
    asked = 0
    for area, name in ((DISTRICT, ""), (DESHENG, "德胜街道"), (XICHANGAN, "西长安街街道"), (COMMUNITY, "安德路南社区")):
        for question, months in (("今年", YEAR), ("本月", {"first": "2026-11", "last": "2026-11"})):
            chat.sends(f"统计 {question} {name} 按网格")
            told = {row[0]: int(row[1]) for row in next(one for one in reversed(chat.heard) if one.rows).rows}
            shown = grids(district, area, **months)
            assert shown["total"] == told.pop("合计")
            assert shown["without_grid"] == told.pop("未定", 0)
            assert {one["properties"]["name"]: one["properties"]["patrols"] for one in shown["features"]} == told
            asked += 2 + len(told)
    chat.sends("统计 今年 按街道")
    told = {row[0]: int(row[1]) for row in next(one for one in reversed(chat.heard) if one.rows).rows}
    below = grids(district)["below"]
    assert all(told[one["name"]] == one["patrols"] for one in below)
    assert asked + len(below) >= 20


def test_each_number_of_a_grid_lists_its_patrols(district: httpx.Client) -> None:
    shown = [one for one in grids(district)["features"] if one["properties"]["patrols"]]
    assert shown
    for one in shown:
        listed = district.get("/map/data/records", params={"grid": one["id"], **YEAR}).json()
        assert listed["total"] == len(listed["records"]) == one["properties"]["patrols"]


def test_a_record_has_its_photo_its_verdict_and_its_history(house: House, district: httpx.Client) -> None:
    withdrawn = house.rows(select(Patrol).where(Patrol.withdrawn_at.is_not(None)))[0]
    record = district.get(f"/map/data/records/{withdrawn.id}").json()
    assert (record["verdict"], record["counted"], record["chief"]) == ("本人撤回", False, "胡晓兰")
    assert [(one["what"], one["by"], one["after"]) for one in record["changes"]] == [
        ("withdrawn", "胡晓兰", "本人撤回")
    ]
    photo = record["photos"][0]
    small, full = (district.get(f"/map/data/photos/{photo['id']}/{size}") for size in ("small", "full"))
    assert (small.headers["content-type"], full.content) == ("image/jpeg", PHOTO.read_bytes())
    assert district.get(f"/map/data/photos/{photo['id']}/../full").status_code == 404


@pytest.mark.parametrize("asked", [{"first": "2026-13"}, {"first": "2027-01", "last": "2026-01"}, {"division": "x"}])
def test_a_period_that_cannot_be_is_refused(district: httpx.Client, asked: dict[str, str]) -> None:
    assert district.get("/map/data/grids", params={"area": DISTRICT, **YEAR, **asked}).status_code == 422


def test_what_is_shown_can_be_taken_along_and_text_stays_text(
    house: House, district: httpx.Client, tmp_path: Path
) -> None:
    with transaction(house.engine) as session:
        one = session.scalars(select(GridVersion).where(GridVersion.street_code == DESHENG)).first()
        assert one is not None
        one.name = "=1+1"
    shown = grids(district)
    asked = {"area": DISTRICT, **YEAR}
    taken = district.get("/map/export.geojson", params=asked)
    assert json.loads(taken.text)["features"] == shown["features"]
    for kind, ending in (("kml", "kml"), ("shp", "zip"), ("gpkg", "gpkg")):
        layer = district.get(f"/map/export.{kind}", params=asked)
        assert f'filename="xunlin-110102-2026-01-2026-12.{ending}"' in layer.headers["content-disposition"]
        (tmp_path / kind).write_bytes(layer.content)
        rows = read_grids(tmp_path / kind)
        assert {(row.code, row.name) for row in rows} == {
            (one["properties"]["code"], one["properties"]["name"]) for one in shown["features"]
        }
    sheet = district.get("/map/export.csv", params=asked).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert len(rows) == len(shown["features"])
    assert sum(int(row["巡林次数"]) for row in rows) + shown["without_grid"] == shown["total"]
    assert "'=1+1" in {row["网格"] for row in rows}
    assert district.get("/map/export.exe", params=asked).status_code == 404


def test_places_are_those_of_the_own_area(house: House, address: str) -> None:
    with transaction(house.engine) as session:
        rows = [PlaceRow(code, "park", code, code, 116.38, 39.95) for code in (DESHENG, XICHANGAN)]
        assert load(session, rows) == load(session, rows) == 2
    with browser(address, code_for(house, OFFICES[DESHENG])) as client:
        assert client.get("/map/session").json()["places"] is True
        places = client.get("/map/data/places", params={"area": DESHENG}).json()["places"]
    assert [place["code"] for place in places] == [DESHENG]


def test_without_our_header_and_cookie_there_is_only_the_page(address: str) -> None:
    for path in (
        "session",
        "data/grids?area=110102&first=2026-01&last=2026-01",
        "data/records/1",
        "data/photos/1/full",
    ):
        assert httpx.get(f"{address}/map/{path}", headers=OWN_PAGE, trust_env=False).status_code == 401


def test_the_record_of_an_old_tree_is_for_whoever_may_see_its_street(
    house: House, address: str, tmp_path: Path
) -> None:
    plant(house, tmp_path)
    with browser(address, code_for(house, OFFICES[DESHENG])) as client:
        assert client.get("/map/session").json()["places"] is True
        trees = client.get("/map/data/places", params={"area": DESHENG}).json()["places"]
        found = client.get(f"/map/data/trees/{SCHOLAR.lower()}").json()
        assert client.get("/map/data/trees/NONE").status_code == 404
    assert {tree["code"]: tree["watch"] for tree in trees if tree["kind"] == "old_tree"}[SCHOLAR] == "never"
    assert (found["code"], found["species"], found["last_on"], found["visits"]) == (SCHOLAR, "国槐", None, [])
    with browser(address, code_for(house, OFFICES[XICHANGAN])) as client:
        assert client.get(f"/map/data/trees/{SCHOLAR}").status_code == 404
        places = client.get("/map/data/places", params={"area": XICHANGAN}).json()["places"]
    assert all(place["kind"] != "old_tree" for place in places)


def test_problems_are_drawn_where_they_lie_and_only_for_their_office(house: House, address: str) -> None:
    chief = house.talk_as("胡晓兰")
    chief.sends("上报")
    chief.presses("折枝")
    chief.sends_location(*OWN)
    chief.presses("✅ 上报")
    for office_code, n in ((DISTRICT, 1), (DESHENG, 1), (XICHANGAN, 0)):
        with browser(address, code_for(house, OFFICES[office_code])) as client:
            answer = client.get("/map/data/problems", params={"area": office_code, **YEAR}).json()["problems"]
            assert [one["type"] for one in answer] == ["broken_branch"] * n
            drawn = grids(client, office_code)["features"]
            assert sum(one["properties"]["open_problems"] for one in drawn) == n
    with browser(address, code_for(house, OFFICES[XICHANGAN])) as client:
        assert client.get("/map/data/problems", params={"area": DESHENG, **YEAR}).status_code == 404
    with browser(address) as stranger:
        assert stranger.get("/map/data/problems", params={"area": DESHENG, **YEAR}).status_code == 401


def test_a_problem_opens_for_its_own_office_alone_and_is_noted(house: House, address: str) -> None:
    chief = house.talk_as("胡晓兰")
    chief.sends("上报")
    chief.presses("折枝")
    chief.sends_location(*OWN)
    chief.presses("✅ 上报")
    number = house.rows(select(Problem.number))[0]
    for office_code, status in ((DISTRICT, 200), (DESHENG, 200), (XICHANGAN, 404)):
        with browser(address, code_for(house, OFFICES[office_code])) as client:
            answer = client.get(f"/map/data/problems/{number}")
            assert answer.status_code == status
            assert client.get("/map/data/problems/WT-2026-999999").status_code == 404
        if status == 200:
            shown = answer.json()
            assert (shown["number"], shown["type"], shown["state"]) == (number, "折枝", "待受理")
            assert [(one["what"], one["by"]) for one in shown["steps"]] == [("上报", "胡晓兰")]
    with browser(address) as stranger:
        assert stranger.get(f"/map/data/problems/{number}").status_code == 401
    noted = house.rows(select(Audit).where(Audit.what == "problem.viewed"))
    assert [(one.object, one.area_code, one.result) for one in noted] == [(f"problem:{number}", DESHENG, "done")] * 2
