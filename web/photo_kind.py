"""What a stored file is (文件类型): by its bytes, never by what the sender called it."""

from pathlib import Path

_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def kind_of(path: Path) -> str:
    """The media type of a file; nothing that is no picture is shown as one."""
    with path.open("rb") as file:
        head = file.read(4)
    found = (kind for signature, kind in _SIGNATURES.items() if head.startswith(signature))
    return next(found, "application/json" if path.suffix == ".json" else "application/octet-stream")
