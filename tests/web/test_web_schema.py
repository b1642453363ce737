"""Every JSON route of the pages under schemathesis (接口健壮性): no 5xx, and answers of their shape."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from chat_driver import DISTRICT, House, small_house
from hypothesis import HealthCheck, Phase, given, settings
from map_house import OFFICES, OWN_PAGE, browser, code_for, fill, serving
from schemathesis.specs.openapi.checks import response_schema_conformance

from bot.serve import app_for
from bot.settings import read_settings

BODIES = [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 5000, b'{"code": {}}', b'{"pick": null, "language": []}']


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small Xicheng with a few patrols, and the local chat switched on."""
    folder = tmp_path_factory.mktemp("schema")
    with small_house("sqlite", folder) as made:
        fill(made)
        made.settings = read_settings(
            database_url=made.settings.database_url, data_dir=made.settings.data_dir, local_chat=True
        )
        yield made


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    """The address of its server."""
    with serving(house) as found:
        yield found


def operations(house: House) -> list[Any]:
    """Every operation of the web application, without the stream that never ends."""
    schema = schemathesis.openapi.from_dict(app_for(house.engine, house.settings).openapi())
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.path != "/local/events"]


def test_whatever_is_asked_nothing_breaks(house: House, address: str, long: bool) -> None:
    asked: dict[str, int] = {}
    with browser(address, code_for(house, OFFICES[DISTRICT])) as client:
        jar = {"xunlin_map": client.cookies["xunlin_map"]}
        for operation in operations(house):

            @settings(
                max_examples=100 if long else 6, deadline=None, database=None, derandomize=not long,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy())
            def ask(case: Any) -> None:
                # Who has come in, so that the questions get past the door; leaving would end it for all.
                if (case.method, case.path) == ("DELETE", "/map/session"):
                    return
                answer = case.call(base_url=address, headers=OWN_PAGE, cookies=jar)
                asked[case.path] = asked.get(case.path, 0) + 1
                # Nothing works behind this server: that its health says so is no fault.
                known = {503} if case.path == "/healthz" else set()
                assert answer.status_code < 500 or answer.status_code in known, f"{case.method} {case.path}"
                if answer.status_code == 200 and "json" in answer.headers.get("content-type", [""])[0]:
                    case.validate_response(answer, checks=[response_schema_conformance])

            ask()
    assert {"/map/data/grids", "/map/data/records", "/map/export.{kind}", "/local/session", "/healthz"} <= set(asked)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_object_is_refused_by_every_route_that_takes_one(address: str, body: bytes) -> None:
    for method, path in (
        ("POST", "/map/session"), ("POST", "/map/language"), ("POST", "/local/session"), ("POST", "/local/language"),
        ("POST", "/local/messages"),
    ):  # fmt: skip
        headers = {**OWN_PAGE, "Content-Type": "application/json"}
        answer = httpx.request(method, f"{address}{path}", content=body, headers=headers, trust_env=False)
        assert 400 <= answer.status_code < 500 or answer.status_code == 200, path


@pytest.mark.parametrize(
    "query", ["area=110102&first=2026-01&last=2026-12&division=0001-01-01", "area=%00&first=a&last=b"]
)
def test_days_before_every_division_and_signs_that_no_table_keeps_are_no_fault(
    house: House, address: str, query: str, tmp_path: Path
) -> None:
    with browser(address, code_for(house, OFFICES[DISTRICT])) as client:
        for path in ("data/grids", "export.csv", "export.shp", "export.kml", "export.gpkg", "data/places"):
            assert client.get(f"/map/{path}?{query}").status_code < 500, path
