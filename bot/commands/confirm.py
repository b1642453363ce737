"""`xunlin confirm` (合规确认)."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands import opening
from bot.commands.printing import tell
from bot.settings import read_settings
from locales import say
from models.engine import transaction
from services import lawful

app = typer.Typer()


@app.command("confirm")
def confirm(
    what: Annotated[str, typer.Argument(help="filing, notice, retention or ip.")],
    text: Annotated[str, typer.Argument(help="The number, who approved it, where, or the address.")],
) -> None:
    """Note what only people can see to before a lawful roll-out; the doctor lists what is missing."""
    settings = read_settings()
    with transaction(opening.current(settings)) as session:
        lawful.confirm(session, what, text, datetime.now(UTC))
    tell(settings, "lawful.noted", what=say(settings.language, f"lawful.item.{what}"))
