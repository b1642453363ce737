"""The mapping of old to new grids (网格对应关系): every line read, or the first wrong one named."""

from datetime import date
from pathlib import Path

import pytest
from file_refusals import told

from bot.files.grid_file import read_mapping
from services.grid_import import SuccessionRow

GEO = Path(__file__).parents[2] / "demo" / "xicheng" / "geo"
HEADER = "old_code,new_code,change,area_m2,share_of_old,share_of_new,valid_from\n"
SPLIT = "110102001007001,110102001007002,split,272031.0,0.6331,1.0,2024-01-01\n"
READ = SuccessionRow("110102001007001", "110102001007002", "split", 0.6331, 1.0, date(2024, 1, 1))


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file of this text, its line ends as they are."""
    path = folder / "mapping.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_shares_of_every_grid_add_up_to_one() -> None:
    rows = read_mapping(GEO / "grid_mapping_2023_2024.csv")
    old: dict[str, float] = {}
    new: dict[str, float] = {}
    for row in rows:
        old[row.old_code] = old.get(row.old_code, 0) + row.share_of_old
        new[row.new_code] = new.get(row.new_code, 0) + row.share_of_new
    assert (len(old), len(new)) == (263, 273)
    assert [*old.values(), *new.values()] == pytest.approx([1.0] * (263 + 273), abs=0.001)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_make_no_difference(tmp_path: Path, encoding: str, end: str) -> None:
    assert read_mapping(written(tmp_path, (HEADER + SPLIT).replace("\n", end), encoding)) == [READ]


def test_empty_lines_and_the_order_of_columns_make_no_difference(tmp_path: Path) -> None:
    text = "valid_from, share_of_new,share_of_old,new_code,old_code,change\n\n,,,,,\n"
    text += "2024-01-01,1.0,0.6331,110102001007002,110102001007001,split\n"
    assert read_mapping(written(tmp_path, text)) == [READ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + SPLIT + SPLIT.replace("0.6331", "63 %"), "file.bad_mapping: mapping.csv 第 3 行"),
        (HEADER + SPLIT.replace("0.6331", "1.2"), "file.bad_mapping: mapping.csv 第 2 行"),
        (HEADER + SPLIT.replace("0.6331", "nan"), "file.bad_mapping: mapping.csv 第 2 行"),
        (HEADER + SPLIT.replace("2024-01-01", "1.1.2024"), "file.bad_mapping: mapping.csv 第 2 行"),
        (HEADER + ",110102001007002,split,1,1,1,2024-01-01\n", "file.bad_mapping: mapping.csv 第 2 行"),
        (HEADER + "110102001007001\n", "file.bad_mapping: mapping.csv 第 2 行"),
        (HEADER, "file.bad_mapping: mapping.csv 第 2 行"),
        (SPLIT, "file.bad_mapping: mapping.csv 第 1 行"),
        (HEADER + "1" * 200_000, "file.bad_csv: mapping.csv 第 2 行"),
        (HEADER + SPLIT.replace("split", "sp\0lit"), "file.no_text"),
        ("", "file.empty"),
        (HEADER + "\n" * 100_000 + SPLIT, "file.too_many_rows: mapping.csv 超过 100000 行"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(tmp_path: Path, text: str, said: str) -> None:
    assert told(read_mapping, written(tmp_path, text)).startswith(said)
