"""移交检察 (referral): the district hands a lead over once; its pack is fixed, receipt and result are registered."""

import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from chat_driver import DESHENG, DISTRICT, OWN, Chat, House
from docx import Document
from referral_house import lead
from sqlalchemy import select

from bot import store
from models.audit import Audit
from models.draft import Draft
from models.engine import transaction
from models.outbox import Outbox
from models.photo import Photo
from models.recording import Recording
from models.referral import Referral
from rules.case import digest_of


@pytest.fixture
def number(house: House, chat: Chat) -> str:
    """The number of a problem that 胡晓兰 found on a patrol, with two photos."""
    return lead(house, chat)


def handed(house: House, number: str) -> Chat:
    """The district's office, after it handed the problem over."""
    office = house.talk_as(f"office {DISTRICT}")
    office.sends(f"移交检察 {number} 涉嫌毁坏古树，需检察监督")
    office.presses("确认移交")
    return office


def pack_of(house: House, chat: Chat) -> bytes:
    document = next(one.body["documents"][0] for one in reversed(chat.heard) if one.body.get("documents"))
    path = house.settings.data_dir / "files" / document["file"][:2] / document["file"]
    return Path(path).read_bytes()


def test_a_lead_is_handed_over_with_its_number_its_hash_and_its_pack(house: House, number: str) -> None:
    office = handed(house, number)
    said = office.replies()
    (made,) = house.rows(select(Referral))
    assert any(f"已移交：YS-2026-000001（{number}）" in one.text and made.digest in one.text for one in office.heard)
    assert said == [] or "案卷包" in said[-1].text
    with zipfile.ZipFile(io.BytesIO(pack_of(house, office))) as pack:
        names = pack.namelist()
        record = json.loads(pack.read("record.json"))
        text = "\n".join(p.text for p in Document(io.BytesIO(pack.read("record.docx"))).paragraphs)
    assert [name for name in names if not name.startswith("photos/")] == [
        "record.docx", "record.json", "audit.jsonl", "README.txt", "manifest.json", "verify.py",
    ]  # fmt: skip
    assert len([name for name in names if name.startswith("photos/")]) == 2
    assert digest_of(record) == made.digest
    assert record["problem"]["number"] == number
    assert record["problem"]["finder"]["name"] == "胡晓兰"
    assert [item["kind"] for item in record["items"]] == ["location", "photo", "photo"]
    assert all(item["who"] == "胡晓兰" and item["sent_at"] for item in record["items"])
    assert record["items"][0]["lon"] == OWN[0]
    assert {row["what"] for row in record["audit"]["rows"]} >= {"patrol.submitted", "problem.report", "problem.accept"}
    assert "移送编号 YS-2026-000001" in text
    assert "涉嫌毁坏古树" in text
    assert made.digest in text


def test_a_voice_message_goes_along_and_a_photo_that_is_not_here_is_said(house: House, number: str) -> None:
    kept = store.put(house.settings.data_dir, b"#!AMR\n voice")
    with transaction(house.engine) as session:
        draft = session.scalars(select(Draft).where(Draft.patrol_id.is_not(None))).one()
        session.add(
            Recording(
                channel="wecom", chat_id="hu", account_id=draft.account_id, inbox_id=1, draft_id=draft.id, kind="voice",
                ref="1", state="stored", sha256=kept.sha256, size=kept.size, received_at=house.now,
            )
        )  # fmt: skip
        photo = session.scalars(select(Photo).order_by(Photo.id)).first()
        assert photo is not None
        photo.state, photo.sha256 = "gone", None
    with zipfile.ZipFile(io.BytesIO(pack_of(house, handed(house, number)))) as pack:
        assert [name for name in pack.namelist() if "/" in name][-1].endswith(".amr")
        manifest, record = json.loads(pack.read("manifest.json")), json.loads(pack.read("record.json"))
    assert record["items"][-1]["kind"] == "voice"
    assert manifest["not_here"] == [2]


def test_the_same_pack_comes_again_whatever_happened_meanwhile(house: House, number: str) -> None:
    office = handed(house, number)
    first = pack_of(house, office)
    house.now += timedelta(days=3)
    office.sends("移交检察 YS-2026-000001")
    office.presses("案卷包")
    assert pack_of(house, office) == first


def test_receipt_and_result_are_registered_and_both_stay(house: House, number: str) -> None:
    office = handed(house, number)
    office.presses("登记回执")
    assert "已回执，等结果" in office.sends("西检林回〔2026〕7号")
    office.presses("登记结果")
    said = office.sends("已立案，督促街道补种")
    assert "已有结果" in said
    assert "回执：西检林回〔2026〕7号" in said
    assert "结果：已立案，督促街道补种" in said
    whats = house.rows(select(Audit.what).where(Audit.object == "referral:YS-2026-000001").order_by(Audit.id))
    assert whats == ["referral.handed", "referral.packed", "referral.received", "referral.answered"]
    assert "移交检察线索 1 起" in office.sends("移交检察")


def test_a_lead_is_handed_over_once_until_its_result_is_there(house: House, number: str) -> None:
    office = handed(house, number)
    confirmed = next(one for one in office.heard if "确认移交" in one.buttons)
    assert "已经移交，编号 YS-2026-000001" in office.sends(f"移交检察 {number} 再次")
    assert "按钮" in office.presses("确认移交", confirmed)
    office.presses("登记结果")
    office.sends("不予立案")
    office.sends(f"移交检察 {number} 新证据")
    assert "YS-2026-000002" in office.presses("确认移交")


def test_only_the_district_hands_over_and_a_foreign_problem_is_as_unknown_as_none(
    house: House, chat: Chat, number: str
) -> None:
    assert "由区林长办办理" in house.talk_as(f"office {DESHENG}").sends(f"移交检察 {number} 原因")
    assert "由区林长办办理" in chat.sends(f"移交检察 {number} 原因")
    office = house.talk_as(f"office {DISTRICT}")
    assert house.rows(select(Referral)) == []
    with pytest.raises(StopIteration):
        office.presses("确认移交")


def test_the_button_under_a_problem_is_the_districts_alone(house: House, number: str) -> None:
    street = house.talk_as(f"office {DESHENG}")
    street.sends(f"问题 {number}")
    assert not any("移交检察" in one.buttons for one in street.heard)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends(f"问题 {number}")
    assert "请写移交原因" in office.presses("移交检察")
    office.sends("毁坏古树")
    assert "已移交" in office.presses("确认移交")
    viewed = house.rows(select(Audit.who).where(Audit.what == "problem.viewed").order_by(Audit.id))
    assert viewed == [f"account:{one.account.id}" for one in (street, office)]


def test_the_reason_is_asked_for_and_can_be_dropped(house: House, number: str) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    assert "请写移交原因" in office.sends(f"移交检察 {number}")
    assert "没有登记" in office.sends("取消")
    office.sends(f"移交检察 {number}")
    assert "原因：毁坏古树" in office.sends("毁坏古树")
    office.presses("确认移交")
    assert house.rows(select(Referral.why)) == ["毁坏古树"]


def test_a_record_that_was_changed_later_makes_no_pack(house: House, number: str) -> None:
    from bot.attachments import packed
    from services.refused import Refused

    handed(house, number)
    with transaction(house.engine) as session:
        found = session.scalars(select(Referral)).one()
        found.record = {**found.record, "problem": {**found.record["problem"], "note": "nothing"}}
    (found,) = house.rows(select(Referral))
    with pytest.raises(Refused, match="damaged"):
        packed(house.settings.data_dir, found, "zh_CN")


def test_the_summary_counts_what_was_handed_over(house: House, number: str) -> None:
    from models.area import Area
    from reports.text import summary_text
    from services import summary

    handed(house, number)
    with house.reading() as session:
        for code, n in ((DISTRICT, 1), (DESHENG, 1), ("110102001", 0)):
            area = session.get_one(Area, code)
            figures = summary.figures(session, summary.year_span(2026), area, house.settings.zone, house.now)
            assert figures["referrals"] == n
        figures = summary.figures(
            session, summary.year_span(2026), session.get_one(Area, DISTRICT), house.settings.zone, house.now
        )
    assert any("移交检察线索" in line and line.endswith("1") for line in summary_text(figures, "zh_CN").splitlines())
    assert "移交检察线索" not in summary_text({**figures, "referrals": 0}, "zh_CN")


def test_a_lead_is_handed_over_in_the_chat_that_the_office_uses(anywhere: House) -> None:
    chief = anywhere.talk_as("胡晓兰")
    chief.sends_location(*OWN)
    for pressed in ("同意", "发现问题", "树木倒伏"):
        chief.presses(pressed)
    number = re.findall(r"WT-2026-\d{6}", chief.presses("提交"))[0]
    office = handed(anywhere, number)
    assert f"已移交：YS-2026-000001（{number}）" in "\n".join(one.text for one in office.heard)
    with_files = [row for row in anywhere.rows(select(Outbox)) if row.body.get("attachment")]
    assert [(row.body["attachment"]["report"], row.state) for row in with_files] == [("case_pack", "sent")]
