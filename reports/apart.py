"""What is counted apart from patrols (另计), printed: sections of text and document, sheets of the workbook."""

from collections.abc import Iterator
from typing import Any

from locales import say
from reports.figures import Figures
from reports.official import Official
from reports.table import aligned
from reports.workbook import Cell

Rows = Iterator[list[Cell]]
_TREES = ("listed", "seen", "times")


def text_sections(figures: Figures, language: str) -> list[str]:
    """The sections of the text; none for what there is nothing of."""
    if not _has_trees(figures):
        return []
    heading = say(language, "report.heading", text=say(language, "report.trees"))
    rows = [(row[0], *map(str, row[1:])) for row in _tree_rows(figures, language)]
    return [f"{heading}\n{tree_sentence(figures, language)}\n{aligned(rows)}"]


def document_sections(page: Official, figures: Figures, language: str, table: int) -> None:
    """The sections of the document; `table` is the number of their first table."""
    if not _has_trees(figures):
        return
    page.text(tree_sentence(figures, language))
    caption = say(language, "report.document.table", number=table, text=say(language, "report.trees"))
    page.table(caption, [[str(cell) for cell in row] for row in _tree_rows(figures, language)])


def overview(figures: Figures, language: str) -> Rows:
    """The rows of the workbook's first sheet."""
    if _has_trees(figures):
        for name in _TREES:
            yield [say(language, f"report.trees_{name}"), figures["trees"][name]]


def sheets(figures: Figures) -> dict[str, tuple[Any, Any]]:
    """The sheets of the workbook: columns with their widths, rows."""
    return {"trees": (_TREE_COLUMNS, _trees)} if figures.get("trees_listed") else {}


def tree_sentence(figures: Figures, language: str) -> str:
    """How many old trees were seen, how often, of how many."""
    return say(language, "report.trees_text", **{name: f"{figures['trees'][name]:,}" for name in _TREES})


def _has_trees(figures: Figures) -> bool:
    trees = figures.get("trees")
    return bool(trees and (trees["listed"] or trees["times"]))


def _tree_rows(figures: Figures, language: str) -> list[list[Any]]:
    trees = figures["trees"]
    head = [say(language, "report.column.grade"), *(say(language, f"report.trees_{name}") for name in _TREES)]
    grades = [
        [say(language, f"old_tree.grade.{grade}"), *(row[name] for name in _TREES)]
        for grade, row in trees["by_grade"].items()
    ]
    return [head, *grades, [say(language, "report.column.total"), *(trees[name] for name in _TREES)]]


def _trees(figures: Figures, language: str) -> Rows:
    for row in figures["trees_listed"]:
        grade = say(language, f"old_tree.grade.{row['grade']}")
        where = " ".join(part for part in (row["site"], row["name"]) if part)
        yield [row["code"], row["species"], grade, row["street"], where, row["times"], row["last_seen"]]


_TREE_COLUMNS = [
    ("code", 18), ("species", 12), ("grade", 8), ("street_name", 18), ("place", 28), ("trees_times", 10),
    ("last_seen", 14),
]  # fmt: skip
