"""The same picture (照片比对) by perceptual hashes."""

import pytest

from rules.photo import same_picture


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0000000000000000", "0000000000000000", True),
        ("0000000000000000", "00000000000003ff", True),
        ("0000000000000000", "00000000000007ff", False),
        ("ffffffffffffffff", "0000000000000000", False),
    ],
)
def test_pictures_are_the_same_up_to_ten_bits(one: str, other: str, same: bool) -> None:
    assert same_picture(one, other) is same
