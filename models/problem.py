"""Problems (问题): what was found, the steps from finding to closing, the photos before and after, the clocks."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Problem(Base):
    """A problem that was reported (上报); never deleted. `state` follows `rules/problem_flow.py`, a step a move."""

    __tablename__ = "problem"
    __table_args__ = (
        Index("uq_problem_inbox", "inbox_id", unique=True),
        Index("ix_problem_alarm", "alarm_at", **only("alarm_at IS NOT NULL")),
        Index("ix_problem_open", "street_code", "due_at", **only("closed_at IS NULL AND withdrawn_at IS NULL")),
        Index("ix_problem_street_found", "street_code", "found_on"),
        Index("ix_problem_chief", "chief_id"),
        Index("ix_problem_patrol", "patrol_id", **only("patrol_id IS NOT NULL")),
        Index("ix_problem_emergency", "emergency_id", **only("emergency_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    number: Mapped[str] = mapped_column(unique=True)
    """`WT-YYYY-NNNNNN` of the local year."""

    type_code: Mapped[str]
    """A code of `problem_type`."""

    severity: Mapped[str]
    """`danger`, `urgent`, `ordinary` or `hard`: it chooses the deadline."""

    state: Mapped[str]
    """`rules.problem_flow.State`."""

    version: Mapped[int]
    """How many steps there are: whoever acts on an older one than the latest has been overtaken."""

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"))
    """Who found it."""

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    patrol_id: Mapped[int | None] = mapped_column(ForeignKey("patrol.id"))
    """The patrol (巡林) on which it was found."""

    emergency_id: Mapped[int | None] = mapped_column(ForeignKey("emergency.id"))
    """The emergency (应急) in which it was found."""

    inbox_id: Mapped[int] = mapped_column(Identity)
    """The delivery that handed it in."""

    grid_version_id: Mapped[int | None] = mapped_column(ForeignKey("grid_version.id"))

    street_code: Mapped[str | None]
    """The street it lies in, else the finder's only one: its office handles it, the district's where there is none."""

    area_code: Mapped[str | None]
    """The community, street or district of the finder's post: where it lies at the most, whatever else is known."""

    lon: Mapped[float | None]
    """WGS-84."""

    lat: Mapped[float | None]

    accuracy_m: Mapped[float | None]

    note: Mapped[str | None]

    found_at: Mapped[datetime]
    """When its first part was sent."""

    found_on: Mapped[date]
    """The local date of `found_at`: it chooses year, month, catalogue and deadline."""

    reported_at: Mapped[datetime]

    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """The unit that it is assigned to; a unit or a person, or neither yet."""

    assigned_chief_id: Mapped[int | None] = mapped_column(ForeignKey("chief.id"))
    """The chief that it is assigned to."""

    order_number: Mapped[str | None]
    """The unit's own number for it, such as a 12345 order (工单号)."""

    deadline_id: Mapped[int | None] = mapped_column(ForeignKey("problem_deadline.id"))
    """The rule that the clock follows."""

    clock_at: Mapped[datetime]
    """Since when it counts: the report, or the latest reopening."""

    warn_at: Mapped[datetime | None]
    """When somebody is to be warned; none once that was done."""

    due_at: Mapped[datetime | None]

    alarm_at: Mapped[datetime | None]
    """When the clock has something to say next; none while it is paused, after it said all, and at the end."""

    overdue_at: Mapped[datetime | None]
    """When the office was told that it is overdue (逾期)."""

    paused_at: Mapped[datetime | None]
    """Since when the clock waits for others; the reason stands in its step."""

    paused_s: Mapped[int] = mapped_column(default=0)
    """How long the clock has waited in all."""

    rectified_at: Mapped[datetime | None]

    closed_at: Mapped[datetime | None]

    withdrawn_at: Mapped[datetime | None]


class ProblemStep(Base):
    """One step of a problem: who, when, in which role, what, from which state to which, and why."""

    __tablename__ = "problem_step"
    __table_args__ = (UniqueConstraint("problem_id", "serial"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"))

    serial: Mapped[int]
    """1 for the report, then one more each; the problem's `version` after it."""

    taken_at: Mapped[datetime]

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    role: Mapped[str]
    """`rules.problem_flow.Role` in which it was taken."""

    action: Mapped[str]
    """`rules.problem_flow.Action`."""

    before: Mapped[str | None]
    """The state before; none for the report."""

    after: Mapped[str]

    why: Mapped[str | None]

    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    assigned_chief_id: Mapped[int | None] = mapped_column(ForeignKey("chief.id"))

    order_number: Mapped[str | None]

    severity: Mapped[str | None]
    """The new urgency, where the step set one."""

    inbox_id: Mapped[int | None] = mapped_column(Identity)
    """The delivery by which it was taken."""


class ProblemPhoto(Base):
    """A photo of a problem, and the step that it came with: `report` and `add` show it before, `rectify` after."""

    __tablename__ = "problem_photo"
    __table_args__ = (UniqueConstraint("problem_id", "photo_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"))

    step_id: Mapped[int] = mapped_column(ForeignKey("problem_step.id"), index=True)

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id"))

    is_after: Mapped[bool]
    """It shows the place after it was put right."""

    group_id: Mapped[str | None]
    """The album it came in: late ones of it join the same step."""


class ProblemType(Base):
    """A kind of problem, from one date to another (both inclusive)."""

    __tablename__ = "problem_type"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    code: Mapped[str]

    name: Mapped[str | None]
    """None says: by the catalogue's word for its code."""

    severity: Mapped[str]
    """The urgency that is proposed for it."""

    storm: Mapped[bool]
    """Whether it is offered by one tap in an emergency."""

    listed: Mapped[bool]
    """Whether it is offered on any day."""

    place: Mapped[int]
    """Its place among the buttons."""

    valid_from: Mapped[date]

    valid_to: Mapped[date | None]

    source: Mapped[str]


class ProblemDeadline(Base):
    """How soon a problem of an urgency is to be put right, from one date to another (both inclusive)."""

    __tablename__ = "problem_deadline"
    __table_args__ = (UniqueConstraint("severity", "valid_from"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    severity: Mapped[str]

    amount: Mapped[int]

    counts: Mapped[str]
    """What `amount` counts: `hours`, `days` or `workdays`."""

    warn_s: Mapped[int]
    """How long before the deadline those who must act are warned."""

    at_night: Mapped[bool]
    """Whether it is said at night too: danger waits for no morning."""

    valid_from: Mapped[date]

    valid_to: Mapped[date | None]

    source: Mapped[str]


class SerialYear(Base):
    """The last number given in a series and a local year (SQLite; PostgreSQL has a sequence each)."""

    __tablename__ = "serial_year"

    series: Mapped[str] = mapped_column(primary_key=True)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

    last: Mapped[int]
