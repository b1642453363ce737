"""What a roster's import found and does (花名册说明), line by line, for the command line and for the chat."""

from collections.abc import Iterator

from bot.files.roster_sheet import RosterSheet
from locales import say, words
from services.roster import RosterChanges


def finding_lines(language: str, sheet: RosterSheet, changes: RosterChanges) -> Iterator[str]:
    """What was mended and what was left out, by row and column."""
    findings = [*sheet.findings, *changes.repairs, *changes.left_out]
    for one in sorted(findings, key=lambda found: (found.row, found.column)):
        column = words(language, f"roster.column.{one.column}")[0] if one.column else "–"
        value, mended = one.value if one.value is not None else "", one.mended if one.mended is not None else ""
        kind = say(language, f"roster.kind.{one.kind}")
        yield say(language, "cli.finding", row=one.row, column=column, kind=kind, value=value, mended=mended)


def people_lines(language: str, changes: RosterChanges) -> Iterator[str]:
    """Who is added, changed (from what to what), ended, and who stays because a row was not understood."""
    for one in changes.details:
        column = words(language, f"roster.column.{one.column}")[0] if one.column else ""
        fields = {"code": one.code, "name": one.name, "column": column, "old": one.old or "–", "new": one.new or "–"}
        yield say(language, f"cli.roster_{one.what}", **fields)
    for held in changes.held:
        yield say(language, "cli.roster_held", code=held.code, name=held.name, row=held.row)
