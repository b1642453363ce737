"""Wording of problems (问题的写法), the same in the chat and in the reports."""

from locales import catalogue, say


def type_word(language: str, label: str) -> str:
    """The word for a kind of problem: the catalogue's for its code, else the own name that it has."""
    return str(catalogue(language).get(f"problem.type.{label}", label))


def span(language: str, seconds: float) -> str:
    """A length of time by its largest useful unit, rounded up."""
    minutes = max(1, -int(-seconds // 60))
    if minutes < 60:
        return say(language, "problem.minutes", n=minutes)
    hours = -int(-seconds // 3600)
    return say(language, "problem.hours", n=hours) if hours <= 48 else say(language, "problem.days", n=-(-hours // 24))
