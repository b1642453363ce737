"""The door (端口): a port that is taken is one clear line, before anything else is done."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("command", ["demo", "run"])
def test_a_taken_port_is_one_clear_line(command: str, taken: int, tmp_path: Path) -> None:
    settings = {
        "XUNLIN_DATABASE_URL": f"sqlite:///{tmp_path}/demo.db", "XUNLIN_DATA_DIR": str(tmp_path / "data"),
        "XUNLIN_LANGUAGE": "zh_CN", "XUNLIN_HTTP_PORT": str(taken),
    }  # fmt: skip
    program, environment = [sys.executable, "-m", "bot", command], {**os.environ, **settings}
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr.strip() == f"端口 {taken} 已被别的程序占用。请停掉它，或用 --port（XUNLIN_HTTP_PORT）换一个端口。"
    )
    assert not (tmp_path / "demo.db").exists()
