"""Every sentence a user reads and every word a user types (语言), one TOML catalogue a language."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh_CN", "en")
_FOLDER = Path(__file__).parent


@cache
def catalogue(language: str) -> dict[str, Any]:
    """The whole catalogue of a language, flattened to dotted keys; raises `ValueError` for an unknown language."""
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}; known: {', '.join(LANGUAGES)}")
    return dict(_flatten(tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))))


def say(language: str, key: str, /, **fields: object) -> str:
    """The sentence at `key` with its placeholders filled; raises `KeyError` for an unknown key or a missing field."""
    sentence = catalogue(language)[key]
    if not isinstance(sentence, str):
        raise KeyError(f"{key} is a list of words, not a sentence")
    return sentence.format(**fields)


def words(language: str, key: str, /) -> tuple[str, ...]:
    """The words a user may type for `key`; raises `KeyError` for an unknown key."""
    found = catalogue(language)[key]
    return (found,) if isinstance(found, str) else tuple(found)


def all_words(key: str, /) -> tuple[str, ...]:
    """The words for `key` in every language: what is typed is understood whatever language a person has chosen."""
    return tuple(word for language in LANGUAGES for word in words(language, key))


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        pairs.extend(_flatten(value, f"{key}.") if isinstance(value, dict) else [(key, value)])
    return pairs
