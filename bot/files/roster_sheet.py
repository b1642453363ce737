"""The roster as a clerk makes it (花名册): merged cells, headers twice, notes below, full-width digits."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.files.csv_table import read_csv
from bot.files.workbook import Cells, is_workbook, read_workbook
from locales import words
from rules.naming import person_name, phone, tidy
from services.refused import Refused
from services.roster import Finding, RosterRow

_COLUMNS = ("serial", "name", "office", "title", "street", "community", "phone", "remark", "code", "level", "wecom_id")
_NEEDED = ("name", "title")
_HEADER_WITHIN = 20
_LEVELS = ("district", "street", "community")


@dataclass(frozen=True, slots=True)
class RosterSheet:
    """What a sheet says: people, what was mended, what was passed over."""

    rows: tuple[RosterRow, ...]
    findings: tuple[Finding, ...]
    unread: tuple[RosterRow, ...] = ()
    """Lines of people that lack a name or a known level (`level` is empty then): nobody whom they may mean is ended."""


def read_roster(path: Path) -> RosterSheet:
    """The people of an .xlsx or .csv; raises `Refused` where no sheet has a header with a name and a level."""
    sheets = read_workbook(path) if is_workbook(path) else [_csv_cells(path)]
    for cells in sheets:
        header = next((n for n, row in enumerate(cells[:_HEADER_WITHIN]) if _is_header(row)), None)
        if header is not None:
            return _read(cells, header)
    raise Refused("file.no_header", name=path.name)


def _csv_cells(path: Path) -> Cells:
    if path.suffix.lower() not in {".csv", ".txt"}:
        raise Refused("file.no_workbook", name=path.name)
    return [list(line) for line in read_csv(path)]


def _is_header(row: list[Any]) -> bool:
    found = _columns_of(row)
    return all(name in found for name in _NEEDED)


def _columns_of(row: list[Any]) -> dict[str, int]:
    known = {word: name for name in _COLUMNS for word in words("zh_CN", f"roster.column.{name}")}
    places = {known.get(tidy(cell).replace(" ", "")): place for place, cell in enumerate(row)}
    return {name: place for name, place in places.items() if name}


def _read(cells: Cells, header: int) -> RosterSheet:
    columns = _columns_of(cells[header])
    rows: list[RosterRow] = []
    unread: list[RosterRow] = []
    findings: list[Finding] = []
    for number, row in enumerate(cells[header + 1 :], header + 2):
        line = {name: row[place] if place < len(row) else None for name, place in columns.items()}
        passed = _passed_over(row, line)
        if passed == "repeated_header":
            columns = _columns_of(row)
        if passed:
            findings.append(Finding(number, "", passed, None))
            unread.extend(_nameless(number, line, passed))
        else:
            person = _person(number, line, findings)
            (rows if person.level else unread).append(person)
    findings = [f for f in findings if f.kind != "section_row"]
    return RosterSheet(tuple(rows), tuple(findings), tuple(unread))


def _nameless(number: int, line: dict[str, Any], passed: str) -> Iterator[RosterRow]:
    if passed == "name_missing" and (found := _title(tidy(line.get("title")))):
        yield _row(number, line, *found)


def _passed_over(row: list[Any], line: dict[str, Any]) -> str | None:
    if not any(tidy(cell) for cell in row):
        return "empty_row"
    if _is_header(row):
        return "repeated_header"
    if not tidy(line.get("name")):
        if _title(tidy(line.get("title"))):
            return "name_missing"
        sections = tidy(row[0])[:1] in words("zh_CN", "roster.section_marks")
        return "section_row" if sections else "note_row"
    return None


def _person(number: int, line: dict[str, Any], findings: list[Finding]) -> RosterRow:
    for column, value in line.items():
        findings.extend(_mended(number, column, value))
    if tidy(line.get("phone")) and phone(line["phone"]) is None:
        findings.append(Finding(number, "phone", "phone_unknown", line["phone"]))
    typed_title = tidy(line["title"])
    found = _title(typed_title)
    if found is None:
        findings.append(Finding(number, "title", "level_unknown", line["title"]))
        return _row(number, line, typed_title, "")
    title, level = found
    if title != typed_title:
        findings.append(Finding(number, "title", "variant_level", line["title"], title))
    return _row(number, line, title, level)


def _row(number: int, line: dict[str, Any], title: str, level: str) -> RosterRow:
    return RosterRow(
        row=number, name=person_name(line["name"]), office=tidy(line.get("office")) or None, title=title, level=level,
        streets=_streets(line.get("street")), community=tidy(line.get("community")) or None,
        phone=phone(line.get("phone")), remark=tidy(line.get("remark")) or None,
        code=tidy(line.get("code")) or None, wecom_id=tidy(line.get("wecom_id")).lower() or None, typed=line,
    )  # fmt: skip


def _title(text: str) -> tuple[str, str] | None:
    # The same title is written with or without the word for level in it.
    (filler,) = words("zh_CN", "roster.title_filler")
    bare = text.replace(" ", "").replace(filler, "")
    for level in _LEVELS:
        for title in words("zh_CN", f"roster.title.{level}"):
            if bare == title.replace(filler, ""):
                return title, level
    return None


def _streets(value: Any) -> tuple[str, ...]:
    text = tidy(value)
    for mark in words("zh_CN", "roster.list_marks"):
        text = text.replace(mark, " ")
    whole = words("zh_CN", "roster.whole_district")
    return tuple(name for name in text.split() if name not in whole)


def _mended(number: int, column: str, value: Any) -> Iterator[Finding]:
    if not isinstance(value, str):
        return
    stripped = value.strip(" \u3000\u00a0\t")
    if column == "name" and tidy(stripped) != person_name(stripped):
        yield Finding(number, column, "padded_two_character_name", stripped, person_name(value))
    if value != stripped and stripped:
        yield Finding(number, column, "trailing_space", value, person_name(value) if column == "name" else tidy(value))
    if column in {"phone", "serial"} and any(char.isdigit() and not char.isascii() for char in stripped):
        yield Finding(number, column, "full_width_digits", value, phone(value) if column == "phone" else tidy(value))
    if column == "phone" and " " in stripped:
        yield Finding(number, column, "spaces_in_phone", value, phone(value))
    if column == "phone" and "-" in stripped:
        yield Finding(number, column, "hyphens_in_phone", value, phone(value))
