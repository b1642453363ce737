"""天地图 below the live map (底图): only with a key, from its own hosts, with its approval number."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat_driver import DISTRICT, House, small_house
from map_house import OFFICES, browser, code_for, fill, serving

from bot.settings import read_settings

KEY, APPROVAL = "0123456789abcdef0123456789abcdef", "GS（2024）0000号"
WITH_KEY = {"tianditu_key": KEY, "tianditu_approval": APPROVAL}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house("sqlite", tmp_path) as made:
        fill(made)
        yield made


def page_and_session(house: House, **settings: Any) -> tuple[httpx.Response, dict[str, Any]]:
    """The page and what it is told, under these settings."""
    known = {"database_url": house.settings.database_url, "data_dir": house.settings.data_dir}
    house.settings = read_settings(**known, language="zh_CN", **settings)
    with serving(house) as address, browser(address, code_for(house, OFFICES[DISTRICT])) as client:
        return client.get("/map"), client.get("/map/session").json()


def hosts_in(policy: str) -> set[str]:
    return set(re.findall(r"https?://[^ ;]+", policy))


def test_with_a_key_pictures_may_come_from_the_eight_tile_hosts_and_nothing_else_from_anywhere(house: House) -> None:
    page, session = page_and_session(house, **WITH_KEY)
    policy = page.headers["content-security-policy"]
    eight = {f"https://t{n}.tianditu.gov.cn" for n in range(8)}
    assert hosts_in(policy) == eight
    (pictures,) = [part for part in policy.split(";") if hosts_in(part)]
    assert pictures.split()[:2] == ["img-src", "'self'"]
    assert page.headers["referrer-policy"] == "strict-origin"
    assert session["tiles"]["approval"] == APPROVAL
    assert session["tiles"]["hosts"] == 8
    assert session["tiles"]["templates"][0] == (
        "https://t{s}.tianditu.gov.cn/vec_c/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default"
        f"&TILEMATRIXSET=c&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={KEY}"
    )
    assert "/cva_c/" in session["tiles"]["templates"][1]


@pytest.mark.parametrize("settings", [{}, {**WITH_KEY, "profile": "cn-gov"}], ids=["without a key", "under cn-gov"])
def test_otherwise_the_page_may_ask_no_host_but_its_own(house: House, settings: dict[str, str]) -> None:
    page, session = page_and_session(house, **settings)
    assert hosts_in(page.headers["content-security-policy"]) == set()
    assert page.headers["referrer-policy"] == "no-referrer"
    assert session["tiles"] is None
    assert KEY not in page.text


def test_the_key_opens_the_map_alone_and_not_the_other_pages(house: House) -> None:
    house.settings = read_settings(
        database_url=house.settings.database_url, data_dir=house.settings.data_dir, **WITH_KEY
    )
    with serving(house) as address:
        health = httpx.get(f"{address}/healthz", trust_env=False)
    assert hosts_in(health.headers["content-security-policy"]) == set()


WRONG = {
    "a key without its approval number": {"tianditu_key": KEY},
    "an approval number without a key": {"tianditu_approval": APPROVAL},
    "a key that would change the policy": {**WITH_KEY, "tianditu_key": "abc; script-src *"},
    "an address with a path": {**WITH_KEY, "tianditu_url": "https://t0.tianditu.gov.cn/x; script-src *"},
}


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG.keys())
def test_half_a_setting_or_one_that_would_change_the_policy_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="TIANDITU"):
        read_settings(language="zh_CN", **settings)
