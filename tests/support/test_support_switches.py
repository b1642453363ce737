"""The switches of the test command (测试开关): what is skipped here is a failure where it is required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parent
BROWSER = "import pytest\n@pytest.mark.browser\ndef test_page(): "
LONG = "import pytest\n@pytest.mark.long\ndef test_rounds(): pass\ndef test_rule(long): print('long', long)\n"


def outcome(folder: Path, test: str, *options: str, path: str | None = None) -> tuple[int, str]:
    """Exit code and output of pytest with our conftest over one test file."""
    (folder / "conftest.py").write_text((SUPPORT.parent / "conftest.py").read_text("utf-8"), "utf-8")
    (folder / "test_it.py").write_text(test)
    paths = os.pathsep.join((str(SUPPORT), str(SUPPORT.parent.parent)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-sq", "-p", "no:cacheprovider", *options, folder],
        env=os.environ | {"PYTHONPATH": paths} | ({"PATH": path} if path is not None else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("body", "expected"), [("pass", 0), ("pytest.skip('no display')", 1), ("pytest.fail('blank')", 1)]
)
def test_a_required_browser_storey_must_run_and_pass(body: str, expected: int, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    chromium = tmp_path / "bin" / "chromium"
    chromium.touch(mode=0o755)
    assert outcome(tmp_path, BROWSER + body, "--require-browser", path=str(chromium.parent))[0] == expected


def test_without_a_browser_its_storey_is_skipped_and_where_required_it_fails(tmp_path: Path) -> None:
    code, said = outcome(tmp_path, BROWSER + "pass", "-rs", path="")
    assert (code, "no Chromium on this machine" in said) == (0, True)
    assert outcome(tmp_path, BROWSER + "pass", "--require-browser", path="")[0] == 1


def test_a_required_browser_storey_that_is_empty_fails(tmp_path: Path) -> None:
    code, said = outcome(tmp_path, "def test_rule(): pass", "--require-browser")
    assert (code, "no test of the browser storey" in said) == (4, True)


def test_long_ones_run_only_when_asked_for(tmp_path: Path) -> None:
    assert "1 passed, 1 skipped" in outcome(tmp_path, LONG)[1]
    code, said = outcome(tmp_path, LONG, "--long")
    assert (code, "2 passed" in said, "long True" in said) == (0, True, True)
