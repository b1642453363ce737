"""The case pack (移送案卷包) where it arrives: an empty folder, Python alone, and whoever changed something."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_driver import DESHENG, DISTRICT, OWN, small_house
from docx import Document
from referral_house import lead
from sqlalchemy import select

from models.engine import transaction
from models.problem import Problem
from models.referral import Referral
from services import unit

ROOT = Path(__file__).parent.parent.parent
PHOTOS = tuple(b"\xff\xd8\xff" + bytes([n]) * 70_000 for n in (1, 2))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bytes, str]]:
    """A pack that the program wrote, and the hash that the letter says."""
    folder = tmp_path_factory.mktemp("case")
    with small_house("sqlite", folder) as house:
        chief = house.talk_as("胡晓兰")
        chief.sends_location(*OWN)
        chief.presses("同意")
        chief.sends("取消")
        number = lead(house, chief, PHOTOS)
        office = house.talk_as(f"office {DISTRICT}")
        office.sends(f"移交检察 {number} 毁坏古树")
        office.presses("确认移交")
        (digest,) = house.rows(select(Referral.digest))
        environment = {
            **os.environ, "XUNLIN_DATABASE_URL": house.settings.database_url, "XUNLIN_DATA_DIR": str(folder / "data"),
            "PYTHONPATH": os.pathsep.join(sys.path), "XUNLIN_LANGUAGE": "zh_CN", "XUNLIN_TIMEZONE": "Asia/Shanghai",
        }  # fmt: skip
        packs = []
        for name in (number, "YS-2026-000001"):
            out = folder / f"{name}.zip"
            command = [sys.executable, "-P", "-m", "bot", "referral", "pack", name, "--out", str(out)]
            done = subprocess.run(
                command, env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
            )
            assert (done.returncode, done.stdout) == (0, ""), done.stderr
            assert digest in done.stderr
            packs.append(out.read_bytes())
        listed = subprocess.run([*command[:4], "referral", "list"], env=environment, cwd=ROOT, capture_output=True,
                                encoding="utf-8", check=True)  # fmt: skip
        assert json.loads(listed.stdout)["sha256"] == digest
        assert packs[0] == packs[1]
        yield packs[0], digest


def unpacked(pack: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(pack)) as given:
        given.extractall(folder)
    return folder


def verified(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """What the script says: without our packages, without our folders, without the environment."""
    command = [sys.executable, "-I", "-S", "-X", "utf8", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, encoding="utf-8", check=False)


def test_a_pack_as_it_was_written_is_right_in_both_languages(made: tuple[bytes, str], tmp_path: Path) -> None:
    pack, digest = made
    done = verified(unpacked(pack, tmp_path), digest)
    assert (done.returncode, done.stderr) == (0, "")
    assert "核验通过：案卷 YS-2026-000001 的 6 个文件全部与清单相符" in done.stdout
    assert "Verified: all 6 files of case YS-2026-000001" in done.stdout
    assert digest in done.stdout
    assert "请再与移送函上的校验值对照" in verified(tmp_path).stdout
    assert "移送编号 YS-2026-000001" in Document(str(tmp_path / "record.docx")).paragraphs[1].text
    assert {path.read_bytes() for path in (tmp_path / "photos").iterdir()} == set(PHOTOS)


def change(name: str) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        path = next(iter(sorted(folder.glob(name))))
        data = path.read_bytes()
        path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])

    return changed


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of a photo": (change("photos/*"), "photos/02-"),
    "the document": (change("record.docx"), "record.docx：内容已被改动"),
    "the record": (change("record.json"), "record.json：内容已被改动"),
    "the audit": (change("audit.jsonl"), "audit.jsonl：内容已被改动"),
    "a photo that is gone": (lambda f: next((f / "photos").iterdir()).unlink(), "文件缺失"),
    "a file too many": (lambda f: (f / "photos" / "99.jpg").write_bytes(b"x"), "photos/99.jpg：清单里没有"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "manifest.json 不存在"),
    "a manifest cut short": (lambda f: (f / "manifest.json").write_text("{"), "manifest.json 不存在"),
    "a path that leads out": (
        lambda f: (f / "manifest.json").write_text(json.dumps({"number": "x", "files": [{"path": "../x"}]})),
        "文件名不对：../x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(TAMPERED))
def test_a_copy_that_was_tampered_with_fails_and_the_file_is_named(
    made: tuple[bytes, str], tmp_path: Path, what: str
) -> None:
    deed, said = TAMPERED[what]
    deed(unpacked(made[0], tmp_path))
    done = verified(tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert "核验没有通过" in done.stdout
    assert "Verification failed" in done.stdout


def forged(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the record and give it right hashes in the manifest, as a careful forger would."""
    record = json.loads((folder / "record.json").read_text("utf-8"))
    change(record)
    data = (json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    (folder / "record.json").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for one in manifest["files"]:
        if one["path"] == "record.json":
            one |= {"sha256": hashlib.sha256(data).hexdigest(), "sm3": hashlib.new("sm3", data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_a_forged_record_with_right_hashes_is_found_by_the_hash_in_the_letter_alone(
    made: tuple[bytes, str], tmp_path: Path
) -> None:
    pack, digest = made
    forged(unpacked(pack, tmp_path), lambda record: record.update(steps=[]))
    assert verified(tmp_path).returncode == 0
    done = verified(tmp_path, digest)
    assert done.returncode == 1
    assert "record.json：校验值与给出的不同" in done.stdout


def test_a_forged_audit_row_does_not_fit_its_hash(made: tuple[bytes, str], tmp_path: Path) -> None:
    def say_withdrawn(record: dict[str, object]) -> None:
        record["audit"]["rows"][0]["result"] = "withdrawn"  # type: ignore[index]

    forged(unpacked(made[0], tmp_path), say_withdrawn)
    done = verified(tmp_path)
    assert done.returncode == 1
    assert "哈希不符" in done.stdout


def test_a_case_from_finding_to_a_pack_that_holds_in_an_empty_folder(tmp_path: Path) -> None:
    with small_house("sqlite", tmp_path) as house:
        chief, street = house.talk_as("胡晓兰"), house.talk_as(f"office {DESHENG}")
        crew, district = house.talk_as("team"), house.talk_as(f"office {DISTRICT}")
        with transaction(house.engine) as session:
            unit.add(
                session,
                "maintenance",
                "德胜养护一队",
                DESHENG,
                house.now,
                account=(house.channel, house.user_of("team")),
            )
        chief.sends_location(*OWN)
        for pressed in ("同意", "发现问题", "树木倒伏"):
            chief.presses(pressed)
        chief.sends_files(PHOTOS[0])
        number = re.findall(r"WT-2026-\d{6}", chief.presses("提交"))[0]
        for pressed in ("受理", "交办", "德胜养护一队"):
            street.presses(pressed)
        crew.presses("整改完成")
        crew.sends_files(PHOTOS[1])
        for pressed in ("退回", "没有整改到位"):
            street.presses(pressed)
        crew.presses("整改完成")
        crew.sends_files(b"\xff\xd8\xff after")
        for pressed in ("核查通过", "销号"):
            street.presses(pressed)
        district.sends(f"移交检察 {number} 涉嫌毁坏树木")
        district.presses("确认移交")
        assert house.rows(select(Problem.state)) == ["closed"]
        (document,) = [one.body["documents"][0] for one in district.heard if one.body.get("documents")]
        pack = (house.settings.data_dir / "files" / document["file"][:2] / document["file"]).read_bytes()
        (digest,) = house.rows(select(Referral.digest))
    folder = unpacked(pack, tmp_path / "arrived")
    assert verified(folder, digest).returncode == 0
    record = json.loads((folder / "record.json").read_text("utf-8"))
    assert [step["action"] for step in record["steps"]] == [
        "report", "accept", "assign", "rectify", "send_back", "rectify", "verify", "close",
    ]  # fmt: skip
    next(folder.glob("photos/*")).write_bytes(b"another picture")
    assert verified(folder, digest).returncode == 1
