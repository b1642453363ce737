"""Photos beside one another (照片比对): whether two show the same picture."""

SAME_BITS = 10
"""Perceptual hashes (64 bits) of one picture differ in at most so many when it was encoded again, halved or brightened.

Different pictures differ in 20 and more. A crop of 5 % may differ in 16 and is passed over: a hint that is often wrong
helps nobody.
"""


def same_picture(one: str, other: str) -> bool:
    """Whether two perceptual hashes, 16 hexadecimal digits each, are those of one picture."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= SAME_BITS
