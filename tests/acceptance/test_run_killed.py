"""The running bot, killed at any moment (运行中随时断电): what its page has taken is recorded once, and receipted."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chat_driver import small_url
from run_house import PICTURE, RunHouse, outcome, script

PATROLS = 4
UNPROTECTED = str(Path(__file__).parent / "unprotected.py")


def chance() -> random.Random:
    """Fresh chances each time; `XUNLIN_TEST_SEED` brings those of a failure back."""
    seed = int(os.environ.get("XUNLIN_TEST_SEED") or random.randrange(2**32))
    print(f"XUNLIN_TEST_SEED={seed}")
    return random.Random(seed)


@contextmanager
def served(kind: str, folder: Path, *program: str) -> Iterator[RunHouse]:
    """A house on `sqlite` or `postgresql`, whose process is not left behind."""
    folder.mkdir(exist_ok=True)
    with small_url(kind, folder) as url:
        house = RunHouse(url, folder, program or ("-m", "bot"))
        try:
            yield house
        finally:
            if house.process and house.process.poll() is None:
                house.kill()


def undisturbed(folder: Path, patrols: int) -> dict[str, Any]:
    """What comes of the same messages where nothing happens."""
    with served("sqlite", folder) as house:
        house.twice = 0
        house.lives_through(patrols, 0, random.Random(0))
        found = outcome(house)
        assert len(found["patrols"]) == len(house.codes) * patrols
        assert {post.photo for code in house.codes for post in script(code, patrols) if post.photo} == {
            PICTURE + photo for _, photo in found["photos"]
        }
        assert set(found["receipts"].values()) == {1}
        assert len(found["counts"]) >= 3
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The outcome of the short script."""
    return undisturbed(tmp_path_factory.mktemp("undisturbed"), PATROLS)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_and_nothing_counts_twice(kind: str, tmp_path: Path, expected: dict[str, Any]) -> None:
    with served(kind, tmp_path) as house:
        house.lives_through(PATROLS, 3, chance())
        assert outcome(house) == expected


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_in_fifty_rounds(kind: str, tmp_path: Path) -> None:
    patrols = 20
    wanted = undisturbed(tmp_path / "undisturbed", patrols)
    with served(kind, tmp_path / "killed") as house:
        house.lives_through(patrols, 50, chance())
        assert outcome(house) == wanted


def test_control_without_the_unique_key_what_comes_twice_is_kept_twice(
    tmp_path: Path, expected: dict[str, Any]
) -> None:
    with served("sqlite", tmp_path, UNPROTECTED, "key") as house:
        house.twice = 1
        house.lives_through(PATROLS, 0, chance())
        found = outcome(house)
    assert found["patrols"] != expected["patrols"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_control_a_receipt_outside_the_commit_is_lost(kind: str, tmp_path: Path, expected: dict[str, Any]) -> None:
    with served(kind, tmp_path, UNPROTECTED, "receipt") as house:
        house.lives_through(PATROLS, 4, chance())
        found = outcome(house)
    assert found["receipts"] != expected["receipts"]
    assert 0 in found["receipts"].values()
