"""Referrals (移送): a lead that was handed over to the procuratorate, as it stood then, and what came back."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Referral(Base):
    """A problem handed over (移交检察); its record is frozen, so that the case pack is the same whenever it is made."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_handed", "area_code", "handed_on"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    number: Mapped[str] = mapped_column(unique=True)
    """`YS-YYYY-NNNNNN` of the local year in which it was handed over."""

    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), index=True)

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    """The district whose office handed it over."""

    street_code: Mapped[str | None]
    """The problem's street at that time."""

    receiver: Mapped[str | None]
    """The procuratorate, where another than the district's own."""

    why: Mapped[str]

    handed_at: Mapped[datetime]

    handed_on: Mapped[date]

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    record: Mapped[dict[str, Any]]
    """`services.case_record`: all that the pack says."""

    digest: Mapped[str]
    """SHA-256 of the record as `rules.case.spelled` writes it."""

    received_at: Mapped[datetime | None]
    """When the procuratorate's receipt (回执) was registered."""

    answered_at: Mapped[datetime | None]
    """When its result (办理结果) was registered, the latest one."""


class ReferralStep(Base):
    """What came back from the procuratorate: its receipt, its result; a later one adds to the earlier."""

    __tablename__ = "referral_step"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)

    taken_at: Mapped[datetime]

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    what: Mapped[str]
    """`received` or `answered`."""

    text: Mapped[str]
    """The procuratorate's own number, or what it decided."""
