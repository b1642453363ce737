"""`xunlin referral` (移送)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import opening
from bot.commands.printing import note, write
from bot.settings import read_settings
from models.engine import reading, transaction
from services import audit, referral
from services.refused import Refused

app = typer.Typer(name="referral", no_args_is_help=True, help="Leads that were handed over to the procuratorate.")


@app.command("pack")
def pack(
    number: Annotated[str, typer.Argument(metavar="WT-…|YS-…")],
    out: Annotated[Path | None, typer.Option(help="File to write to.")] = None,
) -> None:
    """The case pack of a lead that was handed over, as .zip: always the same bytes."""
    from bot.attachments import packed

    settings = read_settings()
    engine = opening.current(settings)
    with reading(engine) as session:
        found = referral.by_number(session, number)
        if found is None:
            raise Refused("referral.none", number=number[:40])
        data = packed(settings.data_dir, found, settings.language)
    with transaction(engine) as session:
        audit.by_operator(session, "referral.packed", f"referral:{found.number}", datetime.now(UTC))
    write(data, out)
    note(settings, "referral.written", number=found.number, digest=found.digest)


@app.command("list")
def list_() -> None:
    """The referrals, a line of JSON each, without their records."""
    with reading(opening.current(read_settings())) as session:
        for one in referral.all_(session):
            row = {
                "number": one.number, "problem": one.record["problem"]["number"], "area": one.area_code,
                "handed_on": one.handed_on.isoformat(), "received": one.received_at is not None,
                "answered": one.answered_at is not None, "sha256": one.digest,
            }  # fmt: skip
            print(json.dumps(row, ensure_ascii=False))
