"""`xunlin audit` (审计)."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from bot import anchors
from bot.channel_error import ChannelError
from bot.commands import opening, typed
from bot.commands.printing import note, tell, write
from bot.settings import Settings, read_settings
from locales import say
from models.engine import reading, transaction
from rules.audit import Broken
from services import audit
from services.audit import Head, Verified, Wanted
from services.refused import Refused

app = typer.Typer(name="audit", no_args_is_help=True, help="Who did what: the chain of audit rows.")
_Day = Annotated[str | None, typer.Option(help="A day such as 2026-11-24.")]
_Who = Annotated[str | None, typer.Option(help="account:7, chief:12, operator, clock, house or anyone.")]
_Object = Annotated[str | None, typer.Option(help="Such as patrol:XL-2026-000001.")]


@app.command("verify")
def verify(
    anchor: Annotated[list[str] | None, typer.Option(help="File, SEQ:HASH or hash kept outside.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Find any later change, deletion, swap or cut up to the last anchor; exit code 1 where there is one."""
    settings = read_settings()
    engine = opening.current(settings)
    given = [anchors.read(one) for one in anchor or []]
    _chain(engine)
    with reading(engine) as session:
        found = audit.verify(session, [head for head, _ in given])
        kept = [(Head(one.seq, one.hash), one.token or b"") for one in audit.tokens(session)]
    stamps = [*kept, *((head, token) for head, token in given if token)]
    broken = found.broken or _bad_stamp(settings, stamps)
    if as_json:
        print(json.dumps(_as_json(found, broken, stamps, settings)))
    else:
        _tell_found(settings, found, broken, len(stamps))
    if broken:
        raise typer.Exit(1)


@app.command("list")
def list_(start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
          end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
          who: _Who = None, object: _Object = None) -> None:  # fmt: skip
    """The rows, a line each: place, when, who, what, object, area, result."""
    settings = read_settings()
    engine = opening.current(settings)
    _chain(engine)
    with reading(engine) as session:
        for link in audit.listed(session, _wanted(settings, start, end, who, object)):
            at = link.happened_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M:%S")
            print(link.seq, at, link.who, link.what, link.object, link.area_code or "-", link.result, sep="\t")


@app.command("export")
def export(start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
           end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
           who: _Who = None, object: _Object = None,
           out: Annotated[Path | None, typer.Option(help="File to write to.")] = None) -> None:  # fmt: skip
    """The rows as JSON lines with their places and hashes; that they were exported is a row too."""
    settings, now = read_settings(), datetime.now(UTC)
    engine = opening.current(settings)
    _chain(engine)
    wanted = _wanted(settings, start, end, who, object)
    with reading(engine) as session:
        lines = [json.dumps(audit.as_row(link), ensure_ascii=False) + "\n" for link in audit.listed(session, wanted)]
    with transaction(engine) as session:
        audit.by_operator(session, "audit.exported", f"audit:{len(lines)}", now)
    write("".join(lines).encode(), out)


@app.command("anchor")
def anchor(out: Annotated[Path | None, typer.Option(help="File to keep outside.")] = None) -> None:
    """Make the head of the chain known now: print it, write it to a file, have it signed where an authority is set."""
    settings, now = read_settings(), datetime.now(UTC)
    engine = opening.current(settings)
    _chain(engine)
    with reading(engine) as session:
        head = audit.head(session)
    if not head.seq:
        raise Refused("audit.empty")
    token = _stamped(settings, head) if settings.audit_tsa_url else None
    kind, place = ("tsa", settings.audit_tsa_url) if token else ("file", "")
    with transaction(engine) as session:
        audit.keep_anchor(session, head, kind, place, now, token)
    if out:
        write(anchors.write(head, now, token), out)
    print(head.statement)


def _chain(engine: Engine) -> None:
    placed = audit.BATCH
    while placed:
        with transaction(engine) as session:
            placed = audit.chain(session)


def _stamped(settings: Settings, head: Head) -> bytes:
    from bot.stamps import StampError, stamped

    try:
        return asyncio.run(stamped(settings, head.statement))
    except (ChannelError, StampError) as error:
        raise Refused("audit.not_stamped", why=str(error)[:200]) from None


def _bad_stamp(settings: Settings, stamps: Sequence[tuple[Head, bytes]]) -> Broken | None:
    """The first timestamp that does not hold; without the authority's root none can be judged."""
    if settings.audit_tsa_ca is None or not stamps:
        return None
    from bot.stamps import StampError, check

    for head, token in sorted(stamps, key=lambda one: one[0].seq):
        try:
            check(token, head.statement, settings.audit_tsa_ca)
        except StampError:
            return Broken(head.seq, "stamp")
    return None


def _tell_found(settings: Settings, found: Verified, broken: Broken | None, stamps: int) -> None:
    if stamps:
        note(settings, "audit.stamps" if settings.audit_tsa_ca else "audit.stamps_unchecked", n=stamps)
    if broken is None:
        tell(settings, "audit.right", rows=f"{found.head.seq:,}", statement=found.head.statement, anchors=found.anchors)
        return
    what = say(settings.language, f"audit.broken_{broken.kind}")
    row = f"{broken.what} {broken.object}".strip() or "–"
    tell(settings, "audit.broken", seq=broken.seq, id=broken.id or "–", row=row, what=what)


def _as_json(found: Verified, broken: Broken | None, stamps: Sequence[object], settings: Settings) -> dict[str, Any]:
    wrong = {"seq": broken.seq, "kind": broken.kind, "id": broken.id} if broken else None
    return {
        "intact": broken is None, "rows": found.head.seq, "head": found.head.statement, "unchained": found.unchained,
        "anchors": found.anchors, "timestamps": len(stamps), "timestamps_checked": settings.audit_tsa_ca is not None,
        "broken": wrong,
    }  # fmt: skip


def _wanted(settings: Settings, start: str | None, end: str | None, who: str | None, object: str | None) -> Wanted:
    first, last = typed.day(start), typed.day(end)
    since = _midnight(settings, first) if first else None
    until = _midnight(settings, last + timedelta(days=1)) if last else None
    return Wanted(since, until, who, object)


def _midnight(settings: Settings, day: date) -> datetime:
    return datetime.combine(day, time(), settings.zone)
