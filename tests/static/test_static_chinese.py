"""No Chinese literal outside the catalogue (中文只在词表): what is said can be read, and translated, in one place."""

import re
from pathlib import Path

from source_files import ROOT, expect_nothing, literals, page_files, place, python_files, tree

IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
COMMENT = {
    ".html": re.compile(r"<!--.*?-->|\{#.*?#\}|/\*.*?\*/|(?<![:\w])//[^\n]*", re.DOTALL),
    ".jinja": re.compile(r"<!--.*?-->|\{#.*?#\}", re.DOTALL),
    ".js": re.compile(r"/\*.*?\*/|(?<![:\w])//[^\n]*", re.DOTALL),
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
}


def chinese_literals(root: Path) -> list[str]:
    """Where the program or a page holds Chinese of its own."""
    return [*_in_python(root), *_in_pages(root)]


def _in_python(root: Path) -> list[str]:
    return [
        f"{place(path, literal, root)}: {literal.value!r}"
        for path in python_files(root)
        for literal in literals(tree(path))
        if IDEOGRAPH.search(str(literal.value))
    ]


def _in_pages(root: Path) -> list[str]:
    found = []
    for path in page_files(root):
        text = COMMENT[path.suffix].sub(lambda comment: "\n" * comment[0].count("\n"), path.read_text("utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{path.relative_to(root)}:{number}: {words}" for words in IDEOGRAPH.findall(line)]
    return found


def test_every_chinese_word_stands_in_the_catalogue() -> None:
    expect_nothing(chinese_literals(ROOT))


def test_control_chinese_in_code_and_pages_is_found_and_comments_are_not(tmp_path: Path) -> None:
    handlers, web = tmp_path / "handlers", tmp_path / "web"
    handlers.mkdir()
    web.mkdir()
    (handlers / "patrol.py").write_text(
        '"""A patrol (巡林)."""\n\nOPEN = 1\n"""草稿"""\n\n\ndef hi(n: int) -> str:\n'
        '    """你好"""\n    return f"第{n}次"  # 回执\n'
    )
    (web / "chat.js").write_text("// 聊天\nshow('发送'); /* 多行\n注释 */ open('http://x/')\n")
    (web / "chat.html").write_text("<!-- 页面 -->\n<p title='地图'></p>\n")
    (web / "chat.css").write_text("/* 颜色 */ p::after { content: '米' }\n")
    assert chinese_literals(tmp_path) == [
        "handlers/patrol.py:9: '第'",
        "handlers/patrol.py:9: '次'",
        "web/chat.css:1: 米",
        "web/chat.html:2: 地图",
        "web/chat.js:2: 发送",
    ]
