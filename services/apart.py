"""What is counted apart from patrols (另计): old trees, orders, tasks of meetings; beside the keys of the summary."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.area import Area
from services import forest_order, meeting_task, old_tree_figures
from services.summary import Span

Figures = dict[str, Any]


def figures(session: Session, span: Span, area: Area, today: date) -> Figures:
    """`trees`, `orders` and `meeting_tasks` of an area in a period."""
    return {
        "trees": old_tree_figures.figures(session, span, area, today),
        "orders": forest_order.figures(session, span, area),
        "meeting_tasks": meeting_task.figures(session, span, area.code, today),
    }


def listings(session: Session, span: Span, area: Area, today: date) -> Figures:
    """The rows behind them, for the sheets of the workbook: `trees_listed`, `orders_listed`, `tasks_listed`."""
    return {
        "trees_listed": old_tree_figures.listing(session, span, area, today),
        "orders_listed": forest_order.listing(session, span, area),
        "tasks_listed": [_task(task, today) for task in meeting_task.listing(session, span, area.code)],
    }


def _task(task: meeting_task.Task, today: date) -> Figures:
    state = "done" if task.row.done_at else "overdue" if task.overdue(today) else "open"
    return {
        "on": task.meeting.held_on, "meeting": task.meeting.title, "text": task.row.text, "owner": task.owner,
        "due_on": task.row.due_on, "state": state,
    }  # fmt: skip
