"""SM3 as the verifier works it out by itself (国密杂凑): the standard's examples, and another implementation."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.case_pack import script
from reports.verifier import fast_sm3, sm3

ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
ABCD = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_the_examples_of_gb_t_32905() -> None:
    assert sm3(b"abc") == ABC
    assert sm3(b"abcd" * 16) == ABCD


@pytest.mark.skipif(
    "sm3" not in hashlib.algorithms_available, reason="this Python's OpenSSL has no SM3 to compare with"
)
@given(st.binary(max_size=300))
def test_every_length_gives_what_openssl_gives(data: bytes) -> None:
    assert sm3(data) == hashlib.new("sm3", data).hexdigest() == fast_sm3(data)


def test_the_script_is_whole_and_speaks_both_languages() -> None:
    source = script()
    compile(source, "verify.py", "exec")
    assert "核验通过" in source
    assert "Verified" in source
