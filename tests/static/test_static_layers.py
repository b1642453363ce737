"""The layers of the house (分层): what may import what, by the contracts of `.importlinter`."""

import re
import subprocess
import sys
from pathlib import Path

from source_files import PACKAGES, ROOT, packages

CONTRACTS = (ROOT / ".importlinter").read_text("utf-8")
NAMES = re.findall(r"^name = (.+)$", CONTRACTS, re.MULTILINE)
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def broken_contracts(root: Path, config: Path) -> set[str]:
    """The names of the contracts that the packages under `root` break."""
    config.write_text(for_packages(packages(root)), "utf-8")
    command = [sys.executable, "-c", LINT, "--config", str(config), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return {name for name in NAMES if re.search(rf"^{name} +BROKEN", done.stdout, re.MULTILINE)}


def for_packages(there: list[str]) -> str:
    """The contracts without the packages that are still to be built."""
    contracts = CONTRACTS
    for name in set(PACKAGES) - set(there):
        contracts = re.sub(rf"^    {name}\n| \| {name}\b|\b{name} \| ", "", contracts, flags=re.MULTILINE)
    return contracts


def test_every_arrow_points_down(tmp_path: Path) -> None:
    assert broken_contracts(ROOT, tmp_path / "contracts.ini") == set()


def test_control_every_contract_finds_the_import_that_breaks_it(tmp_path: Path) -> None:
    imports = {
        "services/patrol.py": "import handlers",  # up
        "handlers/patrol.py": "import matplotlib, openpyxl, apscheduler, aiohttp",
        "reports/chart.py": "import telegram",
        "bot/wecom/send.py": "import bot.telegram.send",  # another channel
        "bot/telegram/send.py": "import telegram",  # allowed
        "bot/files/sheet.py": "import openpyxl",  # allowed
        "models/patrol.py": "import locales",
        "rules/period.py": "import os",
    }
    build(tmp_path, imports)
    assert broken_contracts(tmp_path, tmp_path / "contracts.ini") == set(NAMES)


def test_control_what_is_allowed_breaks_nothing(tmp_path: Path) -> None:
    imports = {
        "bot/telegram/send.py": "import telegram",
        "bot/files/sheet.py": "import openpyxl",
        "reports/chart.py": "import matplotlib, openpyxl, locales",
        "scheduler/ticks.py": "import apscheduler, services",
    }
    build(tmp_path, imports)
    assert broken_contracts(tmp_path, tmp_path / "contracts.ini") == set()


def build(root: Path, imports: dict[str, str]) -> None:
    """A small house: every package of ours, and these modules."""
    everywhere = {f"{name}/__init__.py": "" for name in (*PACKAGES, "bot/wecom", "bot/telegram", "bot/files")}
    for name, statement in (everywhere | imports).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(statement)
