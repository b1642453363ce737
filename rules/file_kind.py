"""Kinds of files (文件类型) by their first bytes: a platform's name for a file says nothing."""

HEAD_BYTES = 16
"""So many first bytes tell."""
_STARTS = (
    (b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"GIF8", "gif"), (b"BM", "bmp"), (b"#!AMR", "amr"),
    (b"OggS", "ogg"), (b"ID3", "mp3"),
)  # fmt: skip
_HEIC = (b"heic", b"heix", b"mif1", b"msf1", b"hevc")


def ending_of(head: bytes) -> str:
    """The ending of a file's name, without a dot; `bin` for what is not known."""
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in _HEIC else "mp4"
    return next((ending for start, ending in _STARTS if head.startswith(start)), "bin")
