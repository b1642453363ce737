"""The commands (命令): each file with an `app` is registered in `bot/__main__.py`, and starts quickly."""

import ast
import subprocess
import sys
from pathlib import Path

from source_files import ROOT, expect_nothing, tree

COMMANDS = Path("bot/commands")
SLOW = (
    "aiohttp",
    "apscheduler",
    "bot.worker",
    "fastapi",
    "geopy",
    "httpx",
    "matplotlib",
    "openpyxl",
    "telegram",
    "uvicorn",
)


def unregistered(root: Path, registered: tuple[str, ...]) -> list[str]:
    """The files of `bot/commands/` whose `app` the program does not know."""
    return [f"{file.name}: not in COMMANDS" for file in apps(root) if file.stem not in registered]


def apps(root: Path) -> list[Path]:
    """The files that have an `app`."""
    return [file for file in sorted((root / COMMANDS).glob("*.py")) if has_app(tree(file))]


def has_app(module: ast.Module) -> bool:
    targets = [target for node in module.body if isinstance(node, ast.Assign) for target in node.targets]
    return any(isinstance(target, ast.Name) and target.id == "app" for target in targets)


def loaded(code: str) -> list[str]:
    """The slow modules that an interpreter has loaded after `code`."""
    look = f"{code}\nimport sys\nprint(*(name for name in {SLOW!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_every_command_is_registered() -> None:
    from bot.__main__ import COMMANDS as REGISTERED

    assert len(apps(ROOT)) >= 12
    expect_nothing(unregistered(ROOT, REGISTERED))


def test_the_command_line_loads_nothing_slow_before_it_is_needed() -> None:
    expect_nothing(loaded("import bot.__main__"))


def test_control_a_forgotten_command_is_found(tmp_path: Path) -> None:
    (tmp_path / COMMANDS).mkdir(parents=True)
    for name, text in {"demo": "app = 1", "duties": "app = 1", "printing": "errors = 1"}.items():
        (tmp_path / COMMANDS / f"{name}.py").write_text(text)
    assert unregistered(tmp_path, ("demo",)) == ["duties.py: not in COMMANDS"]


def test_control_a_slow_module_is_found() -> None:
    assert loaded("import openpyxl") == ["openpyxl"]
