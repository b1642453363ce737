"""The quick buttons under the input (快捷按钮), by role."""

from handlers.talk import Talk
from models.message import Reply

_MENUS = {"chief": ("mine", "help"), "office": ("count", "summary", "map", "help"), "guest": ("help",)}


def with_menu(talk: Talk, text: str, role: str, *, is_new: bool = True) -> Reply:
    """A reply that brings the quick buttons of a role (`chief`, `office`, `guest`), and where new its command list."""
    return Reply(text, menu=_menu(talk, role), menu_for=(role, talk.language) if is_new else None)


def role_of(talk: Talk) -> str:
    """Whose quick buttons a person gets."""
    return "chief" if talk.person.chief else "office" if talk.person.offices else "guest"


def _menu(talk: Talk, role: str) -> tuple[tuple[str, str, str], ...]:
    texts = tuple((talk.say(f"menu.{word}"), "text", talk.say(f"menu.{word}")) for word in _MENUS[role])
    if role == "guest":
        return ((talk.say("menu.contact"), "contact", ""), *texts)
    if role != "chief":
        return texts
    return ((talk.say("menu.location"), "location", ""), (talk.say("menu.photo"), "photo", ""), *texts)
