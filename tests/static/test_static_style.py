"""Style and types (风格与类型): ruff and mypy over the whole house."""

import subprocess
import sys
from pathlib import Path

import pytest
from source_files import ROOT, expect_nothing, packages

CONFIG = ROOT / "pyproject.toml"


def lint(root: Path) -> str:
    """What ruff finds; empty where all is well."""
    return output_of_failure("ruff", "check", "--quiet", "--no-cache", "--config", CONFIG, root)


def unformatted(root: Path) -> str:
    return output_of_failure("ruff", "format", "--check", "--quiet", "--no-cache", "--config", CONFIG, root)


def type_errors(root: Path, *names: str) -> str:
    """What mypy finds in its strict mode."""
    return output_of_failure("mypy", "--strict", "--config-file", CONFIG, *names, folder=root)


def output_of_failure(module: str, *arguments: str | Path, folder: Path = ROOT) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_ruff_finds_nothing() -> None:
    expect_nothing(lint(ROOT).splitlines())


def test_every_file_is_formatted() -> None:
    expect_nothing(unformatted(ROOT).splitlines())


def test_every_type_is_checked() -> None:
    others = [name for name in ("benchmarks",) if any((ROOT / name).glob("**/*.py"))]
    expect_nothing(type_errors(ROOT, *packages(ROOT), *others, "run.py").splitlines())


@pytest.fixture
def careless(tmp_path: Path) -> Path:
    (tmp_path / "grid.py").write_text("import os\ndef area_m2(grid) : return  grid.area\n")
    return tmp_path


def test_control_an_unused_import_is_found(careless: Path) -> None:
    assert "F401" in lint(careless)


def test_control_an_unformatted_file_is_found(careless: Path) -> None:
    assert "grid.py" in unformatted(careless)


def test_control_a_missing_type_is_found(careless: Path) -> None:
    assert "no-untyped-def" in type_errors(careless, "grid.py")
