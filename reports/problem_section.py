"""What became of the problems (问题办理): the sentence with both numbers of the rate, the tables, and each record."""

from typing import Any

from locales import say
from locales.problems import span, type_word
from reports.figures import UNASSIGNED, Figures
from rules.number import ratio

KEY = "problem_handling"
COLUMNS = ("reported", "closed", "open", "overdue")


def sentence(figures: Figures, language: str) -> str:
    """Reported, closed, the rate with its two numbers, open, overdue, and the median time to close."""
    found = figures[KEY]
    if not found["reported"]:
        return say(language, "report.problem.none")
    took = found["median_close_s"]
    return say(
        language, "report.problem.sentence", **{name: f"{found[name]:,}" for name in COLUMNS},
        rate=ratio(found["closed"], found["reported"]), median=span(language, took) if took is not None else "–",
    )  # fmt: skip


def by_type(figures: Figures, language: str) -> list[list[str]]:
    """A row a kind, the most frequent first."""
    rows = [[type_word(language, row["name"]), *_numbers(row)] for row in figures[KEY]["by_type"].values()]
    return [_head("problem", language), *rows, _total(figures, language)]


def by_street(figures: Figures, language: str) -> list[list[str]]:
    """A row a street."""
    named = {code: row["name"] for code, row in figures[KEY]["by_street"].items()}
    unknown = say(language, "report.unassigned")
    rows = [
        [unknown if code == UNASSIGNED else named[code], *_numbers(row)]
        for code, row in figures[KEY]["by_street"].items()
    ]
    return [_head("street_name", language), *rows, _total(figures, language)]


def record(row: dict[str, Any], language: str) -> list[Any]:
    """A problem as a row of the sheet."""
    late = say(language, "report.problem.late") if row["late"] else None
    urgency = say(language, f"problem.severity.{row['severity']}")
    return [
        row["number"], row["at"], type_word(language, row["type"]), urgency,
        say(language, f"problem.state.{row['state']}"), row["chief"], row["street"], row["grid"], row["due"],
        row["closed"], late, row["note"],
    ]  # fmt: skip


def _head(first: str, language: str) -> list[str]:
    return [say(language, f"report.column.{first}"), *(say(language, f"report.problem.{name}") for name in COLUMNS)]


def _numbers(row: dict[str, Any]) -> list[str]:
    return [f"{row[name]:,}" for name in COLUMNS]


def _total(figures: Figures, language: str) -> list[str]:
    return [say(language, "report.column.total"), *_numbers(figures[KEY])]
