"""The live map in a browser (浏览器里的一张图): from the link to one record, on a phone and on a desk."""

import re
from collections.abc import Iterator

import pytest
from chat_driver import DISTRICT, SINCE, House, small_house
from map_house import OFFICES, code_for, fill, serving
from playwright.sync_api import Page, expect, sync_playwright
from some_trees import FAR, SCHOLAR, plant

from bot.demo import DATA
from bot.loading import load_old_trees, load_places

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser_map")]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
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
