"""The prompt of whatever is in the making (提示): a patrol, or a report of a problem."""

from collections.abc import Sequence

from handlers import patrol_words, problem_prompt
from handlers.talk import Talk
from models.draft import Draft
from models.message import Reply
from services import problem_draft


def prompt(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """What the draft holds, what may still be sent, and the buttons."""
    if opened.kind == problem_draft.KIND:
        return problem_prompt.prompt(talk, opened)
    return patrol_words.prompt(talk, opened)
