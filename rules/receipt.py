"""Receipt numbers (受理编号): `XL-2026-000123`, one sequence a local year."""


def patrol_number(year: int, serial: int) -> str:
    """The number of a patrol; it grows past six digits rather than start again."""
    return f"XL-{year:04d}-{serial:06d}"


def problem_number(year: int, serial: int) -> str:
    """The number of a problem (问题), in a sequence of its own."""
    return f"WT-{year:04d}-{serial:06d}"


def referral_number(year: int, serial: int) -> str:
    """The number of a referral (移送), in a sequence of its own."""
    return f"YS-{year:04d}-{serial:06d}"
