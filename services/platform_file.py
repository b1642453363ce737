"""What a platform calls a file that it has already (平台文件): it need not be sent twice."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.pace import PlatformFile
from models.upsert import insert_or


def known(session: Session, channel: str, sha256: str, since: datetime | None = None) -> str | None:
    """What the platform calls a file; None where it never had it, or had it before `since`."""
    row = session.get(PlatformFile, (channel, sha256))
    return row.file_ref if row and (since is None or row.kept_at >= since) else None


def remember(session: Session, channel: str, sha256: str, ref: str, now: datetime) -> None:
    """Note what the platform calls a file."""
    values = {"channel": channel, "sha256": sha256, "file_ref": ref, "kept_at": now}
    statement = insert_or(session, PlatformFile).values(values)
    session.execute(
        statement.on_conflict_do_update(index_elements=["channel", "sha256"], set_={"file_ref": ref, "kept_at": now})
    )
