"""What a person is told about a file that is refused (拒收): worded in both languages, so that no field is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from locales import LANGUAGES, say
from services.refused import Refused


def told(read: Callable[[Path], object], path: Path) -> str:
    """The key and the Chinese sentence of the refusal that reading a file ends in."""
    with pytest.raises(Refused) as caught:
        read(path)
    sentences = {language: say(language, caught.value.key, **caught.value.fields) for language in LANGUAGES}
    return f"{caught.value.key}: {sentences['zh_CN']}"
