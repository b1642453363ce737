"""A few old trees of the small Xicheng (几株古树): three near 胡晓兰's place, one a kilometre off."""

import csv
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from chat_driver import NEIGHBOURS, OWN, House

from bot.loading import load_old_trees
from services.old_tree_import import TreeChanges

SINCE = date(2026, 1, 1)
HEADER = ("古树编号", "树种", "级别", "经度", "纬度", "名称", "生长地点", "状态")
SCHOLAR, CYPRESS, PINE, FAR = "110102A00001", "110102A00002", "110102B00003", "110102B00004"
"""国槐 at 胡晓兰's very place, 侧柏 and 油松 within a hundred metres, 银杏 more than a kilometre away."""
ROWS = (
    (SCHOLAR, "国槐", "一级", OWN[0], OWN[1], "", "安德路", "正常"),
    (CYPRESS, "侧柏", "一级", OWN[0] + 0.0003, OWN[1], "", "安德路", "正常"),
    (PINE, "油松", "二级", OWN[0], OWN[1] + 0.0005, "迎客松", "安德路", "正常"),
    (FAR, "银杏", "名木", NEIGHBOURS[0], NEIGHBOURS[1], "", "黄寺", "正常"),
)


def table(rows: tuple[tuple[object, ...], ...] = ROWS, header: tuple[str, ...] = HEADER) -> str:
    """The rows as a clerk's CSV."""
    sheet = StringIO()
    csv.writer(sheet).writerows([header, *rows])
    return sheet.getvalue()


def plant(house: House, folder: Path, rows: tuple[tuple[object, ...], ...] = ROWS, today: date = SINCE) -> TreeChanges:
    """Import trees into a house."""
    file = folder / "trees.csv"
    file.write_text(table(rows), "utf-8")
    return load_old_trees(house.engine, file, today)


def later(house: House, **time: float) -> None:
    """Let time pass."""
    house.now += timedelta(**time)
