"""No traces (不留痕迹): committed files name no machine's folders, no package index, and hold no secret."""

import re
from pathlib import Path

from source_files import ROOT, all_files, expect_nothing

TRACES = {
    "a folder of somebody's machine": r"(?<![\w.~-])/(?:root|home/\w+|Users/\w+|work|mnt/\w+)/[\w.-]",
    "a package index": r"pypi\.org|pythonhosted\.org|\bpypi\.\w+\.\w+|mirrors?\.\w+\.(?:com|cn|edu)|registry\.npmjs",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a Telegram token": r"\b\d{8,10}:AA[\w-]{33}\b",
}


def traces(root: Path) -> list[str]:
    """Where a text file says more than the project should know."""
    found = []
    for path in all_files(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        if "\0" in text:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            said = [what for what, pattern in TRACES.items() if re.search(pattern, line)]
            found += [f"{path.relative_to(root)}:{number}: {what}" for what in said]
    return found


def test_no_file_tells_where_it_was_made() -> None:
    expect_nothing(traces(ROOT))


def test_control_each_kind_of_trace_is_found(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(
        "\n".join(
            (
                "cd /" + "home/li/xunlin",
                "--index https://pypi" + ".org/simple",
                "-----BEGIN " + "PRIVATE KEY-----",
                "TOKEN=123456789:" + "AA" + "x" * 33,
                "photos lie in /srv/xunlin/home/photos",  # no trace
            )
        )
    )
    assert traces(tmp_path) == [f"notes.md:{number}: {what}" for number, what in enumerate(TRACES, 1)]
