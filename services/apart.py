"""What is counted apart from patrols (另计): old trees seen; the keys that the summary has beside its own."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.area import Area
from services import old_tree_figures
from services.summary import Span

Figures = dict[str, Any]


def figures(session: Session, span: Span, area: Area, today: date) -> Figures:
    """`trees` of an area in a period."""
    return {"trees": old_tree_figures.figures(session, span, area, today)}


def listings(session: Session, span: Span, area: Area, today: date) -> Figures:
    """The rows behind them, for the sheets of the workbook: `trees_listed`."""
    return {"trees_listed": old_tree_figures.listing(session, span, area, today)}
