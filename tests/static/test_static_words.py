"""The catalogue (词表): every key is used, exists in both languages, and gets what it has room for."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from source_files import ROOT, expect_nothing, literals, page_files, place, python_files, tree

KEPT: dict[str, str] = {
    # prefix of keys that no line of code names: why they stay
    "period.words.month_": "named by their number, 1 to 12, in handlers/periods.py",
    "period.words.quarter_": "named by their number, 1 to 4, in handlers/periods.py",
    "chat_page.language_": "each language under its own name, put together in web/static",
    "map_page.language_": "the same on the map",
    "map_page.measure_": "what the map colours by, put together in web/static/measures.js",
    "map_page.note_": "the same",
    "map_page.value_": "the same",
    "map_page.class_": "the classes of the legend, put together in web/static/measures.js",
    "map_page.what_": "the kinds of change of a record (models/patrol.py), put together in web/static/map_record.js",
    "map_page.photo_": "the states of a photo (models/photo.py), put together in web/static/map_record.js",
    "map_page.kind_": "the kinds of place and of old trees, put together in web/static/map_places.js",
}

KEYS: dict[str, Callable[[str], str]] = {  # who takes a key, and which one follows from the literal that is given
    "say": str,
    "tell": str,
    "note": str,
    "words": str,
    "all_words": str,
    "Refused": str,
    "button": lambda do: "button." + do.replace(".", "_"),
}
PAGES = ("chat_page.", "map_page.")
"""Each page gets its section without this prefix."""

FILLED = ("say", "tell", "note", "Refused")

Catalogue = dict[str, Any]


def catalogues(root: Path) -> dict[str, Catalogue]:
    """The languages' catalogues, flattened to dotted keys."""
    files = sorted((root / "locales").glob("*.toml"))
    return {file.stem: dict(flat(tomllib.loads(file.read_text("utf-8")))) for file in files}


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def placeholders(value: object) -> set[str]:
    sentences = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    return {field for sentence in sentences for _, field, _, _ in Formatter().parse(sentence) if field is not None}


def differences(root: Path) -> list[str]:
    """Keys that a language lacks, and keys whose languages have room for different things."""
    found = []
    languages = catalogues(root)
    for key in sorted(set().union(*languages.values())):
        lacking = [language for language, catalogue in languages.items() if key not in catalogue]
        found += [f"{key}: not in {language}" for language in lacking]
        values = [catalogue[key] for catalogue in languages.values() if key in catalogue]
        if len({type(value) for value in values}) > 1:
            found.append(f"{key}: a sentence in one language, a list of words in another")
        elif len({frozenset(placeholders(value)) for value in values}) > 1:
            found.append(f"{key}: different placeholders")
    return found


def unused(root: Path) -> list[str]:
    """Keys that nothing says: not named whole, and not the rest of a key that is put together."""
    named, put_together, known = mentions(root)
    return [
        key
        for key in sorted(set().union(*catalogues(root).values()))
        if key not in named
        and not (key.startswith(PAGES) and key.partition(".")[2] in page_words(root))
        and not key.startswith(tuple(KEPT))
        and not any((rest := pattern.fullmatch(key)) and set(rest.groups()) <= known for pattern in put_together)
    ]


@cache
def page_words(root: Path) -> frozenset[str]:
    """Everything that the page's scripts and pages put in quotes."""
    texts = (path.read_text("utf-8") for path in page_files(root))
    return frozenset(word for text in texts for word in re.findall(r"""["'`]([a-z_][\w.]*)["'`]""", text))


def mentions(root: Path) -> tuple[set[str], list[re.Pattern[str]], set[str]]:
    """Strings of the program, f-strings such as `f"report.{key}"` as patterns, and names that may fill them."""
    named, patterns, known = set(), [], set()
    for path in python_files(root):
        module = tree(path)
        for literal in literals(module):
            named.add(str(literal.value))
            known |= {str(literal.value), str(literal.value).replace(".", "_"), *str(literal.value).split()}
        for node in ast.walk(module):
            if isinstance(node, ast.JoinedStr) and (pattern := key_pattern(node)):
                patterns.append(pattern)
            known |= {str(getattr(node, field)) for field in ("attr", "id", "name", "arg") if hasattr(node, field)}
    for path in page_files(root):
        inside = re.findall(r"""["'`]([a-z_][\w.]*)["'`]""", path.read_text("utf-8"))
        named |= set(inside)
        known |= set(inside)
    return named, patterns, known


def key_pattern(node: ast.JoinedStr) -> re.Pattern[str] | None:
    """The keys that an f-string can name, if it begins like one."""
    first = node.values[0]
    if not (isinstance(first, ast.Constant) and re.fullmatch(r"[a-z_]+\.[\w.]*", str(first.value))):
        return None
    parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in node.values)
    return re.compile("".join(parts))


def wrong_calls(root: Path) -> list[str]:
    """Calls that name a key that does not exist, or leave one of its placeholders empty."""
    languages = catalogues(root)
    found = []
    for path in python_files(root):
        for call, key in keyed_calls(tree(path)):
            lacking = sorted(language for language, catalogue in languages.items() if key not in catalogue)
            found += [f"{place(path, call, root)}: {key} is not in {language}" for language in lacking]
            found += [f"{place(path, call, root)}: {key} lacks {field}" for field in empty(call, key, languages)]
    return found


def keyed_calls(module: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Calls that hand a literal key to one who speaks."""
    for call in ast.walk(module):
        if not isinstance(call, ast.Call) or called(call) not in KEYS or is_audit(call):
            continue
        given = [str(a.value) for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        labelled = any(keyword.arg == "label" for keyword in call.keywords)  # such a button says its own word
        keys = [text for text in given if called(call) == "button" or "." in text]
        if keys and not labelled:
            yield call, KEYS[called(call)](keys[0])


def is_audit(call: ast.Call) -> bool:
    """`audit.note(session, who, what, …)` names a deed, and no sentence."""
    return called(call) == "note" and len(call.args) > 2


def called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def empty(call: ast.Call, key: str, languages: dict[str, Catalogue]) -> list[str]:
    """The placeholders of `key` that the call does not fill; none where it hands on fields of another."""
    filled = {keyword.arg for keyword in call.keywords}
    if called(call) not in FILLED or None in filled:
        return []
    wanted = set().union(*(placeholders(catalogue.get(key, "")) for catalogue in languages.values()))
    return sorted(wanted - filled)


def test_both_languages_say_the_same_things() -> None:
    expect_nothing(differences(ROOT))


def test_every_key_is_used() -> None:
    expect_nothing(unused(ROOT))


def test_every_key_that_is_named_exists_and_is_filled() -> None:
    expect_nothing(wrong_calls(ROOT))


def house(root: Path, code: str, zh_cn: str, en: str) -> Path:
    for name, text in {"handlers/patrol.py": code, "locales/zh_CN.toml": zh_cn, "locales/en.toml": en}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


def test_control_a_key_of_one_language_and_another_placeholder_are_found(tmp_path: Path) -> None:
    zh_cn = '[patrol]\nreceipt = "已登记 {number}"\nmine = "我的"\nundo = "撤回"\n'
    en = '[patrol]\nreceipt = "Recorded {receipt}"\nundo = ["undo"]\nplace = "here"'
    assert differences(house(tmp_path, "", zh_cn, en)) == [
        "patrol.mine: not in en",
        "patrol.place: not in zh_CN",
        "patrol.receipt: different placeholders",
        "patrol.undo: a sentence in one language, a list of words in another",
    ]


def test_control_an_unused_key_is_found(tmp_path: Path) -> None:
    catalogue = '[patrol]\nwhole = "a"\npart_far = "b"\npart_near = "c"\nforgotten = "d"\n[web]\ntitle = "e"\n'
    code = 'say(language, "patrol.whole")\nFAR = "far"\nsay(language, f"patrol.part_{which}")\n'
    root = house(tmp_path, code, catalogue, catalogue)
    (root / "web").mkdir()
    (root / "web" / "chat.html").write_text('<h1>{{ say("web.title") }}</h1>')
    assert unused(root) == ["patrol.forgotten", "patrol.part_near"]


def test_control_an_unknown_key_and_an_empty_placeholder_are_found(tmp_path: Path) -> None:
    catalogue = '[patrol]\nreceipt = "{number} at {time}"\n[button]\npatrol_done = "OK"\n'
    code = (
        'talk.say("patrol.receipt", number=1)\n'
        'say("en", "patrol.receipt", **fields)\n'
        'raise Refused("patrol.lost")\n'
        'talk.button("patrol.done"), talk.button("patrol.x"), talk.button("patrol.y", label="Y")\n'
    )
    assert wrong_calls(house(tmp_path, code, catalogue, catalogue)) == [
        "handlers/patrol.py:1: patrol.receipt lacks time",
        "handlers/patrol.py:3: patrol.lost is not in en",
        "handlers/patrol.py:3: patrol.lost is not in zh_CN",
        "handlers/patrol.py:4: button.patrol_x is not in en",
        "handlers/patrol.py:4: button.patrol_x is not in zh_CN",
    ]
