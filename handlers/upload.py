"""网格、花名册 (grids, roster) by a file in the chat: asked for, offered, confirmed; for a district's office."""

from collections.abc import Sequence
from datetime import date

from handlers import periods
from handlers.areas import today
from handlers.talk import Talk
from models.message import Button, Reply
from services import upload
from services.refused import Refused

Replies = Sequence[Reply]
_ROSTER = (".xlsx", ".xls", ".csv")
_GRIDS = (".geojson", ".json", ".kml", ".kmz", ".gpkg", ".zip", ".shp")


def grids(talk: Talk, argument: str = "") -> Replies:
    """网格 [date]: the file that came along, else it is asked for."""
    return _begin(talk, "grids", argument)


def roster(talk: Talk, argument: str = "") -> Replies:
    """花名册 [date]: the same."""
    return _begin(talk, "roster", argument)


def fits(talk: Talk) -> bool:
    """Whether a file that came alone may be one to import: sent by an office, or asked for."""
    return talk.message.file is not None and (bool(talk.person.offices) or _asked(talk) is not None)


def arrived(talk: Talk) -> Replies:
    """A file without a command: what we asked for, else a question what it is."""
    area = upload.district_of(talk.session, talk.person)
    asked = _asked(talk)
    if asked:
        talk.account.awaiting = talk.account.awaiting_data = None
        return _taken(talk, area, asked[0], asked[1])
    name = talk.message.file.name if talk.message.file else ""
    if not name.lower().endswith((*_ROSTER, *_GRIDS)):
        raise Refused("upload.unknown_file", name=name or "–")
    return _question(talk, area, name)


def chosen(talk: Talk, arg: str) -> Replies:
    """A kind that was pressed."""
    upload.district_of(talk.session, talk.person)
    upload_id, _, kind = arg.partition("|")
    row = upload.move(talk.session, int(upload_id), talk.account.id, "offered", "to_read", kind)
    return [Reply(talk.say("upload.reading", name=row.name))]


def confirm(talk: Talk, arg: str) -> Replies:
    """确认导入: from here on it is done."""
    upload.district_of(talk.session, talk.person)
    row = upload.move(talk.session, int(arg), talk.account.id, "shown", "confirmed")
    talk.spend_buttons()
    return [Reply(talk.say("upload.importing", name=row.name))]


def drop(talk: Talk, arg: str) -> Replies:
    """不导入: nothing was changed."""
    upload_id, _, before = arg.partition("|")
    row = upload.move(talk.session, int(upload_id), talk.account.id, before, "dropped")
    talk.spend_buttons()
    return [Reply(talk.say("upload.dropped", name=row.name))]


def _begin(talk: Talk, kind: str, argument: str) -> Replies:
    area = upload.district_of(talk.session, talk.person)
    day, rest = periods.leading_day(argument.strip(), today(talk))
    if argument.strip() and (day is None or rest.strip()):
        raise Refused("upload.bad_day", text=argument.strip()[:20])
    valid_from = day or today(talk)
    if talk.message.file:
        return _taken(talk, area, kind, valid_from)
    data = {"kind": kind, "valid_from": valid_from.isoformat()}
    talk.account.awaiting, talk.account.awaiting_data = "upload", data
    return [Reply(talk.say(f"upload.ask_{kind}", day=valid_from.isoformat()))]


def _asked(talk: Talk) -> tuple[str, date] | None:
    account = talk.person.account
    if account is None or account.awaiting != "upload" or not account.awaiting_data:
        return None
    return account.awaiting_data["kind"], date.fromisoformat(account.awaiting_data["valid_from"])


def _taken(talk: Talk, area: str, kind: str | None, valid_from: date) -> Replies:
    assert talk.message.file
    said = talk.message
    row = upload.offer(talk.session, said, talk.message.file, talk.account.id, area, valid_from, kind, talk.now)
    return [Reply(talk.say("upload.reading", name=row.name))]


def _question(talk: Talk, area: str, name: str) -> Replies:
    assert talk.message.file
    said, file = talk.message, talk.message.file
    row = upload.offer(talk.session, said, file, talk.account.id, area, today(talk), None, talk.now)
    kinds = ("roster", "grids") if name.lower().endswith(_ROSTER) else ("grids",)
    choices = tuple(_kind(talk, row.id, kind) for kind in kinds)
    drop_ = talk.button("upload.drop", f"{row.id}|offered")
    return [Reply(talk.say("upload.which", name=row.name, day=row.valid_from), (choices, (drop_,)))]


def _kind(talk: Talk, upload_id: int, kind: str) -> Button:
    return talk.button("upload.chosen", f"{upload_id}|{kind}", label=talk.say(f"upload.as_{kind}"))
