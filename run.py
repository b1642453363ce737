"""Sets Xunlin up on a machine that has only Python 3.11 and pip, then becomes the program (安装并启动)."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said before an older Python stumbles over anything below
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"xunlin: this is Python {found}, 3.11 or newer is needed: install it and start run.py with it.")
if sys.platform == "win32":
    sys.exit("xunlin: set-up is made for Linux and macOS: start run.py inside WSL or a container.")

import ast
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS, VENV = ROOT / ".tools", ROOT / ".venv"
UV, PYTHON, STAMP = TOOLS / "bin" / "uv", VENV / "bin" / "python", VENV / ".set-up"
LOG = TOOLS / "set-up.log"
RUN_LOCK, TEST_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
BASE = getattr(sys, "_base_executable", None) or sys.executable  # the real Python, also when a venv's starts us
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

FROM_PIP = {  # uv reads no pip configuration: what pip would use is handed over
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}

DISK_FULL = "the disk is full: free about 1 GB and start again."
NO_PIP = "Python has no pip: install it (Debian: apt-get install python3-pip) and start again."
NO_WRITING = f"{ROOT} cannot be written: copy the project to a folder of your own and start run.py there."
NO_INDEX = "packages cannot be fetched: check the network, or name a reachable index in PIP_INDEX_URL, and start again."
WRONG_FILE = (
    "the package index serves a file that is not the one in the lock file: use another index, or ask who keeps it."
)
SIGNS = {  # what the log says, and what to tell the user about it; the first that fits is said
    "no space left": DISK_FULL,
    "disk quota": DISK_FULL,
    "no module named pip": NO_PIP,
    "do not match the hashes": WRONG_FILE,
    "hash mismatch": WRONG_FILE,
    "connection": NO_INDEX,
    "timed out": NO_INDEX,
    "no matching distribution": NO_INDEX,
    "read-only file system": NO_WRITING,
    "permission denied": NO_WRITING,
}


def main(arguments: list[str]) -> None:
    """Set up what is due, then replace this process by the program or by the tests."""
    testing = arguments[:1] == ["test"]
    try:
        set_up(TEST_LOCK if testing else RUN_LOCK)
        if testing:
            ensure_browser()
            os.chdir(ROOT)
            become("pytest", *together(arguments[1:]), *arguments[1:])
        become("bot", *(arguments or ["demo"]))
    except SetUpError as failure:
        sys.exit(f"xunlin: {failure}")
    except OSError as error:
        sys.exit(f"xunlin: {said_of(error)}")
    except KeyboardInterrupt:
        print("\nxunlin: stopped; the next start goes on from here.", file=sys.stderr)
        sys.exit(130)


class SetUpError(Exception):
    """Set-up cannot go on; the message is the sentence for the user."""


def set_up(lock: Path) -> None:
    """Make `.venv` hold exactly what `lock` names, unless it does already."""
    if is_set_up(lock):
        return
    with alone():
        if not is_set_up(lock):
            install(lock)
            STAMP.write_text(home() + content(lock), "utf-8")


def is_set_up(lock: Path) -> bool:
    """Whether `.venv` is sound and of this lock file; what the tests need holds what a run needs."""
    return is_sound() and stamp().endswith((content(lock), content(TEST_LOCK)))


def is_sound() -> bool:
    """Whether `.venv` was finished here with this Python: a moved checkout or a newer Python begins again."""
    return PYTHON.exists() and stamp().startswith(home())


def stamp() -> str:
    """What set-up noted when it was done; empty where it never was."""
    try:
        return STAMP.read_text("utf-8")
    except OSError:
        return ""


def home() -> str:
    return f"{sys.version_info[:2]} {VENV} {os.path.realpath(PYTHON)}\n"


def content(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the set-up lock, so that two starts at once do not write into one another's `.venv`."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start is setting up; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(lock: Path) -> None:
    """Install by uv, and where uv cannot, by pip; raises `SetUpError` with what to do."""
    say("setting up, once; the first time takes a minute or two …")
    LOG.write_text("")
    fresh = not is_sound()
    STAMP.unlink(missing_ok=True)
    if install_by_uv(lock, fresh):
        return
    cure = known_cure()
    if cure in (DISK_FULL, NO_PIP):
        raise SetUpError(cure)
    say("uv could not do it; trying with pip, which takes longer …")
    LOG.write_text("")
    if not install_by_pip(lock):
        raise SetUpError(known_cure() or f"set-up failed: the reason stands at the end of {LOG}")


def install_by_uv(lock: Path, fresh: bool) -> bool:
    """Whether uv could be had and did it; a sound `.venv` is kept, for a program may be running from it."""
    settings = pip_settings() | {"UV_PYTHON_DOWNLOADS": "never"}
    sync = [str(UV), "pip", "sync", "--python", str(PYTHON), "--compile-bytecode", "--require-hashes", str(lock)]
    return (
        (UV.exists() or run([BASE, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(TOOLS), "uv<1"]))
        and (not fresh or run([str(UV), "venv", "--clear", "--python", BASE, str(VENV)], settings))
        and run(sync, settings)
    )


def install_by_pip(lock: Path) -> bool:
    """Whether it was done without uv."""
    pip = [BASE, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "--require-hashes", "-r", str(lock)]
    return run([BASE, "-m", "venv", "--clear", "--without-pip", str(VENV)]) and run(pip)


def known_cure() -> str | None:
    """What to tell the user about the failure in the log, where we know it."""
    output = LOG.read_text(errors="replace").lower()
    return next((cure for sign, cure in SIGNS.items() if sign in output), None)


def pip_settings() -> dict[str, str]:
    """Pip's configuration as uv's environment variables; what the user has set for uv stays."""
    listing = subprocess.run([BASE, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    settings: dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # a later one wins, as with pip
        for line in listing.stdout.splitlines():
            name, _, value = line.removeprefix(f"{section}.").partition("=")
            if line.startswith(f"{section}.") and name in FROM_PIP:
                settings[FROM_PIP[name]] = " ".join(str(ast.literal_eval(value)).split())
    if "UV_EXTRA_INDEX_URL" in settings:
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip does; safe because every hash is required
    if "UV_FIND_LINKS" in settings:
        settings["UV_FIND_LINKS"] = settings["UV_FIND_LINKS"].replace(" ", ",")
    return {name: value for name, value in settings.items() if name not in os.environ}


def run(command: list[str], settings: dict[str, str] | None = None) -> bool:
    """Whether `command` succeeded; what it says goes to the log."""
    pip_for_us = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}  # either would refuse --target and --python
    environment = os.environ | pip_for_us | (settings or {})
    with LOG.open("ab") as log:
        child = subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait(child)
        finally:  # also on Ctrl-C, which the child has got as well: nothing is left running
            child.terminate()
            child.wait()
    return child.returncode == 0


def wait(child: subprocess.Popen[bytes]) -> None:
    """Wait for `child`, with a sign of life every 20 seconds."""
    began = time.monotonic()
    while True:
        try:
            child.wait(20)
            return
        except subprocess.TimeoutExpired:
            say(f"… still at it ({time.monotonic() - began:.0f} s)")


def ensure_browser() -> None:
    """Install Debian's Chromium for the browser storey where there is no browser and we may."""
    if any(map(shutil.which, BROWSERS)):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("no Chromium here and no right to install it: the browser storey of the tests is skipped.")
        return
    say("installing Debian's chromium for the browser storey …")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install_chromium = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"]
    if not (run(["apt-get", "update", "-qq"], quiet) and run(install_chromium, quiet)):
        say(f"chromium could not be installed (see {LOG}): the browser storey of the tests is skipped.")


def together(arguments: list[str]) -> list[str]:
    """What runs the whole short suite in several processes: it waits more than it computes, so one more than cores."""
    # One file or one round of the long ones is sooner done in one process, which also shows what tests print.
    whole = all(argument in ("--require-browser", "-q", "-v") for argument in arguments)
    return ["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder"] if whole else []


def become(module: str, *arguments: str) -> None:
    """Replace this process by `module` in `.venv`; it finds the project by PYTHONPATH, so any folder will do."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", module, *arguments])


def said_of(error: OSError) -> str:
    """The sentence for a file that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return NO_WRITING
    return f"set-up failed: {error}; mend that and start again."


def say(sentence: str) -> None:
    """Progress goes to stderr: stdout belongs to the program, which may print JSON."""
    print(f"xunlin: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
