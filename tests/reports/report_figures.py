"""Figures to try the reports with (测试数字): Xicheng in 2023, small enough to be checked by eye."""

from typing import Any

REASONS = ("duplicate", "within_5_min", "far_outside", "forwarded", "no_photo", "no_location", "withdrawn", "voided")


def row(district: int, street: int, community: int) -> dict[str, int]:
    return {"district": district, "street": street, "community": community, "total": district + street + community}


def figures(**changes: Any) -> dict[str, Any]:
    """The closed year 2023 of Xicheng: 88, 553 and 14,400 patrols, 7 meetings."""
    return {
        "year": 2023,
        "timezone": "Asia/Shanghai",
        "from": "2023-01-01",
        "to": "2023-12-31",
        "as_of": "2024-01-02T01:00:00+00:00",
        "closed": True,
        "area": {"code": "110102", "name": "西城区"},
        "counted": row(88, 553, 14400),
        "meetings": 7,
        "by_street": {
            "110102010": {"name": "德胜街道", **row(60, 300, 10000)},
            "110102020": {"name": "广安门外街道", **row(28, 253, 4400)},
        },
        "by_month": {f"2023-{month:02}": row(month, 10 * month, 1000) for month in range(1, 13)},
        "meetings_by_month": {f"2023-{month:02}": month % 2 for month in range(1, 13)},
        "not_counted": {**dict.fromkeys(REASONS, 0), "awaiting_review": 0, "meeting_duplicate": 1, "no_photo": 39},
        "sentence": "",
        **changes,
    }


def handled(reported: int = 8, closed: int = 6) -> dict[str, Any]:
    """What became of a few problems."""
    row = {
        "reported": reported, "closed": closed, "open": reported - closed, "overdue": 1, "rate": closed / reported,
        "median_close_s": 90_000,
    }  # fmt: skip
    return {
        "from": "2023-01-01", "to": "2023-12-31", **row, "by_type": {"fallen_tree": {"name": "fallen_tree", **row}},
        "by_street": {"110102010": {"name": "德胜街道", **row}}, "by_month": {"2023-05": row},
    }  # fmt: skip


def period(first: str, last: str, **changes: Any) -> dict[str, Any]:
    return figures(year=None, **{"from": first, "to": last}, **changes)


def full_figures(**changes: Any) -> dict[str, Any]:
    """The figures of the annual report: those of the summary, and what explains them."""
    dates = {"from": "2000-01-01", "to": None}
    load = {"sent": dict(zip(("district", "street", "community"), (1, 2, 3), strict=True))}
    load["taps"] = dict(zip(("district", "street", "community"), (4, 5, 6), strict=True))
    load["minutes"] = dict(zip(("district", "street", "community"), (7, 8, 9), strict=True))
    policy = {"requires_location": True, "requires_photo": True, "max_outside_m": 100.0, "repeat_window_s": 300}
    return {
        **figures(),
        "before": {"from": "2022-01-01", "to": "2022-12-31", "counted": row(80, 600, 14000)},
        "problems": {"折枝": 20, "树木倒伏": 10},
        "by_day": {f"2023-{month:02}-05": month for month in range(1, 13)},
        "policies": [{**dates, **policy, "repeat_distance_m": 50.0, "source": "practice"}],
        "duties": [{**dates, "level": "street", "period": "month", "times": 1, "source": "opinion"}],
        "problem_handling": handled(),
        "workload": [{"month": f"2023-{month:02}", **load} for month in range(1, 13)],
        **changes,
    }
