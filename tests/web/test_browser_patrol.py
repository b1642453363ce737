"""The local chat in a browser (浏览器): one full patrol, then the office asks and sees it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent.parent
PHOTOS = sorted((ROOT / "demo" / "xicheng" / "photos").glob("*.jpg"))[:2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo, as `xunlin demo` prints it."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "XUNLIN_DATABASE_URL": f"sqlite:///{folder}/demo.db",
        "XUNLIN_DATA_DIR": str(folder / "data"),
        "XUNLIN_LANGUAGE": "zh_CN",
    }
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port)]
    demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    sentence, serving = demo.stdout.readline(), demo.stdout.readline()
    assert sentence.strip() == "全年区级林长巡林88次，召开调度会7次；街道级林长巡林553次；社区级林长巡林1.44万次。"
    found = ADDRESS.search(serving)
    assert found
    yield found[0]
    demo.send_signal(signal.SIGINT)
    assert demo.wait(30) == 0
    demo.stdout.close()


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    """A phone that reports every error of the page and every request that leaves for another host."""
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # Abroad: what the page shows is the time of the house.
        phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="America/New_York")
        phone.on("pageerror", lambda error: wrong.append(str(error)))
        phone.on("request", lambda request: wrong.append(request.url) if foreign(request.url) else None)
        yield phone
        browser.close()
    assert wrong == []


def foreign(url: str) -> bool:
    """Whether a request leaves the page's own host."""
    return url.startswith("http") and not ADDRESS.match(url)


def enter(page: Page, address: str, who: str) -> None:
    """Come in as somebody of the demo and wait for the greeting."""
    page.goto(address)
    page.get_by_role("searchbox").fill(who)
    # Its name comes first in a button: a chief of the area bears the area's name only behind the own one.
    page.get_by_role("button", name=re.compile(rf"^{who}")).first.click()
    expect(page.get_by_role("log").get_by_text("您好").first).to_be_visible()


def test_a_chief_patrols_and_the_office_sees_it(page: Page, address: str) -> None:
    enter(page, address, "谭怀枫")
    page.get_by_role("button", name="位置").first.click()
    sheet = page.get_by_role("dialog")
    chart = sheet.get_by_label("网格地图", exact=False)
    expect(chart).to_be_visible()
    chart.click()
    sheet.get_by_role("button", name="发送位置").click()
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_text("已定位").last).to_be_visible()
    page.locator("input[type=file]").first.set_input_files([str(photo) for photo in PHOTOS])
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_text("已收到照片 2 张").last).to_be_visible()
    page.get_by_role("button", name="一切正常，提交").last.click()
    expect(page.get_by_text(re.compile(r"已登记 XL-\d{4}-\d{6}"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"已登记 XL-\d{4}-\d{6}"))).to_be_visible()
    page.context.clear_cookies()
    enter(page, address, "西城区")
    expect(page.get_by_text("查看年度总结")).to_be_visible()
    page.get_by_role("textbox").fill("统计 今年")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_text("计入 1 次")).to_be_visible()
    expect(page.get_by_role("cell", name="1", exact=True).first).to_be_visible()
    expect(page.get_by_role("log").get_by_role("img").last).to_be_visible()


def send_location(page: Page) -> None:
    """Tap the middle of the map and send it."""
    page.get_by_role("button", name="位置").first.click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("网格地图", exact=False).click()
    sheet.get_by_role("button", name="发送位置").click()


def test_a_refused_position_leaves_the_page_and_used_buttons_rest(page: Page, address: str) -> None:
    enter(page, address, "胡晓兰")
    send_location(page)
    expect(page.locator(".map-card")).to_have_count(1)
    page.get_by_role("button", name="不同意", exact=True).click()
    expect(page.get_by_text("位置已删除", exact=True)).to_be_visible()
    expect(page.locator(".map-card")).to_have_count(0)
    expect(page.get_by_role("button", name="不同意", exact=True)).to_be_disabled()
    page.reload()
    expect(page.get_by_text("位置已删除", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="不同意", exact=True)).to_be_disabled()


def test_eleven_photos_go_in_two_messages_and_what_cannot_be_shown_is_a_file(page: Page, address: str) -> None:
    enter(page, address, "万枕萱")
    heic = ROOT / "tests" / "data" / "photos" / "special" / "heic.heic"
    page.locator("input[type=file]").first.set_input_files([*[str(PHOTOS[0])] * 10, str(heic)])
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_text("已收到照片 11 张").last).to_be_visible()
    expect(page.locator("#messages .me")).to_have_count(2)
    expect(page.locator("#messages .me a.document")).to_contain_text("heic.heic")


def test_what_is_too_large_is_not_offered_again(page: Page, address: str, tmp_path: Path) -> None:
    enter(page, address, "顾梓")
    large = tmp_path / "large.jpg"
    large.write_bytes(PHOTOS[0].read_bytes() + bytes(21 * 1024 * 1024))
    page.locator("input[type=file]").first.set_input_files(str(large))
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_role("alert").get_by_text("文件太大")).to_be_visible()
    expect(page.get_by_role("button", name="删除")).to_be_visible()
    expect(page.get_by_role("button", name="重试")).to_have_count(0)


def test_the_page_follows_the_language_of_the_conversation_and_the_zone_of_the_house(page: Page, address: str) -> None:
    enter(page, address, "谢怀棠")
    first = page.locator("#messages time").first
    sent = datetime.fromisoformat(first.get_attribute("datetime") or "").astimezone(ZoneInfo("Asia/Shanghai"))
    expect(first).to_have_text(sent.strftime("%H:%M"))
    page.get_by_role("textbox").fill("语言")
    page.get_by_role("button", name="发送", exact=True).click()
    page.locator(".buttons").get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Location")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    expect(page.get_by_role("button", name="Mine")).to_be_visible()
