"""Faults in one line (故障): what failed and where in our code, never the own words of the error."""

from pathlib import Path
from traceback import extract_tb

from bot.settings import HOME


def fault_of(error: BaseException) -> str:
    """The kind of an error and the last place in our code that it passed."""
    ours = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(HOME)]
    where = [frame for frame in ours if ".venv" not in frame.filename][-1:]
    place = "".join(f" in {Path(frame.filename).relative_to(HOME)}:{frame.lineno}" for frame in where)
    return f"{type(error).__name__}{place}"
