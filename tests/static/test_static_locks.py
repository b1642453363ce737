"""The lock files (锁定文件): tests run on exactly the packages that the program runs on."""

import re
from pathlib import Path

from source_files import ROOT, expect_nothing


def locked(file: Path) -> set[str]:
    """The pinned packages, each with its version and marker."""
    return set(re.findall(r"^([\w.-]+==[^\\\n]+?) *\\?$", file.read_text("utf-8"), re.MULTILINE))


def without_hash(file: Path) -> list[str]:
    """The packages whose file is not pinned by a hash."""
    entries = re.split(r"\n(?=\S)", file.read_text("utf-8").strip())
    return [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_what_the_tests_need_holds_what_the_program_needs() -> None:
    run, test = locked(ROOT / "requirements.lock"), locked(ROOT / "requirements-dev.lock")
    assert len(run) > 20
    expect_nothing(sorted(run - test))


def test_every_package_is_pinned_by_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        expect_nothing(without_hash(ROOT / name))


def test_control_another_version_and_a_missing_hash_are_found(tmp_path: Path) -> None:
    run, test = tmp_path / "run.lock", tmp_path / "test.lock"
    run.write_text("rich==15.0 ; python_version < '4' \\\n    --hash=sha256:aa\ntyper==0.29\n")
    test.write_text("rich==15.1 ; python_version < '4' \\\n    --hash=sha256:aa\ntyper==0.29\n")
    assert locked(run) - locked(test) == {"rich==15.0 ; python_version < '4'"}
    assert without_hash(run) == ["typer==0.29"]
