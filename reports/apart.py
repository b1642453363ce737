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
_KINDS = {"orders": ("issued", "to", "received"), "meeting_tasks": ("set", "done", "overdue")}


def text_sections(figures: Figures, language: str) -> list[str]:
    """The sections of the text; none for what there is nothing of."""
    sections = []
    if _has_trees(figures):
        rows = [(row[0], *map(str, row[1:])) for row in _tree_rows(figures, language)]
        sections.append(_section(language, "trees", f"{tree_sentence(figures, language)}\n{aligned(rows)}"))
    said = sentences(figures, language)
    return [*sections, *([_section(language, "apart", "\n".join(said))] if said else [])]


def document_sections(page: Official, figures: Figures, language: str, table: int) -> None:
    """The sections of the document; `table` is the number of their first table."""
    for sentence in sentences(figures, language):
        page.text(sentence)
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
    for kind in _present(figures):
        for name in _KINDS[kind]:
            yield [say(language, f"report.{kind}_{name}"), figures[kind][name]]


def sheets(figures: Figures) -> dict[str, tuple[Any, Any]]:
    """The sheets of the workbook that have rows: columns with their widths, rows."""
    known = {
        "trees": ("trees_listed", _TREE_COLUMNS, _trees), "orders": ("orders_listed", _ORDER_COLUMNS, _orders),
        "meeting_tasks": ("tasks_listed", _TASK_COLUMNS, _tasks),
    }  # fmt: skip
    return {name: (columns, rows) for name, (key, columns, rows) in known.items() if figures.get(key)}


def sentences(figures: Figures, language: str) -> list[str]:
    """A sentence for the orders, and one for the tasks of meetings; none for what there is nothing of."""
    return [say(language, f"report.{kind}_text", **figures[kind]) for kind in _present(figures)]


def tree_sentence(figures: Figures, language: str) -> str:
    """How many old trees were seen, how often, of how many."""
    return say(language, "report.trees_text", **{name: f"{figures['trees'][name]:,}" for name in _TREES})


def _section(language: str, key: str, body: str) -> str:
    return f"{say(language, 'report.heading', text=say(language, f'report.{key}'))}\n{body}"


def _present(figures: Figures) -> list[str]:
    return [kind for kind, names in _KINDS.items() if kind in figures and figures[kind][names[0]]]


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


def _orders(figures: Figures, language: str) -> Rows:
    for row in figures["orders_listed"]:
        name = say(language, "order.name", year=row["year"], number=row["number"])
        withdrawn = say(language, "report.order_withdrawn") if row["withdrawn"] else None
        yield [row["on"], row["area"], name, row["title"], row["to"], row["received"], withdrawn]


def _tasks(figures: Figures, language: str) -> Rows:
    for row in figures["tasks_listed"]:
        stands = say(language, f"report.task_{row['state']}")
        yield [row["on"], row["meeting"], row["text"], row["owner"], row["due_on"], stands]


_TREE_COLUMNS = [
    ("code", 18), ("species", 12), ("grade", 8), ("street_name", 18), ("place", 28), ("trees_times", 10),
    ("last_seen", 14),
]  # fmt: skip
_ORDER_COLUMNS = [
    ("on", 12), ("office", 18), ("order", 24), ("order_title", 40), ("order_to", 10), ("order_received", 10),
    ("note", 12),
]  # fmt: skip
_TASK_COLUMNS = [("on", 12), ("meeting", 32), ("task", 40), ("owner", 12), ("due_on", 12), ("verdict", 10)]
