"""What every storey shares (公用夹具): databases, the browser, and the `--long` switch."""

import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from migrated import migrate
from postgres_server import fresh_postgres_url

from run import BROWSERS

NO_BROWSER = "no Chromium on this machine, and no right to install it"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long storeys in full")
    parser.addoption("--require-browser", action="store_true", help="fail where the browser storey cannot run")


def pytest_configure() -> None:
    hypothesis.settings.register_profile("house", deadline=None)  # no test asserts how long something takes
    hypothesis.settings.load_profile("house")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a terminated run stops its PostgreSQL, like Ctrl-C


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    required = config.getoption("--require-browser")
    if required and not any(item.get_closest_marker("browser") for item in items):
        raise pytest.UsageError("--require-browser: no test of the browser storey was collected")
    for item in items:
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="a long one: python3 run.py test --long"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not browser():
        (pytest.fail if item.config.getoption("--require-browser") else pytest.skip)(NO_BROWSER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.get_closest_marker("browser") and item.config.getoption("--require-browser"):
        report.outcome = "failed"  # whatever the reason: a storey that was skipped has not been tested
    return report


def browser() -> str | None:
    """The path of the browser on this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path, for Playwright's `executable_path`."""
    path = browser()
    if path is None:
        pytest.skip(NO_BROWSER)
    return path


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    """Whether `--long` was given: for tests that do more rounds then."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    with fresh_postgres_url() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database of this version, to be copied, not opened."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new, migrated database; the test runs once on each of the two."""
    if request.param == "postgresql":
        with fresh_postgres_url(migrate) as url:
            yield url
    else:
        file = tmp_path / "xunlin.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        yield f"sqlite:///{file}"
