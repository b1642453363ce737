"""Kinds of files by their first bytes (文件类型)."""

import pytest

from rules.file_kind import ending_of


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (b"\xff\xd8\xff\xe0", "jpg"), (b"\x89PNG\r\n", "png"), (b"#!AMR\n", "amr"), (b"OggS\x00", "ogg"),
        (b"\x00\x00\x00\x18ftypheic", "heic"), (b"\x00\x00\x00\x18ftypmp42", "mp4"), (b"", "bin"), (b"text", "bin"),
    ],
)  # fmt: skip
def test_the_first_bytes_tell(head: bytes, ending: str) -> None:
    assert ending_of(head) == ending
