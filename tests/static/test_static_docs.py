"""The papers keep up (文档同步): every setting and every command of the program is explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_files import ROOT, expect_nothing, tree

SETTINGS = Path("bot/settings.py")
OPERATIONS = Path("docs/operations.md")


def undocumented_settings(root: Path) -> list[str]:
    """The variables of `bot/settings.py` that `docs/operations.md` does not name."""
    told = (root / OPERATIONS).read_text("utf-8")
    return [name for name in variables(root) if not re.search(rf"\b{name}\b", told)]


def variables(root: Path) -> list[str]:
    """Every `XUNLIN_` variable: `_named("DATA_DIR")` and the like, as the settings class writes them."""
    calls = [node for node in ast.walk(tree(root / SETTINGS)) if isinstance(node, ast.Call)]
    names = [
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "_named" and isinstance(call.args[0], ast.Constant)
    ]
    return [f"XUNLIN_{name}" for name in names]


def undocumented_commands(root: Path, commands: list[str]) -> list[str]:
    """The commands that neither the README nor a page of `docs/` shows."""
    papers = [root / "README.md", *(root / "docs").glob("**/*.md")]
    told = "\n".join(paper.read_text("utf-8") for paper in papers if paper.exists())
    return [name for name in commands if not re.search(rf"(?:xunlin|run\.py|-m bot) {name}\b", told)]


def names(command: object, parents: str = "") -> Iterator[str]:
    """The commands below this one: `demo`, `grids import`, …"""
    for name, child in getattr(command, "commands", {}).items():
        whole = f"{parents}{name}"
        yield from names(child, f"{whole} ") if getattr(child, "commands", None) else [whole]


def program() -> list[str]:
    """The commands of the real program."""
    import typer

    from bot import __main__ as main

    app = next(value for value in vars(main).values() if isinstance(value, typer.Typer))
    return list(names(typer.main.get_command(app)))


@pytest.mark.skipif(not (ROOT / OPERATIONS).exists(), reason="docs/operations.md is still to be written")
def test_every_setting_is_explained_to_the_operator() -> None:
    assert len(variables(ROOT)) >= 10
    expect_nothing(undocumented_settings(ROOT))


@pytest.mark.skipif(not (ROOT / "bot" / "__main__.py").exists(), reason="the command line is still to be written")
def test_every_command_is_shown_somewhere() -> None:
    commands = program()
    assert "demo" in commands
    expect_nothing(undocumented_commands(ROOT, commands))


def test_control_a_forgotten_setting_is_found(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / SETTINGS).write_text('a = Field(1, _named("HTTP_PORT", "PORT"))\nb = Field(2, x=_named("HTTP"))\n')
    (tmp_path / OPERATIONS).write_text("`XUNLIN_HTTP_PORT`: where the server listens")
    assert undocumented_settings(tmp_path) == ["XUNLIN_HTTP"]


def test_control_a_forgotten_command_is_found(tmp_path: Path) -> None:
    import typer

    app, grids = typer.Typer(), typer.Typer()
    app.add_typer(grids, name="grids")
    for to, name in ((app, "demo"), (app, "doctor"), (grids, "import")):
        to.command(name)(lambda: None)
    (tmp_path / "README.md").write_text("python3 run.py demo\n\nthe doctor")
    commands = list(names(typer.main.get_command(app)))
    assert commands == ["demo", "doctor", "grids import"]
    assert undocumented_commands(tmp_path, commands) == ["doctor", "grids import"]
