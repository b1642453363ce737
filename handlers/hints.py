"""Hints about photos in words (照片提示); only the office sees them."""

from collections.abc import Mapping

from handlers.talk import Talk
from services import hint


def hint_lines(talk: Talk, numbers: Mapping[int, str]) -> list[str]:
    """What is worth a look about the photos of some patrols (id and receipt number), a line each."""
    return [
        talk.say(
            f"hint.{one.kind}", number=numbers[one.patrol_id], other=one.number, km=f"{one.metres / 1000:.1f}",
            day=one.taken_on,
        )
        for one in hint.of_patrols(talk.session, list(numbers))
    ]  # fmt: skip
