"""Imports by a file in the chat (来件导入): read at the edge, shown as a dry run, done after the tap."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import roster_words, store
from bot.channel_error import ChannelError
from bot.faults import fault_of
from bot.files.grid_file import read_grids
from bot.files.roster_sheet import read_roster
from bot.network import Fetch
from bot.settings import Settings
from locales import say, words
from models.account import Account
from models.engine import reading, savepoint, transaction
from models.message import Button, Reply
from models.upload import Upload
from rules.localtime import local_date
from services import audit, outbox, upload
from services.grid_import import import_grids
from services.outbox import Said
from services.refused import Refused
from services.roster import import_roster

_MOST_LINES = 15
"""So many lines of a summary are shown in the chat; the numbers count all."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import does: how many of each, what is to be said of it line by line, and a mark of all of it."""

    added: int
    changed: int
    ended: int
    unchanged: int
    lines: tuple[str, ...]
    digest: str

    @property
    def is_nothing(self) -> bool:
        """Whether everything is so already."""
        return not (self.added or self.changed or self.ended)


class _DryRun(Exception):  # noqa: N818 - not an error: the way out of what is not to be kept
    pass


class Uploads:
    """The files of one process."""

    def __init__(self, engine: Engine, settings: Settings, fetches: Mapping[str, Fetch]) -> None:
        self.engine, self.settings, self.fetches = engine, settings, fetches

    async def once(self, now: datetime) -> int:
        """Fetch, read or import the next file; gives how many there were."""
        waiting = await asyncio.to_thread(self._waiting, now)
        if waiting is None:
            return 0
        upload_id, channel, ref = waiting
        if ref is not None:
            try:
                data = await self.fetches[channel](ref)
            except ChannelError as error:
                await asyncio.to_thread(self._put_off, upload_id, error, now)
                return 1
            await asyncio.to_thread(self._keep, upload_id, data)
        await asyncio.to_thread(self.work, upload_id, now)
        return 1

    def work(self, upload_id: int, now: datetime) -> None:
        """Show what a file would change, or, once that was confirmed, change it; both in one commit with the word."""
        with reading(self.engine) as session:
            row = session.get_one(Upload, upload_id)
        try:
            content = self._content(row)
        except Refused as refusal:
            content = refusal
        except Exception as error:
            # A file that breaks its reader must not come again and again.
            log.warning("upload_failed", upload=upload_id, error=fault_of(error))
            content = Refused("upload.unreadable", name=row.name)
        try:
            self._answer(row, content, now)
        except OperationalError:
            # The database itself is in trouble: the loop tries again later.
            raise
        except Exception as error:
            log.warning("upload_failed", upload=upload_id, error=fault_of(error))
            self._answer(row, Refused("upload.unreadable", name=row.name), now)

    def _answer(self, row: Upload, content: Any, now: datetime) -> None:
        with transaction(self.engine) as session:
            claimed = upload.claimed(session, row.id)
            if claimed is not None and claimed.state == row.state:
                outbox.put(session, [self._said(session, claimed, content, now)])

    def _waiting(self, now: datetime) -> tuple[int, str, str | None] | None:
        with reading(self.engine) as session:
            upload_id = upload.waiting(session, tuple(self.fetches), now)
            if upload_id is None:
                return None
            row = session.get_one(Upload, upload_id)
            return row.id, row.channel, row.ref if row.sha256 is None else None

    def _content(self, row: Upload) -> Any:
        if row.sha256 is None:
            raise Refused("upload.unreadable", name=row.name)
        with TemporaryDirectory(prefix="xunlin-") as folder:
            # Under the name by which it came: it is in every sentence about it.
            path = Path(folder) / (Path(row.name.replace("\\", "/")).name or "file")
            copyfile(store.path_of(self.settings.data_dir, row.sha256), path)
            return read_grids(path) if row.kind == "grids" else read_roster(path)

    def _said(self, session: Session, row: Upload, content: Any, now: datetime) -> Said:
        language = session.get_one(Account, row.account_id).language or self.settings.language
        try:
            if isinstance(content, Refused):
                raise content
            reply = self._reply(session, row, content, language, now)
        except Refused as refusal:
            row.state = "refused"
            why = say(language, refusal.key, **refusal.fields)
            reply = Reply(say(language, "upload.refused", why=why))
        return Said(row.channel, row.chat_id, reply, now)

    def _reply(self, session: Session, row: Upload, content: Any, language: str, now: datetime) -> Reply:
        today = local_date(now, self.settings.zone)
        try:
            with savepoint(session):
                found = _import(session, row, content, language, today)
                if row.digest != found.digest or row.state == "to_read":
                    raise _DryRun
        except _DryRun:
            session.refresh(row)
            return _summary(row, found, language)
        row.state, row.done_at = "done", now
        who, n = audit.by_account(row.account_id), found.added + found.changed + found.ended
        audit.note(session, who, f"{row.kind}.imported", f"upload:{row.id}", row.area_code, f"{audit.DONE}:{n}", now)
        return Reply(say(language, f"upload.done_{row.kind}", name=row.name, **_numbers(found)))

    def _keep(self, upload_id: int, data: bytes) -> None:
        kept = store.put(self.settings.data_dir, data)
        with transaction(self.engine) as session:
            upload.fetched(session, upload_id, kept.sha256, kept.size)

    def _put_off(self, upload_id: int, error: ChannelError, now: datetime) -> None:
        with transaction(self.engine) as session:
            lost = upload.fetch_failed(session, upload_id, now, error.retryable)
            if lost is not None:
                language = session.get_one(Account, lost.account_id).language or self.settings.language
                reply = Reply(say(language, "upload.not_fetched", name=lost.name))
                outbox.put(session, [Said(lost.channel, lost.chat_id, reply, now)])


def _summary(row: Upload, found: Outcome, language: str) -> Reply:
    """What would change, with the button that changes it; without one where nothing would."""
    shown = list(found.lines[:_MOST_LINES])
    if len(found.lines) > _MOST_LINES:
        shown.append(say(language, "upload.more", n=len(found.lines) - _MOST_LINES))
    if found.is_nothing:
        row.state = "done"
        return Reply("\n".join([say(language, "upload.nothing", name=row.name), *shown]))
    # Confirmed, but the house has changed meanwhile: then this is asked for anew.
    again = [say(language, "upload.again")] if row.state == "confirmed" else []
    row.state, row.digest = "shown", found.digest
    head = say(language, f"upload.would_{row.kind}", name=row.name, day=row.valid_from, **_numbers(found))
    yes = Button(say(language, "button.upload_confirm"), "upload.confirm", str(row.id), "primary")
    no = Button(say(language, "button.upload_drop"), "upload.drop", f"{row.id}|shown")
    return Reply("\n".join([*again, head, *shown]), ((yes, no),))


def _numbers(found: Outcome) -> dict[str, str]:
    return {name: f"{getattr(found, name):,}" for name in ("added", "changed", "ended", "unchanged")}


def _import(session: Session, row: Upload, content: Any, language: str, today: Any) -> Outcome:
    return _grids(session, row, content, today) if row.kind == "grids" else _roster(session, row, content, language)


def _grids(session: Session, row: Upload, rows: Any, today: Any) -> Outcome:
    foreign = next((one for one in rows if not (one.street_code or one.code).startswith(row.area_code)), None)
    if foreign is not None:
        raise Refused("upload.foreign_grid", code=foreign.code)
    changes = import_grids(session, rows, today, row.valid_from)
    opened, closed = set(changes.opened), set(changes.closed)
    counted = (len(opened - closed), len(opened & closed), len(closed - opened), changes.unchanged)
    return Outcome(*counted, (), _mark([sorted(opened), sorted(closed)]))


def _roster(session: Session, row: Upload, sheet: Any, language: str) -> Outcome:
    if not sheet.rows and not sheet.unread:
        raise Refused("roster.nobody", name=row.name)
    suffixes: Sequence[str] = words("zh_CN", "roster.area_suffixes")
    changes = import_roster(session, sheet.rows, row.valid_from, suffixes, sheet.unread)
    lines = (
        *roster_words.people_lines(language, changes),
        *roster_words.finding_lines(language, sheet, changes),
    )
    counted = (len(changes.added), len(changes.changed), len(changes.ended), changes.unchanged)
    return Outcome(*counted, lines, _mark([[one.code, one.what, one.column, one.new] for one in changes.details]))


def _mark(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()
