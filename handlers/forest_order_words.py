"""How an order is worded (林长令用语)."""

from locales import say
from models.forest_order import ForestOrder


def name(language: str, found: ForestOrder) -> str:
    """Its year and number."""
    if found.number is None:
        return say(language, "order.name_next", year=found.year)
    return say(language, "order.name", year=found.year, number=found.number)


def body(language: str, found: ForestOrder) -> list[str]:
    """Its name, title, text and who signed it, a line each."""
    return [
        name(language, found), found.title, *([found.text] if found.text else []),
        *([say(language, "order.signed", issuer=found.issuer)] if found.issuer else []),
    ]  # fmt: skip
