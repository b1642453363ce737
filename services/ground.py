"""The ground of a reminder (责任区): its grids, and what a source has to say of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ground:
    """A grid version that a reminder is about."""

    id: int
    name: str
    street_code: str
    code: str


Grounds = Mapping[int, tuple[Ground, ...]]
"""The grids of each reminder, by its id; none for a whole district."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to say: the catalogue's `remind.{what}` with these fields; `listed` are kinds with their numbers."""

    what: str
    fields: Mapping[str, object] = field(default_factory=dict)
    listed: tuple[tuple[str, int], ...] = ()
    direction: str | None = None
    """A compass direction (`ne`, …, `middle`), worded by the catalogue's `remind.corner`."""


def grids_of(grounds: Grounds) -> set[int]:
    """The ids of all grids of a batch."""
    return {ground.id for some in grounds.values() for ground in some}
