"""What goes wrong in a command (命令出错): one sentence in the language of the settings, and never a traceback."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_driver import small_url
from command import xunlin

from bot.commands import progress
from bot.commands.run import tell_start
from bot.settings import read_settings

ROOT = Path(__file__).parent.parent.parent
ADMIN = ROOT / "demo" / "xicheng" / "admin"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What a process needs to find the small Xicheng."""
    with small_url("sqlite", tmp_path) as url:
        ours = {"XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(tmp_path), "XUNLIN_LANGUAGE": "zh_CN"}
        yield ours


def run(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return xunlin(environment, *words)


def told(environment: dict[str, str], *words: str, code: int = 1) -> str:
    """The one line that a command says when it cannot do what was asked."""
    done = run(environment, *words)
    assert (done.stdout, done.returncode, len(done.stderr.splitlines())) == ("", code, 1), done.stderr
    return done.stderr.rstrip("\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sumary", "没有命令 sumary。用 xunlin --help 查看有哪些命令。"),
        ("grids imprt", "没有命令 imprt。用 xunlin grids --help 查看有哪些命令。"),
        ("summary --yaer 2023", "没有选项 --yaer。用 xunlin summary --help 查看写法。"),
        ("summary --year abc", "--year 的值不对。用 xunlin summary --help 查看写法。"),
        ("summary --year", "缺少 --year 的值。用 xunlin --help 查看写法。"),
        ("replay", "缺少 FILE 的值。用 xunlin replay --help 查看写法。"),
        ("recount one two", "命令写得不对。用 xunlin recount --help 查看写法。"),
    ],
)
def test_what_is_not_written_as_it_must_be_is_one_line(environment: dict[str, str], words: str, said: str) -> None:
    assert told(environment, *words.split(), code=2) == said


def test_a_group_without_a_command_shows_its_help(environment: dict[str, str]) -> None:
    done = run(environment, "grids")
    assert done.returncode == 2
    assert "import" in done.stderr


@pytest.mark.parametrize("words", ["summary", "migrate", "run", "demo", "backup copies"])
def test_a_file_that_is_no_database_is_one_line(environment: dict[str, str], tmp_path: Path, words: str) -> None:
    (tmp_path / "photo.db").write_bytes(b"\xff\xd8\xff\xe0 a photo, no database" * 100)
    there = {**environment, "XUNLIN_DATABASE_URL": f"sqlite:///{tmp_path}/photo.db"}
    words = words.replace("copies", str(tmp_path / "copies"))
    said = told(there, *words.split())
    assert said.startswith("数据库读不出来（file is not a database）")


def test_a_folder_that_cannot_be_written_is_one_line(environment: dict[str, str]) -> None:
    there = {**environment, "XUNLIN_DATABASE_URL": "sqlite:////proc/xunlin/x.db"}
    assert told(there, "migrate").startswith("写不了 /proc/xunlin")


@pytest.mark.parametrize("words", ["grids import", "roster import", "replay", "grids areas {file}"])
def test_a_folder_in_the_place_of_a_file_is_said(environment: dict[str, str], tmp_path: Path, words: str) -> None:
    words = words.replace("{file}", str(ADMIN / "streets.csv"))
    assert told(environment, *words.split(), str(tmp_path)) == f"{tmp_path.name} 是文件夹。请给出其中的文件。"


def test_tables_of_areas_in_the_wrong_order_are_told_apart(environment: dict[str, str]) -> None:
    said = told(environment, "grids", "areas", str(ADMIN / "communities.csv"), str(ADMIN / "streets.csv"))
    assert said.startswith("communities.csv 缺少这些列：alias")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("110102010999,火星社区,110199", "编码 110102010999 的上级 110199 既不在文件里也不在库里"),
        (",火星社区,110102010", "c.csv 第 2 行缺少 code"),
        ("110102010999", "c.csv 第 2 行缺少 name, street_code"),
    ],
)
def test_a_line_of_areas_that_cannot_be_is_named(
    environment: dict[str, str], tmp_path: Path, line: str, said: str
) -> None:
    (tmp_path / "c.csv").write_text(f"code,name,street_code\n{line}\n", "utf-8")
    assert told(environment, "grids", "areas", str(ADMIN / "streets.csv"), str(tmp_path / "c.csv")).startswith(said)


def test_a_replay_that_is_cut_or_empty_is_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"msg_id": "1"}\n' * 9)[:-9])
    assert told(environment, "replay", str(tmp_path / "cut.jsonl.gz")).startswith("cut.jsonl.gz ")
    (tmp_path / "none.jsonl").write_text("\n\n", "utf-8")
    assert told(environment, "replay", str(tmp_path / "none.jsonl")) == "none.jsonl 里一条送达记录也没有。请检查文件。"


def test_a_port_that_cannot_be_is_named_by_its_variable(environment: dict[str, str]) -> None:
    said = told(environment, "demo", "--port", "99999")
    assert said == "设置 XUNLIN_HTTP_PORT 不对：要写 0 到 65535 的整数，例如 8080。请改好后再启动。"


@pytest.mark.parametrize("account", ["foo:1", "tele gram:  9", "telegram:zhang", "telegram", ":1"])
def test_an_account_that_cannot_be_is_refused(environment: dict[str, str], account: str) -> None:
    assert told(environment, "office", "add", account, "110102").startswith(f"“{account}”不是账号")


def test_the_language_of_the_settings_is_spoken(environment: dict[str, str]) -> None:
    there = {**environment, "XUNLIN_LANGUAGE": "en"}
    assert told(there, "sumary", code=2) == "There is no command sumary. xunlin --help shows which there are."


def test_an_invitation_for_nobody_is_refused(environment: dict[str, str]) -> None:
    assert told(environment, "invite") == "要给谁？请写林长编码，或用 --all 给花名册上的每个人。"


def test_the_doctor_says_each_setting_once_and_by_its_variable(environment: dict[str, str]) -> None:
    lines = run(environment, "doctor").stdout.splitlines()
    (language,) = [line for line in lines if "zh_CN" in line]
    assert language == "XUNLIN_LANGUAGE=zh_CN"


def test_where_there_is_no_terminal_the_progress_is_written_in_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    with progress.bar(read_settings(language="en"), 500) as add:
        add(256)
        add(244)
    assert capsys.readouterr().err.splitlines() == ["Replaying: 256/500", "Replaying: 500/500"]


def test_run_says_in_one_line_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    settings = read_settings(language="en", local_chat=True, telegram_token="1:secret", http_port=8081)
    tell_start(settings, {"web", "work"})
    said = "Running. Address http://127.0.0.1:8081/, channels telegram, local, loops web, work\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(("level", "said"), [("WARNING", "careful\n"), ("ERROR", ""), ("INFO", "hello\ncareful\n")])
def test_the_log_level_decides_what_is_logged(level: str, said: str) -> None:
    code = (
        "import logging, structlog\nfrom bot.logs import set_up_logs\nfrom bot.settings import read_settings\n"
        "set_up_logs(read_settings().log_level, ())\n"
        "structlog.get_logger().info('hello')\nlogging.getLogger('bot').warning('careful')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XUNLIN_LOG_LEVEL": level}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert [line.split()[-1] for line in done.stderr.splitlines()] == said.split()
