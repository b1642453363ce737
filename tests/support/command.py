"""The command line as a process of its own, without the second that its start takes (命令进程).

A server process has loaded the program; each command is a fork of it, with an environment, a stdout and a stderr of
its own. How the program starts from nothing is what `test_command_line.py` asks.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def xunlin(settings: Mapping[str, str], *words: object) -> "subprocess.CompletedProcess[str]":
    """Run a command with these settings and no others; gives its exit code and what it said."""
    done = xunlin_bytes(settings, *words)
    said, complained = (stream.decode().replace("\r\n", "\n") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, said, complained)


def xunlin_bytes(settings: Mapping[str, str], *words: object) -> "subprocess.CompletedProcess[bytes]":
    """The same, with the bytes that were said."""
    arguments = ["xunlin", *map(str, words)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XUNLIN_")}
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _server().Process(target=_become, args=(arguments, inherited | dict(settings), out, err))
        process.start()
        process.join()
        code = process.exitcode
        process.close()
        return subprocess.CompletedProcess(arguments, code or 0, out.read_bytes(), err.read_bytes())


@cache
def _server() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["bot.__main__"])
    before = os.environ.get("PYTHONPATH")
    # The server knows no other way to the program.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    try:
        ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return context


def _become(arguments: list[str], environment: dict[str, str], out: Path, err: Path) -> None:
    for path, stream in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = arguments
    from bot.__main__ import main

    main()
