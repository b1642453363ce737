"""The annual summary as plain text (文字版年度总结), for a terminal and for a chat."""

from locales import say
from locales.dates import month_with_year
from reports import apart, problem_section
from reports.figures import LEVELS, UNASSIGNED, Figures, is_due
from reports.period import as_of_line, title
from reports.sentence import annual_sentence
from reports.table import aligned
from rules.number import ratio

COLUMNS = (*LEVELS, "total")


def summary_text(figures: Figures, language: str) -> str:
    """The summary: sentence, tables by level, street and month, what was not counted and why, and what counts."""
    parts = [
        f"{title(figures, language)}\n{annual_sentence(figures, language)}",
        _section(language, "by_level", _by_level(figures, language)),
        _section(language, "by_street", _by_street(figures, language)),
        _section(language, "by_month", _by_month(figures, language)),
        *apart.text_sections(figures, language),
        _section(language, "not_counted", _not_counted(figures, language)),
        *_problem_sections(figures, language),
        _section(language, "method", say(language, "report.method_text", timezone=figures["timezone"])),
        as_of_line(figures, language),
    ]
    return "\n\n".join(parts) + "\n"


def street_name(code: str, row: Figures, language: str) -> str:
    """The name of a street in the figures, or the words for what belongs to none."""
    return say(language, "report.unassigned") if code == UNASSIGNED else str(row["name"])


def _section(language: str, key: str, body: str) -> str:
    return f"{say(language, 'report.heading', text=say(language, f'report.{key}'))}\n{body}"


def _by_level(figures: Figures, language: str) -> str:
    rows = [(say(language, f"report.column.{column}"), figures["counted"][column]) for column in COLUMNS]
    if figures["meetings"] is not None:
        rows.append((say(language, "report.column.meetings"), figures["meetings"]))
    if figures.get("referrals"):
        rows.append((say(language, "report.column.referrals"), figures["referrals"]))
    return aligned(rows)


def _by_street(figures: Figures, language: str) -> str:
    rows = [_header(language, "street_name", COLUMNS)]
    for code, row in figures["by_street"].items():
        rows.append([street_name(code, row, language), *_numbers(row)])
    return aligned([*rows, _total(figures, language)])


def _by_month(figures: Figures, language: str) -> str:
    meetings = figures["meetings_by_month"] if figures["meetings"] is not None else None
    rows = [_header(language, "month", COLUMNS if meetings is None else (*COLUMNS, "meetings"))]
    for month, row in figures["by_month"].items():
        if is_due(month, figures):
            own = [] if meetings is None else [str(meetings.get(month, 0))]
            rows.append([month_with_year(month, language), *_numbers(row), *own])
    own = [] if meetings is None else [str(figures["meetings"])]
    return aligned([*rows, [*_total(figures, language), *own]])


def _header(language: str, first: str, columns: tuple[str, ...]) -> list[str]:
    return [say(language, f"report.column.{column}") for column in (first, *columns)]


def _numbers(row: Figures) -> list[str]:
    return [str(row[column]) for column in COLUMNS]


def _total(figures: Figures, language: str) -> list[str]:
    return [say(language, "report.column.total"), *_numbers(figures["counted"])]


def _not_counted(figures: Figures, language: str) -> str:
    reasons = [(say(language, f"report.reason.{reason}"), n) for reason, n in figures["not_counted"].items() if n]
    table = aligned(reasons) if reasons else say(language, "report.none")
    return f"{table}\n{counted_rate(figures, language)}"


def _problem_sections(figures: Figures, language: str) -> list[str]:
    if problem_section.KEY not in figures:
        return []
    said = problem_section.sentence(figures, language)
    if figures[problem_section.KEY]["reported"]:
        said = f"{said}\n{aligned(problem_section.by_type(figures, language))}"
    return [_section(language, "problem_handling", said)]


def counted_rate(figures: Figures, language: str) -> str:
    """How many of the patrols that were received count, with both numbers and the rule."""
    counted = figures["counted"]["total"]
    left_out = sum(n for reason, n in figures["not_counted"].items() if reason != "meeting_duplicate")
    received = counted + left_out
    percent = ratio(counted, received)
    if percent is None:
        return say(language, "report.rate_of_nothing")
    return say(language, "report.rate", percent=percent, counted=counted, received=received, left_out=left_out)
