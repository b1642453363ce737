"""Office accounts (林长办账号): an area each, taken back when told; the first ones come from the settings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from xicheng import xicheng_url

from models.engine import open_engine, transaction
from services import office, person
from services.refused import Refused

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_admins_are_the_office_of_the_whole_district_and_a_second_start_adds_nothing(tmp_path: Path) -> None:
    with xicheng_url("sqlite", tmp_path) as url, transaction(open_engine(url)) as session:
        assert office.add_admins(session, "telegram:12345, wecom:zhangsan", NOW) == 2
        assert office.add_admins(session, "telegram:12345,wecom:zhangsan", NOW) == 0
        assert person.offices_of(session, "wecom", "zhangsan") == ("110102",)
        office.remove(session, "wecom", "zhangsan", NOW)
        assert person.offices_of(session, "wecom", "zhangsan") == ()
        # A start does not bring back whoever was taken off, or has left; the command does.
        assert office.add_admins(session, "telegram:12345,wecom:ZhangSan", NOW) == 0
        assert office.add(session, "wecom", "zhangsan", "110102", NOW)
        assert person.offices_of(session, "wecom", "zhangsan") == ("110102",)


def test_an_unknown_area_or_account_is_refused(tmp_path: Path) -> None:
    with xicheng_url("sqlite", tmp_path) as url, transaction(open_engine(url)) as session:
        with pytest.raises(Refused, match="area_unknown"):
            office.add(session, "local", "hu", "999999", NOW)
        with pytest.raises(Refused, match="unknown"):
            office.remove(session, "local", "nobody", NOW)
