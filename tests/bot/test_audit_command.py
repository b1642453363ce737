"""`xunlin audit` (审计命令): what a process says, and its exit code."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from audit_house import chained, fill, rehash, tampering
from command import xunlin
from sqlalchemy import Engine, text
from tsa_standin import Authority, serving


class Program:
    """The command line over one database."""

    def __init__(self, engine: Engine, url: str, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.settings = {
            "XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(folder), "XUNLIN_LANGUAGE": "zh_CN",
            "XUNLIN_TIMEZONE": "Asia/Shanghai",
        }  # fmt: skip

    def says(self, words: str) -> "subprocess.CompletedProcess[str]":
        return xunlin(self.settings, "audit", *words.split())


@pytest.fixture
def program(database_url: str, tmp_path: Path) -> Iterator[Program]:
    with chained(database_url, 9) as engine:
        yield Program(engine, database_url, tmp_path)


def test_a_whole_chain_is_right_and_a_changed_row_is_named_with_exit_code_1(program: Program) -> None:
    fill(program.engine, 2, 50)
    done = program.says("verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "审计链完好：11 条" in done.stdout
    with tampering(program.engine) as connection:
        connection.execute(text("UPDATE audit SET who = 'account:77' WHERE seq = 4"))
    done = program.says("verify")
    assert done.returncode == 1
    assert "第 4 条断开（行号 4，patrol.submitted patrol:XL-2026-000004）" in done.stdout
    found = json.loads(program.says("verify --json").stdout)
    assert found["broken"] == {"seq": 4, "kind": "changed", "id": 4}
    assert found["intact"] is False


def test_an_anchor_in_a_file_or_typed_finds_a_forged_chain(program: Program) -> None:
    file = program.folder / "anchor.json"
    done = program.says(f"anchor --out {file}")
    statement = done.stdout.strip()
    assert json.loads(file.read_text("utf-8"))["statement"] == statement
    assert program.says(f"verify --anchor {file} --anchor {statement}").returncode == 0
    with tampering(program.engine) as connection:
        connection.execute(text("UPDATE audit SET result = 'withdrawn' WHERE seq = 4"))
        connection.execute(text("DELETE FROM audit_anchor"))
        rehash(connection, 1)
    assert program.says("verify").returncode == 0
    for anchor in (file, statement, statement.partition(":")[2]):
        done = program.says(f"verify --anchor {anchor}")
        assert done.returncode == 1, anchor
    assert "链上没有锚所记的哈希" in done.stdout
    assert "不是锚文件" in program.says("verify --anchor nonsense").stderr


def test_rows_are_listed_by_day_person_and_object_and_their_export_is_a_row(program: Program) -> None:
    listed = program.says("list --who account:1 --from 2026-11-24 --to 2026-11-24").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == ["1", "5", "9"]
    assert listed[0].split("\t")[1] == "2026-11-24 10:00:01"
    assert program.says("list --to 2026-11-23").stdout == ""
    rows = [json.loads(line) for line in program.says("export --object patrol:XL-2026-000007").stdout.splitlines()]
    assert [(row["seq"], row["object"]) for row in rows] == [(7, "patrol:XL-2026-000007")]
    assert "audit.exported\taudit:1" in program.says("list --who operator").stdout


def test_the_head_is_signed_by_the_authority_and_its_signature_is_checked(program: Program) -> None:
    authority, file = Authority(), program.folder / "anchor.json"
    root, other = program.folder / "root.pem", program.folder / "other.pem"
    root.write_bytes(authority.root_pem)
    other.write_bytes(Authority().root_pem)
    with serving(authority) as url:
        program.settings |= {"XUNLIN_AUDIT_TSA_URL": url, "XUNLIN_AUDIT_TSA_CA": str(root)}
        assert program.says(f"anchor --out {file}").returncode == 0
        authority.spoil = "refuse"
        assert "没有取得可信时间戳" in program.says("anchor").stderr
    done = program.says(f"verify --anchor {file}")
    assert (done.returncode, "可信时间戳 2 个，已用根证书核验" in done.stderr) == (0, True)
    program.settings["XUNLIN_AUDIT_TSA_CA"] = str(other)
    done = program.says("verify")
    assert (done.returncode, "可信时间戳不成立" in done.stdout) == (1, True)
    del program.settings["XUNLIN_AUDIT_TSA_CA"]
    assert "未核验" in program.says("verify").stderr
