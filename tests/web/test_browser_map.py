"""The live map in a browser (浏览器里的一张图): from the link to one record, on a phone and on a desk."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from chat_driver import DISTRICT, SINCE, House, small_house
from map_house import OFFICES, code_for, fill, serving
from playwright.sync_api import Page, expect, sync_playwright
from some_trees import FAR, SCHOLAR, plant

from bot.demo import DATA
from bot.loading import load_old_trees, load_places
from bot.settings import read_settings

pytestmark = pytest.mark.browser
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PIXELS_OFF = """async () => {
  const { features: [grid] } = await (await fetch("/map/data/grids?area=110102&first=2026-01&last=2026-12")).json();
  const points = grid.geometry.coordinates.flat(grid.geometry.type === "Polygon" ? 1 : 2);
  const shown = document.querySelector(".land .grid").getBoundingClientRect();
  const image = document.querySelector(".tiles image");
  const at = (name) => Number(new URL(image.getAttribute("href")).searchParams.get(name));
  const frame = image.getBoundingClientRect(), size = 360 / 2 ** at("TILEMATRIX");
  const across = (Math.min(...points.map(([lon]) => lon)) - (at("TILECOL") * size - 180)) / size;
  const down = (90 - at("TILEROW") * size - Math.max(...points.map(([, lat]) => lat))) / size;
  const [left, top] = [frame.left + across * frame.width, frame.top + down * frame.height];
  return Math.max(Math.abs(left - shown.left), Math.abs(top - shown.top));
}"""
"""How far a grid lies on the screen from where the tile below it says."""
AWAY = (116.3655, 39.9345)
"""A place in the district with no tree of the test near it."""
SIZES = {"phone": (390, 844), "desk": (1280, 800)}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small Xicheng with a few patrols, parks and old trees."""
    folder = tmp_path_factory.mktemp("map")
    with small_house("sqlite", folder) as made:
        plant(made, folder)
        fill(made)
        made.talk_as("胡晓兰").presses("看了这3株")
        load_places(made.engine, DATA / "geo" / "parks.geojson", "park")
        load_old_trees(made.engine, DATA / "geo" / "old_trees.geojson", SINCE)
        yield made


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    """The address of its server."""
    with serving(house) as found:
        yield found


@pytest.fixture(params=list(SIZES))
def page(chromium: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser that reports every error of the page, all that its policy forbids, and what leaves for another host."""
    wrong: list[str] = []
    width, height = SIZES[request.param]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
        found.on("pageerror", lambda error: wrong.append(str(error)))
        found.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        found.on("request", lambda asked: wrong.append(asked.url) if not ADDRESS.match(asked.url) else None)
        yield found
        browser.close()
    assert wrong == []


def come_in(page: Page, house: House, address: str) -> None:
    page.goto(f"{address}/map#{code_for(house, OFFICES[DISTRICT])}")
    page.get_by_role("button", name="打开一张图").click()
    expect(page.get_by_role("heading", name="西城区", exact=True)).to_be_visible()


def test_from_the_link_to_one_record_with_its_photo_and_back(page: Page, house: House, address: str) -> None:
    come_in(page, house, address)
    assert page.url == f"{address}/map"
    expect(page.get_by_text("2026年计入4次")).to_be_visible()
    page.get_by_role("button", name="德胜街道").click()
    page.get_by_role("button", name="安德路南社区", exact=True).click()
    page.get_by_role("button", name="安德路南社区网格").click()
    expect(page.get_by_text("计入1条", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("胡晓兰")).click()
    expect(page.get_by_role("heading", name=re.compile(r"XL-2026-\d{6}"))).to_be_visible()
    photo = page.get_by_role("img", name="照片1")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.go_back()
    expect(page.get_by_text("计入1条", exact=True)).to_be_visible()
    page.get_by_role("button", name="西城区", exact=True).click()
    expect(page.get_by_text("2026年计入4次")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_choices_change_colours_period_and_layers(page: Page, house: House, address: str) -> None:
    come_in(page, house, address)
    expect(page.locator(".spot.park").first).to_be_attached()
    expect(page.locator(".land .grid.v1")).not_to_have_count(0)
    for measure, tone, note in (
        ("距上次巡林天数", "brown", "距最近一次计入的巡林"), ("任务完成", "blue", "社区级林长的共同任务"),
        ("发现问题数", "brown", "登记了问题"),
    ):  # fmt: skip
        page.get_by_label("颜色表示").select_option(measure)
        expect(page.locator(f"#map[data-tone={tone}]")).to_be_visible()
        expect(page.locator("#legend-note")).to_contain_text(note)
    page.get_by_label("公园和古树").uncheck()
    expect(page.locator(".spot")).to_have_count(0)
    page.get_by_label("时间").select_option("单月")
    expect(page.locator("#map-title")).to_contain_text("2026年11月")
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载表格").click()
    assert taken.value.suggested_filename == "xunlin-110102-2026-11-2026-11.csv"


def test_from_a_grid_to_an_old_tree_and_the_patrol_that_saw_it(page: Page, house: House, address: str) -> None:
    come_in(page, house, address)
    expect(page.locator("#map .spot.old_tree")).to_have_count(3)
    expect(page.locator("#map .spot.old_tree_never").first).to_be_attached()
    expect(page.get_by_text("还没看过的古树", exact=True)).to_be_visible()
    page.get_by_role("button", name="德胜街道").click()
    page.get_by_role("button", name="安德路南社区", exact=True).click()
    page.get_by_role("button", name="安德路南社区网格").click()
    expect(page.get_by_role("heading", name="古树3株")).to_be_visible()
    page.get_by_role("button", name=re.compile(SCHOLAR)).click()
    expect(page.get_by_role("heading", name=f"国槐 {SCHOLAR}")).to_be_visible()
    expect(page.get_by_text("一级", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("胡晓兰")).click()
    expect(page.get_by_role("heading", name=re.compile(r"XL-2026-\d{6}"))).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="古树3株")).to_be_visible()


def test_a_tree_is_opened_by_a_tap_on_its_sign(page: Page, house: House, address: str) -> None:
    come_in(page, house, address)
    sign = page.locator("#map .spot.old_tree_never", has_text="银杏").bounding_box()
    assert sign is not None
    page.mouse.click(sign["x"] + sign["width"] / 2, sign["y"] + sign["height"] / 2)
    expect(page.get_by_role("heading", name=f"银杏 {FAR}")).to_be_visible()
    expect(page.get_by_text("还没有看过。").first).to_be_visible()


def test_by_the_keyboard_alone_one_gets_from_the_map_to_a_grid_and_reads_its_name(
    page: Page, house: House, address: str
) -> None:
    come_in(page, house, address)
    page.get_by_role("button", name="德胜街道").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="德胜街道")).to_be_focused()
    page.get_by_role("application").focus()
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("德胜街道 · .*网格"))).to_be_visible()
    expect(page.locator("#picked")).to_contain_text("巡林")


def test_a_used_link_says_how_to_get_another(page: Page, house: House, address: str) -> None:
    code = code_for(house, OFFICES[DISTRICT])
    for words in ("退出", "已经用过或过期"):
        page.goto(f"{address}/map#{code}")
        page.reload()
        page.get_by_role("button", name="打开一张图").click()
        if words == "退出":
            page.get_by_role("button", name="退出").click()
            expect(page.get_by_text("请在聊天里发送“一张图”")).to_be_visible()
        else:
            expect(page.get_by_text(words)).to_be_visible()


def test_it_prints_the_map_with_its_legend_and_without_its_buttons(page: Page, house: House, address: str) -> None:
    come_in(page, house, address)
    page.emulate_media(media="print")
    expect(page.locator("#legend")).to_be_visible()
    expect(page.locator("#map-title")).to_be_visible()
    for hidden in ("#controls", ".map-tools", ".map-bar"):
        expect(page.locator(hidden)).to_be_hidden()


@pytest.fixture
def tiled(house: House) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that has a key for tiles, and what the stand-in for their hosts was asked for."""
    asked: list[str] = []

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(TILE)

        def log_message(self, *_: object) -> None:
            pass

    plain = house.settings
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        house.settings = read_settings(
            database_url=plain.database_url, data_dir=plain.data_dir, language="zh_CN", tianditu_key="0123456789abcdef",
            tianditu_approval="GS（2024）0000号", tianditu_url=f"http://127.0.0.1:{server.server_port}",
        )  # fmt: skip
        with serving(house) as address:
            yield address, asked
        house.settings = plain
        server.shutdown()
        thread.join()


def test_tiles_lie_below_the_grids_where_they_belong_and_can_be_taken_away(
    tiled: tuple[str, list[str]], page: Page, house: House
) -> None:
    address, asked = tiled
    come_in(page, house, address)
    expect(page.locator(".tiles image").first).to_be_attached()
    expect(page.get_by_text("GS（2024）0000号")).to_be_visible()
    page.wait_for_load_state("networkidle")
    # Every tile that was asked for touches the district or some room around it.
    for path in asked:
        z, y, x = (int(re.findall(rf"{name}=(\d+)", path)[0]) for name in ("TILEMATRIX", "TILEROW", "TILECOL"))
        size = 360 / 2**z
        west, north = x * size - 180, 90 - y * size
        assert 116.2 - size < west < 116.5
        assert 39.8 < north < 40.05 + size
        assert path.endswith("&tk=0123456789abcdef")
    assert page.evaluate(PIXELS_OFF) < 2
    page.get_by_label("底图（天地图）").uncheck()
    expect(page.locator(".tiles image")).to_have_count(0)
    expect(page.get_by_text("GS（2024）0000号")).to_be_hidden()
    before = len(asked)
    page.get_by_role("button", name="放大").click()
    expect(page.locator(".tiles image")).to_have_count(0)
    assert len(asked) == before


def test_the_link_of_the_chat_is_used_by_a_post_and_becomes_a_session(page: Page, house: House, address: str) -> None:
    # The page's clock is the real one.
    before, house.now = house.now, datetime.now(UTC)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("一张图")
    house.now = before
    code = office.last.text.partition("#")[2].split()[0]
    sent: list[tuple[str, str]] = []
    page.on("request", lambda asked: sent.append((asked.method, asked.url)))
    page.goto(f"{address}/map#{code}")
    expect(page.get_by_text("这个链接只能用一次")).to_be_visible()
    assert {method for method, _ in sent} == {"GET"}
    with page.expect_response(lambda answer: answer.request.method == "POST") as came:
        page.get_by_role("button", name="打开一张图").click()
    assert (came.value.status, came.value.url) == (204, f"{address}/map/session")
    expect(page.get_by_role("heading", name="西城区", exact=True)).to_be_visible()
    assert not any(code in url for _, url in sent)
    page.reload()
    expect(page.get_by_role("heading", name="西城区", exact=True)).to_be_visible()


REACHABLE = """() => [...document.querySelectorAll("button, a[href], select, input, [tabindex='0']")]
  .filter((node) => node.checkVisibility() && !node.disabled && node.tabIndex >= 0)"""
NAMED = (
    "(nodes) => nodes.map((node) => (node.ariaLabel || node.labels?.[0]?.textContent || node.textContent || '').trim())"
)


def test_the_tab_key_reaches_everything_in_the_order_of_reading_and_everything_has_a_name(
    page: Page, house: House, address: str
) -> None:
    come_in(page, house, address)
    expect(page.get_by_text("2026年计入4次")).to_be_visible()
    nodes = page.evaluate_handle(REACHABLE)
    names = page.evaluate(NAMED, nodes)
    assert all(names)
    assert {"一张图" in name or len(name) > 1 for name in names} == {True}
    page.locator("#language").focus()
    reached = [0]
    for _ in names[1:]:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(nodes) => nodes.indexOf(document.activeElement)", nodes))
    assert reached == list(range(len(names)))
    seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert seen != "none"


def test_a_screen_reader_finds_landmarks_and_is_told_what_was_picked(page: Page, house: House, address: str) -> None:
    come_in(page, house, address)
    for role, name in (
        ("banner", None), ("main", None), ("form", "显示内容"), ("region", "地图"), ("region", "明细"),
        ("application", None), ("list", "图例"), ("navigation", "所在位置"), ("slider", None),
    ):  # fmt: skip
        found = page.get_by_role(role, name=name) if name else page.get_by_role(role)  # type: ignore[arg-type]
        expect(found.first).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    status = page.locator("#picked")
    assert status.get_attribute("role") == "status"
    page.get_by_role("button", name="德胜街道").click()
    expect(page.get_by_role("heading", name="德胜街道")).to_be_visible()
    page.get_by_role("application").focus()
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("网格")
    expect(page.get_by_role("slider", name="月份")).to_be_visible()
    assert "月" in (page.get_by_role("slider").get_attribute("aria-valuetext") or "")
    # What is only drawn is not read out grid by grid: the list beside it says the same.
    assert page.locator(".labels").get_attribute("aria-hidden") == "true"


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_problems_are_signs_that_a_tap_or_the_enter_key_opens(page: Page, house: House, address: str) -> None:
    # The last test of the module: the house has no problem before it.
    before, house.now = house.now, datetime.now(UTC)
    chief = house.talk_as("胡晓兰")
    chief.sends("上报")
    chief.presses("折枝")
    chief.sends_location(*AWAY)
    chief.presses("✅ 上报")
    year, house.now = house.now.year, before
    come_in(page, house, address)
    sign = page.locator("#map .spot.problem_open")
    expect(sign).to_have_count(1)
    expect(page.get_by_text("没办结的问题").first).to_be_visible()
    box = sign.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name=re.compile(rf"WT-{year}-\d{{6}}"))).to_be_visible()
    expect(page.get_by_text("待受理", exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name=re.compile("折枝")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile(rf"WT-{year}-\d{{6}}"))).to_be_visible()
    page.get_by_label("问题", exact=True).uncheck()
    expect(sign).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
