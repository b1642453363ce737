"""The rule about old trees (古树规则): what is near, when a tree is long unseen; rows with dates, never code."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy.orm import Session

from models.old_tree import OldTreeRule
from models.upsert import insert_or
from services.refused import Refused


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds from a local date on, until the next rule."""

    valid_from: date
    near_m: float
    most: int
    unseen_days: int
    source: str


def add(session: Session, rule: Rule) -> None:
    """Add a rule, or change the one of the same date; raises `Refused` for numbers that make no sense."""
    if not (1 <= rule.near_m <= 1000 and 1 <= rule.most <= 50 and 1 <= rule.unseen_days <= 3650):
        raise Refused("old_tree.bad_rule")
    facts = asdict(rule)
    statement = insert_or(session, OldTreeRule).values(facts)
    session.execute(statement.on_conflict_do_update(index_elements=["valid_from"], set_=facts))
